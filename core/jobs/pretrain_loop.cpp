#include "jobs/pretrain_loop.h"

#include "base/figures.h"
#include "base/files.h"
#include "jobs/batch_report.h"
#include "jobs/watch.h"

#include <cmath>
#include <cstdio>
#include <limits>

namespace clipscope::jobs {

namespace {

std::string scientific(double value)
{
    char buffer[32];
    std::snprintf(buffer, sizeof(buffer), "%.2e", value);
    return buffer;
}

} // namespace

PretrainLoop::PretrainLoop(const PretrainSettings& settings, const store::RunFolder* run,
    const PretrainSetup& setup, train::Trainer& trainer, const tensor::Ranks& ranks,
    JobContext context, const std::atomic<store::Control>& asked)
    : m_settings(settings)
    , m_run(run)
    , m_setup(setup)
    , m_trainer(trainer)
    , m_ranks(ranks)
    , m_context(context)
    , m_asked(asked)
    , m_startedAt(std::chrono::steady_clock::now())
    , m_usage(store::ownUsage())
    , m_firstStep(trainer.stepsDone())
{
    m_report.run = run != nullptr ? run->name() : settings.resume + settings.name;
    m_report.folder = run != nullptr ? run->folder() : std::filesystem::path();
    m_report.rank = ranks.rank();
    m_report.ranks = ranks.size();
    m_report.totalSteps = settings.steps;
    m_report.trainingVideos = static_cast<std::int64_t>(setup.split.training.size());
    m_report.validationVideos = static_cast<std::int64_t>(setup.split.validation.size());
    m_report.bestLoss = std::numeric_limits<double>::quiet_NaN();
    m_report.notes = setup.notes;
}

double PretrainLoop::elapsedSeconds() const
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_startedAt).count();
}

Result<std::optional<store::RunPhase>> PretrainLoop::leaving() const
{
    // The greatest wish counts, so that all ranks leave after the same step.
    store::Control wish = m_asked;
    if (m_context.stop.stop_requested())
        wish = store::Control::Stop;
    CLIP_TRY_ASSIGN(const auto greatest, m_ranks.greatest(static_cast<std::int64_t>(wish)));
    switch (static_cast<store::Control>(greatest)) {
    case store::Control::None:
        break;
    case store::Control::Pause:
        return std::optional(store::RunPhase::Paused);
    case store::Control::Stop:
        return std::optional(store::RunPhase::Stopped);
    }
    return std::optional<store::RunPhase>();
}

void PretrainLoop::begin()
{
    const auto& config = m_trainer.network().config();
    m_context.log.info("Run " + m_report.run + ": "
        + std::to_string(m_trainer.network().parameters().elementCount()) + " weights, "
        + std::to_string(config.video.bert.layers) + " video and "
        + std::to_string(config.text.bert.layers) + " text layers of "
        + std::to_string(config.text.bert.width) + ", " + m_setup.config.compute.toString()
        + (m_ranks.size() > 1 ? ", " + std::to_string(m_ranks.size()) + " ranks" : "") + "; "
        + std::to_string(m_report.trainingVideos) + " training and "
        + std::to_string(m_report.validationVideos) + " validation films.");
    for (const std::string& note : m_setup.notes)
        m_context.log.warning(note);
    if (m_firstStep > 0)
        m_context.log.info("Goes on after step " + std::to_string(m_firstStep) + ".");
}

Status PretrainLoop::measure(store::MetricsRow& row)
{
    CLIP_TRY_ASSIGN(const train::Evaluation found, m_trainer.evaluate());
    m_report.last = found;
    if (!m_report.first)
        m_report.first = found;
    m_report.bestLoss = m_trainer.bestLoss();
    row.values.insert(row.values.end(),
        { { "validation-loss", found.loss }, { "recall-1", found.recallAt1 },
            { "recall-5", found.recallAt5 }, { "median-rank", found.medianRank } });
    CLIP_TRY_ASSIGN(const Watch watch,
        Watch::open(m_settings.project, m_setup.set, m_setup.split, m_setup.words));
    CLIP_TRY(watch.measure(m_trainer.network(), m_setup.config.compute, row));
    m_context.log.info("Step " + std::to_string(m_trainer.stepsDone()) + ": own pairs of the "
        + (m_trainer.evaluatesTrainingFilms() ? "training" : "validation") + " films: loss "
        + fixed(found.loss, 3) + ", R@1 " + fixed(found.recallAt1, 3) + ", R@5 "
        + fixed(found.recallAt5, 3) + ", median rank " + fixed(found.medianRank, 0) + " ("
        + std::to_string(found.pairs) + " pairs; chance: R@1 " + fixed(found.chanceAt(1), 3)
        + ", R@5 " + fixed(found.chanceAt(5), 3) + ").");
    return m_trainer.lastIsBest() && m_trainer.stepsDone() > 0 ? saveBest() : Status();
}

