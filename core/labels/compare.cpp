#include "labels/compare.h"

#include "base/require.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <set>
#include <unordered_map>

namespace clipscope::labels {

namespace {

/// Adds a span, or lengthens the last one when it goes on with its label.
void append(std::vector<LabelledSpan>& spans, double start, double stop, const std::string& label)
{
    if (label.empty() || start >= stop)
        return;
    if (!spans.empty() && spans.back().stopSeconds == start && spans.back().label == label)
        spans.back().stopSeconds = stop;
    else
        spans.push_back({ start, stop, label });
}

/// Labels by number; 0 is outside.
class Names final
{
public:
    Names() { number({}); }
    std::int32_t number(const std::string& name)
    {
        const auto [at, isNew] = m_numbers.emplace(name, static_cast<std::int32_t>(m_names.size()));
        if (isNew)
            m_names.push_back(name);
        return at->second;
    }
    const std::string& name(std::int32_t number) const
    {
        return m_names[static_cast<std::size_t>(number)];
    }
    std::size_t size() const { return m_names.size(); }

private:
    std::unordered_map<std::string, std::int32_t> m_numbers;
    std::vector<std::string> m_names;
};

/// One side while time goes on.
class Side final
{
public:
    Side(std::span<const LabelledSpan> spans, Names& names)
        : m_spans(spans)
    {
        for (const LabelledSpan& span : spans)
            m_numbers.push_back(names.number(span.label));
    }
    /// The label from `time` on; times ascend from call to call.
    std::int32_t labelAt(double time)
    {
        while (m_at < m_spans.size() && m_spans[m_at].stopSeconds <= time)
            ++m_at;
        return m_at < m_spans.size() && m_spans[m_at].startSeconds <= time ? m_numbers[m_at] : 0;
    }
    /// When that changes; infinite when it does not any more.
    double nextChange(double time) const
    {
        if (m_at == m_spans.size())
            return std::numeric_limits<double>::infinity();
        const LabelledSpan& span = m_spans[m_at];
        return span.startSeconds <= time ? span.stopSeconds : span.startSeconds;
    }

private:
    std::span<const LabelledSpan> m_spans;
    std::vector<std::int32_t> m_numbers;
    std::size_t m_at = 0;
};

/// Calls `take(start, stop, labelA, labelB)` for each piece of time in which neither changes and
/// not both are outside.
template<typename Take> void forEachPiece(Side a, Side b, Take take)
{
    double time = -std::numeric_limits<double>::infinity();
    while (true) {
        const std::int32_t ofA = a.labelAt(time), ofB = b.labelAt(time);
        const double next = std::min(a.nextChange(time), b.nextChange(time));
        if (std::isinf(next))
            return;
        if (ofA != 0 || ofB != 0)
            take(time, next, ofA, ofB);
        time = next;
    }
}

double intersection(const LabelledSpan& a, const LabelledSpan& b)
{
    return std::min(a.stopSeconds, b.stopSeconds) - std::max(a.startSeconds, b.startSeconds);
}

/// Of two spans that overlap.
double intersectionOverUnion(const LabelledSpan& a, const LabelledSpan& b)
{
    return intersection(a, b)
        / (std::max(a.stopSeconds, b.stopSeconds) - std::min(a.startSeconds, b.startSeconds));
}

/// Spans of `a` that overlap b; spans stand in order and do not overlap each other.
std::span<const LabelledSpan> overlapping(std::span<const LabelledSpan> a, const LabelledSpan& b)
{
    const auto first = std::partition_point(a.begin(), a.end(),
        [&](const LabelledSpan& span) { return span.stopSeconds <= b.startSeconds; });
    const auto last = std::partition_point(first, a.end(),
        [&](const LabelledSpan& span) { return span.startSeconds < b.stopSeconds; });
    return { first, last };
}

SegmentAgreement agreementOf(
    std::span<const LabelledSpan> a, std::span<const LabelledSpan> b, Names& names)
{
    SegmentAgreement result;
    PairCounts pairs;
    for (const LabelledSpan& span : b)
        for (const LabelledSpan& other : overlapping(a, span))
            // More than half: no segment can have two such partners.
            if (intersectionOverUnion(other, span) > 0.5) {
                ++result.pairs;
                result.sameLabel += other.label == span.label ? 1 : 0;
                ++pairs[{ names.number(other.label), names.number(span.label) }];
            }
    result.onlyA = static_cast<std::int64_t>(a.size()) - result.pairs;
    result.onlyB = static_cast<std::int64_t>(b.size()) - result.pairs;
    result.kappa = cohensKappa(pairs);
    return result;
}

/// Levenshtein's distance, 64 rows of the table at a time: bits say where it rises or falls from
/// one row to the next. The plain table took 35 ms for 5,000 segments, too long between two keys.
/// Source: Myers 1999, in blocks; the top row rises with every column.
std::int64_t levenshtein(
    std::span<const std::int32_t> a, std::span<const std::int32_t> b, std::size_t alphabet)
{
    if (a.empty())
        return static_cast<std::int64_t>(b.size());
    const std::size_t blocks = (a.size() + 63) / 64;
    std::vector<std::uint64_t> places(alphabet * blocks, 0); // where in `a` each label stands
    for (std::size_t i = 0; i < a.size(); ++i)
        places[static_cast<std::size_t>(a[i]) * blocks + i / 64] |= std::uint64_t(1) << (i % 64);
    std::vector<std::uint64_t> rises(blocks, ~std::uint64_t(0)), falls(blocks, 0);
    const std::uint64_t lastRow = std::uint64_t(1) << ((a.size() - 1) % 64);
    auto distance = static_cast<std::int64_t>(a.size());
    for (const std::int32_t label : b) {
        std::uint64_t rise = 1, fall = 0; // from the column before, in the row above the block
        for (std::size_t k = 0; k < blocks; ++k) {
            const std::uint64_t equal = places[static_cast<std::size_t>(label) * blocks + k];
            const std::uint64_t up = rises[k], down = falls[k], start = equal | fall;
            const std::uint64_t diagonal = (((start & up) + up) ^ up) | start;
            const std::uint64_t right = down | ~(diagonal | up), left = up & diagonal;
            const std::uint64_t last = k + 1 == blocks ? lastRow : std::uint64_t(1) << 63;
            const std::uint64_t rightBelow = (right << 1) | rise, leftBelow = (left << 1) | fall;
            rises[k] = leftBelow | ~(equal | down | rightBelow);
            falls[k] = rightBelow & (equal | down);
            rise = (right & last) != 0 ? 1 : 0;
            fall = (left & last) != 0 ? 1 : 0;
        }
        distance += static_cast<std::int64_t>(rise) - static_cast<std::int64_t>(fall);
    }
    return distance;
}

double ratio(double part, double whole)
{
    return whole > 0.0 ? part / whole : 1.0;
}

double ratio(std::int64_t part, std::int64_t whole)
{
    return ratio(static_cast<double>(part), static_cast<double>(whole));
}

void addFrames(Comparison& result, const PairCounts& frames)
{
    std::int64_t equal = 0;
    for (const auto& [pair, count] : frames)
        equal += pair.first == pair.second ? count : 0;
    result.frameAccuracy = ratio(equal, result.frames);
    result.kappa = cohensKappa(frames);
}

} // namespace

std::vector<LabelledSpan> timeOf(const Tier& tier)
{
    std::vector<const Segment*> segments;
    for (const Segment& segment : tier.segments)
        if (segment.verdict != Verdict::Rejected && segment.startSeconds < segment.stopSeconds
            && !segment.label.empty())
            segments.push_back(&segment);
    std::ranges::sort(
        segments, [](const Segment* a, const Segment* b) { return inTierOrder(*a, *b); });
    struct Event
    {
        double time;
        std::size_t segment;
        bool begins;
    };
    std::vector<Event> events;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        events.push_back({ segments[i]->startSeconds, i, true });
        events.push_back({ segments[i]->stopSeconds, i, false });
    }
    std::ranges::stable_sort(events, {}, &Event::time);
    std::vector<LabelledSpan> spans;
    std::set<std::size_t> active;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (events[i].begins)
            active.insert(events[i].segment);
        else
            active.erase(events[i].segment);
        if (!active.empty() && i + 1 < events.size())
            append(spans, events[i].time, events[i + 1].time, segments[*active.rbegin()]->label);
    }
    return spans;
}

