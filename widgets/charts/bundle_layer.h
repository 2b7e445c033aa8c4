#pragma once

#include "widgets/charts/curve_bundle.h"

#include <qcustomplot.h>

#include <vector>

namespace clipscope::widgets {

/// The curves of a plot that are too many for a graph each. Private to the charts, as QCustomPlot.
/// Threads: GUI thread only.
class BundleLayer final : public QCPLayerable
{
public:
    /// Owned by the plot.
    explicit BundleLayer(QCustomPlot* plot)
        : QCPLayerable(plot, QStringLiteral("main"))
    {
    }
    std::vector<BundleLine> lines;

protected:
    QRect clipRect() const override { return parentPlot()->axisRect()->rect(); }
    void applyDefaultAntialiasingHint(QCPPainter* painter) const override
    {
        painter->setAntialiasing(false);
    }
    void draw(QCPPainter* painter) override;

private:
    void drawVectors(QCPPainter* painter) const; ///< for files

    CurveBundle m_bundle;
};

} // namespace clipscope::widgets
