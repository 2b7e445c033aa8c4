#pragma once

// Private to this module: decoded pictures to RGB bytes.

#include "base/result.h"
#include "media/ffmpeg_handles.h"

#include <cstdint>
#include <span>

namespace clipscope::media {

enum class ScaleQuality {
    Screen, ///< quick
    Encoder, ///< rounds as it should, chroma at full width
    Reference, ///< what `ffmpeg -vf scale` gives, its rounding included
};

/// Scales, converts to full-range RGB by the picture's own colour matrix, and turns.
/// Threads: one thread at a time.
class PictureConverter final
{
public:
    explicit PictureConverter(ScaleQuality quality)
        : m_quality(quality)
    {
    }

    /// The rectangle of the scaled and turned picture that is wanted.
    struct Target
    {
        int scaledWidth = 0, scaledHeight = 0; ///< of the whole picture, upright
        int cropX = 0, cropY = 0;
        int width = 0, height = 0;
    };
    /// Writes [height, width, 3] bytes to `out`, which has that size.
    /// Errors: Unsupported (pixel format), OutOfMemory.
    Status convert(const AVFrame& picture, int rotationDegrees, const Target& target,
        std::span<std::uint8_t> out);

private:
    Status prepare(const AVFrame& picture, int width, int height);

    struct Key
    {
        int width = 0, height = 0, format = -1, toWidth = 0, toHeight = 0;
        int matrix = 0, range = 0;
        bool operator==(const Key&) const = default;
    };
    ScaleQuality m_quality;
    ScalerHandle m_scaler;
    FrameHandle m_scaled = newFrame();
    Key m_key;
};

} // namespace clipscope::media
