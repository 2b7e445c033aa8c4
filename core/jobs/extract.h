#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"
#include "base/settings.h"
#include "media/decode_options.h"
#include "tensor/device.h"

#include <cstdint>
#include <string>
#include <vector>

namespace clipscope::jobs {

/// Settings of `clipscope-cli extract`.
struct ExtractSettings
{
    std::filesystem::path project;
    std::string encoder = "efficientnet-lite0";
    tensor::DeviceWish device = tensor::DeviceWish::Auto;
    tensor::PrecisionWish precision = tensor::PrecisionWish::Auto;
    media::DecodeWish decode = media::DecodeWish::Software;
    std::int64_t decodeThreads = 1;
    std::int64_t batchSeconds = 0;
    std::string shard; ///< "1/4": only this share of the videos; empty: all
};
void describe(SettingsVisitor& visitor, ExtractSettings& settings);

struct ExtractVideosReport
{
    std::string encoder;
    std::int64_t extracted = 0, known = 0, seconds = 0;
    double elapsedSeconds = 0.0;
    std::vector<Error> skipped;
};
Json toJson(const ExtractVideosReport& report);

/// Extracts the features of every video of the project, or of a share of them, that has none yet.
/// Shares run at the same time in any number of processes. Videos that fail are
/// recorded as problems of kind "extract" in the catalogue and listed; a later success clears them.
/// Errors: as store::Project::open(), features::loadEncoder() and features::extract(); Conflict
/// when the features of this encoder were taken in from files (runTakeFeatures()).
Result<ExtractVideosReport> runExtract(const ExtractSettings& settings, JobContext context);

} // namespace clipscope::jobs
