#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace clipscope::media {

/// The sound track that would be played.
struct AudioInfo
{
    std::string codec;
    int sampleRateHz = 0;
    int channels = 0;

    bool operator==(const AudioInfo&) const = default;
};

/// A subtitle stream of the file. Only text can be read by readSubtitleTracks().
struct SubtitleInfo
{
    int streamIndex = 0;
    std::string codec; ///< "mov_text", "subrip", "webvtt", "ass", "dvd_subtitle", ...
    std::string language; ///< ISO 639 as stored, "" when not stated
    std::string title;
    bool isText = false;

    bool operator==(const SubtitleInfo&) const = default;
};

/// What a video file holds. Sizes, pixel format and interlacing come from the first decoded frame,
/// never from the container alone.
struct VideoInfo
{
    std::string container; ///< FFmpeg's name: "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", ...
    std::string videoCodec;
    std::string pixelFormat;
    int widthPixels = 0; ///< as displayed: rotation and non-square pixels applied
    int heightPixels = 0;
    int storedWidthPixels = 0; ///< as coded in the stream
    int storedHeightPixels = 0;
    int rotationDegrees = 0; ///< clockwise turn that was applied: 0, 90, 180 or 270
    double durationSeconds = 0.0; ///< the header's claim after probe(), the truth after inspect()
    double averageFps = 0.0;
    bool variableFrameRate = false; ///< known after inspect() only
    bool interlaced = false;
    int videoStreams = 0; ///< attached pictures do not count
    int audioStreams = 0;
    std::optional<AudioInfo> audio;
    std::vector<SubtitleInfo> subtitles;

    bool operator==(const VideoInfo&) const = default;
};

/// Opens a file and decodes its first frame.
/// Errors: NotFound, Io; BadInput (not a media file, no video, no frame decodes, frame larger than
/// the limit of 67 million pixels); Unsupported (no decoder); Cancelled.
/// Threads: any thread at once. Cost: some packets and one GOP at most.
Result<VideoInfo> probe(const std::filesystem::path& path, std::stop_token stop = {});

} // namespace clipscope::media
