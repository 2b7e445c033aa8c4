#pragma once

#include "labels/annotation.h"
#include "widgets/timeline/timeline_values.h"

#include <QPointF>
#include <QRectF>
#include <QSizeF>

#include <cstddef>
#include <optional>
#include <vector>

namespace clipscope::widgets {

/// Where seconds are on the screen. Time always runs from left to right.
/// Units: logical pixels.
struct TimeAxis
{
    double leftPixels = 0.0, widthPixels = 1.0; ///< of the area that shows `visible`
    double durationSeconds = 0.0;
    TimeRange visible;

    double pixelsPerSecond() const;
    double xOf(double seconds) const; ///< also outside the area
    double secondsAt(double x) const; ///< also outside the video
    /// `wanted` moved into the video; not shorter than `shortestSeconds`, not longer than the
    /// video.
    TimeRange fitted(TimeRange wanted, double shortestSeconds) const;
    /// factor > 1 shows less; the anchor keeps its x where the video allows it.
    TimeRange zoomed(double factor, double anchorSeconds, double shortestSeconds) const;
};

/// Distance of two labelled ticks of a ruler: the shortest of 1, 2, 5, 10, 15, 30 s, 1, 2, 5 min
/// and so on, and of tenths, hundredths and thousandths, that is at least `pixels` wide.
double rulerStepSeconds(double pixelsPerSecond, double pixels);

/// A tier prepared for looking up what is in sight, also with segments that overlap.
/// Owns nothing: the tier must outlive it.
/// Threads: const; any thread at once.
class TierSegments final
{
public:
    static constexpr int mostLanes = 3;

    explicit TierSegments(const labels::Tier& tier);

    const labels::Tier& tier() const { return *m_tier; }
    std::size_t size() const { return m_tier->segments.size(); }
    const labels::Segment& operator[](std::size_t i) const { return m_tier->segments[i]; }
    /// Segments that touch `range` are among [first, stop). Cost: two binary searches.
    std::pair<std::size_t, std::size_t> within(const TimeRange& range) const;
    /// The segment that starts last among those that hold `seconds`.
    std::optional<std::size_t> at(double seconds) const;
    /// Overlapping segments lie in different lanes, as far as there are lanes.
    int lane(std::size_t i) const { return m_lanes.empty() ? 0 : m_lanes[i]; }
    int laneCount() const { return m_laneCount; } ///< in [1, mostLanes]
    std::optional<std::size_t> indexOf(std::int64_t segmentId) const; ///< Cost: linear

private:
    const labels::Tier* m_tier;
    std::vector<double> m_latestStop; ///< of all segments up to each one
    std::vector<std::uint8_t> m_lanes; ///< empty: all in lane 0
    int m_laneCount = 1;
};

enum class RowKind { Minimap, Ruler, Waveform, Pictures, Tier, Curves };

struct TimelineRow
{
    RowKind kind = RowKind::Ruler;
    int tier = -1; ///< position in the annotation; -1 for all other kinds
    double top = 0.0, height = 0.0; ///< on the screen, scrolling taken off

    double bottom() const { return top + height; }
    bool operator==(const TimelineRow&) const = default;
};

/// What stands below what. Minimap and ruler stay, the others scroll when they do not fit.
struct TimelineRows
{
    std::vector<TimelineRow> rows;
    QSizeF size;
    double headerWidth = 0.0; ///< of the names at the left
    double fixedHeight = 0.0; ///< of minimap and ruler
    double scrollPixels = 0.0, mostScrollPixels = 0.0;

    struct Wanted
    {
        bool pictures = true, curves = true;
        std::vector<int> laneCounts; ///< of each tier
    };
    static TimelineRows laidOut(const Wanted& wanted, const QSizeF& size, double scrollPixels);

    const TimelineRow* at(double y) const; ///< null below the last one
    const TimelineRow* row(RowKind kind) const; ///< the first one, null when there is none
    const TimelineRow* tierRow(int tier) const;
    double contentLeft() const { return headerWidth; }
    double contentWidth() const { return std::max(1.0, size.width() - headerWidth); }
    /// The scrolling that brings a row into sight.
    double scrollFor(const TimelineRow& row) const;
    /// The band of a segment in its row.
    QRectF band(const TimelineRow& row, const TimeAxis& axis, const TimeRange& range, int lane,
        int laneCount) const;
};

enum class HitPart { Nothing, Body, LeftBorder, RightBorder, SharedBorder };

/// What is under the pointer on a tier.
struct SegmentHit
{
    HitPart part = HitPart::Nothing;
    std::size_t segment = 0; ///< of SharedBorder the left one
    std::size_t right = 0; ///< of SharedBorder
};

/// What of a tier's segments is at a point of its row. With `shared`, a border that two segments
/// share is hit as such wherever it is hit at all.
SegmentHit hitOn(const TierSegments& tier, const TimelineRows& rows, const TimelineRow& row,
    const TimeAxis& axis, const QPointF& point, bool shared);

/// The segment right of the border that `segment` ends with, when the two touch.
std::optional<std::size_t> touchingAfter(const TierSegments& tier, std::size_t segment);
std::optional<std::size_t> touchingBefore(const TierSegments& tier, std::size_t segment);

/// Where borders like to be.
struct SnapTargets
{
    std::vector<double> places; ///< ascending: borders, change points, the cursor
    const media::VideoIndex* index = nullptr; ///< null: no frames

    struct Snapped
    {
        double seconds = 0.0;
        bool onPlace = false; ///< on a place, not just on a frame
    };
    /// The nearest place not farther than `reachSeconds`, or else the nearest start of a frame or
    /// the end of the last one.
    Snapped snapped(double seconds, double reachSeconds) const;
    /// A shift for `range` that puts its start or its stop where it snaps, whichever is nearer.
    double snappedShift(const TimeRange& range, double shift, double reachSeconds) const;
};

/// The nearest start of a frame, or the end of the video.
double nearestFrameTime(const media::VideoIndex& index, double seconds);

} // namespace clipscope::widgets
