#pragma once

#include <QImage>
#include <QRect>

#include <span>
#include <vector>

namespace clipscope::widgets {

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
    /// A line `thickness` high through the spans of neighbouring columns, the first at `left`, with
    /// smooth ends.
    void curve(int left, std::span<const ColumnSpan> spans, QRgb colour, float thickness,
        float alpha) const;
    const QRect& clip() const { return m_clip; }

private:
    QRgb* line(int y) const { return reinterpret_cast<QRgb*>(m_bits + m_stride * y); }

    uchar* m_bits;
    qsizetype m_stride;
    QRect m_clip;
};

QRgb mixedPixel(QRgb over, QRgb under, float share);

} // namespace clipscope::widgets
