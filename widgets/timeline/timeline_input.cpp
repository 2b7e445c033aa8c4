// What mouse and keys do to a timeline.

#include "widgets/common/format.h"
#include "widgets/timeline/timeline_state.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace clipscope::widgets {

namespace {

constexpr double snapPixels = 8.0;
constexpr double dragPixels = 4.0; // below this a drag is a click
constexpr double edgeShare = 0.25; // of how far outside the pointer is, per tick
constexpr double wheelPixels = 0.9; // panned for each eighth of a degree
constexpr double wheelZoom = 240.0; // eighths of a degree that double
constexpr double keyZoom = 1.5;
constexpr double fallbackShortest = 0.01; // seconds, without frames

double shortestSegment(const TimelineVideo& video)
{
    return video.index ? 0.5 / video.index->averageFps() : fallbackShortest;
}

Qt::CursorShape shapeFor(HitPart part)
{
    switch (part) {
    case HitPart::LeftBorder:
    case HitPart::RightBorder:
        return Qt::SizeHorCursor;
    case HitPart::SharedBorder:
        return Qt::SplitHCursor;
    case HitPart::Body:
    case HitPart::Nothing:
        break;
    }
    return Qt::ArrowCursor;
}

} // namespace

SnapTargets TimelineState::targetsWithout(const std::vector<qint64>& segments) const
{
    SnapTargets targets;
    targets.index = scene.video.index.get();
    targets.places = scene.changePoints;
    targets.places.insert(
        targets.places.end(), { 0.0, scene.video.durationSeconds, scene.position });
    for (const TierSegments& tier : scene.tiers)
        for (const labels::Segment& each : tier.tier().segments)
            if (std::ranges::find(segments, each.id) == segments.end()) {
                targets.places.push_back(each.startSeconds);
                targets.places.push_back(each.stopSeconds);
            }
    std::ranges::sort(targets.places);
    return targets;
}

TimelinePlace TimelineState::placeAt(const QPointF& at) const
{
    TimelinePlace place;
    place.seconds = std::clamp(axis.secondsAt(at.x()), 0.0, scene.video.durationSeconds);
    const TimelineRow* row = rows.at(at.y());
    if (!row || row->kind != RowKind::Tier)
        return place;
    const TierSegments& tier = scene.tiers[static_cast<std::size_t>(row->tier)];
    place.tierId = tier.tier().id;
    if (at.x() < rows.contentLeft())
        return place;
    if (const SegmentHit hit = hitOn(tier, rows, *row, axis, at, false);
        hit.part != HitPart::Nothing)
        place.segmentId = tier[hit.segment].id;
    return place;
}

void TimelineState::press(QMouseEvent* event)
{
    const QPointF at = event->position();
    const TimelineRow* row = rows.at(at.y());
    drag = {};
    drag.from = lastAt = at;
    lastModifiers = event->modifiers();
    drag.fromSeconds = axis.secondsAt(at.x());
    drag.visible = axis.visible;
    if (event->button() == Qt::MiddleButton) {
        drag.kind = TimelineDrag::Kind::Pan;
        view.setCursor(Qt::ClosedHandCursor);
        return;
    }
    if (event->button() != Qt::LeftButton || !row)
        return;
    if (at.x() < rows.contentLeft()) {
        if (row->kind == RowKind::Tier)
            selectTier(scene.tiers[static_cast<std::size_t>(row->tier)].tier().id, true);
        return;
    }
    if (row->kind == RowKind::Tier)
        return pressOnTier(event, *row);
    const bool whole = axis.visible.seconds() >= axis.durationSeconds;
    if (row->kind == RowKind::Minimap && !whole) {
        drag.kind = TimelineDrag::Kind::Minimap;
        return minimapTo(at.x());
    }
    drag.kind = TimelineDrag::Kind::Seek;
    moveTo(at, event->modifiers());
}

