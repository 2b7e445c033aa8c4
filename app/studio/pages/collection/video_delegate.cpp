#include "app/studio/pages/collection/video_delegate.h"

#include "app/studio/pages/collection/video_table.h"
#include "widgets/common/chip.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"
#include "widgets/player/video_view.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr QSize pictureSize(78, 44);
constexpr QSize tileSize(256, 144); // asked for, whatever the columns: resizing needs nothing new

} // namespace

ThumbnailKey pictureKey(const CollectionRow& row, qreal devicePixelRatio, VideoPicture picture)
{
    // A tenth in: films often begin black.
    return { row.video.id, static_cast<qint64>(row.video.durationSeconds * 100.0),
        (picture == VideoPicture::Row ? pictureSize : tileSize) * devicePixelRatio };
}

void paintVideoPicture(QPainter& painter, const QRect& frame, const CollectionRow& row,
    ThumbnailSource& thumbnails, qreal devicePixelRatio, VideoPicture picture)
{
    const Tokens& theme = darkTokens(); // the surround is dark in both themes
    const double radius = picture == VideoPicture::Row ? chipRadius : cardRadius;
    QPainterPath clip;
    clip.addRoundedRect(QRectF(frame), radius, radius);
    painter.fillPath(clip, theme.videoSurround);
    const QImage image = row.isImported()
        ? thumbnails.thumbnail(pictureKey(row, devicePixelRatio, picture))
        : QImage();
    if (image.isNull()) {
        const int size = picture == VideoPicture::Row ? 20 : 24;
        painter.drawPixmap(frame.center() - QPoint(size / 2, size / 2),
            iconPixmap(row.isImported() ? Icon::Film : Icon::Warning, theme.disabled, size,
                devicePixelRatio));
        return;
    }
    painter.save();
    painter.setClipPath(clip, Qt::IntersectClip);
    painter.drawImage(fittedInto(frame, image.size()), image);
    painter.restore();
}

VideoDelegate::VideoDelegate(const VideoFilter& rows, ThumbnailSource& thumbnails, QObject* parent)
    : QStyledItemDelegate(parent)
    , m_rows(rows)
    , m_thumbnails(thumbnails)
{
}

void VideoDelegate::paint(
    QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const CollectionRow* row = m_rows.at(index);
    if (!row)
        return;
    const Tokens& theme = tokens(option.palette);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setRenderHint(QPainter::SmoothPixmapTransform);
    if (option.state & QStyle::State_Selected)
        painter->fillRect(option.rect, theme.accentTint);
    painter->fillRect(
        QRectF(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), theme.border);
    const QRect area = option.rect.adjusted(space::s, 0, -space::s, -1);
    if (index.column() == VideoTable::Name) {
        paintName(*painter, option, *row);
    } else if (index.column() == VideoTable::Features) {
        paintFeatures(*painter, option, *row);
    } else if (index.column() == VideoTable::Problems) {
        if (!row->problems.empty())
            paintChip(*painter, area, index.data().toString(),
                row->isImported() ? Tone::Warning : Tone::Bad, option.palette);
    } else {
        painter->setFont(typeface(TypeSize::Base));
        painter->setPen(theme.text);
        painter->drawText(area, index.data(Qt::TextAlignmentRole).toInt(), index.data().toString());
    }
    painter->restore();
}

void VideoDelegate::paintName(
    QPainter& painter, const QStyleOptionViewItem& option, const CollectionRow& row) const
{
    const Tokens& theme = tokens(option.palette);
    const QRect area = option.rect.adjusted(space::l, 0, -space::s, -1);
    const QRect frame(
        QPoint(area.left(), area.top() + (area.height() - pictureSize.height()) / 2), pictureSize);
    paintVideoPicture(painter, frame, row, m_thumbnails, painter.device()->devicePixelRatioF(),
        VideoPicture::Row);

    const QRect text = area.adjusted(pictureSize.width() + space::m, 0, 0, 0);
    const QRect upper(text.left(), text.top() + 10, text.width(), 18);
    const QRect lower(text.left(), text.top() + 29, text.width(), 16);
    painter.setFont(typeface(TypeSize::Base));
    painter.setPen(row.isImported() ? theme.text : theme.secondary);
    painter.drawText(upper, Qt::AlignLeft | Qt::AlignVCenter,
        painter.fontMetrics().elidedText(
            fromPath(row.video.path.filename()), Qt::ElideMiddle, upper.width()));
    painter.setFont(typeface(TypeSize::Secondary));
    painter.setPen(theme.secondary);
    painter.drawText(lower, Qt::AlignLeft | Qt::AlignVCenter,
        painter.fontMetrics().elidedText(
            fromPath(row.video.path.parent_path()), Qt::ElideMiddle, lower.width()));
}

void VideoDelegate::paintFeatures(
    QPainter& painter, const QStyleOptionViewItem& option, const CollectionRow& row) const
{
    const Tokens& theme = tokens(option.palette);
    const QRect area = option.rect.adjusted(space::s, 0, -space::s, -1);
    painter.setFont(typeface(TypeSize::Secondary));
    painter.setPen(theme.secondary);
    if (!row.isImported()) {
        painter.drawText(area, Qt::AlignLeft | Qt::AlignVCenter, featuresText(row));
        return;
    }
    constexpr int barHeight = 4, barWidth = 96;
    painter.drawText(
        area.adjusted(0, 0, 0, -space::m), Qt::AlignLeft | Qt::AlignVCenter, featuresText(row));
    const QRectF bar(
        area.left(), area.center().y() + space::s, std::min(barWidth, area.width()), barHeight);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.border);
    painter.drawRoundedRect(bar, 2, 2);
    const double share = row.isSearchable ? 1.0 : row.hasFeatures ? 0.8 : 0.0;
    if (share > 0.0) {
        painter.setBrush(row.isSearchable ? theme.good : theme.accent);
        painter.drawRoundedRect(
            QRectF(bar.topLeft(), QSizeF(bar.width() * share, barHeight)), 2, 2);
    }
}

QSize VideoDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const
{
    return { 120, rowHeight };
}

} // namespace clipscope::studio
