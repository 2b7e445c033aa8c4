#pragma once

#include "labels/annotation.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace clipscope::labels {

/// Seconds [start, stop) of one label; no label (empty) is "outside".
struct LabelledSpan
{
    double startSeconds = 0.0, stopSeconds = 0.0;
    std::string label;

    bool operator==(const LabelledSpan&) const = default;
};

/// What a tier says about every instant: spans in order, without overlap, without touching
/// neighbours of one label, without those outside.
///
/// Where segments overlap, the one that comes later in tier order has the instant, as in COIN's
/// ground truth. Rejected segments, events and segments without a label take no time.
std::vector<LabelledSpan> timeOf(const Tier& tier);

/// The same of one label per cell of a grid whose cell i starts at i * cellSeconds; an empty
/// string is outside.
std::vector<LabelledSpan> timeOf(std::span<const std::string> labels, double cellSeconds = 1.0);

/// The label of each whole second [i, i + 1) of a video: that of the segment whose seconds from
/// floor(start) to ceil(stop) hold it, later segments going over earlier ones; empty: outside.
/// Source: COIN's ground truth in VideoCLIP's evaluation.
std::vector<std::string> labelOfEachSecond(std::span<const Segment> segments, std::int64_t seconds);

/// Instants at which frame figures are taken. An instant has the label of the span that holds it.
struct FrameGrid
{
    std::vector<double> instants; ///< ascending

    /// 0, step, 2 step, ... below the duration.
    static FrameGrid regular(double durationSeconds, double stepSeconds = 1.0 / 25.0);
};

/// True positives and both kinds of errors among segments.
struct SegmentCounts
{
    std::int64_t matched = 0, wrong = 0, missed = 0;

    double precision() const;
    double recall() const;
    double f1() const; ///< 1 when there is nothing on either side
    bool operator==(const SegmentCounts&) const = default;
};

/// The figures of one label. Time is that of timeOf().
struct LabelFigures
{
    std::string label;
    double secondsOfA = 0.0, secondsOfB = 0.0, secondsOfBoth = 0.0;
    std::int64_t segmentsOfA = 0, segmentsOfB = 0;

    double precision() const; ///< of B's seconds, those that A has; 1 when B has none
    double recall() const; ///< of A's seconds, those that B has; 1 when A has none
    double f1() const; ///< harmonic mean, by time
    double overlap() const; ///< intersection over union of time; 1 when there is none
    bool operator==(const LabelFigures&) const = default;
};

/// A span where the two do not say the same; empty label: outside.
struct Disagreement
{
    double startSeconds = 0.0, stopSeconds = 0.0;
    std::string labelA, labelB;

    bool operator==(const Disagreement&) const = default;
};

/// Do two people find the same segments, and do they call them the same?
struct SegmentAgreement
{
    std::int64_t pairs = 0; ///< segments of A and B that overlap by more than half of their union
    std::int64_t sameLabel = 0; ///< pairs of one label
    std::int64_t onlyA = 0, onlyB = 0; ///< segments without a partner
    double kappa = 1.0; ///< Cohen's kappa of the labels of the pairs

    /// sameLabel / (pairs + onlyA + onlyB); 1 when there are no segments.
    double share() const;
    bool operator==(const SegmentAgreement&) const = default;
};

/// How well B fits A; docs/metrics.md has formulas and ties. A is the truth where one is needed.
struct Comparison
{
    std::int64_t frames = 0; ///< instants of the grid
    double frameAccuracy = 1.0; ///< share of frames with one label, outside counts as a label
    double kappa = 1.0; ///< Cohen's kappa over the frames
    SegmentCounts segments10, segments25, segments50; ///< segmental F1@10, @25, @50
    double editScore = 1.0; ///< 0 to 1; MS-TCN prints it times 100
    SegmentAgreement agreement;
    double secondsOfA = 0.0, secondsOfB = 0.0; ///< labelled
    double secondsThatDiffer = 0.0;
    std::vector<LabelFigures> labels; ///< by name, those that A or B has
    std::vector<Disagreement> disagreements; ///< in order of time
};

/// Compares two tiers, or what else timeOf() was asked of.
/// Ranges:  spans as timeOf() gives them.
/// Cost:    O(n log f) in spans n and frames f; the edit score O(n m / 64) in segments of both.
/// Threads: any thread at once.
Comparison compare(
    std::span<const LabelledSpan> a, std::span<const LabelledSpan> b, const FrameGrid& grid);

/// Segments of B against those of A at an overlap: each of B, in order, takes the segment of its
/// label in A with the largest intersection over union, the first among equals; it matches when
/// that is at least `overlap` and nobody matched it before.
/// Source: MS-TCN (Abu Farha and Gall 2019), f_score of its eval.py, background being outside.
SegmentCounts segmentCounts(
    std::span<const LabelledSpan> a, std::span<const LabelledSpan> b, double overlap);

/// 1 - D / max(n, m): D is Levenshtein's distance of the two sequences of labels, without outside;
/// 1 when both are empty. Source: MS-TCN, edit_score of its eval.py.
double editScore(std::span<const LabelledSpan> a, std::span<const LabelledSpan> b);

/// Steps of a task that were found. Counts of several videos add up to those of their task.
struct StepCounts
{
    std::int64_t found = 0; ///< steps whose second lies in a true segment of theirs
    std::int64_t present = 0; ///< steps that have a true second

    double recall() const; ///< 1 when no step is present
    bool operator==(const StepCounts&) const = default;
};

/// Counts the steps of one video. A step is there in the whole seconds from floor(start) to
/// ceil(stop) of its segments in `truth`, as far as the video has them.
/// Shapes: seconds [K] as orderedSeconds() gives them, or empty: nothing was found; steps [K].
/// Source: CrossTask's recall in VideoCLIP's evaluation.
StepCounts stepCounts(std::span<const std::int64_t> seconds, std::span<const std::string> steps,
    std::span<const Segment> truth, std::int64_t videoSeconds);

/// How often two raters said what, by the numbers of the categories.
using PairCounts = std::map<std::pair<std::int32_t, std::int32_t>, std::int64_t>;

/// Cohen's kappa: (p - e) / (1 - e), p the share of equal pairs, e what chance gives by the two
/// marginals; 1 when e is 1 or there are no pairs. Source: Cohen 1960.
double cohensKappa(const PairCounts& pairs);

} // namespace clipscope::labels
