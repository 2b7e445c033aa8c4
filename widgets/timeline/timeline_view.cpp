#include "widgets/timeline/timeline_view.h"

#include "widgets/results/thumbnail_source.h"
#include "widgets/timeline/accessible_timeline.h"
#include "widgets/timeline/timeline_painter.h"
#include "widgets/timeline/timeline_state.h"

#include <QPaintEvent>

#include <algorithm>
#include <cmath>

namespace clipscope::widgets {

namespace {

constexpr double framesAtDeepest = 6.0; // in sight at the deepest zoom
constexpr double deepestSeconds = 0.25; // without an index
constexpr double zoomStep = 1.5;
constexpr double followShare = 0.08; // where a turned page puts the cursor
constexpr double showMargin = 0.15; // beside what showSelection() shows

} // namespace

TimelineState::TimelineState(TimelineView& owner)
    : view(owner)
{
}

double TimelineState::shortestVisible() const
{
    return scene.video.index ? framesAtDeepest / scene.video.index->averageFps() : deepestSeconds;
}

void TimelineState::layOut()
{
    TimelineRows::Wanted wanted;
    wanted.pictures = scene.thumbnails != nullptr;
    wanted.curves = scene.curves != nullptr;
    for (const TierSegments& tier : scene.tiers)
        wanted.laneCounts.push_back(tier.laneCount());
    rows = TimelineRows::laidOut(wanted, view.size(), scroll);
    scroll = rows.scrollPixels;
    axis.leftPixels = rows.contentLeft();
    axis.widthPixels = rows.contentWidth();
    axis.durationSeconds = scene.video.durationSeconds;
    touch();
}

void TimelineState::setVisible(TimeRange range)
{
    range = axis.fitted(range, shortestVisible());
    if (range == axis.visible)
        return;
    axis.visible = range;
    touch();
    Q_EMIT view.visibleRangeChanged(range);
}

void TimelineState::touch()
{
    allDirty = true;
    view.update();
}

void TimelineState::touchRow(const TimelineRow* row)
{
    if (!row)
        return;
    dirtyRows.push_back(static_cast<int>(row - rows.rows.data()));
    // A ring of focus and a readout reach over the edge of a row.
    view.update(QRectF(0.0, row->top, rows.size.width(), row->height).toAlignedRect());
}

void TimelineState::touchTier(qint64 tierId)
{
    touchRow(rows.tierRow(tierIndex(tierId)));
}

void TimelineState::paint(QPaintEvent* event)
{
    QPainter screen(&view);
    const qreal ratio = screen.device()->devicePixelRatioF(); // of an image, when one is painted
    const QSize size = QSizeF(QSizeF(view.size()) * ratio).toSize();
    if (layer.size() != size || layer.devicePixelRatioF() != ratio) {
        layer = QImage(size, QImage::Format_RGB32);
        layer.setDevicePixelRatio(ratio);
        allDirty = true;
    }
    TimelinePainter painter(scene, rows, axis, view.palette(), ratio);
    // The rows that stay lie over those that scroll.
    for (std::size_t i = rows.rows.size(); i > 0; --i)
        if (allDirty || std::ranges::find(dirtyRows, static_cast<int>(i - 1)) != dirtyRows.end())
            painter.paintRow(layer, rows.rows[i - 1]);
    if (allDirty)
        painter.paintRest(layer);
    allDirty = false;
    dirtyRows.clear();
    for (const QRect& part : event->region())
        screen.drawImage(QRectF(part), layer,
            QRectF(QPointF(part.topLeft()) * ratio, QSizeF(part.size()) * ratio));
    painter.paintOverlay(screen);
}

void TimelineState::updateHighlight()
{
    const labels::Segment* current = segment(scene.selection.current);
    const std::string wanted
        = !wantedHighlight.empty() || !current ? wantedHighlight : current->label;
    if (wanted == scene.highlighted)
        return;
    scene.highlighted = wanted;
    touchRow(rows.row(RowKind::Curves));
}

std::optional<TimelineState::Place> TimelineState::placeOf(qint64 segmentId) const
{
    const auto found = places.constFind(segmentId);
    return found == places.constEnd() ? std::nullopt : std::optional(*found);
}

const labels::Segment* TimelineState::segment(qint64 segmentId) const
{
    const auto place = placeOf(segmentId);
    return place ? &scene.tiers[static_cast<std::size_t>(place->tier)][place->segment] : nullptr;
}

int TimelineState::tierIndex(qint64 tierId) const
{
    for (std::size_t i = 0; i < scene.tiers.size(); ++i)
        if (scene.tiers[i].tier().id == tierId)
            return static_cast<int>(i);
    return -1;
}

std::vector<double> TimelineState::borders() const
{
    std::vector<double> borders;
    if (const int index = tierIndex(scene.currentTier); index >= 0)
        for (const labels::Segment& each :
            scene.tiers[static_cast<std::size_t>(index)].tier().segments)
            borders.insert(borders.end(), { each.startSeconds, each.stopSeconds });
    std::ranges::sort(borders);
    return borders;
}

void TimelineState::select(TimelineSelection wanted, bool tell)
{
    wanted.segments.removeIf([this](qint64 id) { return !places.contains(id); });
    if (!wanted.segments.contains(wanted.current))
        wanted.current = wanted.segments.isEmpty() ? 0 : *wanted.segments.constBegin();
    if (wanted == scene.selection)
        return;
    const bool moved = wanted.current != scene.selection.current;
    scene.selection = std::move(wanted);
    for (const TimelineRow& row : rows.rows)
        if (row.kind == RowKind::Tier)
            touchRow(&row);
    updateHighlight();
    if (moved)
        AccessibleTimeline::tellCurrent(view);
    if (tell)
        Q_EMIT view.selectionChanged(scene.selection);
}

void TimelineState::selectTier(qint64 tierId, bool tell)
{
    if (tierId == scene.currentTier || tierIndex(tierId) < 0)
        return;
    touchTier(scene.currentTier);
    scene.currentTier = tierId;
    touchTier(tierId);
    revealRow(tierIndex(tierId));
    if (tell)
        Q_EMIT view.currentTierChanged(tierId);
}

void TimelineState::revealRow(int tier)
{
    if (const TimelineRow* row = rows.tierRow(tier); row && rows.scrollFor(*row) != scroll) {
        scroll = rows.scrollFor(*row);
        layOut();
    }
}

void TimelineState::selectStep(int step, bool extend)
{
    const int index = tierIndex(scene.currentTier);
    if (index < 0)
        return;
    const TierSegments& tier = scene.tiers[static_cast<std::size_t>(index)];
    const auto current = placeOf(scene.selection.current);
    std::ptrdiff_t next = 0;
    if (current && current->tier == index) {
        next = static_cast<std::ptrdiff_t>(current->segment) + step;
    } else {
        const auto& all = tier.tier().segments;
        const auto after
            = std::ranges::upper_bound(all, scene.position, {}, &labels::Segment::startSeconds);
        next = after - all.begin() - (step > 0 ? 0 : 1);
        // The segment under the cursor comes first.
        if (const auto here = tier.at(scene.position); here && step > 0)
            next = static_cast<std::ptrdiff_t>(*here);
    }
    if (next < 0 || next >= static_cast<std::ptrdiff_t>(tier.size()))
        return;
    const labels::Segment& chosen = tier[static_cast<std::size_t>(next)];
    TimelineSelection wanted{ { chosen.id }, chosen.id };
    if (extend)
        wanted.segments.unite(scene.selection.segments);
    select(wanted, true);
    view.reveal({ chosen.startSeconds, chosen.stopSeconds });
}

TimelineView::TimelineView(QWidget* parent)
    : QWidget(parent)
    , m_state(std::make_unique<TimelineState>(*this))
{
    AccessibleTimeline::install();
    setObjectName(QStringLiteral("timelineView"));
    setAccessibleName(tr("Timeline"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setLayoutDirection(Qt::LeftToRight); // time never runs from right to left
    m_state->edgeTimer.setInterval(16);
    connect(&m_state->edgeTimer, &QTimer::timeout, this, [this] { m_state->scrollAtEdge(); });
    m_state->layOut();
}

TimelineView::~TimelineView() = default;

void TimelineView::setVideo(TimelineVideo video)
{
    cancelDrag();
    TimelineScene scene;
    scene.colours = m_state->scene.colours;
    scene.thumbnails = m_state->scene.thumbnails;
    scene.hasFocus = m_state->scene.hasFocus;
    scene.video = std::move(video);
    m_state->scene = std::move(scene);
    m_state->places.clear();
    m_state->scroll = 0.0;
    m_state->layOut();
    m_state->axis.visible = { -1.0, -1.0 }; // so that it is told whatever was in sight
    m_state->setVisible({ 0.0, m_state->scene.video.durationSeconds });
    AccessibleTimeline::tellChanged(*this);
}

void TimelineView::setAnnotation(std::shared_ptr<const labels::Annotation> annotation)
{
    TimelineState& state = *m_state;
    if (annotation == state.scene.annotation)
        return;
    cancelDrag();
    std::vector<TierSegments> tiers;
    state.places.clear();
    if (annotation)
        for (const labels::Tier& tier : annotation->tiers) {
            for (std::size_t i = 0; i < tier.segments.size(); ++i)
                state.places.insert(tier.segments[i].id, { static_cast<int>(tiers.size()), i });
            tiers.emplace_back(tier);
        }
    state.scene.tiers = std::move(tiers);
    state.scene.annotation = std::move(annotation);
    if (state.tierIndex(state.scene.currentTier) < 0) {
        state.scene.currentTier = 0;
        for (const TierSegments& tier : state.scene.tiers)
            if (state.scene.currentTier == 0 || tier.tier().source == labels::Source::Hand) {
                state.scene.currentTier = tier.tier().id;
                if (tier.tier().source == labels::Source::Hand)
                    break;
            }
    }
    state.layOut();
    state.select(state.scene.selection, true);
    state.updateHighlight();
    AccessibleTimeline::tellChanged(*this);
}

void TimelineView::setLabelSet(const labels::LabelSet& set)
{
    m_state->scene.colours = LabelColours(set);
    m_state->touch();
}

void TimelineView::setCurves(std::shared_ptr<const TimelineCurves> curves)
{
    const bool same = (curves != nullptr) == (m_state->scene.curves != nullptr);
    m_state->scene.curveRows = curves ? CurveRows::of(*curves) : CurveRows{};
    m_state->scene.curves = std::move(curves);
    if (same)
        m_state->touchRow(m_state->rows.row(RowKind::Curves));
    else
        m_state->layOut();
}

void TimelineView::setChangePoints(std::vector<double> seconds)
{
    m_state->scene.changePoints = std::move(seconds);
    m_state->touch();
}

void TimelineView::setWaveform(std::shared_ptr<const media::Waveform> waveform)
{
    m_state->scene.waveform = std::move(waveform);
    m_state->touchRow(m_state->rows.row(RowKind::Waveform));
}

void TimelineView::setThumbnails(ThumbnailSource* source)
{
    if (m_state->scene.thumbnails)
        disconnect(m_state->scene.thumbnails, nullptr, this, nullptr);
    m_state->scene.thumbnails = source;
    if (source) {
        connect(source, &ThumbnailSource::ready, this, [this](const ThumbnailKey& key) {
            if (key.videoId == m_state->scene.video.videoId)
                m_state->touchRow(m_state->rows.row(RowKind::Pictures));
        });
        connect(source, &QObject::destroyed, this, [this] { setThumbnails(nullptr); });
    }
    m_state->layOut();
}

void TimelineView::setHighlightedLabel(const std::string& label)
{
    m_state->wantedHighlight = label;
    m_state->updateHighlight();
}

void TimelineView::setPosition(double seconds)
{
    TimelineState& state = *m_state;
    if (seconds == state.scene.position)
        return;
    const bool newSecond = std::floor(seconds) != std::floor(state.scene.position);
    update(TimelinePainter::cursorArea(state.rows, state.axis, state.scene.position));
    update(TimelinePainter::minimapCursorArea(state.rows, state.axis, state.scene.position));
    state.scene.position = seconds;
    update(TimelinePainter::cursorArea(state.rows, state.axis, seconds));
    update(TimelinePainter::minimapCursorArea(state.rows, state.axis, seconds));
    update(TimelinePainter::positionArea(state.rows));
    if (newSecond)
        state.touchRow(state.rows.row(RowKind::Curves)); // the figures beside it
    const TimeRange visible = state.axis.visible;
    if (state.following && !isDragging() && !visible.contains(seconds)) {
        const double start = seconds - followShare * visible.seconds();
        state.setVisible({ start, start + visible.seconds() });
    }
}

double TimelineView::position() const
{
    return m_state->scene.position;
}

void TimelineView::setFollowing(bool on)
{
    m_state->following = on;
}

void TimelineView::setDraft(std::optional<TimelineDraft> draft)
{
    if (draft == m_state->scene.draft)
        return;
    const auto touch = [this](const std::optional<TimelineDraft>& each) {
        if (each && each->tierId != 0)
            m_state->touchTier(each->tierId);
        else if (each)
            update();
    };
    touch(m_state->scene.draft);
    m_state->scene.draft = std::move(draft);
    touch(m_state->scene.draft);
}

void TimelineView::setSnapping(bool on)
{
    m_state->snapping = on;
}

bool TimelineView::snapping() const
{
    return m_state->snapping;
}

const TimelineSelection& TimelineView::selection() const
{
    return m_state->scene.selection;
}

void TimelineView::setSelection(TimelineSelection selection)
{
    m_state->select(std::move(selection), false);
}

qint64 TimelineView::currentTier() const
{
    return m_state->scene.currentTier;
}

void TimelineView::setCurrentTier(qint64 tierId)
{
    m_state->selectTier(tierId, false);
}

void TimelineView::selectNext()
{
    m_state->selectStep(1, false);
}

void TimelineView::selectPrevious()
{
    m_state->selectStep(-1, false);
}

void TimelineView::selectTier(int step)
{
    const int wanted = m_state->tierIndex(m_state->scene.currentTier) + step;
    if (wanted >= 0 && wanted < static_cast<int>(m_state->scene.tiers.size()))
        m_state->selectTier(m_state->scene.tiers[static_cast<std::size_t>(wanted)].tier().id, true);
}

void TimelineView::selectAll()
{
    const int index = m_state->tierIndex(m_state->scene.currentTier);
    if (index < 0)
        return;
    TimelineSelection all{ {}, m_state->scene.selection.current };
    for (const labels::Segment& each :
        m_state->scene.tiers[static_cast<std::size_t>(index)].tier().segments)
        all.segments.insert(each.id);
    m_state->select(std::move(all), true);
}

void TimelineView::clearSelection()
{
    m_state->select({}, true);
}

std::optional<double> TimelineView::borderAfter(double seconds) const
{
    const std::vector<double> borders = m_state->borders();
    const auto found = std::ranges::upper_bound(borders, seconds);
    return found == borders.end() ? std::nullopt : std::optional(*found);
}

std::optional<double> TimelineView::borderBefore(double seconds) const
{
    const std::vector<double> borders = m_state->borders();
    const auto found = std::ranges::lower_bound(borders, seconds);
    return found == borders.begin() ? std::nullopt : std::optional(*std::prev(found));
}

TimeRange TimelineView::visibleRange() const
{
    return m_state->axis.visible;
}

void TimelineView::setVisibleRange(TimeRange range)
{
    m_state->setVisible(range);
}

void TimelineView::zoom(double factor, double anchorSeconds)
{
    m_state->setVisible(m_state->axis.zoomed(factor, anchorSeconds, m_state->shortestVisible()));
}

void TimelineView::zoomIn()
{
    const TimeRange visible = visibleRange();
    zoom(zoomStep, visible.contains(position()) ? position() : visible.middle());
}

void TimelineView::zoomOut()
{
    const TimeRange visible = visibleRange();
    zoom(1.0 / zoomStep, visible.contains(position()) ? position() : visible.middle());
}

void TimelineView::showAll()
{
    m_state->setVisible({ 0.0, m_state->scene.video.durationSeconds });
}

void TimelineView::showSelection()
{
    std::optional<TimeRange> all;
    for (const qint64 id : m_state->scene.selection.segments)
        if (const labels::Segment* each = m_state->segment(id)) {
            if (!all)
                all = TimeRange{ each->startSeconds, each->stopSeconds };
            all->startSeconds = std::min(all->startSeconds, each->startSeconds);
            all->stopSeconds = std::max(all->stopSeconds, each->stopSeconds);
        }
    if (!all)
        return;
    const double margin = showMargin * all->seconds();
    m_state->setVisible({ all->startSeconds - margin, all->stopSeconds + margin });
}

void TimelineView::reveal(double seconds)
{
    reveal(TimeRange{ seconds, seconds });
}

void TimelineView::reveal(const TimeRange& range)
{
    const TimeRange visible = visibleRange();
    if (range.startSeconds >= visible.startSeconds && range.stopSeconds <= visible.stopSeconds)
        return;
    // In the middle; of what is too long, the start.
    const double start = range.seconds() < visible.seconds()
        ? range.middle() - visible.seconds() / 2.0
        : range.startSeconds - followShare * visible.seconds();
    m_state->setVisible({ start, start + visible.seconds() });
}

bool TimelineView::isDragging() const
{
    return m_state->drag.kind != TimelineDrag::Kind::None;
}

void TimelineView::cancelDrag()
{
    if (!isDragging())
        return;
    if (m_state->drag.kind == TimelineDrag::Kind::Pan
        || m_state->drag.kind == TimelineDrag::Kind::Minimap)
        m_state->setVisible(m_state->drag.visible);
    m_state->endDrag();
}

const TimelineScene& TimelineView::scene() const
{
    return m_state->scene;
}

const TimelineRows& TimelineView::rows() const
{
    return m_state->rows;
}

const TimeAxis& TimelineView::axis() const
{
    return m_state->axis;
}

QRect TimelineView::areaOf(qint64 segmentId) const
{
    const auto place = m_state->placeOf(segmentId);
    if (!place)
        return {};
    const TimelineRow* row = m_state->rows.tierRow(place->tier);
    const TierSegments& tier = m_state->scene.tiers[static_cast<std::size_t>(place->tier)];
    const labels::Segment& each = tier[place->segment];
    const QRectF band = m_state->rows.band(*row, m_state->axis,
        { each.startSeconds, each.stopSeconds }, tier.lane(place->segment), tier.laneCount());
    const QRectF content(m_state->rows.contentLeft(), m_state->rows.fixedHeight,
        m_state->rows.contentWidth(), height() - m_state->rows.fixedHeight);
    return band.adjusted(0.0, 0.0, std::max(0.0, 1.0 - band.width()), 0.0)
        .intersected(content)
        .toAlignedRect();
}

QRect TimelineView::areaOfTier(qint64 tierId) const
{
    const TimelineRow* row = m_state->rows.tierRow(m_state->tierIndex(tierId));
    if (!row)
        return {};
    return QRectF(0.0, row->top, width(), row->height)
        .intersected(QRectF(0.0, m_state->rows.fixedHeight, width(), height()))
        .toAlignedRect();
}

QSize TimelineView::sizeHint() const
{
    return { 960, 340 };
}

QSize TimelineView::minimumSizeHint() const
{
    return { 320, 160 };
}

} // namespace clipscope::widgets
