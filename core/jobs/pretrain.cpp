#include "jobs/pretrain.h"

#include "base/files.h"
#include "base/guarded.h"
#include "data/training_set.h"
#include "features/encoder.h"
#include "jobs/pretrain_loop.h"
#include "jobs/pretrain_setup.h"
#include "jobs/pretrain_split.h"
#include "store/feature_shards.h"
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

constexpr const char* checkpointKey = "checkpoint"; // in origin.json

/// A new run's folder with everything that another process needs to begin it.
Result<HeldRun> makeRun(
    PretrainSettings& settings, const store::Project& project, const PretrainSetup& setup)
{
    CLIP_TRY_ASSIGN(auto folder,
        settings.name.empty() ? store::RunFolder::createNumbered(project.runsFolder(), "run")
                              : store::RunFolder::create(project.runsFolder(), settings.name));
    CLIP_TRY_ASSIGN(auto held, hold(std::move(folder)));
    CLIP_TRY(writeFileAtomically(
        held.folder.configFile(), settingsTable(settings).toToml(settings.sources)));
    CLIP_TRY(writeSplit(
        splitFile(held.folder.folder()), setup.split, splitVideos(setup.set), settings.seed));
    if (!settings.from.empty()) {
        std::error_code error;
        const auto file = std::filesystem::absolute(pathFromUtf8(settings.from), error);
        const bool isFile = std::filesystem::is_regular_file(file, error);
        CLIP_TRY(writeFileAtomically(held.folder.originFile(),
            dump(Json{ { checkpointKey, isFile ? utf8(file) : settings.from } }) + "\n"));
    }
    return held;
}

/// The starter's encoder comes first where several have features, and stands in the message where
/// none has.
void chooseEncoder(PretrainSettings& settings, const store::Project& project)
{
    if (!settings.encoder.empty())
        return;
    settings.encoder = features::encoderNames().front();
    for (const std::string& name : features::encoderNames())
        if (store::FeatureReader::open(project.featuresFolder(name))) {
            settings.encoder = name;
            return;
        }
}

/// What the folder of a run says of it.
Status readRun(const store::RunFolder& run, PretrainSettings& settings)
{
    CLIP_TRY(settingsTable(settings).readToml(run.configFile()));
    const auto origin = readJson(run.originFile());
    if (origin && origin->is_object() && origin->contains(checkpointKey)
        && (*origin)[checkpointKey].is_string())
        settings.from = (*origin)[checkpointKey].get<std::string>();
    return {};
}

/// A run that could not even begin has failed as well.
void tellFailure(const store::RunFolder& run, const Error& error)
{
    const auto before = run.readState();
    if (auto reporter = store::RunReporter::start(run, "pretrain", [](store::Control) {})) {
        if (before) // it has come as far as it had
            (*reporter)->report(before->progress);
        (*reporter)->write(LogLevel::Error, error.toString());
        (void)(*reporter)->finish(store::RunPhase::Failed, error);
    }
}

/// Everything between the set-up and the end of a run, as rank 0 does it.
Result<PretrainReport> trainAndTell(const PretrainSettings& settings, const store::RunFolder& run,
    PretrainSetup& setup, train::Trainer& trainer, const tensor::Ranks& ranks, JobContext context)
{
    CLIP_TRY(dropMetricsAfter(run, trainer.stepsDone()));
    (void)run.takeControl(); // what was asked of an earlier process
    std::atomic<store::Control> asked = store::Control::None;
    CLIP_TRY_ASSIGN(const auto reporter,
        store::RunReporter::start(
            run, "pretrain", [&](store::Control control) { asked = control; },
            setup.config.compute.toString()));
    Both both(context, *reporter);
    PretrainLoop loop(settings, &run, setup, trainer, ranks, { context.stop, both, both }, asked);
    auto report = guarded([&] { return loop.run(); });
    if (report)
        if (auto kept = writeFileAtomically(run.resultFile(), dump(toJson(*report), 2) + "\n");
            !kept)
            report = fail(std::move(kept).error());
    if (!report)
        both.write(LogLevel::Error, report.error().toString());
    const Status told = reporter->finish(report ? report->phase : store::RunPhase::Failed,
        report ? std::nullopt : std::optional(report.error()));
    if (report) // else why it failed matters more
        CLIP_TRY(told);
    return report;
}

/// What is chosen by itself: bfloat16 on a graphics card, and on the CPU float32, whatever it
/// computes fast, so that a run gives the same numbers on every machine.
Result<tensor::Compute> computeOf(const PretrainSettings& settings, int card = 0)
{
    CLIP_TRY_ASSIGN(
        auto compute, tensor::resolveCompute(settings.device, settings.precision, card));
    if (settings.precision == tensor::PrecisionWish::Auto && compute.device.is_cpu())
        compute.precision = at::kFloat;
    return compute;
}

} // namespace

