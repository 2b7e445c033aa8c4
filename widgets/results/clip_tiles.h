#pragma once

#include "widgets/results/hover_preview.h"
#include "widgets/results/thumbnail_source.h"

#include <QAbstractListModel>
#include <QListView>
#include <QStyledItemDelegate>

#include <vector>

namespace clipscope::widgets {

/// A clip as a tile shows it.
struct ClipTile
{
    qint64 videoId = -1; ///< negative: no picture
    double startSeconds = 0.0, stopSeconds = 0.0;
    QString title; ///< first line
    QString text; ///< below it, wrapped; may be empty
    QString figures; ///< last line
    QString mark; ///< a word in a chip over the picture; empty: none
    bool faint = false;
    QString path;
    std::shared_ptr<const media::VideoIndex> index; ///< may be null

    bool operator==(const ClipTile&) const = default;
};

/// Clips as rows.
/// Threads: GUI thread only.
class ClipTilesModel final : public QAbstractListModel
{
    Q_OBJECT

public:
    using QAbstractListModel::QAbstractListModel;
    void setTiles(std::vector<ClipTile> tiles);
    const ClipTile* at(const QModelIndex& index) const;
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    std::vector<ClipTile> m_tiles;
};

/// Where the parts of a tile lie, apart from painting: as a row, the picture stands before the
/// texts; as a tile, above them.
/// Units: logical pixels.
struct ClipTileGeometry
{
    bool row = false;
    int textLines = 0; ///< room for ClipTile::text

    QSize size() const;
    QRect picture(const QRect& tile) const;
    QRect title(const QRect& tile) const;
    QRect text(const QRect& tile) const;
    QRect figures(const QRect& tile) const;
};

class ClipTilesDelegate;

/// Clips as tiles or rows with lazy pictures. Arrows move, Enter and a double click choose; a mouse
/// that rests on one plays it silently in place.
/// Errors:  none; a preview that fails leaves the thumbnail.
/// Threads: GUI thread only.
class ClipTiles final : public QListView
{
    Q_OBJECT

public:
    ClipTiles(ThumbnailSource& thumbnails, ClipTileGeometry geometry, QWidget* parent = nullptr);
    ~ClipTiles() override;
    /// The current row stays where there still is one.
    void setTiles(std::vector<ClipTile> tiles);
    const ClipTilesModel& tiles() const { return m_model; }
    /// Some picture that was painted without is still being made.
    bool awaitsPictures() const;
    bool isPreviewing() const { return m_preview.isPlaying(); }

Q_SIGNALS:
    void chosen(const clipscope::widgets::ClipTile& tile);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    ClipTilesModel m_model;
    ClipTilesDelegate* m_delegate;
    HoverPreview m_preview;
};

} // namespace clipscope::widgets
