#include "widgets/timeline/pixel_raster.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace clipscope::widgets {

namespace {

/// Coverage of a pixel by a disc around the middle of a corner of radius `radius`.
float disc(float radius, float x, float y)
{
    return std::clamp(radius - std::hypot(x, y) + 0.5F, 0.0F, 1.0F);
}

/// `count` neighbouring pixels with one colour laid over them.
void blendRun(QRgb* pixels, int count, QRgb colour, float alpha)
{
    // Bytes in 16 bits each: the form in which compilers find their vector instructions.
    const auto part = static_cast<std::uint16_t>(alpha * 256.0F + 0.5F);
    const auto rest = static_cast<std::uint16_t>(256U - part);
    std::array<std::uint16_t, 16> over{};
    for (std::size_t i = 0; i < over.size(); ++i)
        over[i] = static_cast<std::uint16_t>(((colour >> (8U * (i % 4U))) & 0xffU) * part);
    auto* bytes = reinterpret_cast<std::uint8_t*>(pixels);
    for (; count >= 4; count -= 4, bytes += 16)
        for (std::size_t i = 0; i < 16; ++i)
            bytes[i] = static_cast<std::uint8_t>(
                static_cast<std::uint16_t>(bytes[i] * rest + over[i]) >> 8U);
    for (auto* last = reinterpret_cast<QRgb*>(bytes); count > 0; --count, ++last)
        *last = mixedPixel(colour, *last, alpha);
}

/// A span in one column of `height` pixels whose first lies at `top`.
void blendSpan(QRgb* column, int height, int top, const ColumnSpan& span, const CurveLine& line)
{
    if (!(span.top <= span.bottom))
        return;
    const float half = line.thickness / 2.0F, most = static_cast<float>(height);
    const float from = std::clamp(span.top - half - static_cast<float>(top), 0.0F, most);
    const float to = std::clamp(span.bottom + half - static_cast<float>(top), 0.0F, most);
    const int whole = static_cast<int>(std::ceil(from)), end = static_cast<int>(to);
    if (whole > end) { // within one pixel
        QRgb& pixel = column[end];
        pixel = mixedPixel(line.colour, pixel, line.alpha * (to - from));
        return;
    }
    if (const float above = static_cast<float>(whole) - from; above > 0.0F)
        column[whole - 1] = mixedPixel(line.colour, column[whole - 1], line.alpha * above);
    blendRun(column + whole, end - whole, line.colour, line.alpha);
    if (const float below = to - static_cast<float>(end); below > 0.0F)
        column[end] = mixedPixel(line.colour, column[end], line.alpha * below);
}

} // namespace

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

void PixelRaster::curves(int left, std::span<const CurveLine> lines) const
{
    // Columns are far apart in the image. A few of them at a time are turned into rows of their
    // own, where all curves are laid over each other before anything is written back.
    constexpr int block = 16;
    const int height = m_clip.height();
    if (height <= 0)
        return;
    std::vector<QRgb> turned(static_cast<std::size_t>(block) * static_cast<std::size_t>(height));
    std::size_t longest = 0;
    for (const CurveLine& each : lines)
        longest = std::max(longest, each.spans.size());
    const int first = std::max(left, m_clip.left());
    const int stop = std::min(left + static_cast<int>(longest), m_clip.right() + 1);
    const auto place = [height](int i, int y) {
        return static_cast<std::size_t>(i) * static_cast<std::size_t>(height)
            + static_cast<std::size_t>(y);
    };
    for (int x = first; x < stop; x += block) {
        const int count = std::min(block, stop - x);
        for (int y = 0; y < height; ++y)
            for (int i = 0; i < count; ++i)
                turned[place(i, y)] = line(m_clip.top() + y)[x + i];
        for (const CurveLine& each : lines)
            for (int i = 0; i < count; ++i) {
                const auto column = static_cast<std::size_t>(x + i - left);
                if (column < each.spans.size())
                    blendSpan(turned.data() + place(i, 0), height, m_clip.top(), each.spans[column],
                        each);
            }
        for (int y = 0; y < height; ++y)
            for (int i = 0; i < count; ++i)
                line(m_clip.top() + y)[x + i] = turned[place(i, y)];
    }
}

} // namespace clipscope::widgets
