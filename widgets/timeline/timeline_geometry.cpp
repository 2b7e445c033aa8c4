#include "widgets/timeline/timeline_geometry.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace clipscope::widgets {

namespace {

constexpr double touchSeconds = 1e-6; // borders nearer than this are one border

constexpr double minimapHeight = 30.0;
constexpr double rulerHeight = 26.0;
constexpr double waveformHeight = 40.0;
constexpr double picturesHeight = 48.0;
constexpr double tierHeight = 34.0;
constexpr double laneHeight = 24.0; // of a tier with several
constexpr double curvesHeight = 112.0, mostCurvesHeight = 220.0;
constexpr double bandMargin = 4.0; // above and below the bands of a row
constexpr double widestHeader = 168.0;

constexpr double borderInside = 7.0, borderOutside = 3.0; // reach of a border in pixels
constexpr double sharedReach = 3.0;
constexpr double eventReach = 6.0; // half the width of its mark, and a little

} // namespace

double TimeAxis::pixelsPerSecond() const
{
    return visible.seconds() > 0.0 ? widthPixels / visible.seconds() : 0.0;
}

double TimeAxis::xOf(double seconds) const
{
    return leftPixels + (seconds - visible.startSeconds) * pixelsPerSecond();
}

double TimeAxis::secondsAt(double x) const
{
    return visible.startSeconds + (x - leftPixels) / widthPixels * visible.seconds();
}

TimeRange TimeAxis::fitted(TimeRange wanted, double shortestSeconds) const
{
    const double length = std::clamp(wanted.seconds(), std::min(shortestSeconds, durationSeconds),
        std::max(durationSeconds, 0.0));
    // What is too short grows around its middle.
    double start = wanted.seconds() < length ? wanted.middle() - length / 2.0 : wanted.startSeconds;
    start = std::clamp(start, 0.0, std::max(0.0, durationSeconds - length));
    return { start, start + length };
}

TimeRange TimeAxis::zoomed(double factor, double anchorSeconds, double shortestSeconds) const
{
    const double length = std::clamp(visible.seconds() / factor,
        std::min(shortestSeconds, durationSeconds), std::max(durationSeconds, 0.0));
    const double share = visible.seconds() > 0.0
        ? (anchorSeconds - visible.startSeconds) / visible.seconds()
        : 0.5;
    const double start = anchorSeconds - share * length;
    return fitted({ start, start + length }, shortestSeconds);
}

double rulerStepSeconds(double pixelsPerSecond, double pixels)
{
    static constexpr std::array steps{ 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0,
        2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0 };
    const auto wide = [&](double step) { return step * pixelsPerSecond >= pixels; };
    const auto found = std::ranges::find_if(steps, wide);
    return found == steps.end() ? 4.0 * 3600.0 : *found;
}

TierSegments::TierSegments(const labels::Tier& tier)
    : m_tier(&tier)
{
    m_latestStop.reserve(size());
    std::array<double, mostLanes> laneStops{};
    laneStops.fill(-1.0);
    std::vector<std::uint8_t> lanes(size());
    for (std::size_t i = 0; i < size(); ++i) {
        const labels::Segment& each = (*this)[i];
        m_latestStop.push_back(
            i == 0 ? each.stopSeconds : std::max(m_latestStop.back(), each.stopSeconds));
        int lane = 0;
        while (lane + 1 < mostLanes
            && laneStops[static_cast<std::size_t>(lane)] > each.startSeconds + touchSeconds)
            ++lane;
        lanes[i] = static_cast<std::uint8_t>(lane);
        double& stop = laneStops[static_cast<std::size_t>(lane)];
        stop = std::max(stop, each.stopSeconds);
        m_laneCount = std::max(m_laneCount, lane + 1);
    }
    if (m_laneCount > 1)
        m_lanes = std::move(lanes);
}

std::pair<std::size_t, std::size_t> TierSegments::within(const TimeRange& range) const
{
    const auto first
        = std::lower_bound(m_latestStop.begin(), m_latestStop.end(), range.startSeconds);
    const auto& all = m_tier->segments;
    const auto stop = std::upper_bound(all.begin(), all.end(), range.stopSeconds,
        [](double seconds, const labels::Segment& each) { return seconds < each.startSeconds; });
    const auto from = static_cast<std::size_t>(first - m_latestStop.begin());
    return { from, std::max(from, static_cast<std::size_t>(stop - all.begin())) };
}

