#include "jobs/pretrain.h"

#include "base/files.h"
#include "base/guarded.h"
#include "data/training_set.h"
#include "jobs/pretrain_loop.h"
#include "jobs/pretrain_setup.h"
#include "store/project.h"
#include "store/run_reporter.h"

#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>

namespace clipscope::jobs {

namespace {

/// Tells the caller's display and the run folder.
class Both final : public ProgressSink, public Logger
{
public:
    Both(JobContext& caller, store::RunReporter& run)
        : m_caller(caller)
        , m_run(run)
    {
    }
    void report(const Progress& progress) override
    {
        m_caller.progress.report(progress);
        m_run.report(progress);
    }
    void write(LogLevel level, std::string_view line) override
    {
        m_caller.log.write(level, line);
        m_run.write(level, line);
    }

private:
    JobContext& m_caller;
    store::RunReporter& m_run;
};

Json toJson(const train::Evaluation& evaluation)
{
    return { { "pairs", evaluation.pairs }, { "loss", evaluation.loss },
        { "recall_1", evaluation.recallAt1 }, { "recall_5", evaluation.recallAt5 },
        { "median_rank", evaluation.medianRank }, { "chance_1", evaluation.chanceAt(1) },
        { "chance_5", evaluation.chanceAt(5) } };
}

Result<store::RunFolder> makeRun(const PretrainSettings& settings, const store::Project& project)
{
    if (settings.name.empty())
        return store::RunFolder::createNumbered(project.runsFolder(), "run");
    return store::RunFolder::create(project.runsFolder(), settings.name);
}

/// A run folder that this process alone works on.
struct HeldRun
{
    store::RunFolder folder;
    FileLock lock;
};

Result<HeldRun> hold(store::RunFolder folder)
{
    CLIP_TRY_ASSIGN(auto lock, FileLock::acquire(folder.folder() / "lock"));
    return HeldRun{ std::move(folder), std::move(lock) };
}

} // namespace

void describe(SettingsVisitor& v, PretrainSettings& s)
{
    using enum SettingLevel;
    v.field("data.encoder", s.encoder, Basic, "Encoder whose features are read.");
    v.field("data.vocabulary", s.vocabulary, Expert,
        "WordPiece vocabulary, one token a line; empty takes the starter's.");
    v.field("data.deduplicate", s.deduplicate, Basic,
        "Removes what captions of automatic speech recognition repeat (HowTo100M needs it).");
    v.field("data.caption-characters", s.captionCharacters, { 1, 100000 }, "characters", Expert,
        "A caption is cut to this length first.");
    v.field("data.caption-tokens", s.captionTokens, { 1, 512 }, "tokens", Expert,
        "A caption is cut to this many word pieces.");
    v.field("data.validation-fraction", s.validationFraction, { 0, 0.9 }, "", Basic,
        "Part of the films that is kept from training to measure on.");
    v.field("data.validation-least", s.validationLeast, { 1, 1e9 }, "videos", Expert,
        "With fewer validation films than this, all films train and are measured on.");
    v.field("data.evaluation-pairs", s.evaluationPairs, { 2, 100000 }, "pairs", Expert,
        "Most captions that are measured.");
    v.field("model.width", s.width, { 8, 8192 }, "", Basic,
        "Numbers per token in both towers (paper: 768).");
    v.field("model.heads", s.heads, { 1, 256 }, "", Expert,
        "Attention heads; must divide the width (paper: 12).");
    v.field("model.feed-forward", s.feedForward, { 8, 65536 }, "", Expert,
        "Width inside of a layer (paper: 3072).");
    v.field("model.video-layers", s.videoLayers, { 0, 48 }, "layers", Basic,
        "Layers of the video tower (paper: 6).");
    v.field("model.text-layers", s.textLayers, { 0, 48 }, "layers", Basic,
        "Layers of the text tower (paper: 12).");
    v.field("model.max-seconds", s.maxSeconds, { 1, 4096 }, "s", Expert,
        "Longest video clip the model takes (paper: 32).");
    v.field("model.max-tokens", s.maxTokens, { 1, 4096 }, "tokens", Expert,
        "Longest text the model takes (paper: 61).");
    v.field("model.dropout", s.dropout, { 0, 0.9 }, "", Expert, "Part of numbers dropped.");
    v.field("train.steps", s.steps, { 1, 1e9 }, "steps", Basic, "Updates of the whole run.");
    v.field("train.batch-videos", s.batchVideos, { 1, 65536 }, "videos", Basic,
        "Films in a batch (paper: 32).");
    v.field("train.pairs-per-video", s.pairsPerVideo, { 1, 1024 }, "pairs", Basic,
        "Pairs of text and video clip drawn from each film of a batch (paper: 16).");
    v.field("train.text-budget-low", s.textBudgetLow, { 1, 4096 }, "tokens", Expert,
        "Shortest random length a text grows to.");
    v.field("train.text-budget-high", s.textBudgetHigh, { 1, 4096 }, "tokens", Expert,
        "Longest random length a text grows to.");
    v.field("train.video-seconds-low", s.videoSecondsLow, { 1, 4096 }, "s", Expert,
        "Shortest random length of a video clip.");
    v.field("train.video-seconds-high", s.videoSecondsHigh, { 1, 4096 }, "s", Expert,
        "Longest random length of a video clip.");
    v.field("train.learning-rate", s.learningRate, { 0, 1 }, "", Basic,
        "Highest learning rate (paper: 5e-5).");
    v.field("train.warmup-steps", s.warmupSteps, { 0, 1e9 }, "steps", Basic,
        "Steps until the highest rate (paper: 1000); from there it falls to 0 at the last step.");
    v.field("train.clip-norm", s.clipNorm, { 1e-6, 1e9 }, "", Expert,
        "Longest gradient; longer ones are scaled down.");
    v.field(
        "train.adam-beta1", s.beta1, { 0, 0.9999 }, "", Expert, "Memory of Adam's mean gradient.");
    v.field(
        "train.adam-beta2", s.beta2, { 0, 0.999999 }, "", Expert, "Memory of Adam's mean square.");
    v.field("train.adam-eps", s.eps, { 1e-12, 1 }, "", Expert, "Added to Adam's denominator.");
    v.field("train.seed", s.seed, { 0, 9e15 }, "", Basic, "Begin of all random numbers.");
    v.field("train.report-every", s.reportEvery, { 1, 1e9 }, "steps", Expert,
        "Steps between lines in the log.");
    v.field("train.evaluate-every", s.evaluateEvery, { 1, 1e9 }, "steps", Basic,
        "Steps between measurements of loss and recall.");
    v.field("train.checkpoint-every", s.checkpointEvery, { 1, 1e9 }, "steps", Basic,
        "Steps between checkpoints (paper: 1024).");
    v.field("train.device", s.device, tensor::deviceWishNames(), Basic, "Where to compute.");
    v.field("train.precision", s.precision, tensor::precisionWishNames(), Basic,
        "Type of matrix products; weights stay float32.");
}

Json toJson(const PretrainReport& report)
{
    Json json{ { "run", report.run }, { "folder", utf8(report.folder) },
        { "phase", store::runPhaseName(report.phase) }, { "steps", report.steps },
        { "total_steps", report.totalSteps }, { "training_videos", report.trainingVideos },
        { "validation_videos", report.validationVideos }, { "loss", report.loss },
        { "measured_on", report.validationVideos > 0 ? "validation films" : "training films" },
        { "first", nullptr }, { "last", nullptr }, { "best_loss", nullptr },
        { "elapsed_seconds", report.elapsedSeconds }, { "notes", report.notes } };
    if (report.first)
        json["first"] = toJson(*report.first);
    if (report.last)
        json["last"] = toJson(*report.last);
    if (std::isfinite(report.bestLoss))
        json["best_loss"] = report.bestLoss;
    return json;
}

Result<PretrainReport> runPretrain(const PretrainSettings& given, JobContext context)
{
    return guarded([&]() -> Result<PretrainReport> {
        CLIP_TRY_ASSIGN(
            const auto project, store::Project::open(given.project, store::Access::ReadOnly));
        PretrainSettings settings = given;
        const bool resumes = !given.resume.empty();
        std::optional<HeldRun> held;
        if (resumes) {
            CLIP_TRY_ASSIGN(auto folder,
                store::RunFolder::open(project.runsFolder() / pathFromUtf8(given.resume)));
            CLIP_TRY_ASSIGN(held, hold(std::move(folder)));
            CLIP_TRY(settingsTable(settings).readToml(held->folder.configFile()));
        }
        CLIP_TRY_ASSIGN(PretrainSetup setup, setUpPretraining(settings, project));
        CLIP_TRY_ASSIGN(auto trainer,
            train::Trainer::create(std::move(setup.network), setup.set, setup.split, setup.config));
        if (resumes) {
            CLIP_TRY(trainer.restore(*setup.checkpoint));
            CLIP_TRY(dropMetricsAfter(held->folder, trainer.stepsDone()));
        } else {
            CLIP_TRY_ASSIGN(auto folder, makeRun(settings, project));
            CLIP_TRY_ASSIGN(held, hold(std::move(folder)));
            CLIP_TRY(writeFileAtomically(
                held->folder.configFile(), settingsTable(settings).toToml(settings.sources)));
        }
        const store::RunFolder& run = held->folder;
        setup.checkpoint.reset();
        (void)run.takeControl(); // what was asked of an earlier process

        std::atomic<store::Control> asked = store::Control::None;
        CLIP_TRY_ASSIGN(const auto reporter,
            store::RunReporter::start(
                run, "pretrain", [&](store::Control control) { asked = control; }));
        Both both(context, *reporter);
        PretrainLoop loop(settings, run, setup, trainer, { context.stop, both, both }, asked);
        auto report = guarded([&] { return loop.run(); });
        if (report)
            CLIP_TRY(writeFileAtomically(run.resultFile(), dump(toJson(*report), 2) + "\n"));
        CLIP_TRY(reporter->finish(report ? report->phase : store::RunPhase::Failed,
            report ? std::nullopt : std::optional(report.error())));
        return report;
    });
}

} // namespace clipscope::jobs
