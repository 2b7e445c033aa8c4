#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"

#include <filesystem>

namespace clipscope::jobs {

/// Settings of `clipscope-cli init`.
struct InitSettings
{
    std::filesystem::path project; ///< NAME.clipscope, must not exist or be empty
};

struct InitReport
{
    std::filesystem::path project; ///< absolute
};
Json toJson(const InitReport& report);

/// Makes an empty project. Errors: as store::Project::create().
/// Threads: any thread at once; short.
Result<InitReport> runInit(const InitSettings& settings, const JobContext& context);

} // namespace clipscope::jobs
