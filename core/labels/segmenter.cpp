#include "labels/segmenter.h"

#include "base/require.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace clipscope::labels {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

void requireFit(const ScoreTable& scores, std::span<const double> thresholds)
{
    CLIP_REQUIRE(scores.labels > 0 && scores.values.size() % scores.labels == 0,
        std::to_string(scores.values.size()) + " scores of " + std::to_string(scores.labels)
            + " labels");
    CLIP_REQUIRE(thresholds.size() == scores.labels,
        std::to_string(thresholds.size()) + " thresholds for " + std::to_string(scores.labels)
            + " labels");
}

/// u[t, c] of the labels and, as the last column, of outside where it may be.
class Excess final
{
public:
    Excess(const ScoreTable& scores, std::span<const double> thresholds, Outside outsideMay)
        : m_scores(scores)
        , m_thresholds(thresholds)
        , m_classes(scores.labels + (outsideMay == Outside::Allowed ? 1 : 0))
    {
    }
    std::size_t classes() const { return m_classes; }
    std::size_t seconds() const { return m_scores.seconds(); }
    double operator()(std::size_t second, std::size_t column) const
    {
        return column == m_scores.labels
            ? 0.0
            : static_cast<double>(m_scores.row(second)[column]) - m_thresholds[column];
    }
    std::int32_t labelOf(std::size_t column) const
    {
        return column == m_scores.labels ? outside : static_cast<std::int32_t>(column);
    }
    /// The column of the largest value; among equals outside, then the first label.
    template<typename Values> std::size_t best(const Values& valueOf) const
    {
        std::size_t best = m_classes - 1;
        double highest = valueOf(best);
        if (best != m_scores.labels) { // without outside the first label wins
            best = 0;
            highest = valueOf(0);
        }
        for (std::size_t column = 0; column < m_scores.labels; ++column)
            if (const double value = valueOf(column); value > highest) {
                best = column;
                highest = value;
            }
        return best;
    }

private:
    ScoreTable m_scores;
    std::span<const double> m_thresholds;
    std::size_t m_classes;
};

std::vector<std::int32_t> bestOfEachSecond(const Excess& excess)
{
    std::vector<std::int32_t> labels(excess.seconds());
    for (std::size_t t = 0; t < labels.size(); ++t)
        labels[t] = excess.labelOf(excess.best([&](std::size_t c) { return excess(t, c); }));
    return labels;
}

/// The sequence of segment()'s formula. For each second and class the best sequence that ends there
/// with a run that is long enough either goes on with its run, or the run's first `M` seconds end
/// here, after the best sequence that ended before them.
std::vector<std::int32_t> bestSequence(const Excess& excess, std::size_t M, double changeCost)
{
    const std::size_t T = excess.seconds(), C = excess.classes();
    std::vector<std::int32_t> labels(T, outside);
    if (T == 0)
        return labels;
    M = std::min(M, T);
    std::vector<double> sums(C, 0.0); // of the last M seconds
    std::vector<double> values(C, -infinity);
    std::vector<std::uint8_t> begins(T * C, 0);
    std::vector<double> bestValue(T, -infinity);
    std::vector<std::size_t> bestColumn(T, 0);
    for (std::size_t t = 0; t < T; ++t) {
        for (std::size_t c = 0; c < C; ++c) {
            const double here = excess(t, c);
            sums[c] += here - (t >= M ? excess(t - M, c) : 0.0);
            if (t + 1 < M)
                continue;
            const double before = t + 1 == M ? 0.0 : bestValue[t - M] - changeCost;
            const double fresh = before + sums[c], same = values[c] + here;
            begins[t * C + c] = fresh > same ? 1 : 0;
            values[c] = std::max(fresh, same);
        }
        bestColumn[t] = excess.best([&](std::size_t c) { return values[c]; });
        bestValue[t] = values[bestColumn[t]];
    }
    std::size_t stop = T; // seconds from here on are done
    std::size_t column = bestColumn[T - 1];
    while (true) {
        if (begins[(stop - 1) * C + column] == 0) {
            labels[--stop] = excess.labelOf(column);
            continue;
        }
        for (std::size_t i = 0; i < M; ++i)
            labels[--stop] = excess.labelOf(column);
        if (stop == 0)
            return labels;
        column = bestColumn[stop - 1];
    }
}