Json toJson(const PretrainReport& report)
{
    Json json{ { "run", report.run }, { "folder", utf8(report.folder) },
        { "phase", store::runPhaseName(report.phase) }, { "steps", report.steps },
        { "total_steps", report.totalSteps }, { "training_videos", report.trainingVideos },
        { "validation_videos", report.validationVideos }, { "loss", report.loss },
        { "measured_on", report.validationVideos > 0 ? "validation films" : "training films" },
        { "first", nullptr }, { "last", nullptr }, { "best_loss", nullptr },
        { "elapsed_seconds", report.elapsedSeconds }, { "rank", report.rank },
        { "ranks", report.ranks }, { "notes", report.notes } };
    if (report.first)
        json["first"] = toJson(*report.first);
    if (report.last)
        json["last"] = toJson(*report.last);
    if (std::isfinite(report.bestLoss))
        json["best_loss"] = report.bestLoss;
    return json;
}

Result<std::string> createRun(const PretrainSettings& given)
{
    return guarded([&]() -> Result<std::string> {
        CLIP_TRY_ASSIGN(
            const auto project, store::Project::open(given.project, store::Access::ReadOnly));
        PretrainSettings settings = given;
        chooseEncoder(settings, project);
        CLIP_TRY_ASSIGN(const auto compute, computeOf(settings));
        CLIP_TRY_ASSIGN(auto setup, setUpPretraining(settings, project, compute));
        const tensor::Ranks alone;
        CLIP_TRY(train::Trainer::create(
            std::move(setup.network), setup.set, setup.split, setup.config, alone));
        CLIP_TRY_ASSIGN(const HeldRun held, makeRun(settings, project, setup));
        store::RunState state;
        state.verb = "pretrain";
        CLIP_TRY(held.folder.writeState(state));
        return held.folder.name();
    });
}

Result<PretrainReport> runPretrain(const PretrainSettings& given, JobContext context)
{
    return guarded([&]() -> Result<PretrainReport> {
        CLIP_TRY_ASSIGN(
            const auto project, store::Project::open(given.project, store::Access::ReadOnly));
        CLIP_TRY_ASSIGN(const tensor::RanksConfig where, tensor::ranksFromEnvironment());
        PretrainSettings settings = given;
        const bool resumes = !given.resume.empty();
        if (where.size > 1 && !resumes && given.name.empty())
            return fail(ErrorKind::BadInput, "A run of several ranks needs a name.", {},
                "Give --run NAME, the same to all.");
        std::optional<HeldRun> held; // of rank 0 alone
        if (resumes) {
            CLIP_TRY_ASSIGN(auto folder,
                store::RunFolder::open(project.runsFolder() / pathFromUtf8(given.resume)));
            CLIP_TRY(readRun(folder, settings));
            if (where.rank == 0) {
                CLIP_TRY_ASSIGN(held, hold(std::move(folder)));
            }
        }
        chooseEncoder(settings, project);
        CLIP_TRY_ASSIGN(const auto compute, computeOf(settings, where.localRank));
        CLIP_TRY_ASSIGN(const auto ranks, tensor::Ranks::join(where, compute.device));

        std::optional<PretrainSetup> setup;
        std::optional<train::Trainer> trainer;
        const Status ready = guarded([&]() -> Status {
            CLIP_TRY_ASSIGN(setup, setUpPretraining(settings, project, compute));
            CLIP_TRY_ASSIGN(trainer,
                train::Trainer::create(
                    std::move(setup->network), setup->set, setup->split, setup->config, ranks));
            if (setup->checkpoint) {
                CLIP_TRY_ASSIGN(const auto missing, trainer->restore(*setup->checkpoint));
                if (missing > 0)
                    setup->notes.push_back(std::to_string(missing)
                        + " films that this epoch was still to train on are gone.");
                setup->checkpoint.reset();
            }
            if (!resumes && ranks.isFirst()) {
                CLIP_TRY_ASSIGN(held, makeRun(settings, project, *setup));
            }
            return {};
        });
        const auto worst = ranks.greatest(ready ? 0 : 1);
        if (!ready) {
            if (resumes && held)
                tellFailure(held->folder, ready.error());
            return fail(ready.error());
        }
        if (!worst || *worst > 0)
            return fail(ErrorKind::Io, "Another rank could not begin; its own message says why.");
        if (held)
            return trainAndTell(settings, held->folder, *setup, *trainer, ranks, context);
        const std::atomic<store::Control> nobodyAsks = store::Control::None;
        return PretrainLoop(settings, nullptr, *setup, *trainer, ranks, context, nobodyAsks).run();
    });
}

} // namespace clipscope::jobs
