#include "widgets/results/moments_delegate.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/player/video_view.h"
#include "widgets/results/moments_model.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace clipscope::widgets {

namespace {

constexpr int side = space::l; // left and right of everything
constexpr int gap = space::m; // between tiles
constexpr int narrowestTile = 168;
constexpr int titleHeight = 20;
constexpr int stripHeight = 10;
constexpr int captionHeight = 20;
constexpr double weakOpacity = 0.55;

const MomentsModel& modelOf(const QModelIndex& index)
{
    return *static_cast<const MomentsModel*>(index.model());
}

} // namespace

int MomentsGeometry::columns() const
{
    return std::max(1, (viewportWidth - 2 * side + gap) / (narrowestTile + gap));
}

QSize MomentsGeometry::headingSize() const
{
    return { viewportWidth, space::l + titleHeight + space::s + stripHeight + space::s };
}

QSize MomentsGeometry::tileSize() const
{
    // The list wraps a line that is exactly as wide as the view; hence one pixel less.
    const int cell = (viewportWidth - 2 * side + gap) / columns();
    const int pictureWidth = cell - gap;
    return { (viewportWidth - 1) / columns(), pictureWidth * 9 / 16 + captionHeight + space::s };
}

QSize MomentsGeometry::weakLineSize() const
{
    return { viewportWidth, 44 };
}

QRect MomentsGeometry::picture(const QRect& tile) const
{
    const int cell = (viewportWidth - 2 * side + gap) / columns();
    const int column = tile.left() / std::max(1, tile.width());
    const int left = side + column * cell;
    return { left, tile.top(), cell - gap, (cell - gap) * 9 / 16 };
}

QRect MomentsGeometry::caption(const QRect& tile) const
{
    const QRect above = picture(tile);
    return { above.left(), above.bottom() + 1, above.width(), captionHeight };
}

QRect MomentsGeometry::title(const QRect& heading) const
{
    return { heading.left() + side, heading.top() + space::l, heading.width() - 2 * side,
        titleHeight };
}

HeatGeometry MomentsGeometry::strip(const QRect& heading, double durationSeconds) const
{
    const QRect above = title(heading);
    return { QRectF(above.left(), above.bottom() + 1 + space::s, above.width(), stripHeight),
        durationSeconds };
}

MomentsDelegate::MomentsDelegate(ThumbnailSource& thumbnails, QObject* parent)
    : QStyledItemDelegate(parent)
    , m_thumbnails(thumbnails)
{
}

void MomentsDelegate::setPreview(const QModelIndex& index, const QImage& picture)
{
    m_previewIndex = index;
    m_preview = picture;
}

QSize MomentsDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const
{
    switch (modelOf(index).kind(index)) {
    case MomentsModel::Kind::Video:
        return m_geometry.headingSize();
    case MomentsModel::Kind::Moment:
        return m_geometry.tileSize();
    case MomentsModel::Kind::WeakLine:
        return m_geometry.weakLineSize();
    }
    return {};
}

void MomentsDelegate::paint(
    QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    painter->save();
    painter->setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
    switch (modelOf(index).kind(index)) {
    case MomentsModel::Kind::Video:
        paintHeading(*painter, option, index);
        break;
    case MomentsModel::Kind::Moment:
        paintTile(*painter, option, index);
        break;
    case MomentsModel::Kind::WeakLine:
        paintWeakLine(*painter, option, index);
        break;
    }
    painter->restore();
}