std::vector<LabelledSpan> timeOf(std::span<const std::string> labels, double cellSeconds)
{
    std::vector<LabelledSpan> spans;
    for (std::size_t i = 0; i < labels.size(); ++i)
        append(spans, static_cast<double>(i) * cellSeconds,
            static_cast<double>(i + 1) * cellSeconds, labels[i]);
    return spans;
}

std::vector<std::string> labelOfEachSecond(std::span<const Segment> segments, std::int64_t seconds)
{
    std::vector<std::string> labels(static_cast<std::size_t>(seconds));
    const auto clipped = [&](double second) {
        return static_cast<std::size_t>(std::clamp(second, 0.0, static_cast<double>(seconds)));
    };
    for (const Segment& segment : segments) {
        const std::size_t stop = clipped(std::ceil(segment.stopSeconds));
        for (std::size_t t = clipped(std::floor(segment.startSeconds)); t < stop; ++t)
            labels[t] = segment.label;
    }
    return labels;
}

FrameGrid FrameGrid::regular(double durationSeconds, double stepSeconds)
{
    FrameGrid grid;
    for (std::int64_t i = 0; static_cast<double>(i) * stepSeconds < durationSeconds; ++i)
        grid.instants.push_back(static_cast<double>(i) * stepSeconds);
    return grid;
}

