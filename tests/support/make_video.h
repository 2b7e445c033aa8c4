#pragma once

#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace clipscope::test {

/// A subtitle line of a made video.
struct MadeCue
{
    double startSeconds = 0.0, stopSeconds = 0.0;
    std::string text;
};

/// What a made video holds. The picture of frame n has a hue that changes each whole second and
/// n written in binary in a row of 16 black and white squares along the top edge.
struct MadeVideo
{
    int widthPixels = 160;
    int heightPixels = 96;
    int fps = 25;
    int frames = 75;
    int gopFrames = 12;
    int bFrames = 2; ///< 0 where the codec has none
    std::string codec = "mpeg4"; ///< any encoder name of FFmpeg: mpeg4, mpeg2video, ffv1, libx264
    bool sound = false; ///< a 440 Hz tone, AAC, 48 kHz stereo
    double beepSeconds = 0.0; ///< above 0: the tone sounds only this long, from each whole second
    std::vector<MadeCue> cues; ///< mov_text in mp4 and mov, subrip in mkv
    std::string language = "eng";
    std::vector<std::int64_t> framesAtMilliseconds; ///< other times than n / fps, one a frame
};

/// Writes a small video; the container follows the file name (.mp4, .mkv, .mov, .avi, .ts).
/// Errors: Io, Unsupported (encoder or container not there).
Status makeVideo(const std::filesystem::path& path, const MadeVideo& video = {});

/// Reads the frame number back from a picture of a made video, [H, W, 3], any size.
std::int64_t frameNumberIn(const std::uint8_t* rgb, int widthPixels, int heightPixels);

} // namespace clipscope::test
