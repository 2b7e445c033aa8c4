#pragma once

#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace clipscope::store {

/// One video of the catalogue. Identity is `contentHash`; `path` is where it was last seen.
struct VideoRecord
{
    std::int64_t id = 0; ///< given by the catalogue, never reused
    std::string contentHash; ///< hashOfFile() of the file
    std::filesystem::path path; ///< absolute
    std::int64_t fileBytes = 0;
    std::int64_t modifiedNanoseconds
        = 0; ///< of the file when it was hashed, since its clock's epoch
    double durationSeconds = 0.0; ///< from the first shown frame to the end of the last
    std::int64_t frameCount = 0;
    int widthPixels = 0, heightPixels = 0; ///< as displayed, after rotation
    double averageFps = 0.0;
    std::string container, codec;
    bool hasAudio = false;
    std::string streamsJson; ///< everything else the probe said, one JSON object

    /// Number of video tokens: ceil(durationSeconds), at least 1 when it has a frame.
    std::int64_t seconds() const;
    bool operator==(const VideoRecord&) const = default;
};

/// One narrated line of a video, [startSeconds, stopSeconds) on the video's own clock.
struct CaptionRecord
{
    double startSeconds = 0.0, stopSeconds = 0.0;
    std::string text;
    /// Where it came from: "stream:3" (inside the video) or the path of the caption file.
    std::string origin;

    bool operator==(const CaptionRecord&) const = default;
};

/// Something the user should know about a file: why it was skipped, or what is wrong with a video
/// that was imported.
struct ProblemRecord
{
    std::filesystem::path path;
    ErrorKind kind = ErrorKind::BadInput;
    std::string reason; ///< one sentence
    std::string origin; ///< what found it: "import", "captions", "extract"
    std::optional<std::int64_t> videoId; ///< set when it is about a video of the catalogue

    bool operator==(const ProblemRecord&) const = default;
};

} // namespace clipscope::store
