#include "widgets/timeline/pixel_raster.h"

#include <algorithm>
#include <cmath>

namespace clipscope::widgets {

namespace {

/// Coverage of a pixel by a disc around the middle of a corner of radius `radius`.
float disc(float radius, float x, float y)
{
    return std::clamp(radius - std::hypot(x, y) + 0.5F, 0.0F, 1.0F);
}

} // namespace

QRgb mixedPixel(QRgb over, QRgb under, float share)
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

PixelRaster::PixelRaster(QImage& image, const QRect& clip)
    : m_bits(image.bits())
    , m_stride(image.bytesPerLine())
    , m_clip(clip.intersected(image.rect()))
{
}

void PixelRaster::fill(const QRect& area, QRgb colour) const
{
    const QRect inside = area.intersected(m_clip);
    for (int y = inside.top(); y <= inside.bottom(); ++y)
        std::fill_n(line(y) + inside.left(), inside.width(), colour);
}

void PixelRaster::blend(const QRect& area, QRgb colour, float alpha) const
{
    const QRect inside = area.intersected(m_clip);
    for (int y = inside.top(); y <= inside.bottom(); ++y) {
        QRgb* pixels = line(y);
        for (int x = inside.left(); x <= inside.right(); ++x)
            pixels[x] = mixedPixel(colour, pixels[x], alpha);
    }
}

void PixelRaster::band(const QRect& area, const BandLook& look) const
{
    const QRect inside = area.intersected(m_clip);
    const int radius = std::min({ look.radius, area.width() / 2, area.height() / 2 });
    for (int y = inside.top(); y <= inside.bottom(); ++y) {
        QRgb* pixels = line(y);
        const int down = y - area.top(), up = area.bottom() - y;
        const int nearY = std::min(down, up);
        for (int x = inside.left(); x <= inside.right(); ++x) {
            const int in = x - area.left(), out = area.right() - x;
            const int nearX = std::min(in, out);
            QRgb colour = look.fill;
            if (look.hatchPeriod > 0 && (x + y) % look.hatchPeriod < look.hatchWidth)
                colour = look.hatch;
            const bool corner = nearX < radius && nearY < radius;
            bool onEdge
                = in < look.strip || (!corner && (nearX < look.border || nearY < look.border));
            float cover = 1.0F;
            if (corner) {
                const auto from = static_cast<float>(radius) - 0.5F;
                const float dx = from - static_cast<float>(nearX),
                            dy = from - static_cast<float>(nearY);
                cover = disc(static_cast<float>(radius), dx, dy);
                const float inner = disc(static_cast<float>(radius - look.border), dx, dy);
                if (!onEdge && look.dash == 0)
                    colour = mixedPixel(colour, look.edge, inner);
                else if (look.dash > 0)
                    cover *= 1.0F - inner, onEdge = true;
            }
            if (onEdge)
                colour = look.edge;
            if (look.dash > 0) {
                const int along = nearY < look.border ? in : down;
                if (!onEdge || (!corner && along % look.dash >= (look.dash + 1) / 2))
                    continue;
            }
            pixels[x] = cover >= 1.0F ? colour : mixedPixel(colour, pixels[x], cover);
        }
    }
}

void PixelRaster::curve(
    int left, std::span<const ColumnSpan> spans, QRgb colour, float thickness, float alpha) const
{
    const float half = thickness / 2.0F;
    const int first = std::max(left, m_clip.left());
    const int last = std::min(left + static_cast<int>(spans.size()) - 1, m_clip.right());
    const auto highest = static_cast<float>(m_clip.top());
    const auto lowest = static_cast<float>(m_clip.bottom() + 1);
    for (int x = first; x <= last; ++x) {
        const ColumnSpan& span = spans[static_cast<std::size_t>(x - left)];
        if (span.top > span.bottom)
            continue;
        const float top = std::clamp(span.top - half, highest, lowest);
        const float bottom = std::clamp(span.bottom + half, highest, lowest);
        for (int y = static_cast<int>(top); static_cast<float>(y) < bottom; ++y) {
            const float cover = std::min(bottom, static_cast<float>(y + 1))
                - std::max(top, static_cast<float>(y));
            QRgb& pixel = line(y)[x];
            pixel = mixedPixel(colour, pixel, alpha * cover);
        }
    }
}

} // namespace clipscope::widgets