/// Sums of u[t, step] from `start` on: sums[i] over [start, start + i). All zero for no step.
std::vector<double> sumsOf(const Excess& excess, std::ptrdiff_t step, std::size_t steps,
    std::size_t start, std::size_t stop)
{
    std::vector<double> sums(stop - start + 1, 0.0);
    if (step < 0 || step >= static_cast<std::ptrdiff_t>(steps))
        return sums;
    for (std::size_t t = start; t < stop; ++t)
        sums[t - start + 1] = sums[t - start] + excess(t, static_cast<std::size_t>(step));
    return sums;
}

/// Cuts N seconds between two steps, whose sums these are: [0, first) go to the left one, [first,
/// second) to none, [second, N) to the right one.
std::pair<std::size_t, std::size_t> cutBetween(
    std::span<const double> ofLeft, std::span<const double> ofRight, Outside outsideMay)
{
    const std::size_t N = ofLeft.size() - 1;
    std::size_t leftEnd = 0;
    std::pair<std::size_t, std::size_t> cut{ 0, 0 };
    double highest = -infinity;
    for (std::size_t second = 0; second <= N; ++second) {
        if (outsideMay == Outside::Never || ofLeft[second] > ofLeft[leftEnd])
            leftEnd = second;
        const double value = ofLeft[leftEnd] + ofRight[N] - ofRight[second];
        if (value >= highest) {
            highest = value;
            cut = { leftEnd, second };
        }
    }
    return cut;
}

} // namespace

Labelling segment(
    const ScoreTable& scores, std::span<const double> thresholds, const SegmenterOptions& options)
{
    requireFit(scores, thresholds);
    const std::vector<float> values = smoothed(scores, options.smoothingSeconds);
    const ScoreTable smooth{ values, scores.labels };
    Labelling result;
    result.margins = marginsOf(smooth, thresholds, options.outside);
    if (options.mode == SegmentMode::Ordered) {
        result.labels = orderedRuns(smooth, thresholds, orderedSeconds(smooth), options.outside);
    } else {
        const Excess excess(smooth, thresholds, options.outside);
        const auto least
            = static_cast<std::size_t>(std::max<std::int64_t>(options.minimumSeconds, 1));
        // The rule as such: sums of hundreds of seconds would round its ties away.
        result.labels = least == 1 && options.changeCost <= 0.0
            ? bestOfEachSecond(excess)
            : bestSequence(excess, least, options.changeCost);
    }
    result.spans = spansOf(scores, result.labels, result.margins);
    result.changePoints = changePointsOf(smooth, result.labels);
    return result;
}

std::vector<float> smoothed(const ScoreTable& scores, std::int64_t window)
{
    std::vector<float> result(scores.values.begin(), scores.values.end());
    if (window <= 1)
        return result;
    const std::size_t T = scores.seconds(), L = scores.labels;
    const auto before = static_cast<std::size_t>(window - 1) / 2;
    const auto after = static_cast<std::size_t>(window) / 2;
    std::vector<double> sums(L, 0.0); // over [start, stop)
    std::size_t start = 0, stop = 0;
    for (std::size_t t = 0; t < T; ++t) {
        for (; stop < std::min(T, t + after + 1); ++stop)
            for (std::size_t l = 0; l < L; ++l)
                sums[l] += static_cast<double>(scores.row(stop)[l]);
        for (; start + before < t; ++start)
            for (std::size_t l = 0; l < L; ++l)
                sums[l] -= static_cast<double>(scores.row(start)[l]);
        for (std::size_t l = 0; l < L; ++l)
            result[t * L + l] = static_cast<float>(sums[l] / static_cast<double>(stop - start));
    }
    return result;
}

