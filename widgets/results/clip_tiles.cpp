#include "widgets/results/clip_tiles.h"

#include "widgets/common/chip.h"
#include "widgets/common/theme.h"
#include "widgets/common/wrapped_text.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QSet>

#include <algorithm>
#include <cmath>

namespace clipscope::widgets {

namespace {

constexpr QSize tilePicture(192, 108);
constexpr QSize rowPicture(96, 54);
constexpr int lineHeight = wrappedLineHeight;
constexpr double faintOpacity = 0.55;

} // namespace

void ClipTilesModel::setTiles(std::vector<ClipTile> tiles)
{
    if (tiles == m_tiles)
        return;
    beginResetModel();
    m_tiles = std::move(tiles);
    endResetModel();
}

const ClipTile* ClipTilesModel::at(const QModelIndex& index) const
{
    return index.isValid() ? &m_tiles[static_cast<std::size_t>(index.row())] : nullptr;
}

int ClipTilesModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_tiles.size());
}

QVariant ClipTilesModel::data(const QModelIndex& index, int role) const
{
    const ClipTile* tile = at(index);
    if (!tile)
        return {};
    if (role == Qt::DisplayRole)
        return tile->title;
    if (role == Qt::ToolTipRole || role == Qt::AccessibleTextRole) {
        QStringList lines{ tile->title, tile->text, tile->figures, tile->mark };
        lines.removeAll(QString());
        return lines.join(role == Qt::ToolTipRole ? QStringLiteral("\n") : QStringLiteral(", "));
    }
    return {};
}

QSize ClipTileGeometry::size() const
{
    const int texts = (2 + textLines) * lineHeight;
    if (row)
        return { 240, std::max(rowPicture.height(), texts) + 2 * space::s };
    return { tilePicture.width() + space::m, tilePicture.height() + space::xs + texts + space::m };
}

QRect ClipTileGeometry::picture(const QRect& tile) const
{
    return row ? QRect(tile.topLeft() + QPoint(space::m, space::s), rowPicture)
               : QRect(tile.topLeft() + QPoint(space::xs, space::xs), tilePicture);
}

QRect ClipTileGeometry::title(const QRect& tile) const
{
    const QRect frame = picture(tile);
    if (row)
        return { frame.right() + space::m, frame.top() + 1,
            std::max(0, tile.right() - frame.right() - 2 * space::m), lineHeight };
    return { frame.left(), frame.bottom() + space::xs, frame.width(), lineHeight };
}

QRect ClipTileGeometry::text(const QRect& tile) const
{
    const QRect above = title(tile);
    return { above.left(), above.bottom() + 1, above.width(), textLines * lineHeight };
}

QRect ClipTileGeometry::figures(const QRect& tile) const
{
    const QRect above = title(tile);
    return { above.left(), above.bottom() + 1 + textLines * lineHeight, above.width(), lineHeight };
}

/// Paints tiles; the one under the mouse with the picture of its preview.
class ClipTilesDelegate final : public QStyledItemDelegate
{
public:
    ClipTilesDelegate(ThumbnailSource& thumbnails, ClipTileGeometry geometry, QObject* parent)
        : QStyledItemDelegate(parent)
        , m_thumbnails(thumbnails)
        , m_geometry(geometry)
    {
    }

    QSize pixels(double ratio) const
    {
        return (QSizeF(m_geometry.row ? rowPicture : tilePicture) * ratio).toSize();
    }
    void setPreview(const QModelIndex& index, const QImage& picture)
    {
        m_previewIndex = index;
        m_preview = picture;
    }
    bool awaitsPictures() const { return !m_awaited.isEmpty(); }
    void forget(const ThumbnailKey& key) { m_awaited.remove(key); }
    void forgetAll() { m_awaited.clear(); }
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return m_geometry.size();
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override
    {
        const ClipTile* tile = static_cast<const ClipTilesModel*>(index.model())->at(index);
        const Tokens& theme = tokens(option.palette);
        painter->save();
        painter->setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
        const bool selected = option.state & QStyle::State_Selected;
        if (m_geometry.row) {
            if (selected)
                painter->fillRect(option.rect, theme.accentTint);
            painter->fillRect(
                QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1),
                theme.border);
        }
        paintPicture(*painter, option, *tile, index);
        if (selected && !m_geometry.row) {
            painter->setPen(QPen(theme.accent, 2.0));
            painter->setBrush(Qt::NoBrush);
            painter->drawRoundedRect(QRectF(m_geometry.picture(option.rect)).adjusted(-2, -2, 2, 2),
                cardRadius + 2, cardRadius + 2);
        }
        const QRect title = m_geometry.title(option.rect);
        painter->setFont(typeface(m_geometry.row ? TypeSize::Base : TypeSize::Secondary, true));
        painter->setPen(tile->faint ? theme.secondary : theme.text);
        painter->drawText(title, Qt::AlignLeft | Qt::AlignVCenter,
            painter->fontMetrics().elidedText(tile->title, Qt::ElideMiddle, title.width()));
        painter->setFont(typeface(TypeSize::Secondary));
        if (m_geometry.textLines > 0)
            drawWrapped(*painter, m_geometry.text(option.rect), tile->text);
        const QRect figures = m_geometry.figures(option.rect);
        painter->setPen(theme.secondary);
        painter->drawText(figures, Qt::AlignLeft | Qt::AlignVCenter,
            painter->fontMetrics().elidedText(tile->figures, Qt::ElideRight, figures.width()));
        painter->restore();
    }

