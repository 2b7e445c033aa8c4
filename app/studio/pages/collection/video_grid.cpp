#include "app/studio/pages/collection/video_grid.h"

#include "app/studio/pages/collection/video_delegate.h"
#include "app/studio/pages/collection/video_table.h"
#include "widgets/common/chip.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QPainter>
#include <QResizeEvent>
#include <QStyledItemDelegate>

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int narrowestTile = 196;
constexpr int inside = space::s; // around the picture; half of the gap between two
constexpr int nameHeight = 20;
constexpr int factsHeight = 18;

/// Picture, name, and one line of facts.
class TileDelegate final : public QStyledItemDelegate
{
public:
    TileDelegate(const VideoFilter& rows, ThumbnailSource& thumbnails, VideoGrid* view)
        : QStyledItemDelegate(view)
        , m_rows(rows)
        , m_thumbnails(thumbnails)
        , m_view(*view)
    {
    }

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return m_view.gridSize();
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override
    {
        const CollectionRow* row = m_rows.at(index);
        if (!row)
            return;
        const Tokens& theme = tokens(option.palette);
        painter->save();
        painter->setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
        const QRect area = option.rect.adjusted(inside, inside, -inside, 0);
        const QRect frame(area.topLeft(), QSize(area.width(), area.width() * 9 / 16));
        const double ratio = painter->device()->devicePixelRatioF();
        paintVideoPicture(*painter, frame, *row, m_thumbnails, ratio, VideoPicture::Tile);
        if (option.state & QStyle::State_Selected) {
            painter->setPen(QPen(theme.accent, 2.0));
            painter->setBrush(Qt::NoBrush);
            painter->drawRoundedRect(
                QRectF(frame).adjusted(-2.0, -2.0, 2.0, 2.0), cardRadius + 2.0, cardRadius + 2.0);
        }
        const QRect name(area.left(), frame.bottom() + space::xs, area.width(), nameHeight);
        painter->setFont(typeface(TypeSize::Base));
        painter->setPen(row->isImported() ? theme.text : theme.secondary);
        painter->drawText(name, Qt::AlignLeft | Qt::AlignVCenter,
            painter->fontMetrics().elidedText(
                fromPath(row->video.path.filename()), Qt::ElideMiddle, name.width()));
        paintFacts(*painter, QRect(area.left(), name.bottom() + 1, area.width(), factsHeight), *row,
            option.palette);
        painter->restore();
    }

private:
    static void paintFacts(
        QPainter& painter, const QRect& line, const CollectionRow& row, const QPalette& palette)
    {
        painter.setFont(typeface(TypeSize::Secondary));
        const QFontMetrics metrics = painter.fontMetrics();
        QRect left = line;
        if (row.isImported()) {
            const QString duration = shortDuration(row.video.durationSeconds);
            painter.setPen(tokens(palette).secondary);
            painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, duration);
            left.setRight(line.right() - metrics.horizontalAdvance(duration) - space::s);
        }
        if (!row.problems.empty()) {
            paintChip(painter, left,
                counted(static_cast<std::int64_t>(row.problems.size()), VideoTable::tr("problem"),
                    VideoTable::tr("problems")),
                row.isImported() ? Tone::Warning : Tone::Bad, palette);
            return;
        }
        QString facts = featuresText(row);
        if (row.captions > 0)
            facts += QStringLiteral(", ")
                + counted(row.captions, VideoTable::tr("caption"), VideoTable::tr("captions"));
        painter.setPen(tokens(palette).secondary);
        painter.drawText(left, Qt::AlignLeft | Qt::AlignVCenter,
            metrics.elidedText(facts, Qt::ElideRight, left.width()));
    }

    const VideoFilter& m_rows;
    ThumbnailSource& m_thumbnails;
    const VideoGrid& m_view;
};

} // namespace

VideoGrid::VideoGrid(VideoFilter& rows, ThumbnailSource& thumbnails, QWidget* parent)
    : QListView(parent)
{
    setObjectName(QStringLiteral("videoGrid"));
    setAccessibleName(tr("Videos"));
    setModel(&rows);
    setViewMode(QListView::IconMode);
    setMovement(QListView::Static);
    setResizeMode(QListView::Adjust);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn); // else its coming changes the columns
    setContextMenuPolicy(Qt::CustomContextMenu);
    setViewportMargins(space::s, space::s, 0, 0);
    setItemDelegate(new TileDelegate(rows, thumbnails, this));
}

void VideoGrid::resizeEvent(QResizeEvent* event)
{
    const int width = viewport()->width();
    const int columns = std::max(1, width / narrowestTile);
    // The list wraps a line that is exactly as wide as itself; hence one pixel less.
    const int cell = std::max(narrowestTile / 2, (width - 1) / columns);
    const int picture = (cell - 2 * inside) * 9 / 16;
    setGridSize({ cell, inside + picture + space::xs + nameHeight + factsHeight + space::s });
    QListView::resizeEvent(event);
}

} // namespace clipscope::studio
