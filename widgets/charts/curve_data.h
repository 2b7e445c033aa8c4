#pragma once

#include <QPointF>
#include <QString>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace clipscope::widgets {

/// The points of a measured curve in compact columns, with the extremes of every 16 of them, so
/// that a chart finds the true ones of any stretch without walking over it.
/// Threads: as a value; a const one may be read by any number of threads.
class CurvePoints final
{
public:
    struct Range
    {
        float low = 0.0f, high = 0.0f;
    };
    static constexpr std::size_t blockSize = 16; ///< values whose extremes are kept

    CurvePoints() = default;
    /// Both of one size; steps ascending.
    CurvePoints(std::vector<std::int32_t> steps, std::vector<float> values);

    /// Appends a point; points at or after `step` from before a resume are dropped, so that the
    /// curve stays one clean line.
    void append(std::int32_t step, float value);
    bool isEmpty() const { return m_steps.empty(); }
    std::size_t size() const { return m_steps.size(); }
    const std::vector<std::int32_t>& steps() const { return m_steps; }
    const std::vector<float>& values() const { return m_values; }
    /// Index of the point nearest in x; none when empty.
    std::optional<std::size_t> nearest(double step) const;
    /// First index whose step is not below; size() when there is none.
    std::size_t indexFrom(double step) const;
    /// The lowest and the highest finite value of [first, last); none without one.
    std::optional<Range> range(std::size_t first, std::size_t last) const;

private:
    void addToBlock(float value);

    std::vector<std::int32_t> m_steps;
    std::vector<float> m_values;
    std::vector<Range> m_blocks; ///< of 16 values each; low above high when none is finite
};

/// A curve of a chart: a name, its points, perhaps a band around it.
struct CurveData
{
    CurveData(QString curveName = {}, std::vector<std::int32_t> steps = {},
        std::vector<float> values = {});

    QString name;
    std::shared_ptr<const CurvePoints> points; ///< never null
    /// Edges of a band, at the steps of `points`; null when there is none.
    std::shared_ptr<const CurvePoints> low, high;
    int colour = -1; ///< place in the series colours; negative: the curve's place in its chart
    int dash = -1; ///< place in the line styles; negative: as `colour`

    /// The same points under the same name and looks; not whether other points have equal values.
    bool operator==(const CurveData&) const = default;
};

/// At most two points for each of `columns` columns of pixels between two steps: the lowest and the
/// highest value of each column, and one point beyond either end. NaN and infinities
/// come as one NaN point where a whole column has nothing else.
std::vector<QPointF> thinned(const CurvePoints& points, double first, double last, int columns);

/// Exponential moving average with the start corrected, as curves of training are usually read.
/// Range: weight in [0, 1); 0 returns y. NaN stays NaN and does not enter the average.
std::vector<float> smoothed(const std::vector<float>& y, double weight);

/// The mean of several curves with a band of one standard deviation (of a sample) to either side,
/// at every step that any of them has, over those that have it.
CurveData meanOf(const QString& name, const std::vector<const CurvePoints*>& curves);

/// Comma-separated values: the header "step,NAME..." and one row for every step of any curve.
QString toCsv(const std::vector<CurveData>& curves);

} // namespace clipscope::widgets
