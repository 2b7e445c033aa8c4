#pragma once

#include "base/json.h"
#include "base/result.h"
#include "store/run_folder.h"

#include <string>
#include <vector>

namespace clipscope::jobs {

/// A training run of a project, as `runs list` and the window show it.
struct RunOverview
{
    std::string name;
    std::filesystem::path folder;
    store::RunState state;
    std::string phase; ///< runPhaseName(), or "crashed", or "unknown" when state.json is unreadable
    bool resumable = false; ///< nobody works on it and it has a checkpoint
    std::optional<store::MetricsRow> lastStep, lastEvaluation; ///< newest rows of metrics.jsonl
};
Json toJson(const RunOverview& run);

/// All runs of a project, in natural order. Errors: as store::Project::open().
Result<std::vector<RunOverview>> listRuns(const std::filesystem::path& project);

/// Asks a running training to save a checkpoint and leave.
/// Errors: NotFound, Conflict (it does not run), Io.
Status askRun(
    const std::filesystem::path& project, const std::string& name, store::Control control);

/// Where runs lie that are out of the way: .archive below the folder of runs.
std::filesystem::path archiveFolder(const std::filesystem::path& runsFolder);

/// Moves a run out of the way (into the archive) or back. Its name stays.
/// Errors: NotFound; Conflict (a process works on it, or the name is taken there); Io.
Status archiveRun(const std::filesystem::path& project, const std::string& name);
Status unarchiveRun(const std::filesystem::path& project, const std::string& name);

/// An error while a process works on the run, so that its folder must stay where it is.
/// Errors: NotFound, Conflict.
Status checkNobodyWorksOn(const std::filesystem::path& runFolder);

} // namespace clipscope::jobs