void MomentsDelegate::paintHeading(
    QPainter& painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const Tokens& colours = tokens(option.palette);
    const VideoMoments& video = *modelOf(index).video(index);
    const QRect line = m_geometry.title(option.rect);

    painter.setFont(typeface(TypeSize::Secondary));
    painter.setPen(colours.secondary);
    const QString duration = shortDuration(video.durationSeconds);
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, duration);
    const int taken = painter.fontMetrics().horizontalAdvance(duration) + space::m;

    painter.setFont(typeface(TypeSize::Base, true));
    painter.setPen(colours.text);
    const QRect left = line.adjusted(0, 0, -taken, 0);
    painter.drawText(left, Qt::AlignLeft | Qt::AlignVCenter,
        painter.fontMetrics().elidedText(video.title, Qt::ElideMiddle, left.width()));

    const HeatGeometry strip = m_geometry.strip(option.rect, video.durationSeconds);
    painter.setPen(QPen(colours.accent, 2.0, Qt::SolidLine, Qt::FlatCap));
    for (const Moment& moment : video.moments) {
        const double from = strip.xOf(moment.startSeconds);
        const double to = std::max(strip.xOf(moment.stopSeconds), from + 2.0);
        painter.drawLine(
            QPointF(from, strip.track.top() - 3.0), QPointF(to, strip.track.top() - 3.0));
    }
    paintHeat(painter, strip, video.heat, option.palette, chipRadius);
}

void MomentsDelegate::paintTile(
    QPainter& painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const Tokens& colours = tokens(option.palette);
    const VideoMoments& video = *modelOf(index).video(index);
    const Moment& moment = *modelOf(index).moment(index);
    const QRect frame = m_geometry.picture(option.rect);

    QImage picture = index == m_previewIndex ? m_preview : QImage();
    if (picture.isNull()) {
        const double ratio = painter.device()->devicePixelRatioF();
        picture = m_thumbnails.thumbnail(
            { video.videoId, std::llround(1000.0 * moment.peakSeconds), thumbnailSize(ratio) });
    }
    painter.save();
    QPainterPath outline;
    outline.addRoundedRect(frame, cardRadius, cardRadius);
    painter.setClipPath(outline, Qt::IntersectClip);
    painter.fillRect(frame, colours.videoSurround);
    if (moment.weak)
        painter.setOpacity(weakOpacity);
    if (!picture.isNull())
        painter.drawImage(fittedInto(frame, picture.size()), picture);
    painter.restore();

    if (option.state & QStyle::State_Selected) {
        painter.setPen(QPen(colours.accent, 2.0));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(
            QRectF(frame).adjusted(-2.0, -2.0, 2.0, 2.0), cardRadius + 2.0, cardRadius + 2.0);
    }

    const QRect text = m_geometry.caption(option.rect);
    painter.setFont(typeface(TypeSize::Secondary));
    painter.setPen(moment.weak ? colours.secondary : colours.text);
    painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter,
        QStringLiteral("%1 \u2013 %2")
            .arg(shortTime(moment.startSeconds), shortTime(std::ceil(moment.stopSeconds))));
    painter.setPen(colours.secondary);
    const QString score = QLocale().toString(moment.score, 'f', 2);
    painter.drawText(
        text, Qt::AlignRight | Qt::AlignVCenter, moment.weak ? tr("%1 weak").arg(score) : score);
}

void MomentsDelegate::paintWeakLine(
    QPainter& painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const Tokens& colours = tokens(option.palette);
    const QString text = index.data(Qt::DisplayRole).toString();
    painter.setFont(typeface(TypeSize::Secondary));
    const QRect area = option.rect.adjusted(side, space::m, -side, 0);
    const int textWidth = painter.fontMetrics().horizontalAdvance(text) + 2 * space::m;
    const int y = area.center().y();
    painter.setPen(QPen(colours.border, 1.0));
    const int middle = area.center().x();
    painter.drawLine(area.left(), y, middle - textWidth / 2, y);
    painter.drawLine(middle + textWidth / 2, y, area.right(), y);
    painter.setPen(colours.secondary);
    painter.drawText(area, Qt::AlignCenter, text);
}

QSize MomentsDelegate::thumbnailSize(double devicePixelRatio)
{
    // One size whatever the columns: resizing the window asks for nothing new.
    return (QSizeF(256.0, 144.0) * devicePixelRatio).toSize();
}

} // namespace clipscope::widgets
