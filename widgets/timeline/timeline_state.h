#pragma once

#include "widgets/timeline/segment_gesture.h"
#include "widgets/timeline/timeline_scene.h"
#include "widgets/timeline/timeline_view.h"

#include <QImage>
#include <QTimer>

namespace clipscope::widgets {

/// What the mouse is doing.
struct TimelineDrag
{
    enum class Kind {
        None,
        Seek, ///< the play cursor follows
        Minimap, ///< what is in sight follows
        Pan,
        Segment, ///< a segment that may be moved; a click until it has moved
        Border, ///< one border of a segment
        SharedBorder,
        Draw, ///< a new segment; a click until it has moved
    };
    Kind kind = Kind::None;
    QPointF from; ///< where the button went down
    double fromSeconds = 0.0; ///< the same on the axis
    bool hasMoved = false;
    int tier = -1;
    SegmentHit hit;
    TimeRange visible; ///< when the button went down
    std::vector<std::size_t> along; ///< all chosen segments of the tier, when one of them is hit
    SnapTargets targets;
    bool editable = false; ///< on a hand tier
};

/// The state of a TimelineView and what its events do to it.
struct TimelineState
{
    explicit TimelineState(TimelineView& owner);

    // What is drawn (timeline_view.cpp)
    void layOut();
    void setVisible(TimeRange range);
    double shortestVisible() const;
    void touch(); ///< everything is drawn anew
    void touchRow(const TimelineRow* row);
    void touchTier(qint64 tierId);
    void paint(QPaintEvent* event);
    void updateHighlight();

    // What is chosen
    struct Place
    {
        int tier = -1;
        std::size_t segment = 0;
    };
    std::optional<Place> placeOf(qint64 segmentId) const;
    const labels::Segment* segment(qint64 segmentId) const;
    int tierIndex(qint64 tierId) const; ///< -1 when there is none
    std::vector<double> borders() const; ///< of the current tier's segments, sorted, in seconds
    void select(TimelineSelection wanted, bool tell);
    void selectTier(qint64 tierId, bool tell);
    void selectStep(int step, bool extend);
    void revealRow(int tier);

    // What the mouse does (timeline_input.cpp)
    void press(QMouseEvent* event);
    void pressOnTier(QMouseEvent* event, const TimelineRow& row);
    void moveTo(const QPointF& at, Qt::KeyboardModifiers modifiers);
    void dragSegments(const QPointF& at, Qt::KeyboardModifiers modifiers);
    void dragNew(const QPointF& at, Qt::KeyboardModifiers modifiers);
    void release(QMouseEvent* event);
    void finishDrag();
    void clickSegment(Qt::KeyboardModifiers modifiers);
    void endDrag();
    void hover(const QPointF& at, Qt::KeyboardModifiers modifiers);
    void scrollAtEdge();
    void minimapTo(double x);
    void wheel(QWheelEvent* event);
    bool key(QKeyEvent* event); ///< false: not ours
    TimelinePlace placeAt(const QPointF& at) const;
    QString toolTipAt(const QPointF& at) const;
    SnapTargets targetsWithout(const std::vector<qint64>& segments) const;

    TimelineView& view;
    TimelineScene scene;
    TimelineRows rows;
    TimeAxis axis;
    double scroll = 0.0;
    bool following = false;
    bool snapping = true;
    std::string wantedHighlight;
    QHash<qint64, Place> places;

    QImage layer;
    bool allDirty = true;
    std::vector<int> dirtyRows; ///< positions in rows

    TimelineDrag drag;
    QPointF lastAt; ///< of the pointer while dragging
    Qt::KeyboardModifiers lastModifiers;
    Gesture gesture = Gesture::Move;
    QTimer edgeTimer;
};

} // namespace clipscope::widgets
