#pragma once

#include "app/studio/pages/training/run_info.h"
#include "base/result.h"

#include <chrono>
#include <map>
#include <stop_token>
#include <vector>

namespace clipscope::studio {

/// What the window knew of a run at the last look.
struct RunKnown
{
    RunFigures figures;
    RunOrigin origin;
};

/// Every run below `runsFolder`, and those below its folder .archive when asked: states, figures
/// and origins, without curves. Looks for the best recall of long runs go on with the next call
/// after 64 MB.
/// Errors:  none; a run that cannot be read is left out, a state that cannot is empty.
/// Threads: any thread at once.
std::vector<RunInfo> scanRuns(const std::filesystem::path& runsFolder, bool withArchive,
    const std::map<QString, RunKnown>& known, const std::stop_token& stop);

/// The curves of one run up to a byte of its metrics.jsonl.
struct RunCurves
{
    QString name;
    std::filesystem::path folder;
    std::vector<widgets::CurveData> curves;
    std::uint64_t readTo = 0;
};

struct CurvesUpdate
{
    std::vector<RunCurves> changed;
    bool complete = true; ///< false: more is to be read at once
};

/// Reads what was appended. A file that became shorter is read anew. Points are never changed in
/// place: others may be looking at them. With `onlyMain` only losses, recalls, ranks and the watch
/// list's ranks are taken. Ends after `turn` with what it has.
/// Errors:  Cancelled; a file that cannot be read keeps its curves.
/// Threads: any thread at once.
Result<CurvesUpdate> readCurves(const std::vector<RunCurves>& shown, bool onlyMain,
    std::chrono::milliseconds turn, const std::stop_token& stop);

} // namespace clipscope::studio
