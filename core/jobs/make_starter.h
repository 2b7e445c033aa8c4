#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"
#include "base/settings.h"

#include <cstdint>

namespace clipscope::jobs {

/// Settings of `clipscope-cli make-starter`.
struct MakeStarterSettings
{
    std::filesystem::path from; ///< folder with the parts, see tasks::StarterParts
    std::filesystem::path to; ///< empty: starter.safetensors in modelsFolder()
};
void describe(SettingsVisitor& visitor, MakeStarterSettings& settings);

struct MakeStarterReport
{
    std::filesystem::path path;
    std::uint64_t bytes = 0;
    std::int64_t classTexts = 0; ///< texts embedded
    double elapsedSeconds = 0.0;
};
Json toJson(const MakeStarterReport& report);

/// Builds the starter checkpoint from its parts.
/// Errors: NotFound (names the missing part and where it comes from), BadInput, Io, Cancelled.
Result<MakeStarterReport> runMakeStarter(const MakeStarterSettings& settings, JobContext context);

} // namespace clipscope::jobs
