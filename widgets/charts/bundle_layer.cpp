#include "widgets/charts/bundle_layer.h"

#include <cmath>

namespace clipscope::widgets {

void BundleLayer::draw(QCPPainter* painter)
{
    if (lines.empty())
        return;
    if (painter->modes().testFlag(QCPPainter::pmVectorized)) {
        drawVectors(painter);
        return;
    }
    const QCPAxis &steps = *parentPlot()->xAxis, &values = *parentPlot()->yAxis;
    const QRect place = clipRect();
    const double ratio = painter->device()->devicePixelRatioF();
    const QSize pixels = (QSizeF(place.size()) * ratio).toSize();
    if (pixels.isEmpty())
        return;
    painter->drawImage(place.topLeft(),
        m_bundle.draw(lines,
            { steps.range().lower, steps.range().upper, values.range().lower, values.range().upper,
                values.scaleType() == QCPAxis::stLogarithmic, pixels, ratio }));
}

void BundleLayer::drawVectors(QCPPainter* painter) const
{
    const QCPAxis &steps = *parentPlot()->xAxis, &values = *parentPlot()->yAxis;
    painter->setBrush(Qt::NoBrush);
    for (const BundleLine& line : lines) {
        painter->setPen(QPen(QColor(line.colour), 1.0));
        QPolygonF run;
        const auto end = [&] {
            if (run.size() > 1)
                painter->drawPolyline(run);
            run.clear();
        };
        for (const QPointF& point : thinned(*line.points, steps.range().lower, steps.range().upper,
                 std::max(1, clipRect().width()))) {
            const double y = values.coordToPixel(point.y());
            if (std::isfinite(point.y()) && std::isfinite(y))
                run << QPointF(steps.coordToPixel(point.x()), y);
            else
                end();
        }
        end();
    }
}

} // namespace clipscope::widgets
