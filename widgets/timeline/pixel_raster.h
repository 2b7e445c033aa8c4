#pragma once

#include <QImage>
#include <QRect>

#include <cstdint>
#include <span>
#include <vector>

namespace clipscope::widgets {

/// `share` of one colour and the rest of another.
inline QRgb mixedPixel(QRgb over, QRgb under, float share)
{
    const auto part = static_cast<std::uint32_t>(share * 256.0F + 0.5F);
    const std::uint32_t rest = 256U - part;
    // Red and blue at once, green apart: there are eight free bits above each.
    const std::uint32_t redBlue
        = (((over & 0xff00ffU) * part + (under & 0xff00ffU) * rest) >> 8U) & 0xff00ffU;
    const std::uint32_t green
        = (((over & 0x00ff00U) * part + (under & 0x00ff00U) * rest) >> 8U) & 0x00ff00U;
    return 0xff000000U | redBlue | green;
}

/// How a band of a segment looks, in device pixels.
struct BandLook
{
    QRgb fill = 0;
    QRgb edge = 0; ///< border, and strip at the left
    QRgb hatch = 0; ///< diagonal lines where hatchPeriod > 0
    int hatchPeriod = 0, hatchWidth = 0;
    int border = 1; ///< thickness
    int strip = 0; ///< width at the left
    int radius = 0;
    int dash = 0; ///< > 0: a dashed border of this period, and no fill
};

/// Where a curve is in one column of pixels, from above to below; nothing where top > bottom.
struct ColumnSpan
{
    float top = 1.0F, bottom = 0.0F;
};

/// A curve as spans of columns, `thickness` higher than they are, with smooth ends.
struct CurveLine
{
    std::span<const ColumnSpan> spans;
    QRgb colour = 0;
    float thickness = 1.0F;
    float alpha = 1.0F; ///< in [0, 1]
};

/// Draws what a timeline has thousands of straight into the pixels of an image; a QPainter takes
/// ten times as long for it (docs/performance.md).
/// Units:   device pixels; nothing is drawn outside the clip.
/// Shapes:  32-bit images without transparency.
/// Owns:    nothing; the image must outlive it and keep its pixels, a QPainter may be at work on
///          it at the same time.
class PixelRaster final
{
public:
    PixelRaster(QImage& image, const QRect& clip);

    void fill(const QRect& area, QRgb colour) const;
    /// alpha in [0, 1].
    void blend(const QRect& area, QRgb colour, float alpha) const;
    void band(const QRect& area, const BandLook& look) const;
    /// Lines through the spans of neighbouring columns, the first at `left`, one over the other.
    /// Cost: what is covered, about a third of a nanosecond a pixel.
    void curves(int left, std::span<const CurveLine> lines) const;
    const QRect& clip() const { return m_clip; }

private:
    QRgb* line(int y) const { return reinterpret_cast<QRgb*>(m_bits + m_stride * y); }

    uchar* m_bits;
    qsizetype m_stride;
    QRect m_clip;
};

} // namespace clipscope::widgets
