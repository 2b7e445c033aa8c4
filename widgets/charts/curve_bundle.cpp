#include "widgets/charts/curve_bundle.h"

#include <algorithm>
#include <cmath>

namespace clipscope::widgets {

namespace {

/// From so many points a column on, extremes of whole blocks are taken.
constexpr double manyPoints = 32.0;
constexpr int tile = 16; ///< pixels that are turned at once, a cache line of either side

double scaled(double value, bool isLogarithmic)
{
    return isLogarithmic ? std::log10(value) : value; // NaN below zero: a gap
}

} // namespace

double CurveBundle::rowOf(double value) const
{
    return (m_top - scaled(value, m_view.isLogarithmic)) * m_rowsPerUnit;
}

double CurveBundle::columnOf(double step) const
{
    return (step - m_view.firstStep) * m_columnsPerStep;
}

void CurveBundle::fill(int column, double top, double bottom, QRgb colour)
{
    const int height = m_view.pixels.height();
    if (!(bottom >= 0.0) || !(top < height) || column < 0 || column >= m_view.pixels.width())
        return;
    const int from = static_cast<int>(std::max(top, 0.0));
    const int to = static_cast<int>(std::min(bottom, height - 1.0));
    std::fill_n(m_columns.begin() + static_cast<std::ptrdiff_t>(column) * height + from,
        std::max(to - from, 0) + 1, colour);
}

void CurveBundle::drawDot(double x, double y, QRgb colour)
{
    constexpr int radius = 2;
    for (int dx = -radius; dx <= radius; ++dx) {
        const double half = radius - (std::abs(dx) == radius ? 1.0 : 0.0);
        fill(static_cast<int>(std::floor(x)) + dx, y - half, y + half, colour);
    }
}

void CurveBundle::drawSegment(double x0, double y0, double x1, double y1, QRgb colour)
{
    const int first = static_cast<int>(std::floor(std::max(x0, 0.0)));
    const int last
        = static_cast<int>(std::floor(std::min(x1, static_cast<double>(m_view.pixels.width()))));
    const double slope = x1 > x0 ? (y1 - y0) / (x1 - x0) : 0.0;
    for (int column = first; column <= last; ++column) {
        const double left = std::max(x0, static_cast<double>(column));
        const double right = std::min(x1, column + 1.0);
        const double a = x1 > x0 ? y0 + slope * (left - x0) : y0;
        const double b = x1 > x0 ? y0 + slope * (right - x0) : y1;
        fill(column, std::min(a, b), std::max(a, b), colour);
    }
}

void CurveBundle::drawSegments(const BundleLine& line, std::size_t begin, std::size_t end)
{
    const CurvePoints& points = *line.points;
    double x = 0.0, y = std::nan("");
    for (std::size_t at = begin; at < end; ++at) {
        const double nextX = columnOf(points.steps()[at]);
        const double nextY = rowOf(static_cast<double>(points.values()[at]));
        if (std::isfinite(y) && std::isfinite(nextY))
            drawSegment(x, y, nextX, nextY, line.colour);
        x = nextX;
        y = nextY;
    }
    if (points.size() == 1 && std::isfinite(y)) // it has no line to be seen
        drawDot(x, y, line.colour);
}

void CurveBundle::drawExtremes(const BundleLine& line, std::size_t begin, std::size_t end)
{
    const CurvePoints& points = *line.points;
    const std::vector<std::int32_t>& steps = points.steps();
    const int columns = m_view.pixels.width();
    const double width = 1.0 / m_columnsPerStep;
    const bool whole = static_cast<double>(end - begin) >= manyPoints * columns;
    std::size_t at = whole ? begin / CurvePoints::blockSize * CurvePoints::blockSize : begin;
    bool wasSeen = false;
    double top = 0.0, bottom = 0.0;
    for (int column = 0; column < columns && at < end; ++column) {
        const double edge = m_view.firstStep + width * (column + 1);
        // Steps grow by one at least: the border lies no further than the distance in steps, and
        // just there when every step was measured.
        const double distance = std::ceil(edge - steps[at]);
        std::size_t next = at;
        if (distance > 0.0)
            next = distance < static_cast<double>(end - at)
                ? at + static_cast<std::size_t>(distance)
                : end;
        if (next > at && steps[next - 1] >= edge)
            next = static_cast<std::size_t>(
                std::lower_bound(steps.begin() + static_cast<std::ptrdiff_t>(at),
                    steps.begin() + static_cast<std::ptrdiff_t>(next), edge)
                - steps.begin());
        if (whole && next < end) // to the nearest border of a block
            next = std::max(at,
                (next + CurvePoints::blockSize / 2) / CurvePoints::blockSize
                    * CurvePoints::blockSize);
        if (next == at)
            continue;
        const auto range = points.range(at, next);
        at = next;
        const double high = range ? rowOf(static_cast<double>(range->high)) : std::nan("");
        const double low = range ? rowOf(static_cast<double>(range->low)) : std::nan("");
        const bool isSeen = std::isfinite(high);
        if (isSeen) {
            // What is below zero has no place on a logarithmic scale: down to the lower edge.
            double from = high;
            double to = std::isfinite(low) ? low : static_cast<double>(m_view.pixels.height());
            const double ownFrom = from, ownTo = to;
            if (wasSeen) { // joined to the column before
                from = std::min(from, bottom);
                to = std::max(to, top);
            }
            fill(column, from, to, line.colour);
            top = ownFrom;
            bottom = ownTo;
        }
        wasSeen = isSeen;
    }
}

void CurveBundle::drawLine(const BundleLine& line)
{
    const CurvePoints& points = *line.points;
    if (points.isEmpty())
        return;
    std::size_t begin = points.indexFrom(m_view.firstStep);
    begin -= begin > 0 ? 1 : 0;
    const std::size_t end = std::min(points.indexFrom(m_view.lastStep) + 1, points.size());
    if (end - begin <= 2 * static_cast<std::size_t>(m_view.pixels.width()))
        drawSegments(line, begin, end);
    else
        drawExtremes(line, begin, end);
}

const QImage& CurveBundle::draw(std::span<const BundleLine> lines, const BundleView& view)
{
    m_view = view;
    const int width = view.pixels.width(), height = view.pixels.height();
    const double low = scaled(view.lowest, view.isLogarithmic);
    m_top = scaled(view.highest, view.isLogarithmic);
    m_rowsPerUnit = height / (m_top - low);
    m_columnsPerStep = width / (view.lastStep - view.firstStep);
    m_columns.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 0);
    for (const BundleLine& line : lines)
        drawLine(line);

    if (m_image.size() != view.pixels)
        m_image = QImage(view.pixels, QImage::Format_ARGB32_Premultiplied);
    m_image.setDevicePixelRatio(view.pixelRatio);
    auto* pixels = reinterpret_cast<QRgb*>(m_image.bits());
    const auto stride = static_cast<std::size_t>(m_image.bytesPerLine()) / sizeof(QRgb);
    for (int y0 = 0; y0 < height; y0 += tile)
        for (int x0 = 0; x0 < width; x0 += tile)
            for (int y = y0; y < std::min(y0 + tile, height); ++y)
                for (int x = x0; x < std::min(x0 + tile, width); ++x)
                    pixels[static_cast<std::size_t>(y) * stride + static_cast<std::size_t>(x)]
                        = m_columns[static_cast<std::size_t>(x) * static_cast<std::size_t>(height)
                            + static_cast<std::size_t>(y)];
    return m_image;
}

} // namespace clipscope::widgets
