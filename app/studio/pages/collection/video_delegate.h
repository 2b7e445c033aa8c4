#pragma once

#include "widgets/results/thumbnail_source.h"

#include <QStyledItemDelegate>

namespace clipscope::studio {

struct CollectionRow;
class VideoFilter;

/// The two sizes at which a video's picture is asked for.
enum class VideoPicture { Row, Tile };

/// The picture that stands for a video.
widgets::ThumbnailKey pictureKey(
    const CollectionRow& row, qreal devicePixelRatio, VideoPicture picture);

/// Paints it into `frame`, centred on the neutral surround; an icon while there is none.
void paintVideoPicture(QPainter& painter, const QRect& frame, const CollectionRow& row,
    widgets::ThumbnailSource& thumbnails, qreal devicePixelRatio, VideoPicture picture);

/// Draws the rows of the collection: picture and name, features bar, problem chip.
/// Threads: GUI thread only.
class VideoDelegate final : public QStyledItemDelegate
{
    Q_OBJECT

public:
    static constexpr int rowHeight = 56;
    VideoDelegate(
        const VideoFilter& rows, widgets::ThumbnailSource& thumbnails, QObject* parent = nullptr);

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    void paintName(
        QPainter& painter, const QStyleOptionViewItem& option, const CollectionRow& row) const;
    void paintFeatures(
        QPainter& painter, const QStyleOptionViewItem& option, const CollectionRow& row) const;

    const VideoFilter& m_rows;
    widgets::ThumbnailSource& m_thumbnails;
};

} // namespace clipscope::studio