Status PretrainLoop::saveBest()
{
    auto weights = m_trainer.measuredWeights();
    weights.metadata.insert(m_setup.metadata.begin(), m_setup.metadata.end());
    return train::saveBest(m_run->checkpointsFolder(), weights);
}

Status PretrainLoop::saveLast()
{
    if (m_run == nullptr || m_savedStep == m_trainer.stepsDone())
        return {};
    auto weights = m_trainer.weights();
    weights.metadata.insert(m_setup.metadata.begin(), m_setup.metadata.end());
    // The disk has all steps up to a checkpoint before it has the checkpoint: a run that goes on
    // after the power failed has no hole in its curve.
    CLIP_TRY(m_run->syncMetrics());
    if (m_records)
        CLIP_TRY(m_records->sync());
    if (m_events)
        CLIP_TRY(m_events->flush());
    CLIP_TRY(train::saveLast(m_run->checkpointsFolder(), weights, m_trainer.state()));
    m_savedStep = m_trainer.stepsDone();
    return {};
}

Status PretrainLoop::saveBatch()
{
    if (m_lastPairs.empty())
        return {};
    CLIP_TRY_ASSIGN(const Json batch,
        batchReport(m_trainer.network(), m_setup.set, m_setup.words, m_lastPairs,
            m_trainer.stepsDone(), m_setup.config.compute));
    return writeFileAtomically(m_run->batchFile(), dump(batch) + "\n");
}

Status PretrainLoop::write(const store::MetricsRow& row)
{
    CLIP_TRY(m_run->appendMetrics(row));
    return m_events->write(row);
}

Status PretrainLoop::record(const train::StepReport& step)
{
    const auto idOf = [&](std::int64_t video) { return m_setup.set.video(video).videoId; };
    std::int64_t index = 0;
    for (const train::Cluster& cluster : step.begunEpoch) {
        store::ClusterRecord record{ step.epoch, index++,
            cluster.seed < 0 ? -1 : idOf(cluster.seed), {} };
        auto drawn = cluster.videos.begin(); // in the order of the candidates
        for (std::size_t at = 0; at < cluster.candidates.size(); ++at) {
            const bool isDrawn = drawn != cluster.videos.end() && *drawn == cluster.candidates[at];
            drawn += isDrawn ? 1 : 0;
            record.candidates.push_back({ idOf(cluster.candidates[at]),
                cluster.squaredDistances.empty() ? 0.0F : cluster.squaredDistances[at], isDrawn });
        }
        CLIP_TRY(m_records->append(record));
    }
    store::StepRecord record{ step.step, step.epoch, step.firstCluster, step.clusters, step.loss,
        {} };
    for (std::size_t at = 0; at < step.pairs.size(); ++at) {
        const data::ClipPair& pair = step.pairs[at];
        record.pairs.push_back({ idOf(pair.video), pair.captionBegin, pair.captionEnd,
            pair.secondBegin, pair.secondEnd, at < step.losses.size() ? step.losses[at] : 0.0F,
            at < step.margins.size() ? step.margins[at] : 0.0F });
    }
    return m_records->append(record);
}

store::MetricsRow PretrainLoop::rowOf(const train::StepReport& step, double seconds)
{
    const store::ProcessUsage usage = store::ownUsage();
    store::MetricsRow row{ step.step,
        { { "loss", step.loss }, { "loss-video-to-text", step.videoToText },
            { "loss-text-to-video", step.textToVideo },
            { "hard-negative-share", train::hardNegativeShare(step) },
            { "margin", train::medianMargin(step) }, { "gradient-norm", step.gradientNorm },
            { "learning-rate", step.learningRate },
            { "pairs-per-second", static_cast<double>(step.pairs.size()) / seconds },
            { "step-seconds", seconds }, { "data-wait-seconds", step.dataSeconds },
            { "skipped", step.skipped ? 1.0 : 0.0 },
            { "resident-bytes", static_cast<double>(usage.residentBytes) },
            { "cpu-percent", 100.0 * (usage.cpuSeconds - m_usage.cpuSeconds) / seconds } } };
    m_usage = usage;
    if (!step.begunEpoch.empty() && m_settings.batches != train::BatchKind::Random)
        row.values.emplace_back("retrieval-seconds", step.retrievalSeconds);
    if (m_setup.config.compute.precision == at::kHalf)
        row.values.emplace_back("loss-scale", step.lossScale);
    if (const auto bytes = tensor::usedBytes(m_setup.config.compute.device))
        row.values.emplace_back("gpu-bytes", static_cast<double>(*bytes));
    return row;
}

