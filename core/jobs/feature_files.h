#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"
#include "base/settings.h"

#include <cstdint>
#include <string>
#include <vector>

namespace clipscope::jobs {

/// Settings of `clipscope-cli features`.
struct FeatureFilesSettings
{
    std::filesystem::path project;
    std::filesystem::path folder; ///< with one NAME.npy for each video NAME.mp4, [seconds, width]
    std::string encoder = "s3d";
};
void describe(SettingsVisitor& visitor, FeatureFilesSettings& settings);

struct FeatureFilesReport
{
    std::string encoder;
    std::int64_t videos = 0; ///< taken in or written now
    std::int64_t known = 0; ///< had these very features already (taking in only)
    std::int64_t seconds = 0;
    std::vector<Error> skipped; ///< files or videos, with the reason
};
Json toJson(const FeatureFilesReport& report);

/// Takes in features that another program extracted: float16, float32 or float64 arrays of one
/// width, one file for each video, as the VideoCLIP reference writes them (videoclip.md section 1).
/// A file belongs to the video whose file name without ending it has, and has as many rows as the
/// video has seconds, give or take one. They are stored as binary16 like extracted ones; the
/// manifest says that they were taken in, and `extract` then refuses to mix its own with them.
/// Errors: NotFound (folder, or no .npy in it), Conflict (the project has features of this encoder
/// that were extracted, or of another width), Io, Cancelled (finished videos stay). A file that
/// does not fit is listed.
Result<FeatureFilesReport> runTakeFeatures(
    const FeatureFilesSettings& settings, JobContext context);

/// Writes NAME.npy, float32 [seconds, width], for each video that has features.
/// Errors: NotFound (no features of this encoder), Io, Cancelled. Of two videos of one name the
/// second is listed.
Result<FeatureFilesReport> runWriteFeatures(
    const FeatureFilesSettings& settings, JobContext context);

/// True for the manifest details of features that runTakeFeatures() stored.
bool wereTakenIn(const Json& manifestDetails);

} // namespace clipscope::jobs
