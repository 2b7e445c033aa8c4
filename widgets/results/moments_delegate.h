#pragma once

#include "widgets/player/heat_strip.h"
#include "widgets/results/thumbnail_source.h"

#include <QPersistentModelIndex>
#include <QStyledItemDelegate>

namespace clipscope::widgets {

/// Where things lie in the list, apart from painting.
/// Units: logical pixels.
struct MomentsGeometry
{
    int viewportWidth = 0;

    int columns() const;
    QSize headingSize() const;
    QSize tileSize() const;
    QSize weakLineSize() const;
    /// Inside a tile at `tile`.
    QRect picture(const QRect& tile) const;
    QRect caption(const QRect& tile) const;
    /// Inside a heading at `heading`.
    QRect title(const QRect& heading) const;
    HeatGeometry strip(const QRect& heading, double durationSeconds) const;
};

/// Paints headings with their heat strips, and tiles with picture, time and score.
/// Threads: GUI thread only.
class MomentsDelegate final : public QStyledItemDelegate
{
    Q_OBJECT

public:
    MomentsDelegate(ThumbnailSource& thumbnails, QObject* parent);

    void setViewportWidth(int width) { m_geometry.viewportWidth = width; }
    const MomentsGeometry& geometry() const { return m_geometry; }
    /// What the tiles ask of the source, in device pixels.
    static QSize thumbnailSize(double devicePixelRatio);
    /// The tile under the mouse plays: its picture in place of the thumbnail.
    void setPreview(const QModelIndex& index, const QImage& picture);

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override;

private:
    void paintHeading(
        QPainter& painter, const QStyleOptionViewItem& option, const QModelIndex& index) const;
    void paintTile(
        QPainter& painter, const QStyleOptionViewItem& option, const QModelIndex& index) const;
    void paintWeakLine(
        QPainter& painter, const QStyleOptionViewItem& option, const QModelIndex& index) const;

    ThumbnailSource& m_thumbnails;
    MomentsGeometry m_geometry;
    QPersistentModelIndex m_previewIndex;
    QImage m_preview;
};

} // namespace clipscope::widgets