void TimelineState::pressOnTier(QMouseEvent* event, const TimelineRow& row)
{
    using Kind = TimelineDrag::Kind;
    const TierSegments& tier = scene.tiers[static_cast<std::size_t>(row.tier)];
    drag.tier = row.tier;
    drag.editable = tier.tier().source == labels::Source::Hand;
    drag.hit
        = hitOn(tier, rows, row, axis, event->position(), event->modifiers() & Qt::ShiftModifier);
    selectTier(tier.tier().id, true);
    std::vector<qint64> own;
    if (drag.hit.part != HitPart::Nothing)
        own.push_back(tier[drag.hit.segment].id);
    switch (drag.hit.part) {
    case HitPart::Nothing:
        drag.kind = drag.editable ? Kind::Draw : Kind::Seek;
        if (!(event->modifiers() & (Qt::ControlModifier | Qt::ShiftModifier)))
            view.clearSelection();
        if (!drag.editable)
            moveTo(event->position(), event->modifiers());
        break;
    case HitPart::Body:
        drag.kind = Kind::Segment;
        break;
    case HitPart::LeftBorder:
    case HitPart::RightBorder:
        drag.kind = drag.editable ? Kind::Border : Kind::Segment;
        break;
    case HitPart::SharedBorder:
        drag.kind = drag.editable ? Kind::SharedBorder : Kind::Segment;
        own.push_back(tier[drag.hit.right].id);
        break;
    }
    // A segment that is chosen takes the others of its tier along.
    if (drag.kind == Kind::Segment && drag.editable
        && scene.selection.segments.contains(own.front()))
        for (std::size_t i = 0; i < tier.size(); ++i)
            if (scene.selection.segments.contains(tier[i].id)) {
                drag.along.push_back(i);
                own.push_back(tier[i].id);
            }
    if (drag.editable)
        drag.targets = targetsWithout(own);
    // With a modifier the release decides: it may become a drag that pushes.
    if (!own.empty() && !scene.selection.segments.contains(own.front())
        && !(event->modifiers() & (Qt::ControlModifier | Qt::ShiftModifier)))
        select({ { own.front() }, own.front() }, true);
}

void TimelineState::moveTo(const QPointF& at, Qt::KeyboardModifiers modifiers)
{
    using Kind = TimelineDrag::Kind;
    lastAt = at;
    lastModifiers = modifiers;
    const bool far = std::abs(at.x() - drag.from.x()) >= dragPixels;
    switch (drag.kind) {
    case Kind::None:
        return hover(at, modifiers);
    case Kind::Seek:
        Q_EMIT view.seekRequested(
            std::clamp(axis.secondsAt(at.x()), 0.0, scene.video.durationSeconds));
        break;
    case Kind::Minimap:
        minimapTo(at.x());
        break;
    case Kind::Pan: {
        const double shift = (drag.from.x() - at.x()) / std::max(axis.pixelsPerSecond(), 1e-9);
        setVisible({ drag.visible.startSeconds + shift, drag.visible.stopSeconds + shift });
        return;
    }
    case Kind::Segment:
    case Kind::Border:
    case Kind::SharedBorder:
        drag.hasMoved |= far && drag.editable;
        if (drag.hasMoved)
            dragSegments(at, modifiers);
        break;
    case Kind::Draw:
        drag.hasMoved |= far;
        if (drag.hasMoved)
            dragNew(at, modifiers);
        break;
    }
    const bool outside = at.x() < rows.contentLeft() || at.x() > rows.size.width();
    if (drag.kind == Kind::Minimap || !outside)
        edgeTimer.stop();
    else if (!edgeTimer.isActive())
        edgeTimer.start();
}

void TimelineState::scrollAtEdge()
{
    const double outside = lastAt.x() < rows.contentLeft() ? lastAt.x() - rows.contentLeft()
                                                           : lastAt.x() - rows.size.width();
    const double shift = outside * edgeShare / std::max(axis.pixelsPerSecond(), 1e-9);
    setVisible({ axis.visible.startSeconds + shift, axis.visible.stopSeconds + shift });
    moveTo(lastAt, lastModifiers);
}