double SegmentCounts::precision() const
{
    return ratio(matched, matched + wrong);
}
double SegmentCounts::recall() const
{
    return ratio(matched, matched + missed);
}
double SegmentCounts::f1() const
{
    return ratio(2 * matched, 2 * matched + wrong + missed);
}

double LabelFigures::precision() const
{
    return ratio(secondsOfBoth, secondsOfB);
}
double LabelFigures::recall() const
{
    return ratio(secondsOfBoth, secondsOfA);
}
double LabelFigures::f1() const
{
    return ratio(2.0 * secondsOfBoth, secondsOfA + secondsOfB);
}
double LabelFigures::overlap() const
{
    return ratio(secondsOfBoth, secondsOfA + secondsOfB - secondsOfBoth);
}

double SegmentAgreement::share() const
{
    return ratio(sameLabel, pairs + onlyA + onlyB);
}

double StepCounts::recall() const
{
    return ratio(found, present);
}

Comparison compare(
    std::span<const LabelledSpan> a, std::span<const LabelledSpan> b, const FrameGrid& grid)
{
    Names names;
    const Side sideA(a, names), sideB(b, names);
    Comparison result;
    result.frames = static_cast<std::int64_t>(grid.instants.size());
    result.segments10 = segmentCounts(a, b, 0.10);
    result.segments25 = segmentCounts(a, b, 0.25);
    result.segments50 = segmentCounts(a, b, 0.50);
    result.editScore = editScore(a, b);
    result.agreement = agreementOf(a, b, names);

    std::vector<LabelFigures> figures(names.size());
    for (std::size_t i = 0; i < figures.size(); ++i)
        figures[i].label = names.name(static_cast<std::int32_t>(i));
    for (const LabelledSpan& span : a)
        ++figures[static_cast<std::size_t>(names.number(span.label))].segmentsOfA;
    for (const LabelledSpan& span : b)
        ++figures[static_cast<std::size_t>(names.number(span.label))].segmentsOfB;

    PairCounts frames;
    std::int64_t labelledFrames = 0;
    forEachPiece(sideA, sideB, [&](double start, double stop, std::int32_t ofA, std::int32_t ofB) {
        const auto first = std::ranges::lower_bound(grid.instants, start);
        const auto count = std::lower_bound(first, grid.instants.end(), stop) - first;
        labelledFrames += count;
        frames[{ ofA, ofB }] += count;
        const double seconds = stop - start;
        figures[static_cast<std::size_t>(ofA)].secondsOfA += seconds;
        figures[static_cast<std::size_t>(ofB)].secondsOfB += seconds;
        result.secondsOfA += ofA == 0 ? 0.0 : seconds;
        result.secondsOfB += ofB == 0 ? 0.0 : seconds;
        if (ofA == ofB) {
            figures[static_cast<std::size_t>(ofA)].secondsOfBoth += seconds;
        } else {
            result.secondsThatDiffer += seconds;
            result.disagreements.push_back({ start, stop, names.name(ofA), names.name(ofB) });
        }
    });
    frames[{ 0, 0 }] += result.frames - labelledFrames;
    addFrames(result, frames);
    result.labels.assign(figures.begin() + 1, figures.end()); // without outside
    std::ranges::sort(result.labels, {}, &LabelFigures::label);
    return result;
}

