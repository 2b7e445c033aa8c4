#pragma once

#include "labels/annotation.h"
#include "widgets/timeline/timeline_values.h"

#include <cstddef>
#include <span>
#include <vector>

namespace clipscope::widgets {

enum class Border { Left, Right };
/// What happens to segments in the way.
enum class Neighbours {
    Stop, ///< nothing: what moves stops there
    Push, ///< they move on, with their lengths, up to the end of the video
};

/// How far things may go.
struct GestureLimits
{
    double durationSeconds = 0.0;
    double shortestSeconds = 0.0; ///< no segment becomes shorter by a gesture
};

// Outcomes of gestures on the segments of one tier, in tier order: all segments that are elsewhere
// afterwards, none when nothing changes. Segments that overlapped before are not in each other's
// way. Nothing here snaps. Threads: any thread at once.

/// `segment` with its start at `startSeconds`.
std::vector<SegmentRange> moved(std::span<const labels::Segment> tier, std::size_t segment,
    double startSeconds, Neighbours neighbours, const GestureLimits& limits);

/// Several segments by one shift, up to those in the way that do not move along.
std::vector<SegmentRange> movedTogether(std::span<const labels::Segment> tier,
    std::span<const std::size_t> segments, double shiftSeconds, const GestureLimits& limits);

/// One border at `seconds`; it stops before the other one.
std::vector<SegmentRange> resized(std::span<const labels::Segment> tier, std::size_t segment,
    Border border, double seconds, Neighbours neighbours, const GestureLimits& limits);

/// The border that `left` and `right` share at `seconds`.
std::vector<SegmentRange> borderMoved(std::span<const labels::Segment> tier, std::size_t left,
    std::size_t right, double seconds, const GestureLimits& limits);

/// A new segment between two places, in the gap that holds `fromSeconds`: empty, and starting and
/// stopping at `fromSeconds`, when a segment is there. Events are in nobody's way.
TimeRange drawn(std::span<const labels::Segment> tier, double fromSeconds, double toSeconds,
    const GestureLimits& limits);

} // namespace clipscope::widgets
