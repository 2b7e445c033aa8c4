#pragma once

#include "labels/annotation.h"
#include "labels/label_set.h"
#include "widgets/timeline/timeline_values.h"

#include <QWidget>

#include <memory>

namespace clipscope::media {
class Waveform;
}

namespace clipscope::widgets {

class ThumbnailSource;
struct TimeAxis;
struct TimelineRows;
struct TimelineScene;
struct TimelineState;

/// A video over time: minimap, ruler, waveform, pictures, tiers of segments, curves of all labels.
///
/// Draws values and emits intentions; it never changes the annotation. A drag shows its outcome
/// and emits one intention on release; Esc takes it back. Tiers that the model fills can be looked
/// at and selected; dragging edits hand tiers only.
///
/// Mouse: wheel pans, Shift+wheel scrolls the rows, Ctrl+wheel zooms around the pointer, middle
/// drag pans. On a tier: drag in an empty place draws, on a segment moves it (and all chosen ones
/// of its tier), on a border resizes; where two segments touch, on the border both, a little inside
/// only one; Shift always both; Ctrl pushes neighbours; Alt turns snapping off, or on where it is
/// off. Elsewhere: click and drag seek. Keys, all others are left to the page: Up, Down (segments
/// of the current tier, Shift extends), Alt+Up, Alt+Down (tiers), Enter (activated()), Esc, Ctrl+A,
/// Ctrl+Plus, Ctrl+Minus, Ctrl+0, the menu key. Errors:  none. Threads: GUI thread only.
class TimelineView final : public QWidget
{
    Q_OBJECT

public:
    explicit TimelineView(QWidget* parent = nullptr);
    ~TimelineView() override;

    /// Forgets everything about the video before and shows the whole of this one.
    void setVideo(TimelineVideo video);
    /// What changed keeps its selection by id; null is empty. Cost: O(segments).
    void setAnnotation(std::shared_ptr<const labels::Annotation> annotation);
    void setLabelSet(const labels::LabelSet& set);
    /// Null: no row of curves. Cost: O(T L).
    void setCurves(std::shared_ptr<const TimelineCurves> curves);
    /// Seconds, ascending; ticks of the model tiers, and borders snap to them.
    void setChangePoints(std::vector<double> seconds);
    /// Null: no sound known; the row stays, empty.
    void setWaveform(std::shared_ptr<const media::Waveform> waveform);
    /// Null: no row of pictures. Must outlive the view or be taken back.
    void setThumbnails(ThumbnailSource* source);
    /// The label whose curve stands out; empty: that of the current segment.
    void setHighlightedLabel(const std::string& label);

    /// The play cursor. Cost: paints two lines.
    void setPosition(double seconds);
    double position() const;
    /// While on, setPosition() turns pages so that the cursor stays in sight; off while dragging.
    void setFollowing(bool on);
    void setDraft(std::optional<TimelineDraft> draft);
    void setSnapping(bool on);
    bool snapping() const;

    const TimelineSelection& selection() const;
    /// Unknown ids are dropped; emits no signal.
    void setSelection(TimelineSelection selection);
    /// The tier that keys and drawing act upon; 0 when there is none.
    qint64 currentTier() const;
    void setCurrentTier(qint64 tierId); ///< emits no signal

    // For keys of the page; these emit as if the user had done it in the view.
    void selectNext(); ///< of the current tier, from the current segment or the position on
    void selectPrevious();
    void selectTier(int step); ///< +1 the one below, -1 the one above
    void selectAll(); ///< of the current tier
    void clearSelection();
    /// The next or previous border of any segment of the current tier beside `seconds`.
    std::optional<double> borderAfter(double seconds) const;
    std::optional<double> borderBefore(double seconds) const;

    TimeRange visibleRange() const;
    /// Cut to the video and to the deepest zoom (a frame fills a sixth of the width).
    void setVisibleRange(TimeRange range);
    /// factor > 1 shows less; `anchorSeconds` stays where it is.
    void zoom(double factor, double anchorSeconds);
    void zoomIn(); ///< around the position when it is in sight, or else the middle
    void zoomOut();
    void showAll();
    void showSelection();
    void reveal(double seconds); ///< pans when it is out of sight
    void reveal(const TimeRange& range);

    bool isDragging() const;
    void cancelDrag();

    /// What is drawn and where, for tests and screen readers.
    const TimelineScene& scene() const;
    const TimelineRows& rows() const;
    const TimeAxis& axis() const;
    /// On the widget, as far as it is in sight; empty when it is not, or not known.
    QRect areaOf(qint64 segmentId) const;
    QRect areaOfTier(qint64 tierId) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    /// While the user drags over ruler, waveform, pictures, curves or minimap.
    void seekRequested(double seconds);
    /// The end of such a drag, or a click.
    void seekFinished(double seconds);
    void selectionChanged(const clipscope::widgets::TimelineSelection& selection);
    void currentTierChanged(qint64 tierId);
    /// A drag ended: all segments that are elsewhere now, neighbours that were pushed among them.
    void rangesChanged(const QVector<clipscope::widgets::SegmentRange>& ranges,
        clipscope::widgets::Gesture gesture);
    void segmentDrawn(qint64 tierId, const clipscope::widgets::TimeRange& range);
    /// Double click or Enter.
    void activated(qint64 segmentId);
    void contextMenuRequested(
        const clipscope::widgets::TimelinePlace& place, const QPoint& globalPosition);
    void visibleRangeChanged(const clipscope::widgets::TimeRange& range);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    friend struct TimelineState;
    std::unique_ptr<TimelineState> m_state;
};

} // namespace clipscope::widgets
