#pragma once

#include "base/result.h"

#include <filesystem>
#include <string>

namespace clipscope::cli {

/// Starts `pretrain PROJECT --resume RUN` as a process of its own that outlives this one, and waits
/// until it trains or has failed. Returns its process id.
/// Errors: what the run failed with; Io when no process can be started.
Result<std::int64_t> resumeDetached(const std::filesystem::path& project, const std::string& run);

} // namespace clipscope::cli
