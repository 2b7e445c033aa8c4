#pragma once

#include "base/result.h"
#include "media/video_index.h"

#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

namespace clipscope::media {

/// Largest picture wanted. Pictures are never enlarged and keep their shape.
struct DecodeSize
{
    int maxWidthPixels = 0; ///< 0: as displayed
    int maxHeightPixels = 0;

    static DecodeSize full() { return {}; }
    static DecodeSize bounded(int width, int height) { return { width, height }; }
    bool operator==(const DecodeSize&) const = default;
};

/// A picture ready for the screen: rotated, square pixels, full-range sRGB-like bytes.
struct RgbFrame
{
    int widthPixels = 0;
    int heightPixels = 0;
    std::vector<std::uint8_t> rgb; ///< [H, W, 3], rows without padding
    std::int64_t frameIndex = 0; ///< which frame this is; not the asked one where that is damaged
    double seconds = 0.0; ///< its start
};

/// Decodes any frame of a video exactly. Frames around the last one stay decoded, so that steps
/// in both directions are cheap; memory for them is bounded (192 MiB: 60 frames of full HD).
/// Walking backwards decodes each group of pictures once where the group fits, and every part of
/// it again where it does not: n / k times half of n frames for a group of n where k fit.
/// Errors: frameAt() leaves the decoder usable. Threads: one thread at a time; decodes on FFmpeg's
/// own threads inside and blocks until the frame is there.
class Decoder final
{
public:
    /// What was done so far; costs are tested by these.
    struct Counters
    {
        std::int64_t seeks = 0; ///< jumps in the file, rewinds included
        std::int64_t decodedFrames = 0; ///< frames that left the codec
        std::int64_t keptBytes = 0; ///< of the frames that stay decoded now
    };

    /// `threads`: decoding threads, 0 for as many as there are cores (at most 8).
    /// Errors: as probe(); BadInput when the index does not belong to the file.
    static Result<Decoder> open(const std::filesystem::path& path,
        std::shared_ptr<const VideoIndex> index, DecodeSize size = DecodeSize::full(),
        int threads = 0);
    Decoder(Decoder&&) noexcept;
    Decoder& operator=(Decoder&&) noexcept;
    ~Decoder();

    /// The frame `frame`, clamped to [0, frameCount()); the nearest one that decodes where it is
    /// damaged (RgbFrame::frameIndex says which).
    /// Errors: BadInput (nothing around it decodes), Io, Cancelled.
    Result<RgbFrame> frameAt(std::int64_t frame, std::stop_token stop = {});
    /// The frame shown at a time. Errors: as frameAt().
    Result<RgbFrame> frameAtSeconds(double seconds, std::stop_token stop = {});

    const VideoIndex& index() const;
    Counters counters() const;

private:
    struct Impl;
    explicit Decoder(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// One picture of a file near a second, for lists. With an index the exact frame of that second;
/// without one (straight after probe()) the frame that the file's own seek finds, frameIndex -1.
/// Errors: as Decoder. Threads: any thread at once.
Result<RgbFrame> thumbnail(const std::filesystem::path& path, double seconds, DecodeSize size,
    std::shared_ptr<const VideoIndex> index = nullptr, std::stop_token stop = {});

} // namespace clipscope::media
