#pragma once

#include <QWidget>

#include <vector>

namespace clipscope::widgets {

/// How often values fall into bins of equal, round width. Zero is always an edge, so that each bar
/// lies on one side of it.
struct HistogramBins
{
    double first = 0.0; ///< lower edge of the first bin
    double width = 1.0;
    std::vector<int> counts;

    double edge(std::size_t bin) const { return first + width * static_cast<double>(bin); }
    bool operator==(const HistogramBins&) const = default;
};

/// About `wanted` bins; values that are not finite are left out; none for no value.
HistogramBins binned(const std::vector<float>& values, int wanted);

/// Bars over bins with the axis below; bars below zero in the colour of what is bad.
/// Threads: GUI thread only.
class Histogram final : public QWidget
{
    Q_OBJECT

public:
    explicit Histogram(const QString& title, QWidget* parent = nullptr);
    void setBins(HistogramBins bins);
    const HistogramBins& bins() const { return m_bins; }
    QSize minimumSizeHint() const override { return { 180, 120 }; }
    QSize sizeHint() const override { return { 320, 180 }; }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRectF bar(std::size_t bin) const;

    HistogramBins m_bins;
};

} // namespace clipscope::widgets
