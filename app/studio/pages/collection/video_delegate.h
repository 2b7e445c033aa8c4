#pragma once

#include "widgets/results/thumbnail_source.h"

#include <QStyledItemDelegate>

namespace clipscope::studio {

struct CollectionRow;
class VideoFilter;

/// Draws the rows of the collection: picture and name, features bar, problem chip.
/// Threads: GUI thread only.
class VideoDelegate final : public QStyledItemDelegate
{
    Q_OBJECT

public:
    static constexpr int rowHeight = 56;
    VideoDelegate(
        const VideoFilter& rows, widgets::ThumbnailSource& thumbnails, QObject* parent = nullptr);

    /// The picture that stands for a video, for a device pixel ratio.
    static widgets::ThumbnailKey keyOf(const CollectionRow& row, qreal devicePixelRatio);

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
