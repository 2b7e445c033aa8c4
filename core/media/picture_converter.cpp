#include "media/picture_converter.h"

#include "base/require.h"

#include <cstring>
#include <utility>

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace clipscope::media {

namespace {

/// Row of swscale's table of colour matrices. Without a statement: BT.709 for high definition,
/// BT.601 otherwise, as players do; always BT.601 for Reference, as the `scale` filter does.
int matrixOf(const AVFrame& picture, ScaleQuality quality)
{
    switch (picture.colorspace) {
    case AVCOL_SPC_BT709:
        return SWS_CS_ITU709;
    case AVCOL_SPC_FCC:
        return SWS_CS_FCC;
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
        return SWS_CS_ITU601;
    case AVCOL_SPC_SMPTE240M:
        return SWS_CS_SMPTE240M;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
        return SWS_CS_BT2020;
    default:
        return quality != ScaleQuality::Reference && (picture.width >= 1280 || picture.height > 576)
            ? SWS_CS_ITU709
            : SWS_CS_ITU601;
    }
}

int flagsOf(ScaleQuality quality)
{
    switch (quality) {
    case ScaleQuality::Screen:
        return SWS_BILINEAR;
    case ScaleQuality::Encoder:
        return SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT;
    case ScaleQuality::Reference:
        return SWS_BICUBIC;
    }
    return SWS_BICUBIC;
}

/// The old "full range" formats are the usual ones plus a range.
AVPixelFormat plainFormat(AVPixelFormat format, bool& isFullRange)
{
    switch (format) {
    case AV_PIX_FMT_YUVJ420P:
        isFullRange = true;
        return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
        isFullRange = true;
        return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
        isFullRange = true;
        return AV_PIX_FMT_YUV444P;
    case AV_PIX_FMT_YUVJ440P:
        isFullRange = true;
        return AV_PIX_FMT_YUV440P;
    default:
        return format;
    }
}

} // namespace

Status PictureConverter::prepare(const AVFrame& picture, int width, int height)
{
    bool isFullRange = picture.color_range == AVCOL_RANGE_JPEG;
    const AVPixelFormat format
        = plainFormat(static_cast<AVPixelFormat>(picture.format), isFullRange);
    const Key key{ picture.width, picture.height, format, width, height,
        matrixOf(picture, m_quality), isFullRange ? 1 : 0 };
    if (m_scaler && key == m_key)
        return {};
    if (!sws_isSupportedInput(format)) {
        const char* name = av_get_pix_fmt_name(format);
        return fail(ErrorKind::Unsupported,
            std::string("Pictures of the pixel format ") + (name ? name : "?")
                + " cannot be shown.");
    }
    m_scaler.reset(sws_getContext(picture.width, picture.height, format, width, height,
        AV_PIX_FMT_RGB24, flagsOf(m_quality), nullptr, nullptr, nullptr));
    av_frame_unref(m_scaled.get());
    m_scaled->format = AV_PIX_FMT_RGB24;
    m_scaled->width = width;
    m_scaled->height = height;
    if (!m_scaler || av_frame_get_buffer(m_scaled.get(), 0) < 0) {
        m_scaler.reset();
        return fail(ErrorKind::OutOfMemory, "There is no memory left to scale a picture.");
    }
    sws_setColorspaceDetails(m_scaler.get(), sws_getCoefficients(key.matrix), key.range,
        sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
    m_key = key;
    return {};
}

Status PictureConverter::convert(
    const AVFrame& picture, int rotationDegrees, const Target& target, std::span<std::uint8_t> out)
{
    CLIP_REQUIRE(out.size()
            == std::size_t{ 3 } * static_cast<std::size_t>(target.width)
                * static_cast<std::size_t>(target.height),
        "size of the RGB buffer");
    if (picture.width <= 0 || picture.height <= 0 || !picture.data[0])
        return fail(ErrorKind::BadInput, "The decoder gave an empty picture.");
    int width = target.scaledWidth;
    int height = target.scaledHeight;
    if (rotationDegrees % 180 != 0)
        std::swap(width, height);
    CLIP_TRY(prepare(picture, width, height));
    // Through an aligned picture of its own: swscale may write past the end of packed rows.
    sws_scale(m_scaler.get(), picture.data, picture.linesize, 0, picture.height, m_scaled->data,
        m_scaled->linesize);

    const std::ptrdiff_t stride = m_scaled->linesize[0];
    const std::uint8_t* pixels = m_scaled->data[0];
    std::uint8_t* to = out.data();
    if (rotationDegrees == 0) {
        const auto rowBytes = static_cast<std::size_t>(target.width) * 3;
        for (int y = 0; y < target.height; ++y, to += rowBytes)
            std::memcpy(to, pixels + (y + target.cropY) * stride + target.cropX * 3, rowBytes);
        return {};
    }
    // Where the upright pixel (0, 0) lies in the stored picture, and a step along x and y.
    const std::uint8_t* origin = pixels;
    std::ptrdiff_t alongX = 0;
    std::ptrdiff_t alongY = 0;
    if (rotationDegrees == 90) {
        origin += (height - 1) * stride;
        alongX = -stride;
        alongY = 3;
    } else if (rotationDegrees == 180) {
        origin += (height - 1) * stride + (width - 1) * 3;
        alongX = -3;
        alongY = -stride;
    } else {
        origin += (width - 1) * 3;
        alongX = stride;
        alongY = -3;
    }
    for (int y = 0; y < target.height; ++y) {
        const std::uint8_t* from = origin + (y + target.cropY) * alongY + target.cropX * alongX;
        for (int x = 0; x < target.width; ++x, from += alongX, to += 3)
            std::memcpy(to, from, 3);
    }
    return {};
}

} // namespace clipscope::media