std::vector<float> marginsOf(
    const ScoreTable& scores, std::span<const double> thresholds, Outside outsideMay)
{
    requireFit(scores, thresholds);
    const Excess excess(scores, thresholds, outsideMay);
    std::vector<float> margins(scores.seconds());
    for (std::size_t t = 0; t < margins.size(); ++t) {
        double first = -infinity, second = -infinity;
        for (std::size_t c = 0; c < excess.classes(); ++c) {
            const double value = excess(t, c);
            second = std::max(second, std::min(first, value));
            first = std::max(first, value);
        }
        margins[t] = static_cast<float>(first - second);
    }
    return margins;
}

std::vector<ChangePoint> changePointsOf(
    const ScoreTable& scores, std::span<const std::int32_t> labels)
{
    const std::size_t T = scores.seconds();
    CLIP_REQUIRE(labels.size() == T, std::to_string(labels.size()) + " labels");
    std::vector<ChangePoint> points;
    if (T < 2)
        return points;
    std::vector<double> changes(T + 1, -infinity); // nothing before second 1 and after the last
    double sum = 0.0, squares = 0.0;
    for (std::size_t t = 1; t < T; ++t) {
        double change = 0.0;
        for (std::size_t l = 0; l < scores.labels; ++l)
            change += std::abs(
                static_cast<double>(scores.row(t)[l]) - static_cast<double>(scores.row(t - 1)[l]));
        changes[t] = change / 2.0;
        sum += changes[t];
        squares += changes[t] * changes[t];
    }
    const auto N = static_cast<double>(T - 1);
    const double mean = sum / N;
    const double floor = mean + std::sqrt(std::max(0.0, squares / N - mean * mean));
    for (std::size_t t = 1; t < T; ++t) {
        std::size_t next = t + 1;
        while (next < T && changes[next] == changes[t])
            ++next;
        const bool peak
            = changes[t] > changes[t - 1] && changes[t] > changes[next] && changes[t] > floor;
        if (peak || labels[t] != labels[t - 1])
            points.push_back({ static_cast<std::int64_t>(t), static_cast<float>(changes[t]) });
    }
    return points;
}

std::vector<std::int64_t> orderedSeconds(const ScoreTable& scores)
{
    std::vector<double> costs(scores.values.size());
    for (std::size_t t = 0; t < scores.seconds(); ++t) {
        const auto row = scores.row(t);
        const auto highest = static_cast<double>(*std::max_element(row.begin(), row.end()));
        double sum = 0.0;
        for (const float score : row)
            sum += std::exp(static_cast<double>(score) - highest);
        for (std::size_t k = 0; k < row.size(); ++k)
            costs[t * row.size() + k] = highest + std::log(sum) - static_cast<double>(row[k]);
    }
    return orderedAssignment(costs, scores.labels);
}

std::vector<std::int64_t> orderedAssignment(std::span<const double> costs, std::size_t steps)
{
    CLIP_REQUIRE(steps > 0 && costs.size() % steps == 0,
        std::to_string(costs.size()) + " costs of " + std::to_string(steps) + " steps");
    const std::size_t T = costs.size() / steps;
    if (T < steps)
        return {};
    // least[k]: smallest sum of the steps up to k within the seconds so far.
    std::vector<double> least(steps, infinity);
    std::vector<std::uint8_t> taken(T * steps, 0); // step k stands at t in the best of [0, t]
    for (std::size_t t = 0; t < T; ++t)
        for (std::size_t k = steps; k-- > 0;) { // downwards: least[k - 1] is still that of t - 1
            const double here = (k == 0 ? 0.0 : least[k - 1]) + costs[t * steps + k];
            // Only the last step in the last second wins a tie, as in CrossTask's programme.
            const bool atTheEnd = t + 1 == T && k + 1 == steps;
            if (here < least[k] || (atTheEnd && here == least[k])) {
                least[k] = here;
                taken[t * steps + k] = 1;
            }
        }
    std::vector<std::int64_t> seconds(steps);
    std::size_t t = T;
    for (std::size_t k = steps; k-- > 0;) {
        do
            --t;
        while (taken[t * steps + k] == 0);
        seconds[k] = static_cast<std::int64_t>(t);
    }
    return seconds;
}

