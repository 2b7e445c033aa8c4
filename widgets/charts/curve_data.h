#pragma once

#include <QString>

#include <cstddef>
#include <optional>
#include <vector>

namespace clipscope::widgets {

/// One measured curve: x ascending (steps), y as measured; a resumed run that goes back in x
/// replaces what it repeats, so the curve stays one clean line.
struct CurveData
{
    QString name;
    std::vector<double> x;
    std::vector<double> y;

    /// Appends a point; points at or after `step` from before a resume are dropped.
    void append(double step, double value);
    /// Index of the point nearest in x; none when empty.
    std::optional<std::size_t> nearest(double step) const;
};

/// Exponential moving average with the start corrected, as curves of training are usually read.
/// Range: weight in [0, 1); 0 returns y. NaN stays NaN and does not enter the average.
std::vector<double> smoothed(const std::vector<double>& y, double weight);

/// Comma-separated values: the header "step,NAME..." and one row for every step of any curve.
QString toCsv(const std::vector<CurveData>& curves);

} // namespace clipscope::widgets
