#pragma once

#include "widgets/common/theme.h"
#include "widgets/timeline/pixel_raster.h"
#include "widgets/timeline/timeline_scene.h"

#include <QPainter>

namespace clipscope::widgets {

/// Draws a timeline row by row into an image, and what moves over it.
///
/// Owns:    nothing; made for one frame.
/// Threads: GUI thread only.
class TimelinePainter final
{
public:
    TimelinePainter(const TimelineScene& scene, const TimelineRows& rows, const TimeAxis& axis,
        const QPalette& palette, qreal ratio);

    /// Shapes: `layer` has the size of `rows` in device pixels, 32 bits without transparency.
    void paintRow(QImage& layer, const TimelineRow& row);
    /// Below the last row.
    void paintRest(QImage& layer);
    /// Play cursor with its time, marks of in and out, snap line, times of what a drag moves.
    void paintOverlay(QPainter& painter) const;
    /// Where paintOverlay() draws the play cursor at `seconds`.
    static QRect cursorArea(const TimelineRows& rows, const TimeAxis& axis, double seconds);
    static QRect minimapCursorArea(const TimelineRows& rows, const TimeAxis& axis, double seconds);
    static QRect positionArea(const TimelineRows& rows); ///< its time

private:
    void paintHeader(QPainter& painter, const TimelineRow& row);
    void paintPosition(QPainter& painter, const TimelineRow& ruler) const;
    void paintTierHeader(QPainter& painter, const TimelineRow& row);
    void paintCurvesHeader(QPainter& painter, const TimelineRow& row);
    void paintGrid(PixelRaster& raster, const TimelineRow& row) const;
    void paintMinimap(QPainter& painter, PixelRaster& raster, const TimelineRow& row);
    void paintRuler(QPainter& painter, const TimelineRow& row) const;
    void paintFrameTicks(QPainter& painter, const TimelineRow& row, double line) const;
    void paintWaveform(PixelRaster& raster, const TimelineRow& row) const;
    void paintPictures(QPainter& painter, PixelRaster& raster, const TimelineRow& row) const;
    void paintTier(QPainter& painter, PixelRaster& raster, const TimelineRow& row);
    void paintBands(QPainter& painter, PixelRaster& raster, const TimelineRow& row);
    void paintBand(
        QPainter& painter, PixelRaster& raster, const QRectF& band, const labels::Segment& segment);
    void paintEvent(QPainter& painter, const QRectF& band, const labels::Segment& segment);
    void paintBandText(
        QPainter& painter, PixelRaster& raster, const QRectF& band, const labels::Segment& segment);
    void paintDraft(QPainter& painter, const TimelineRow& row, const TimelineDraft& draft) const;
    void paintChangePoints(PixelRaster& raster, const TimelineRow& row) const;
    void paintCurves(PixelRaster& raster, const TimelineRow& row);
    void paintMargins(PixelRaster& raster, const QRect& area) const;
    void paintMarks(QPainter& painter) const;
    void paintReadout(QPainter& painter) const;

    /// Segments too thin for a band of their own, as the share and label of each column.
    void mergeColumn(const QRectF& band, int colour);
    void paintMerged(PixelRaster& raster, int top, int bottom);

    struct Style
    {
        QRgb hand = 0, model = 0, hatch = 0, edge = 0, plain = 0;
    };
    const Style& style(int colour);
    QRect device(const QRectF& area) const;
    int device(double logical) const;
    TimeAxis minimapAxis() const;

    const TimelineScene& m_scene;
    const TimelineRows& m_rows;
    const TimeAxis& m_axis;
    const Tokens& m_tokens;
    const qreal m_ratio;
    QHash<int, Style> m_styles;
    struct Column
    {
        float cover = 0.0F, best = 0.0F;
        int colour = -1;
    };
    std::vector<Column> m_columns; ///< of the row being painted
    std::pair<int, int> m_touched; ///< columns [first, stop) that something was merged into
};

/// "0:04.2" with as many decimals as a ruler of that step needs.
QString rulerText(double seconds, double stepSeconds);

} // namespace clipscope::widgets