void PretrainLoop::tellRetrieval(const train::StepReport& step)
{
    if (m_settings.batches == train::BatchKind::Random || step.begunEpoch.empty())
        return;
    if (m_retrievalSeconds > 0.0)
        m_context.log.info("Finding alike films took " + fixed(m_retrievalSeconds, 1) + " s, "
            + fixed(100.0 * m_retrievalSeconds / m_epochSeconds, 1) + " % of epoch "
            + std::to_string(step.epoch - 1) + ".");
    m_retrievalSeconds = step.retrievalSeconds;
    m_epochSeconds = 0.0;
}

void PretrainLoop::tell(const train::StepReport& step, double pairsPerSecond)
{
    if (step.skipped)
        m_context.log.warning("Step " + std::to_string(step.step)
            + " was left out: its loss or gradient was not a number.");
    Progress progress;
    progress.phase = "train";
    progress.done = step.step;
    progress.total = m_settings.steps;
    progress.unit = "steps";
    progress.ratePerSecond = static_cast<double>(step.step - m_firstStep) / elapsedSeconds();
    progress.message = "loss " + fixed(step.loss, 3)
        + (m_report.last ? ", R@1 " + fixed(m_report.last->recallAt1, 3) : "");
    m_context.progress.report(progress);
    if (step.step % m_settings.reportEvery == 0)
        m_context.log.info("Step " + std::to_string(step.step) + "/"
            + std::to_string(m_settings.steps) + ", epoch " + std::to_string(step.epoch) + ": loss "
            + fixed(step.loss, 3) + " (video to text " + fixed(step.videoToText, 3)
            + ", text to video " + fixed(step.textToVideo, 3) + "), gradient "
            + fixed(step.gradientNorm, 2) + ", rate " + scientific(step.learningRate) + ", "
            + fixed(pairsPerSecond, 0) + " pairs/s.");
}

Status PretrainLoop::afterFailure(Error error)
{
    if (m_run == nullptr)
        return fail(std::move(error));
    // What led there may be looked at; the weights are those of the step before.
    Status kept = m_trainer.attempt().losses.empty() ? Status() : record(m_trainer.attempt());
    if (kept)
        kept = saveLast();
    error.context.push_back(kept ? "the checkpoint of step " + std::to_string(m_trainer.stepsDone())
                + " is kept, and the step that failed is on record"
                                 : "no checkpoint of step " + std::to_string(m_trainer.stepsDone())
                + " could be kept, the one before is: " + kept.error().message);
    return fail(std::move(error));
}

Status PretrainLoop::trainStep()
{
    const auto before = std::chrono::steady_clock::now();
    auto done = m_trainer.step();
    if (!done)
        return afterFailure(std::move(done).error());
    const train::StepReport& step = *done;
    const double seconds
        = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
    m_report.loss = step.loss;
    if (m_run == nullptr)
        return {};
    m_lastPairs = step.pairs;
    store::MetricsRow row = rowOf(step, seconds);
    tellRetrieval(step);
    m_epochSeconds += seconds;
    CLIP_TRY(record(step));
    const bool last = step.step == m_settings.steps;
    if (step.step % m_settings.evaluateEvery == 0 || last) {
        CLIP_TRY(measure(row));
        CLIP_TRY(saveBatch());
        CLIP_TRY(m_events->writePairs(step));
    }
    tell(step, static_cast<double>(step.pairs.size()) / seconds); // with the newest recall
    CLIP_TRY(write(row));
    return step.step % m_settings.checkpointEvery == 0 || last ? saveLast() : Status();
}

Result<PretrainReport> PretrainLoop::run()
{
    if (m_run != nullptr) {
        begin();
        CLIP_TRY_ASSIGN(
            m_records, store::StepRecordWriter::open(m_run->stepsFolder(), m_firstStep));
        CLIP_TRY_ASSIGN(m_events, RunEvents::open(*m_run, m_firstStep == 0 ? 0 : m_firstStep + 1));
    }
    if (m_firstStep == 0 && m_run != nullptr) {
        store::MetricsRow row{ 0, {} };
        CLIP_TRY(measure(row));
        CLIP_TRY(write(row));
        // From here on the run can always be resumed.
        CLIP_TRY(saveLast());
    }
    std::optional<store::RunPhase> phase;
    while (m_trainer.stepsDone() < m_settings.steps) {
        CLIP_TRY_ASSIGN(phase, leaving());
        if (phase)
            break;
        CLIP_TRY(trainStep());
    }
    CLIP_TRY(saveLast());
    m_report.phase = phase.value_or(store::RunPhase::Finished);
    m_report.steps = m_trainer.stepsDone();
    m_report.elapsedSeconds = elapsedSeconds();
    m_context.log.info(phase
            ? "Left after step " + std::to_string(m_report.steps) + "; `runs resume` goes on."
            : "Finished after step " + std::to_string(m_report.steps) + ".");
    return m_report;
}

} // namespace clipscope::jobs
