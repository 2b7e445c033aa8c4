#pragma once

#include "widgets/results/hover_preview.h"
#include "widgets/results/moments_model.h"

#include <QListView>

namespace clipscope::widgets {

class MomentsDelegate;
class ThumbnailSource;

/// The answers of a query as tiles under a heading per video.
///
/// Arrows move, Enter and a click choose, Space asks for play or pause. A mouse that rests 125 ms
/// on a tile plays its moment silently in place. Pressing on a heat strip chooses that time.
/// A new list begins at its top, or keeps the chosen moment where it is still there.
/// Errors:  none; a preview that fails leaves the thumbnail.
/// Threads: GUI thread only; pictures are decoded elsewhere.
class ResultsView final : public QListView
{
    Q_OBJECT

public:
    explicit ResultsView(ThumbnailSource& thumbnails, QWidget* parent = nullptr);
    ~ResultsView() override;

    /// Keep: the same question, answered anew.
    enum class Place { Top, Keep };
    void setVideos(std::vector<VideoMoments> videos, Place place);
    void setStrips(const QHash<qint64, HeatScores>& strips) { m_model.setStrips(strips); }
    const MomentsModel& moments() const { return m_model; }
    /// Headings that can be seen now: those whose strips are worth asking for.
    QList<qint64> visibleVideos() const;
    bool isPreviewing() const;
    void doItemsLayout() override;

Q_SIGNALS:
    void momentChosen(
        const clipscope::widgets::VideoMoments& video, const clipscope::widgets::Moment& moment);
    void timeChosen(const clipscope::widgets::VideoMoments& video, double seconds);
    void playToggleWished();

protected:
    QModelIndex moveCursor(CursorAction action, Qt::KeyboardModifiers modifiers) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    void hover(const QModelIndex& index);
    std::optional<double> stripTime(const QModelIndex& index, const QPoint& position) const;
    void choose(const QModelIndex& index);

    MomentsModel m_model;
    MomentsDelegate* m_delegate;
    HoverPreview m_preview;
};

} // namespace clipscope::widgets