SegmentCounts segmentCounts(
    std::span<const LabelledSpan> a, std::span<const LabelledSpan> b, double overlap)
{
    SegmentCounts counts;
    std::vector<bool> taken(a.size(), false);
    for (const LabelledSpan& span : b) {
        double best = 0.0;
        const LabelledSpan* partner = nullptr;
        for (const LabelledSpan& other : overlapping(a, span))
            if (const double value = intersectionOverUnion(other, span);
                other.label == span.label && value > best) {
                best = value;
                partner = &other;
            }
        const auto place = partner == nullptr ? 0U : static_cast<std::size_t>(partner - a.data());
        if (partner != nullptr && best >= overlap && !taken[place]) {
            taken[place] = true;
            ++counts.matched;
        } else {
            ++counts.wrong;
        }
    }
    counts.missed = static_cast<std::int64_t>(a.size()) - counts.matched;
    return counts;
}

double editScore(std::span<const LabelledSpan> a, std::span<const LabelledSpan> b)
{
    if (a.empty() && b.empty())
        return 1.0;
    Names names;
    const auto numbers = [&names](std::span<const LabelledSpan> spans) {
        std::vector<std::int32_t> result;
        for (const LabelledSpan& span : spans)
            result.push_back(names.number(span.label));
        return result;
    };
    const auto ofA = numbers(a), ofB = numbers(b);
    return 1.0
        - static_cast<double>(levenshtein(ofA, ofB, names.size()))
        / static_cast<double>(std::max(a.size(), b.size()));
}

StepCounts stepCounts(std::span<const std::int64_t> seconds, std::span<const std::string> steps,
    std::span<const Segment> truth, std::int64_t videoSeconds)
{
    CLIP_REQUIRE(seconds.empty() || seconds.size() == steps.size(),
        std::to_string(seconds.size()) + " seconds of " + std::to_string(steps.size()) + " steps");
    StepCounts counts;
    for (std::size_t k = 0; k < steps.size(); ++k) {
        std::vector<Segment> ofStep;
        std::ranges::copy_if(truth, std::back_inserter(ofStep),
            [&](const Segment& segment) { return segment.label == steps[k]; });
        const auto there = labelOfEachSecond(ofStep, videoSeconds);
        if (std::ranges::find(there, steps[k]) == there.end())
            continue;
        ++counts.present;
        if (!seconds.empty() && there.at(static_cast<std::size_t>(seconds[k])) == steps[k])
            ++counts.found;
    }
    return counts;
}

double cohensKappa(const PairCounts& pairs)
{
    std::map<std::int32_t, double> ofA, ofB;
    double equal = 0.0, all = 0.0;
    for (const auto& [pair, count] : pairs) {
        const auto times = static_cast<double>(count);
        ofA[pair.first] += times;
        ofB[pair.second] += times;
        equal += pair.first == pair.second ? times : 0.0;
        all += times;
    }
    double chance = 0.0;
    for (const auto& [category, times] : ofA)
        if (const auto other = ofB.find(category); other != ofB.end())
            chance += times * other->second;
    // In counts, where full agreement on one category is exact.
    return all * all - chance > 0.0 ? (equal * all - chance) / (all * all - chance) : 1.0;
}

} // namespace clipscope::labels
