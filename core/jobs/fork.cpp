#include "jobs/fork.h"

#include "base/files.h"
#include "base/guarded.h"
#include "base/json.h"
#include "jobs/pretrain.h"
#include "jobs/pretrain_setup.h"
#include "jobs/pretrain_split.h"
#include "store/project.h"
#include "store/run_folder.h"
#include "store/step_records.h"
#include "train/checkpoint.h"

namespace clipscope::jobs {

namespace {

namespace fs = std::filesystem;

Status copyInto(const fs::path& from, const fs::path& to)
{
    std::error_code error;
    if (!fs::exists(from, error))
        return {};
    fs::copy(from, to, fs::copy_options::recursive, error);
    if (error)
        return fail(
            ErrorKind::Io, "The run cannot be copied: " + error.message() + ".", { from, {} });
    return {};
}

Status checkAssignment(const std::string& assignment)
{
    if (!assignment.starts_with("train."))
        return fail(ErrorKind::BadInput,
            "A fork can change settings of train alone, not \"" + assignment
                + "\": data and model are those of the checkpoint.");
    return {};
}

Status fill(const store::RunFolder& run, const store::RunFolder& from,
    const PretrainSettings& settings, const SettingSources& sources,
    const train::TrainingCheckpoint& checkpoint, std::int64_t step)
{
    auto written = settings;
    CLIP_TRY(writeFileAtomically(run.configFile(), settingsTable(written).toToml(sources)));
    CLIP_TRY(writeFileAtomically(
        run.originFile(), dump(Json{ { "run", from.name() }, { "step", step } }) + "\n"));
    CLIP_TRY(train::saveLast(run.checkpointsFolder(), checkpoint.weights, checkpoint.state));
    CLIP_TRY(copyInto(from.checkpointsFolder() / "best.safetensors",
        run.checkpointsFolder() / "best.safetensors"));
    CLIP_TRY(copyInto(splitFile(from.folder()), splitFile(run.folder())));
    CLIP_TRY(copyInto(from.metricsFile(), run.metricsFile()));
    CLIP_TRY(dropMetricsAfter(run, step));
    CLIP_TRY(copyInto(from.stepsFolder(), run.stepsFolder()));
    CLIP_TRY(store::StepRecordWriter::open(run.stepsFolder(), step));
    store::RunState state;
    state.verb = "pretrain";
    state.phase = store::RunPhase::Paused;
    state.progress.phase = "train";
    state.progress.done = step;
    state.progress.total = settings.steps;
    state.progress.unit = "steps";
    return run.writeState(state);
}

} // namespace

Result<ForkedRun> forkRun(const fs::path& project, const std::string& name,
    const std::string& newName, const std::vector<std::string>& assignments)
{
    return guarded([&]() -> Result<ForkedRun> {
        CLIP_TRY_ASSIGN(const auto opened, store::Project::open(project, store::Access::ReadOnly));
        CLIP_TRY_ASSIGN(
            const auto from, store::RunFolder::open(opened.runsFolder() / pathFromUtf8(name)));
        PretrainSettings settings;
        auto table = settingsTable(settings);
        CLIP_TRY(table.readToml(from.configFile()));
        for (const std::string& assignment : assignments) {
            CLIP_TRY(checkAssignment(assignment));
            CLIP_TRY(table.setFromAssignment(assignment));
        }
        CLIP_TRY_ASSIGN(const auto checkpoint, train::loadLast(from.checkpointsFolder()));
        const std::int64_t step = train::stepOf(checkpoint.weights).value_or(0);
        CLIP_TRY_ASSIGN(const auto run,
            newName.empty() ? store::RunFolder::createNumbered(opened.runsFolder(), name + "-fork")
                            : store::RunFolder::create(opened.runsFolder(), newName));
        if (auto filled = fill(run, from, settings, table.sources(), checkpoint, step); !filled) {
            std::error_code error;
            fs::remove_all(run.folder(), error);
            return fail(std::move(filled).error());
        }
        return ForkedRun{ run.name(), step };
    });
}

} // namespace clipscope::jobs
