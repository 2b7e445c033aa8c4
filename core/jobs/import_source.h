#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"
#include "jobs/import.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace clipscope::jobs {

/// Name of the source in the project and in data.source.
constexpr std::string_view howto100mName = "howto100m";

struct SourceFeatures
{
    std::int64_t videos = 0, seconds = 0; ///< with a usable file
    std::int64_t width = 0; ///< numbers per second
};

struct SourceReport
{
    std::int64_t videos = 0, captions = 0, tokens = 0; ///< of the source now
    std::int64_t withoutCaptions = 0; ///< videos of the file left out for it
    std::optional<SourceFeatures> features; ///< when they were looked at
    std::int64_t skippedCount = 0;
    std::vector<Error> skipped; ///< the first hundred of these, with the reason
};
Json toJson(const SourceReport& report);

/// Takes in captions and features of videos that are not in the catalogue: settings.howto100m is
/// read as a stream, the repetition of automatic speech recognition removed, tokenised and written
/// as the caption shard of the source; the .npy files of settings.features are looked at and stay
/// where they are. Either may be empty: the source's captions then stay, or its features are not
/// looked at.
///
/// Whole or not at all: the source is replaced when the file was read to its end. Features belong
/// to the captions they were adopted for and are to be named again after new captions.
/// Memory:  some 100 bytes a video.
/// Progress: phase "captions", unit "bytes"; phase "features", unit "videos".
/// Errors:  NotFound, Io, Cancelled; as text::streamCaptionsJson(); Conflict when another import
///          of the source runs; NotFound when no video has captions or none a usable feature file.
/// Threads: one for a project, others get Conflict.
Result<SourceReport> runImportSource(const ImportSettings& settings, const JobContext& context);

} // namespace clipscope::jobs
