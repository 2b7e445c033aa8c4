#pragma once

#include "labels/annotation.h"
#include "labels/label_set.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace clipscope::labels {

/// In place of a label's number: none of them.
inline constexpr std::int32_t outside = -1;

/// How scores become segments.
enum class SegmentMode : std::uint8_t {
    Free, ///< any label at any time
    Ordered, ///< every label once, in the order of the set: the steps of a task
};
/// Whether seconds may stay without a label.
enum class Outside : std::uint8_t { Allowed, Never };

/// What a person chooses; docs/metrics.md has the formulas.
struct SegmenterOptions
{
    /// Of all labels without their own; nothing: automatic.
    std::optional<double> threshold = std::nullopt;
    std::int64_t smoothingSeconds = 1; ///< >= 1; 1: scores as they are
    std::int64_t minimumSeconds = 1; ///< >= 1; no run of one label, or of none, is shorter
    double changeCost = 0.0; ///< >= 0, taken off for every change of label
    SegmentMode mode = SegmentMode::Free;
    Outside outside = Outside::Allowed;

    bool operator==(const SegmenterOptions&) const = default;
};

/// Scores of one video. Shapes: values [T, L] row-major, finite; L >= 1.
struct ScoreTable
{
    std::span<const float> values;
    std::size_t labels = 1; ///< L

    std::size_t seconds() const { return values.size() / labels; } ///< T
    std::span<const float> row(std::size_t second) const
    {
        return values.subspan(second * labels, labels);
    }
};

/// Seconds [startSecond, stopSecond) with one label.
struct LabelSpan
{
    std::int32_t label = 0; ///< row of the label set
    std::int64_t startSecond = 0, stopSecond = 0;
    float score = 0.0F; ///< mean of the label's scores in the span, as given, not smoothed
    float margin = 0.0F; ///< mean of the seconds' margins

    bool operator==(const LabelSpan&) const = default;
};

/// A second at whose start something changes: where a border snaps to.
struct ChangePoint
{
    std::int64_t second = 0;
    float strength = 0.0F; ///< half the sum of what the scores change by

    bool operator==(const ChangePoint&) const = default;
};

/// A video cut into labels.
struct Labelling
{
    std::vector<std::int32_t> labels; ///< [T] row of the label set, or `outside`
    std::vector<float> margins; ///< [T] first minus second best, see marginsOf()
    std::vector<LabelSpan> spans; ///< runs of equal labels without those outside, in order
    std::vector<ChangePoint> changePoints; ///< ascending
};

/// Cuts a video into labels.
///
/// With s the scores smoothed by smoothed() and u[t, l] = s[t, l] - thresholds[l],
/// u[t, outside] = 0, the labels y in Free mode maximise
///     sum over t of u[t, y_t] - changeCost * |{ t : y_t != y_t-1 }|
/// among all y whose runs have at least minimumSeconds (a shorter video is one run). Without cost
/// and minimum this is the paper's rule: the best label if it is above its threshold, or else
/// outside; exactly at the threshold is outside, among equals the label that comes first. With
/// Outside::Never there is no outside.
/// In Ordered mode orderedSeconds() places the labels and orderedRuns() lets them grow; cost and
/// minimum have no say. A video with fewer seconds than labels stays outside as a whole.
/// Shapes:  thresholds [L], finite.
/// Source:  Xu et al. 2021 for the rule on COIN and the steps of CrossTask; the sequence is found
/// by
///          dynamic programming (Viterbi), the minimum being part of it.
/// Cost:    O(T L) time, T (L + 1) bytes of memory beside the smoothed scores.
/// Threads: any thread at once; so all functions here.
Labelling segment(
    const ScoreTable& scores, std::span<const double> thresholds, const SegmenterOptions& options);

/// Each second gets the mean of the `window` seconds from t - (window - 1) / 2 on, cut at the ends.
/// Shapes: [T, L] as given.
std::vector<float> smoothed(const ScoreTable& scores, std::int64_t window);

/// Difference of the largest and the second largest of u[t, *], outside among them unless it may
/// never be; infinite when there is only one. Shapes: [T].
std::vector<float> marginsOf(
    const ScoreTable& scores, std::span<const double> thresholds, Outside outsideMay);

/// Where the labels change, and the local maxima of
///     d[t] = 1/2 * sum over l of |s[t, l] - s[t-1, l]|,  t = 1 .. T-1,
/// that lie above mean + standard deviation of d; the first of equal neighbours counts.
std::vector<ChangePoint> changePointsOf(
    const ScoreTable& scores, std::span<const std::int32_t> labels);

/// The second of each step: strictly ascending, so that the sum over steps of
///     cost[t, k] = -log softmax over k of scores[t, *]
/// is smallest. Among equal sums the last step takes the last second if it may, and then each step,
/// from the last one back, stands as early as it can.
/// Empty when there are fewer seconds than steps. Shapes: [K].
/// Source: CrossTask (Zhukov et al. 2019) as the reference of VideoCLIP calls it.
std::vector<std::int64_t> orderedSeconds(const ScoreTable& scores);
/// The same for costs as they are. Shapes: costs [T, K] row-major.
std::vector<std::int64_t> orderedAssignment(std::span<const double> costs, std::size_t steps);

/// Labels of all seconds in Ordered mode: step k has its second a_k; between a_k and a_k+1 come
/// first more of k, then outside, then k+1, cut where the sum of u is largest; before the first
/// step and after the last alike. Among equals steps are short, the later one first.
/// Shapes: seconds [K] ascending; result [T].
std::vector<std::int32_t> orderedRuns(const ScoreTable& scores, std::span<const double> thresholds,
    std::span<const std::int64_t> seconds, Outside outsideMay);

/// Runs of equal labels, without those outside. Shapes: labels, margins [T].
std::vector<LabelSpan> spansOf(
    const ScoreTable& scores, std::span<const std::int32_t> labels, std::span<const float> margins);

/// The spans as segments of a model tier: open, without ids, cut at the video's end (a last second
/// that is not full), without those that start behind it. A duration of 0 is not known.
std::vector<Segment> segmentsOf(
    std::span<const LabelSpan> spans, const LabelSet& labels, double durationSeconds);

/// The threshold of each label: its own, or else `common`. Shapes: [L].
std::vector<double> thresholdsOf(const LabelSet& labels, double common);

} // namespace clipscope::labels
