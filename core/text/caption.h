#pragma once

#include "base/result.h"

#include <string>
#include <vector>

namespace clipscope::text {

/// One narrated line of a video.
/// Units: seconds from the first shown frame, half-open [start, stop).
struct Caption
{
    double startSeconds = 0.0;
    double stopSeconds = 0.0;
    std::string text; ///< UTF-8, one line, no markup, never empty when a reader made it

    bool operator==(const Caption&) const = default;
};

/// The captions of one video, in the order of the file, and what could not be taken.
struct CaptionList
{
    std::vector<Caption> captions;
    std::vector<Error> problems; ///< one for each caption left out, with its place
};

/// The captions of one video of a collection file.
struct VideoCaptions
{
    std::string video; ///< file name, path or video id, as written in the file
    std::vector<Caption> captions;

    bool operator==(const VideoCaptions&) const = default;
};

/// What a file with captions of many videos holds.
struct CaptionCollection
{
    std::vector<VideoCaptions> videos; ///< in the order of the file; may have no captions
    std::vector<Error> problems; ///< one for each caption left out, with its place
};

/// Why a time span cannot be a caption: "", or "the times are not numbers", "it starts before 0",
/// "it ends before it starts". A span of no length is allowed.
std::string captionTimesProblem(double startSeconds, double stopSeconds);

} // namespace clipscope::text