void TimelineState::minimapTo(double x)
{
    TimeAxis all = axis;
    all.visible = { 0.0, axis.durationSeconds };
    const double length = axis.visible.seconds();
    // Inside of what is in sight it is gripped, elsewhere it jumps there.
    const double grip = drag.visible.contains(all.secondsAt(drag.from.x()))
        ? all.secondsAt(drag.from.x()) - drag.visible.startSeconds
        : length / 2.0;
    const double start = all.secondsAt(x) - grip;
    setVisible({ start, start + length });
}

void TimelineState::dragSegments(const QPointF& at, Qt::KeyboardModifiers modifiers)
{
    const TierSegments& tier = scene.tiers[static_cast<std::size_t>(drag.tier)];
    const std::span<const labels::Segment> all = tier.tier().segments;
    const GestureLimits limits{ scene.video.durationSeconds, shortestSegment(scene.video) };
    const bool snaps = snapping != modifiers.testFlag(Qt::AltModifier);
    const Neighbours neighbours
        = modifiers & Qt::ControlModifier ? Neighbours::Push : Neighbours::Stop;
    const double reach = snapPixels / std::max(axis.pixelsPerSecond(), 1e-9);
    const labels::Segment& own = all[drag.hit.segment];
    const double shift = axis.secondsAt(at.x()) - drag.fromSeconds;
    const auto placed = [&](double seconds) {
        return snaps ? drag.targets.snapped(seconds, reach).seconds : seconds;
    };
    std::vector<SegmentRange> ranges;
    std::vector<double> borders; // that may lie on what they snapped to
    gesture = neighbours == Neighbours::Push ? Gesture::Push : Gesture::Resize;
    if (drag.kind == TimelineDrag::Kind::Segment) {
        const double by = snaps
            ? drag.targets.snappedShift({ own.startSeconds, own.stopSeconds }, shift, reach)
            : shift;
        ranges = drag.along.size() > 1 && neighbours == Neighbours::Stop
            ? movedTogether(all, drag.along, by, limits)
            : moved(all, drag.hit.segment, own.startSeconds + by, neighbours, limits);
        if (neighbours == Neighbours::Stop)
            gesture = Gesture::Move;
    } else if (drag.kind == TimelineDrag::Kind::SharedBorder) {
        ranges = borderMoved(
            all, drag.hit.segment, drag.hit.right, placed(own.stopSeconds + shift), limits);
        gesture = Gesture::MoveBorder;
    } else {
        const bool left = drag.hit.part == HitPart::LeftBorder;
        ranges = resized(all, drag.hit.segment, left ? Border::Left : Border::Right,
            placed((left ? own.startSeconds : own.stopSeconds) + shift), neighbours, limits);
    }
    scene.preview.clear();
    for (const SegmentRange& each : ranges)
        scene.preview.insert(each.segmentId, each.range);
    scene.snapLine.reset();
    if (const auto found = scene.preview.constFind(own.id);
        snaps && found != scene.preview.constEnd()) {
        if (drag.hit.part != HitPart::RightBorder && drag.hit.part != HitPart::SharedBorder)
            borders.push_back(found->startSeconds);
        if (drag.hit.part != HitPart::LeftBorder)
            borders.push_back(found->stopSeconds);
    }
    for (const double border : borders)
        if (std::ranges::binary_search(drag.targets.places, border))
            scene.snapLine = border;
    touchRow(rows.tierRow(drag.tier));
    view.update();
}

void TimelineState::dragNew(const QPointF& at, Qt::KeyboardModifiers modifiers)
{
    const TierSegments& tier = scene.tiers[static_cast<std::size_t>(drag.tier)];
    const bool snaps = snapping != modifiers.testFlag(Qt::AltModifier);
    const double reach = snapPixels / std::max(axis.pixelsPerSecond(), 1e-9);
    const auto placed = [&](double seconds) {
        return snaps ? drag.targets.snapped(seconds, reach).seconds : seconds;
    };
    const double to = placed(axis.secondsAt(at.x()));
    const TimeRange range = drawn(
        tier.tier().segments, placed(drag.fromSeconds), to, { scene.video.durationSeconds, 0.0 });
    scene.drawing = TimelineDraft{ range, {}, tier.tier().id };
    scene.snapLine.reset();
    if (const double border = to > drag.fromSeconds ? range.stopSeconds : range.startSeconds;
        snaps && std::ranges::binary_search(drag.targets.places, border))
        scene.snapLine = border;
    touchRow(rows.tierRow(drag.tier));
    view.update();
}

