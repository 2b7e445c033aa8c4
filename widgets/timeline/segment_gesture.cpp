#include "widgets/timeline/segment_gesture.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace clipscope::widgets {

namespace {

using Segments = std::span<const labels::Segment>;
constexpr double touchSeconds = 1e-6;

TimeRange rangeOf(const labels::Segment& segment)
{
    return { segment.startSeconds, segment.stopSeconds };
}

/// The latest stop before `segment` and the earliest start after it, of those it does not overlap.
TimeRange gapAround(Segments tier, std::size_t segment, double durationSeconds,
    std::span<const std::size_t> movingAlong = {})
{
    const TimeRange own = rangeOf(tier[segment]);
    TimeRange gap{ 0.0, std::max(durationSeconds, own.stopSeconds) };
    for (std::size_t i = 0; i < tier.size(); ++i) {
        if (i == segment || std::ranges::binary_search(movingAlong, i))
            continue;
        if (tier[i].stopSeconds <= own.startSeconds + touchSeconds)
            gap.startSeconds = std::max(gap.startSeconds, tier[i].stopSeconds);
        else if (tier[i].startSeconds >= own.stopSeconds - touchSeconds)
            gap.stopSeconds = std::min(gap.stopSeconds, tier[i].startSeconds);
    }
    return gap;
}

/// Seconds of the segments that lie wholly after (or before) `segment`: pushed together they need
/// so much room.
double secondsBeyond(Segments tier, std::size_t segment, Border side)
{
    const TimeRange own = rangeOf(tier[segment]);
    double sum = 0.0;
    for (std::size_t i = 0; i < tier.size(); ++i) {
        const bool beyond = side == Border::Right
            ? tier[i].startSeconds >= own.stopSeconds - touchSeconds
            : tier[i].stopSeconds <= own.startSeconds + touchSeconds;
        if (i != segment && beyond)
            sum += tier[i].seconds();
    }
    return sum;
}

/// The segments that a border of `segment`, now at `border`, drives before it.
void push(
    Segments tier, std::size_t segment, Border side, double border, std::vector<SegmentRange>& out)
{
    const TimeRange own = rangeOf(tier[segment]);
    if (side == Border::Right) {
        for (std::size_t i = segment + 1; i < tier.size(); ++i) {
            if (tier[i].startSeconds < own.stopSeconds - touchSeconds)
                continue; // overlapped before
            if (tier[i].startSeconds >= border - touchSeconds)
                break;
            out.push_back({ tier[i].id, { border, border + tier[i].seconds() } });
            border += tier[i].seconds();
        }
        return;
    }
    for (std::size_t i = segment; i > 0; --i) {
        const labels::Segment& each = tier[i - 1];
        if (each.stopSeconds > own.startSeconds + touchSeconds)
            continue;
        if (each.stopSeconds <= border + touchSeconds)
            break;
        out.push_back({ each.id, { border - each.seconds(), border } });
        border -= each.seconds();
    }
}

double clamped(double value, double low, double high)
{
    return low < high ? std::clamp(value, low, high) : low;
}

} // namespace

std::vector<SegmentRange> moved(Segments tier, std::size_t segment, double startSeconds,
    Neighbours neighbours, const GestureLimits& limits)
{
    const TimeRange own = rangeOf(tier[segment]);
    const double length = own.seconds();
    TimeRange room = gapAround(tier, segment, limits.durationSeconds);
    if (neighbours == Neighbours::Push) {
        room.startSeconds = std::min(own.startSeconds, secondsBeyond(tier, segment, Border::Left));
        room.stopSeconds = std::max(
            own.stopSeconds, limits.durationSeconds - secondsBeyond(tier, segment, Border::Right));
    }
    const double start = clamped(startSeconds, room.startSeconds, room.stopSeconds - length);
    if (start == own.startSeconds)
        return {};
    std::vector<SegmentRange> out{ { tier[segment].id, { start, start + length } } };
    if (neighbours == Neighbours::Push) {
        if (start > own.startSeconds)
            push(tier, segment, Border::Right, start + length, out);
        else
            push(tier, segment, Border::Left, start, out);
    }
    return out;
}

