#include "jobs/pretrain_loop.h"

#include "base/figures.h"

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

PretrainLoop::PretrainLoop(const PretrainSettings& settings, const store::RunFolder& run,
    const PretrainSetup& setup, train::Trainer& trainer, JobContext context,
    const std::atomic<store::Control>& asked)
    : m_settings(settings)
    , m_run(run)
    , m_setup(setup)
    , m_trainer(trainer)
    , m_context(context)
    , m_asked(asked)
    , m_startedAt(std::chrono::steady_clock::now())
    , m_firstStep(trainer.stepsDone())
{
    m_report.run = run.name();
    m_report.folder = run.folder();
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

std::optional<store::RunPhase> PretrainLoop::leaving() const
{
    if (m_asked == store::Control::Pause)
        return store::RunPhase::Paused;
    if (m_asked == store::Control::Stop || m_context.stop.stop_requested())
        return store::RunPhase::Stopped;
    return std::nullopt;
}

void PretrainLoop::begin()
{
    const auto& config = m_trainer.network().config();
    m_context.log.info("Run " + m_report.run + ": "
        + std::to_string(m_trainer.network().parameters().elementCount()) + " weights, "
        + std::to_string(config.video.bert.layers) + " video and "
        + std::to_string(config.text.bert.layers) + " text layers of "
        + std::to_string(config.text.bert.width) + ", " + m_setup.config.compute.toString() + "; "
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
    auto weights = m_trainer.weights();
    weights.metadata.insert(m_setup.metadata.begin(), m_setup.metadata.end());
    return train::saveBest(m_run.checkpointsFolder(), weights);
}

Status PretrainLoop::saveLast()
{
    if (m_savedStep == m_trainer.stepsDone())
        return {};
    auto weights = m_trainer.weights();
    weights.metadata.insert(m_setup.metadata.begin(), m_setup.metadata.end());
    CLIP_TRY(train::saveLast(m_run.checkpointsFolder(), weights, m_trainer.state()));
    m_savedStep = m_trainer.stepsDone();
    return {};
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

Result<PretrainReport> PretrainLoop::run()
{
    begin();
    if (m_firstStep == 0) {
        store::MetricsRow row{ 0, {} };
        CLIP_TRY(measure(row));
        CLIP_TRY(m_run.appendMetrics(row));
        // From here on the run can always be resumed.
        CLIP_TRY(saveLast());
    }
    std::optional<store::RunPhase> phase;
    while (m_trainer.stepsDone() < m_settings.steps && !(phase = leaving())) {
        const auto before = std::chrono::steady_clock::now();
        CLIP_TRY_ASSIGN(const train::StepReport step, m_trainer.step());
        const double seconds
            = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
        const double pairsPerSecond = static_cast<double>(step.pairs) / seconds;
        m_report.loss = step.loss;
        store::MetricsRow row{ step.step,
            { { "loss", step.loss }, { "loss-video-to-text", step.videoToText },
                { "loss-text-to-video", step.textToVideo }, { "gradient-norm", step.gradientNorm },
                { "learning-rate", step.learningRate }, { "pairs-per-second", pairsPerSecond },
                { "skipped", step.skipped ? 1.0 : 0.0 } } };
        const bool last = step.step == m_settings.steps;
        if (step.step % m_settings.evaluateEvery == 0 || last)
            CLIP_TRY(measure(row));
        tell(step, pairsPerSecond); // with the newest recall
        CLIP_TRY(m_run.appendMetrics(row));
        if (step.step % m_settings.checkpointEvery == 0 || last)
            CLIP_TRY(saveLast());
    }
    CLIP_TRY(saveLast());
    m_report.phase = phase.value_or(store::RunPhase::Finished);
    m_report.steps = m_trainer.stepsDone();
    m_report.elapsedSeconds = elapsedSeconds();
    m_context.log.info(phase ? "Left after step " + std::to_string(m_report.steps)
                + "; `pretrain --resume " + m_report.run + "` goes on."
                             : "Finished after step " + std::to_string(m_report.steps) + ".");
    return m_report;
}

} // namespace clipscope::jobs