std::optional<std::size_t> TierSegments::at(double seconds) const
{
    const auto [first, stop] = within({ seconds, seconds });
    for (std::size_t i = stop; i > first; --i) {
        const labels::Segment& each = (*this)[i - 1];
        if (each.startSeconds <= seconds
            && (seconds < each.stopSeconds || each.startSeconds == each.stopSeconds))
            return i - 1;
    }
    return std::nullopt;
}

std::optional<std::size_t> TierSegments::indexOf(std::int64_t segmentId) const
{
    const auto found = std::ranges::find(m_tier->segments, segmentId, &labels::Segment::id);
    if (found == m_tier->segments.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - m_tier->segments.begin());
}

TimelineRows TimelineRows::laidOut(const Wanted& wanted, const QSizeF& size, double scrollPixels)
{
    TimelineRows all;
    all.size = size;
    all.headerWidth = std::min(widestHeader, std::floor(size.width() / 4.0));
    all.fixedHeight = minimapHeight + rulerHeight;
    double y = 0.0;
    const auto add = [&](RowKind kind, double height, int tier = -1) {
        all.rows.push_back({ kind, tier, y, height });
        y += height;
    };
    add(RowKind::Minimap, minimapHeight);
    add(RowKind::Ruler, rulerHeight);
    add(RowKind::Waveform, waveformHeight);
    if (wanted.pictures)
        add(RowKind::Pictures, picturesHeight);
    for (std::size_t tier = 0; tier < wanted.laneCounts.size(); ++tier) {
        const int lanes = wanted.laneCounts[tier];
        add(RowKind::Tier, lanes > 1 ? lanes * laneHeight + 2 * bandMargin : tierHeight,
            static_cast<int>(tier));
    }
    if (wanted.curves) // takes what is left
        add(RowKind::Curves, std::clamp(size.height() - y, curvesHeight, mostCurvesHeight));
    all.mostScrollPixels = std::max(0.0, y - size.height());
    all.scrollPixels = std::clamp(std::round(scrollPixels), 0.0, all.mostScrollPixels);
    for (TimelineRow& row : all.rows)
        if (row.kind != RowKind::Minimap && row.kind != RowKind::Ruler)
            row.top -= all.scrollPixels;
    return all;
}

const TimelineRow* TimelineRows::at(double y) const
{
    // The fixed rows stand first, and in front of the others.
    for (const TimelineRow& each : rows)
        if (each.top <= y && y < each.bottom())
            return &each;
    return nullptr;
}

const TimelineRow* TimelineRows::row(RowKind kind) const
{
    const auto found = std::ranges::find(rows, kind, &TimelineRow::kind);
    return found == rows.end() ? nullptr : &*found;
}

const TimelineRow* TimelineRows::tierRow(int tier) const
{
    const auto found = std::ranges::find(rows, tier, &TimelineRow::tier);
    return tier < 0 || found == rows.end() ? nullptr : &*found;
}

double TimelineRows::scrollFor(const TimelineRow& row) const
{
    double scroll = scrollPixels;
    if (row.bottom() > size.height())
        scroll += row.bottom() - size.height();
    if (row.top - (scroll - scrollPixels) < fixedHeight)
        scroll = scrollPixels + row.top - fixedHeight;
    return std::clamp(scroll, 0.0, mostScrollPixels);
}

QRectF TimelineRows::band(const TimelineRow& row, const TimeAxis& axis, const TimeRange& range,
    int lane, int laneCount) const
{
    const double left = axis.xOf(range.startSeconds);
    const double width = std::max(axis.xOf(range.stopSeconds) - left, 0.0);
    const double inner = row.height - 2.0 * bandMargin;
    const double height = inner / laneCount;
    const double gap = laneCount > 1 ? 1.0 : 0.0;
    return { left, row.top + bandMargin + lane * height, width, height - gap };
}

std::optional<std::size_t> touchingAfter(const TierSegments& tier, std::size_t segment)
{
    const double border = tier[segment].stopSeconds;
    const auto [first, stop] = tier.within({ border - touchSeconds, border + touchSeconds });
    for (std::size_t i = first; i < stop; ++i)
        if (i != segment && std::abs(tier[i].startSeconds - border) <= touchSeconds)
            return i;
    return std::nullopt;
}

std::optional<std::size_t> touchingBefore(const TierSegments& tier, std::size_t segment)
{
    const double border = tier[segment].startSeconds;
    const auto [first, stop] = tier.within({ border - touchSeconds, border + touchSeconds });
    for (std::size_t i = first; i < stop; ++i)
        if (i != segment && std::abs(tier[i].stopSeconds - border) <= touchSeconds)
            return i;
    return std::nullopt;
}