std::vector<std::int32_t> orderedRuns(const ScoreTable& scores, std::span<const double> thresholds,
    std::span<const std::int64_t> seconds, Outside outsideMay)
{
    requireFit(scores, thresholds);
    const std::size_t T = scores.seconds();
    std::vector<std::int32_t> labels(T, outside);
    if (seconds.empty())
        return labels;
    const Excess excess(scores, thresholds, Outside::Allowed);
    const std::size_t K = seconds.size();
    std::size_t start = 0; // of the seconds between the last step and this one
    for (std::size_t k = 0; k <= K; ++k) {
        const std::size_t stop = k < K ? static_cast<std::size_t>(seconds[k]) : T;
        const auto step = static_cast<std::ptrdiff_t>(k);
        const auto ofLeft = sumsOf(excess, step - 1, K, start, stop);
        const auto ofRight = sumsOf(excess, step, K, start, stop);
        auto [first, second] = cutBetween(ofLeft, ofRight, outsideMay);
        if (outsideMay == Outside::Never && k == 0)
            first = second = 0; // there is no left step
        if (outsideMay == Outside::Never && k == K)
            first = second = stop - start;
        const auto at = labels.begin() + static_cast<std::ptrdiff_t>(start);
        std::fill_n(at, first, static_cast<std::int32_t>(k) - 1);
        if (k == K)
            return labels;
        std::fill(at + static_cast<std::ptrdiff_t>(second),
            at + static_cast<std::ptrdiff_t>(stop - start + 1), static_cast<std::int32_t>(k));
        start = stop + 1;
    }
    return labels;
}

std::vector<LabelSpan> spansOf(
    const ScoreTable& scores, std::span<const std::int32_t> labels, std::span<const float> margins)
{
    CLIP_REQUIRE(labels.size() == scores.seconds() && margins.size() == labels.size(),
        std::to_string(labels.size()) + " labels, " + std::to_string(margins.size())
            + " margins of " + std::to_string(scores.seconds()) + " seconds");
    std::vector<LabelSpan> spans;
    for (std::size_t start = 0, stop = 0; start < labels.size(); start = stop) {
        double score = 0.0, margin = 0.0;
        for (; stop < labels.size() && labels[stop] == labels[start]; ++stop) {
            if (labels[start] == outside)
                continue;
            score += static_cast<double>(scores.row(stop)[static_cast<std::size_t>(labels[start])]);
            margin += static_cast<double>(margins[stop]);
        }
        if (labels[start] == outside)
            continue;
        const auto N = static_cast<double>(stop - start);
        spans.push_back(
            { labels[start], static_cast<std::int64_t>(start), static_cast<std::int64_t>(stop),
                static_cast<float>(score / N), static_cast<float>(margin / N) });
    }
    return spans;
}

std::vector<Segment> segmentsOf(
    std::span<const LabelSpan> spans, const LabelSet& labels, double durationSeconds)
{
    std::vector<Segment> segments;
    for (const LabelSpan& span : spans) {
        Segment segment;
        segment.startSeconds = static_cast<double>(span.startSecond);
        segment.stopSeconds = static_cast<double>(span.stopSecond);
        if (durationSeconds > 0.0)
            segment.stopSeconds = std::min(segment.stopSeconds, durationSeconds);
        if (segment.stopSeconds <= segment.startSeconds)
            continue;
        segment.label = labels.labels.at(static_cast<std::size_t>(span.label)).name;
        segment.score = static_cast<double>(span.score);
        segment.source = Source::Model;
        segments.push_back(std::move(segment));
    }
    return segments;
}

std::vector<double> thresholdsOf(const LabelSet& labels, double common)
{
    std::vector<double> thresholds;
    for (const Label& label : labels.labels)
        thresholds.push_back(label.threshold.value_or(common));
    return thresholds;
}

} // namespace clipscope::labels
