#pragma once

#include "base/result.h"
#include "media/decode_options.h"
#include "media/video_index.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <variant>
#include <vector>

namespace clipscope::media {

/// The whole frame resized to a fixed size, shape not kept.
struct Squash
{
    int widthPixels = 224;
    int heightPixels = 224;
    bool operator==(const Squash&) const = default;
};

/// Shorter side scaled to `sizePixels`, longer side truncated to whole pixels, centre square cut,
/// with the rounding of `ffmpeg -vf scale,crop` (tests/media/tst_preprocessing.cpp).
/// Source: reference extractor, see scaledAndCropped().
struct ShortSideCrop
{
    int sizePixels = 224;
    bool operator==(const ShortSideCrop&) const = default;
};

/// Which frame stands for the time i / framesPerSecond.
enum class FrameChoice {
    AtOrBefore, ///< the one shown then
    Nearest, ///< the last one that starts before the middle of the next interval (`fps` filter)
};

/// What an encoder wants to see of each second.
struct SamplePlan
{
    int framesPerSecond = 1; ///< [1, 240]
    FrameChoice choice = FrameChoice::AtOrBefore;
    std::variant<Squash, ShortSideCrop> geometry = Squash{};

    bool operator==(const SamplePlan&) const = default;
};

/// Starter: the frame at each whole second, squashed to 224 x 224.
inline SamplePlan starterPlan()
{
    return {};
}
/// S3D: 30 frames a second as the `fps` filter gives, shorter side 224, centre crop.
inline SamplePlan s3dPlan()
{
    return { 30, FrameChoice::Nearest, ShortSideCrop{} };
}

struct ScaledAndCropped
{
    int scaledWidth = 0, scaledHeight = 0; ///< of the whole frame
    int cropX = 0, cropY = 0; ///< top left corner of the square
    bool operator==(const ScaledAndCropped&) const = default;
};
/// Geometry of ShortSideCrop for a frame as displayed; sizes are at least 1.
ScaledAndCropped scaledAndCropped(int widthPixels, int heightPixels, int sizePixels);

/// The frames of one second.
struct SecondOfFrames
{
    std::int64_t second = 0;
    int frames = 0; ///< shown ones; the rest of the last second is zero
    int widthPixels = 0, heightPixels = 0;
    std::vector<std::uint8_t> rgb; ///< [framesPerSecond, H, W, 3]
    bool sameAsPrevious = false; ///< no new frame was shown since the second before (gaps)
};

/// Walks once through a video and gives the frames of each second, for encoders. Frames nobody
/// needs are not decoded where the codec and the key frames allow that; the result is the same.
/// Errors: a damaged frame is replaced by the nearest one that decodes. Threads: one thread at a
/// time; decodes on FFmpeg's own threads inside.
class FrameSampler final
{
public:
    /// Errors: as probe(); BadInput when the index does not belong to the file or the plan is out
    /// of range.
    static Result<FrameSampler> open(const std::filesystem::path& path,
        std::shared_ptr<const VideoIndex> index, const SamplePlan& plan, int threads = 0,
        DecodeWish wish = DecodeWish::Software);
    /// Builds the index first. Errors: as inspect().
    static Result<FrameSampler> open(
        const std::filesystem::path& path, const SamplePlan& plan, std::stop_token stop = {});
    FrameSampler(FrameSampler&&) noexcept;
    FrameSampler& operator=(FrameSampler&&) noexcept;
    ~FrameSampler();

    /// Seconds that next() will give in all: for AtOrBefore VideoIndex::secondCount(); for Nearest
    /// the reference's ceil(round(duration * fps) / fps), which can be one less.
    std::int64_t secondCount() const;
    /// Continues at a second, to resume. The second is in [0, secondCount()].
    void skipTo(std::int64_t second);
    /// The next second; nothing after the last.
    /// Errors: BadInput (nothing decodes), Io, Cancelled.
    Result<std::optional<SecondOfFrames>> next(std::stop_token stop = {});
    /// Frames that left the codec so far.
    std::int64_t decodedFrames() const;

private:
    struct Impl;
    explicit FrameSampler(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::media
