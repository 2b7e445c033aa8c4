#include "jobs/runs.h"

#include "base/files.h"
#include "base/system_error.h"
#include "store/project.h"

#include <algorithm>

namespace clipscope::jobs {

namespace {

bool isAtWork(const RunOverview& run)
{
    return !run.state.crashed
        && (run.state.phase == store::RunPhase::Starting
            || run.state.phase == store::RunPhase::Running);
}

Json toJson(const std::optional<store::MetricsRow>& row)
{
    if (!row)
        return nullptr;
    Json json{ { "step", row->step } };
    for (const auto& [name, value] : row->values)
        json[name] = value;
    return json;
}

RunOverview overviewOf(const store::RunFolder& folder)
{
    RunOverview run;
    run.name = folder.name();
    run.folder = folder.folder();
    if (auto state = folder.readState()) {
        run.state = std::move(*state);
        run.phase
            = run.state.crashed ? "crashed" : std::string(store::runPhaseName(run.state.phase));
    } else {
        run.phase = "unknown";
    }
    std::error_code error;
    run.resumable = !isAtWork(run) && run.state.phase != store::RunPhase::Finished
        && std::filesystem::exists(folder.checkpointsFolder() / "last.safetensors", error);
    if (const auto metrics = folder.readMetrics()) {
        const auto has = [](const store::MetricsRow& row, std::string_view name) {
            return std::any_of(row.values.begin(), row.values.end(),
                [&](const auto& value) { return value.first == name; });
        };
        for (const store::MetricsRow& row : metrics->rows) {
            if (has(row, "loss"))
                run.lastStep = row;
            if (has(row, "validation-loss"))
                run.lastEvaluation = row;
        }
    }
    return run;
}

} // namespace

Json toJson(const RunOverview& run)
{
    return { { "name", run.name }, { "folder", utf8(run.folder) }, { "phase", run.phase },
        { "done", run.state.progress.done }, { "total", run.state.progress.total },
        { "resumable", run.resumable }, { "last_step", toJson(run.lastStep) },
        { "last_evaluation", toJson(run.lastEvaluation) },
        { "error", run.state.error ? clipscope::toJson(*run.state.error) : Json(nullptr) } };
}

Result<std::vector<RunOverview>> listRuns(const std::filesystem::path& project)
{
    CLIP_TRY_ASSIGN(const auto opened, store::Project::open(project, store::Access::ReadOnly));
    std::vector<RunOverview> runs;
    for (const store::RunFolder& folder : store::RunFolder::list(opened.runsFolder()))
        runs.push_back(overviewOf(folder));
    return runs;
}

Status askRun(const std::filesystem::path& project, const std::string& name, store::Control control)
{
    CLIP_TRY_ASSIGN(const auto opened, store::Project::open(project, store::Access::ReadOnly));
    CLIP_TRY_ASSIGN(
        const auto folder, store::RunFolder::open(opened.runsFolder() / pathFromUtf8(name)));
    const RunOverview run = overviewOf(folder);
    if (!isAtWork(run))
        return fail(ErrorKind::Conflict, "The run \"" + name + "\" is " + run.phase + ".",
            { folder.folder(), {} }, run.resumable ? "`runs resume` goes on with it." : "");
    return folder.requestControl(control);
}

std::filesystem::path archiveFolder(const std::filesystem::path& runsFolder)
{
    return runsFolder / ".archive";
}

Status checkNobodyWorksOn(const std::filesystem::path& runFolder)
{
    CLIP_TRY_ASSIGN(const auto folder, store::RunFolder::open(runFolder));
    const RunOverview run = overviewOf(folder);
    if (isAtWork(run))
        return fail(ErrorKind::Conflict, "A process works on the run \"" + run.name + "\".",
            { runFolder, {} }, "Stop it first.");
    return {};
}

namespace {

Status moveRun(const std::filesystem::path& from, const std::filesystem::path& to)
{
    CLIP_TRY(checkNobodyWorksOn(from));
    CLIP_TRY_ASSIGN(const auto lock, FileLock::acquire(from / "lock")); // none begins meanwhile
    std::error_code code;
    std::filesystem::create_directories(to.parent_path(), code);
    if (code)
        return fail(systemError("The folder cannot be made", to.parent_path(), code.value()));
    if (std::filesystem::exists(to, code))
        return fail(ErrorKind::Conflict, "There is already a run of this name.", { to, {} },
            "Rename one of the two folders.");
    std::filesystem::rename(from, to, code);
    if (code)
        return fail(systemError("The run cannot be moved", from, code.value()));
    return {};
}

} // namespace

Status archiveRun(const std::filesystem::path& project, const std::string& name)
{
    CLIP_TRY_ASSIGN(const auto opened, store::Project::open(project, store::Access::ReadOnly));
    const std::filesystem::path runs = opened.runsFolder(), plain = pathFromUtf8(name);
    return moveRun(runs / plain, archiveFolder(runs) / plain);
}

Status unarchiveRun(const std::filesystem::path& project, const std::string& name)
{
    CLIP_TRY_ASSIGN(const auto opened, store::Project::open(project, store::Access::ReadOnly));
    const std::filesystem::path runs = opened.runsFolder(), plain = pathFromUtf8(name);
    return moveRun(archiveFolder(runs) / plain, runs / plain);
}

} // namespace clipscope::jobs