void TimelineState::release(QMouseEvent* event)
{
    const auto kind = drag.kind;
    if (kind == TimelineDrag::Kind::None)
        return;
    const bool pans = kind == TimelineDrag::Kind::Pan;
    if (event->button() != (pans ? Qt::MiddleButton : Qt::LeftButton))
        return;
    moveTo(event->position(), event->modifiers());
    finishDrag();
    hover(event->position(), event->modifiers());
}

void TimelineState::finishDrag()
{
    using Kind = TimelineDrag::Kind;
    const TimelineDrag done = drag;
    const auto drawing = scene.drawing;
    QVector<SegmentRange> ranges;
    if (done.tier >= 0) // in tier order, whatever order the hash has
        for (const labels::Segment& each :
            scene.tiers[static_cast<std::size_t>(done.tier)].tier().segments)
            if (const auto found = scene.preview.constFind(each.id);
                found != scene.preview.constEnd())
                ranges.push_back({ each.id, *found });
    const double seconds = std::clamp(axis.secondsAt(lastAt.x()), 0.0, scene.video.durationSeconds);
    const Qt::KeyboardModifiers modifiers = lastModifiers;
    const bool isSegment = done.kind == Kind::Segment || done.kind == Kind::Border
        || done.kind == Kind::SharedBorder;
    if (isSegment && !done.hasMoved)
        clickSegment(modifiers);
    endDrag(); // before anybody hears of it: the new annotation comes while they do
    if (done.kind == Kind::Seek || (done.kind == Kind::Draw && !done.hasMoved))
        Q_EMIT view.seekFinished(seconds);
    else if (done.kind == Kind::Draw && drawing && drawing->range.seconds() > 0.0)
        Q_EMIT view.segmentDrawn(drawing->tierId, drawing->range);
    else if (!ranges.isEmpty())
        Q_EMIT view.rangesChanged(ranges, gesture);
}

void TimelineState::clickSegment(Qt::KeyboardModifiers modifiers)
{
    const TierSegments& tier = scene.tiers[static_cast<std::size_t>(drag.tier)];
    const qint64 clicked = tier[drag.hit.segment].id;
    TimelineSelection wanted{ { clicked }, clicked };
    const auto current = placeOf(scene.selection.current);
    if (modifiers & Qt::ControlModifier) {
        wanted.segments = scene.selection.segments;
        if (!wanted.segments.remove(clicked))
            wanted.segments.insert(clicked);
        else
            wanted.current = scene.selection.current;
    } else if (modifiers & Qt::ShiftModifier && current && current->tier == drag.tier) {
        const auto [first, last] = std::minmax(current->segment, drag.hit.segment);
        for (std::size_t i = first; i <= last; ++i)
            wanted.segments.insert(tier[i].id);
    }
    select(std::move(wanted), true);
}

void TimelineState::endDrag()
{
    edgeTimer.stop();
    if (drag.kind == TimelineDrag::Kind::Pan)
        view.unsetCursor();
    const bool drew = !scene.preview.isEmpty() || scene.drawing;
    scene.preview.clear();
    scene.drawing.reset();
    scene.snapLine.reset();
    const TimelineRow* row = rows.tierRow(drag.tier);
    drag = {};
    if (drew) {
        touchRow(row);
        view.update();
    }
}