std::vector<SegmentRange> movedTogether(Segments tier, std::span<const std::size_t> segments,
    double shiftSeconds, const GestureLimits& limits)
{
    std::vector<std::size_t> ordered(segments.begin(), segments.end());
    std::ranges::sort(ordered);
    double least = -std::numeric_limits<double>::infinity(), most = -least;
    for (const std::size_t i : ordered) {
        const TimeRange gap = gapAround(tier, i, limits.durationSeconds, ordered);
        least = std::max(least, std::min(gap.startSeconds - tier[i].startSeconds, 0.0));
        most = std::min(most, std::max(gap.stopSeconds - tier[i].stopSeconds, 0.0));
    }
    const double shift = std::clamp(shiftSeconds, least, most);
    std::vector<SegmentRange> out;
    if (shift != 0.0)
        for (const std::size_t i : ordered)
            out.push_back({ tier[i].id,
                { tier[i].startSeconds + shift,
                    // exact also where the shift is not
                    tier[i].startSeconds + shift + tier[i].seconds() } });
    return out;
}

std::vector<SegmentRange> resized(Segments tier, std::size_t segment, Border border, double seconds,
    Neighbours neighbours, const GestureLimits& limits)
{
    const TimeRange own = rangeOf(tier[segment]);
    const double shortest = std::min(limits.shortestSeconds, own.seconds());
    TimeRange room = gapAround(tier, segment, limits.durationSeconds);
    const bool right = border == Border::Right;
    if (neighbours == Neighbours::Push) {
        const double beyond = secondsBeyond(tier, segment, border);
        if (right)
            room.stopSeconds = std::max(own.stopSeconds, limits.durationSeconds - beyond);
        else
            room.startSeconds = std::min(own.startSeconds, beyond);
    }
    TimeRange now = own;
    if (right)
        now.stopSeconds = clamped(seconds, own.startSeconds + shortest, room.stopSeconds);
    else
        now.startSeconds = clamped(seconds, room.startSeconds, own.stopSeconds - shortest);
    if (now == own)
        return {};
    std::vector<SegmentRange> out{ { tier[segment].id, now } };
    if (neighbours == Neighbours::Push)
        push(tier, segment, border, right ? now.stopSeconds : now.startSeconds, out);
    return out;
}

std::vector<SegmentRange> borderMoved(
    Segments tier, std::size_t left, std::size_t right, double seconds, const GestureLimits& limits)
{
    const TimeRange first = rangeOf(tier[left]), second = rangeOf(tier[right]);
    const double shortestFirst = std::min(limits.shortestSeconds, first.seconds());
    const double shortestSecond = std::min(limits.shortestSeconds, second.seconds());
    const double border
        = clamped(seconds, first.startSeconds + shortestFirst, second.stopSeconds - shortestSecond);
    if (border == first.stopSeconds && border == second.startSeconds)
        return {};
    return { { tier[left].id, { first.startSeconds, border } },
        { tier[right].id, { border, second.stopSeconds } } };
}

TimeRange drawn(Segments tier, double fromSeconds, double toSeconds, const GestureLimits& limits)
{
    TimeRange gap{ 0.0, limits.durationSeconds };
    const double from = std::clamp(fromSeconds, 0.0, limits.durationSeconds);
    for (const labels::Segment& each : tier) {
        if (each.startSeconds < from && from < each.stopSeconds)
            return { from, from };
        if (each.startSeconds == each.stopSeconds)
            continue; // an event takes no room
        if (each.stopSeconds <= from)
            gap.startSeconds = std::max(gap.startSeconds, each.stopSeconds);
        else
            gap.stopSeconds = std::min(gap.stopSeconds, each.startSeconds);
    }
    const double to = std::clamp(toSeconds, gap.startSeconds, gap.stopSeconds);
    return { std::min(from, to), std::max(from, to) };
}

} // namespace clipscope::widgets
