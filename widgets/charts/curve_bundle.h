#pragma once

#include "widgets/charts/curve_data.h"

#include <QImage>
#include <QRgb>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace clipscope::widgets {

/// A curve among many, drawn as a plain line of one pixel.
struct BundleLine
{
    std::shared_ptr<const CurvePoints> points; ///< never null
    QRgb colour = 0; ///< opaque
};

/// What of the plane a picture shows.
struct BundleView
{
    double firstStep = 0.0, lastStep = 1.0; ///< at the left and the right edge; ascending
    double lowest = 0.0, highest = 1.0; ///< at the lower and the upper edge; ascending
    bool isLogarithmic = false; ///< then both are above zero
    QSize pixels; ///< of the device
    double pixelRatio = 1.0; ///< of these to those of the window
};

/// Draws hundreds of curves into one picture: of each column of pixels the extremes, which are
/// looked up, as one run of pixels.
///
/// No extreme is lost; where a column has 32 points or more, one may come to stand in the column
/// beside its own. What is no number is a gap. Later lines lie above earlier ones.
/// Threads: one thread at a time.
/// Cost:    a column of a curve some ten nanoseconds however many points it has. Buffers are kept.
class CurveBundle final
{
public:
    /// Premultiplied, transparent where no line is; valid until the next call.
    const QImage& draw(std::span<const BundleLine> lines, const BundleView& view);

private:
    void drawLine(const BundleLine& line);
    void drawExtremes(const BundleLine& line, std::size_t begin, std::size_t end);
    void drawSegments(const BundleLine& line, std::size_t begin, std::size_t end);
    void drawSegment(double x0, double y0, double x1, double y1, QRgb colour);
    void drawDot(double x, double y, QRgb colour);
    void fill(int column, double top, double bottom, QRgb colour);
    double rowOf(double value) const; ///< in pixels from the upper edge; NaN stays
    double columnOf(double step) const;

    BundleView m_view;
    double m_top = 0.0, m_rowsPerUnit = 0.0, m_columnsPerStep = 0.0;
    std::vector<QRgb> m_columns; ///< pixels, one column behind the other
    QImage m_image;
};

} // namespace clipscope::widgets