void TimelineState::hover(const QPointF& at, Qt::KeyboardModifiers modifiers)
{
    const TimelineRow* row = rows.at(at.y());
    Qt::CursorShape shape = Qt::ArrowCursor;
    if (row && row->kind == RowKind::Tier && at.x() >= rows.contentLeft()) {
        const TierSegments& tier = scene.tiers[static_cast<std::size_t>(row->tier)];
        if (tier.tier().source == labels::Source::Hand)
            shape = shapeFor(hitOn(tier, rows, *row, axis, at, modifiers & Qt::ShiftModifier).part);
    }
    if (view.cursor().shape() != shape)
        view.setCursor(shape);
}

QString TimelineState::toolTipAt(const QPointF& at) const
{
    const labels::Segment* hit = segment(placeAt(at).segmentId);
    if (!hit)
        return {};
    QString text
        = TimelineView::tr("%1\n%2 to %3, %4 s")
              .arg(hit->label.empty() ? TimelineView::tr("No label") : fromUtf8(hit->label),
                  preciseTime(hit->startSeconds), preciseTime(hit->stopSeconds))
              .arg(hit->seconds(), 0, 'f', 3);
    if (hit->score)
        text += QLatin1Char('\n') + TimelineView::tr("Score %1").arg(figure(*hit->score));
    if (!hit->note.empty())
        text += QLatin1Char('\n') + fromUtf8(hit->note);
    return text;
}

void TimelineState::wheel(QWheelEvent* event)
{
    const QPoint pixels = event->pixelDelta(), angle = event->angleDelta();
    event->accept();
    if (event->modifiers() & Qt::ControlModifier) {
        const double x = std::max(event->position().x(), rows.contentLeft());
        view.zoom(std::exp2(angle.y() / wheelZoom), axis.secondsAt(x));
        return;
    }
    const auto along = [&](int exact, int turned) {
        return exact != 0 ? static_cast<double>(exact) : turned * wheelPixels;
    };
    const double x = along(pixels.x(), angle.x()), y = along(pixels.y(), angle.y());
    const bool overNames = event->position().x() < rows.contentLeft();
    if (event->modifiers() & Qt::ShiftModifier || overNames) {
        scroll = std::clamp(scroll - (y != 0.0 ? y : x), 0.0, rows.mostScrollPixels);
        layOut();
        return;
    }
    const double shift
        = -(std::abs(x) > std::abs(y) ? x : y) / std::max(axis.pixelsPerSecond(), 1e-9);
    setVisible({ axis.visible.startSeconds + shift, axis.visible.stopSeconds + shift });
}

bool TimelineState::key(QKeyEvent* event)
{
    const bool alt = event->modifiers() & Qt::AltModifier;
    const bool control = event->modifiers() & Qt::ControlModifier;
    const bool shift = event->modifiers() & Qt::ShiftModifier;
    switch (event->key()) {
    case Qt::Key_Up:
    case Qt::Key_Down: {
        if (control)
            return false;
        const int step = event->key() == Qt::Key_Up ? -1 : 1;
        if (alt)
            view.selectTier(step);
        else
            selectStep(step, shift);
        return true;
    }
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (scene.selection.current == 0 || control || alt)
            return false;
        Q_EMIT view.activated(scene.selection.current);
        return true;
    case Qt::Key_Escape:
        if (view.isDragging())
            view.cancelDrag();
        else if (!scene.selection.segments.isEmpty())
            view.clearSelection();
        else
            return false;
        return true;
    case Qt::Key_A:
        if (!control)
            return false;
        view.selectAll();
        return true;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
    case Qt::Key_Minus: {
        if (!control)
            return false;
        const TimeRange visible = axis.visible;
        view.zoom(event->key() == Qt::Key_Minus ? 1.0 / keyZoom : keyZoom,
            visible.contains(scene.position) ? scene.position : visible.middle());
        return true;
    }
    case Qt::Key_0:
        if (!control)
            return false;
        view.showAll();
        return true;
    case Qt::Key_Alt:
    case Qt::Key_Control:
    case Qt::Key_Shift: // what a drag does may change with them
        if (view.isDragging()) {
            moveTo(lastAt, QApplication::keyboardModifiers());
            return true;
        }
        return false;
    default:
        return false;
    }
}

} // namespace clipscope::widgets
