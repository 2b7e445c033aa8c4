#pragma once

#include "media/video_index.h"

#include <QMetaType>
#include <QSet>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace clipscope::widgets {

/// Seconds [startSeconds, stopSeconds) on the clock of media::VideoIndex.
struct TimeRange
{
    double startSeconds = 0.0, stopSeconds = 0.0;

    double seconds() const { return stopSeconds - startSeconds; }
    double middle() const { return 0.5 * (startSeconds + stopSeconds); }
    bool contains(double at) const { return startSeconds <= at && at < stopSeconds; }
    bool operator==(const TimeRange&) const = default;
};

/// The video a timeline stands for.
struct TimelineVideo
{
    std::int64_t videoId = 0; ///< of the thumbnails
    double durationSeconds = 0.0;
    std::shared_ptr<const media::VideoIndex> index; ///< null: nothing snaps to frames
};

/// Scores of all labels, one per second of the video; second t covers [t, t + 1).
struct TimelineCurves
{
    std::vector<std::string> labels; ///< L names; colours come from the label set
    std::vector<float> scores; ///< [T, L] row-major
    std::vector<float> margins; ///< [T] best minus second best, or empty
    std::optional<double> threshold; ///< drawn as a line when there is one
    double doubtfulMargin = 0.0; ///< seconds with a smaller margin are marked

    std::size_t seconds() const { return labels.empty() ? 0 : scores.size() / labels.size(); }
};

/// What is being labelled while the video plays, or between in and out; not a segment yet.
struct TimelineDraft
{
    TimeRange range;
    std::string label; ///< may be empty
    std::int64_t tierId = 0; ///< 0: over all tiers, as the marks of in and out

    bool operator==(const TimelineDraft&) const = default;
};

/// A segment and where it would be.
struct SegmentRange
{
    std::int64_t segmentId = 0;
    TimeRange range;

    bool operator==(const SegmentRange&) const = default;
};

/// Segments that are chosen, and the one among them that keys act upon.
struct TimelineSelection
{
    QSet<qint64> segments;
    qint64 current = 0; ///< 0: none

    bool operator==(const TimelineSelection&) const = default;
};

/// What a drag did to segments; names the edit.
enum class Gesture {
    Move, ///< a segment as a whole, up to its neighbours
    Resize, ///< one border, up to the neighbour
    MoveBorder, ///< the border two segments share
    Push, ///< a segment or a border; neighbours in the way move on
};

/// A place of the timeline, for a context menu.
struct TimelinePlace
{
    double seconds = 0.0;
    std::int64_t tierId = 0; ///< 0: not on a tier
    std::int64_t segmentId = 0; ///< 0: not on a segment
};

} // namespace clipscope::widgets

Q_DECLARE_METATYPE(clipscope::widgets::TimeRange)
Q_DECLARE_METATYPE(clipscope::widgets::TimelineSelection)
Q_DECLARE_METATYPE(clipscope::widgets::SegmentRange)
Q_DECLARE_METATYPE(clipscope::widgets::Gesture)
Q_DECLARE_METATYPE(clipscope::widgets::TimelinePlace)