namespace {

/// One segment under the point; nothing when it is farther than a border reaches.
SegmentHit hitOnSegment(
    const TierSegments& tier, std::size_t i, const QRectF& band, double x, bool shared)
{
    const double width = std::max(band.width(), 1.0);
    if (band.width() < 3.0) // no room for borders; an event is drawn wider than it is
        return std::abs(x - band.center().x()) <= (tier[i].seconds() > 0.0 ? 3.0 : eventReach)
            ? SegmentHit{ HitPart::Body, i, i }
            : SegmentHit{};
    const double inside = std::min(borderInside, width / 3.0);
    const double toLeft = x - band.left(), toRight = band.left() + width - x;
    if (toLeft < -borderOutside || toRight < -borderOutside)
        return {};
    const bool left = toLeft < inside && toLeft <= toRight;
    const bool right = toRight < inside && !left;
    const double distance = std::abs(left ? toLeft : toRight);
    if (left || right) {
        const auto other = left ? touchingBefore(tier, i) : touchingAfter(tier, i);
        if (other && (shared || distance <= sharedReach))
            return { HitPart::SharedBorder, left ? *other : i, left ? i : *other };
        return { left ? HitPart::LeftBorder : HitPart::RightBorder, i, i };
    }
    return toLeft >= 0.0 && toRight >= 0.0 ? SegmentHit{ HitPart::Body, i, i } : SegmentHit{};
}

} // namespace

SegmentHit hitOn(const TierSegments& tier, const TimelineRows& rows, const TimelineRow& row,
    const TimeAxis& axis, const QPointF& point, bool shared)
{
    const double reach = axis.pixelsPerSecond() > 0.0 ? eventReach / axis.pixelsPerSecond() : 0.0;
    const double seconds = axis.secondsAt(point.x());
    const auto [first, stop] = tier.within({ seconds - reach, seconds + reach });
    SegmentHit best;
    double bestDistance = eventReach + 1.0;
    for (std::size_t i = stop; i > first; --i) {
        const labels::Segment& each = tier[i - 1];
        const QRectF band = rows.band(
            row, axis, { each.startSeconds, each.stopSeconds }, tier.lane(i - 1), tier.laneCount());
        if (tier.laneCount() > 1 && (point.y() < band.top() || point.y() >= band.bottom() + 1.0))
            continue;
        const SegmentHit hit = hitOnSegment(tier, i - 1, band, point.x(), shared);
        if (hit.part == HitPart::Nothing)
            continue;
        const double outside = std::max({ band.left() - point.x(),
            point.x() - std::max(band.right(), band.left() + 1.0), 0.0 });
        if (outside < bestDistance) {
            best = hit;
            bestDistance = outside;
        }
    }
    return best;
}

double nearestFrameTime(const media::VideoIndex& index, double seconds)
{
    const std::int64_t frame = index.frameAt(seconds);
    const double before = index.secondsOf(frame);
    const double after
        = frame + 1 < index.frameCount() ? index.secondsOf(frame + 1) : index.durationSeconds();
    return seconds - before <= after - seconds ? before : after;
}

SnapTargets::Snapped SnapTargets::snapped(double seconds, double reachSeconds) const
{
    const auto after = std::lower_bound(places.begin(), places.end(), seconds);
    std::optional<double> best;
    if (after != places.end())
        best = *after;
    if (after != places.begin() && (!best || seconds - *(after - 1) < *best - seconds))
        best = *(after - 1);
    if (best && std::abs(*best - seconds) <= reachSeconds)
        return { *best, true };
    return { index ? nearestFrameTime(*index, seconds) : seconds, false };
}

double SnapTargets::snappedShift(const TimeRange& range, double shift, double reachSeconds) const
{
    const Snapped start = snapped(range.startSeconds + shift, reachSeconds);
    const Snapped stop = snapped(range.stopSeconds + shift, reachSeconds);
    const double byStart = start.seconds - range.startSeconds;
    const double byStop = stop.seconds - range.stopSeconds;
    if (start.onPlace != stop.onPlace)
        return start.onPlace ? byStart : byStop;
    // On frames alone the start decides, so that a segment does not jitter between its two ends.
    if (!start.onPlace)
        return byStart;
    return std::abs(byStart - shift) <= std::abs(byStop - shift) ? byStart : byStop;
}

} // namespace clipscope::widgets