private:
    void paintPicture(QPainter& painter, const QStyleOptionViewItem& option, const ClipTile& tile,
        const QModelIndex& index) const
    {
        const Tokens& theme = tokens(option.palette);
        const QRect frame = m_geometry.picture(option.rect);
        QImage picture = index == m_previewIndex ? m_preview : QImage();
        if (picture.isNull() && tile.videoId >= 0) {
            const ThumbnailKey key{ tile.videoId,
                std::llround(500.0 * (tile.startSeconds + tile.stopSeconds)),
                pixels(painter.device()->devicePixelRatioF()) };
            picture = m_thumbnails.thumbnail(key);
            if (picture.isNull())
                m_awaited.insert(key);
        }
        painter.save();
        QPainterPath outline;
        outline.addRoundedRect(frame, chipRadius, chipRadius);
        painter.setClipPath(outline, Qt::IntersectClip);
        painter.fillRect(frame, theme.videoSurround);
        painter.setOpacity(tile.faint ? faintOpacity : 1.0);
        if (!picture.isNull()) {
            QRectF fitted({}, QSizeF(picture.size()).scaled(frame.size(), Qt::KeepAspectRatio));
            fitted.moveCenter(QRectF(frame).center());
            painter.drawImage(fitted, picture);
        }
        painter.restore();
        if (tile.mark.isEmpty())
            return;
        // On the panel's colour: a chip lets what is behind it shine through.
        const QRect chip(frame.left() + 4, frame.top() + 2, frame.width(), 24);
        const int width = paintChip(painter, chip, tile.mark, Tone::Accent, option.palette);
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.panel);
        painter.drawRoundedRect(
            QRect(chip.left(), chip.top() + 2, width, chip.height() - 4), chipRadius, chipRadius);
        paintChip(painter, chip, tile.mark, Tone::Accent, option.palette);
    }

    ThumbnailSource& m_thumbnails;
    ClipTileGeometry m_geometry;
    QPersistentModelIndex m_previewIndex;
    QImage m_preview;
    mutable QSet<ThumbnailKey> m_awaited; ///< asked for in painting, not there yet
};

ClipTiles::ClipTiles(ThumbnailSource& thumbnails, ClipTileGeometry geometry, QWidget* parent)
    : QListView(parent)
    , m_delegate(new ClipTilesDelegate(thumbnails, geometry, this))
{
    setModel(&m_model);
    setItemDelegate(m_delegate);
    setUniformItemSizes(true);
    if (!geometry.row) {
        setFlow(QListView::LeftToRight);
        setWrapping(true);
        setResizeMode(QListView::Adjust);
        setMovement(QListView::Static);
    }
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setMouseTracking(true);
    connect(&thumbnails, &ThumbnailSource::ready, this, [this](const ThumbnailKey& key) {
        m_delegate->forget(key); // also one that could not be made
        viewport()->update();
    });
    connect(&m_preview, &HoverPreview::shown, this,
        [this](const QModelIndex& index, const QImage& picture) {
            m_delegate->setPreview(picture.isNull() ? QModelIndex() : index, picture);
            update(index);
        });
}

ClipTiles::~ClipTiles() = default;

bool ClipTiles::awaitsPictures() const
{
    return m_delegate->awaitsPictures();
}

void ClipTiles::setTiles(std::vector<ClipTile> tiles)
{
    const int row = currentIndex().row();
    m_preview.stop();
    m_delegate->setPreview({}, {});
    m_delegate->forgetAll();
    m_model.setTiles(std::move(tiles));
    if (!currentIndex().isValid() && row >= 0 && row < m_model.rowCount())
        setCurrentIndex(m_model.index(row));
}

void ClipTiles::keyPressEvent(QKeyEvent* event)
{
    const ClipTile* tile = m_model.at(currentIndex());
    if (tile && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter))
        Q_EMIT chosen(*tile);
    else
        QListView::keyPressEvent(event);
}

void ClipTiles::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (const ClipTile* tile = m_model.at(indexAt(event->position().toPoint())))
        Q_EMIT chosen(*tile);
}

void ClipTiles::mouseMoveEvent(QMouseEvent* event)
{
    QListView::mouseMoveEvent(event);
    const QModelIndex index = indexAt(event->position().toPoint());

    std::optional<PreviewClip> clip;
    if (const ClipTile* tile = m_model.at(index); tile && !tile->path.isEmpty())
        clip = PreviewClip{ tile->path, tile->index, tile->startSeconds, tile->stopSeconds };
    m_preview.hover(index, std::move(clip), m_delegate->pixels(devicePixelRatioF()));
}

void ClipTiles::leaveEvent(QEvent* event)
{
    m_preview.stop();
    QListView::leaveEvent(event);
}

void ClipTiles::hideEvent(QHideEvent* event)
{
    m_preview.stop();
    QListView::hideEvent(event);
}

void ClipTiles::wheelEvent(QWheelEvent* event)
{
    m_preview.stop();
    QListView::wheelEvent(event);
}

} // namespace clipscope::widgets
