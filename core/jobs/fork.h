#pragma once

#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace clipscope::jobs {

struct ForkedRun
{
    std::string name;
    std::int64_t step = 0; ///< last one shared with the run it comes from
};

/// Makes a new run that shares the past of `name` up to its last checkpoint: settings, metrics,
/// step records and checkpoints; `assignments` (KEY=VALUE of train.*) change what comes. It is left
/// paused, for pretrain to resume it; origin.json says where it comes from. The run itself may go
/// on meanwhile. `newName` empty: the next free NAME-fork-N. Errors: NotFound (no such run, no
/// checkpoint), Conflict (name taken), BadInput (unknown setting, or one that shapes data or model,
/// which the checkpoint fixes), Io; then no folder is left.
Result<ForkedRun> forkRun(const std::filesystem::path& project, const std::string& name,
    const std::string& newName, const std::vector<std::string>& assignments);

} // namespace clipscope::jobs
