#pragma once

#include "base/result.h"
#include "media/video_info.h"

#include <stop_token>
#include <string>
#include <vector>

namespace clipscope::media {

/// One shown line (or several, separated by '\n') of plain UTF-8 text, half-open [start, stop).
struct SubtitleCue
{
    double startSeconds = 0.0;
    double stopSeconds = 0.0;
    std::string text;

    bool operator==(const SubtitleCue&) const = default;
};

struct SubtitleTrack
{
    SubtitleInfo info;
    std::vector<SubtitleCue> cues; ///< sorted by start, none empty

    bool operator==(const SubtitleTrack&) const = default;
};

/// Reads every text subtitle stream of a file; tags and styles are dropped. Works for files
/// without video too.
/// Units: seconds after `originSeconds` (VideoIndex::originSeconds(); 0 when there is no video).
/// Errors: NotFound, Io, BadInput (not a media file), Cancelled. A file without text subtitles
/// gives an empty list.
/// Threads: any thread at once. Cost: reads the whole file when it has text subtitles.
Result<std::vector<SubtitleTrack>> readSubtitleTracks(
    const std::filesystem::path& path, double originSeconds = 0.0, std::stop_token stop = {});

} // namespace clipscope::media
