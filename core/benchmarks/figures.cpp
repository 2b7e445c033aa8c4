#include "benchmarks/figures.h"

#include "base/random.h"

#include <algorithm>
#include <array>

namespace clipscope::benchmarks {

namespace {

constexpr std::size_t draws = 1000;
constexpr int pieces = 6; ///< of a DiDeMo video
constexpr std::size_t annotatorsCounted = 3;

/// Mean of the three smallest, or of all when there are fewer.
double meanOfSmallest(std::vector<double> values)
{
    const std::size_t count = std::min(values.size(), annotatorsCounted);
    std::ranges::sort(values);
    double sum = 0.0;
    for (std::size_t i = 0; i < count; ++i)
        sum += values[i];
    return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

double overlapOf(const Part& a, const Part& b)
{
    const auto both = std::min(a.second, b.second) - std::max(a.first, b.first);
    const auto either = std::max(a.second, b.second) - std::min(a.first, b.first);
    return both <= 0 ? 0.0 : static_cast<double>(both) / static_cast<double>(either);
}

} // namespace

double recallAt(std::span<const double> ranks, double k)
{
    const auto found = std::ranges::count_if(ranks, [k](double rank) { return rank <= k; });
    return ranks.empty() ? 0.0 : static_cast<double>(found) / static_cast<double>(ranks.size());
}

double medianOf(std::vector<double> values)
{
    if (values.empty())
        return 0.0;
    std::ranges::sort(values);
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2.0;
}

Interval intervalOf(
    std::size_t items, const std::function<double(std::span<const std::size_t>)>& figure)
{
    if (items == 0)
        return {};
    Random random({ 0x696e74657276616cULL });
    std::vector<std::size_t> drawn(items);
    std::array<double, draws> values{};
    for (double& value : values) {
        for (std::size_t& item : drawn)
            item = static_cast<std::size_t>(
                random.uniformInteger(0, static_cast<std::int64_t>(items) - 1));
        value = figure(drawn);
    }
    std::ranges::sort(values);
    constexpr std::size_t tail = draws / 40;
    return { values[tail - 1], values[draws - tail] };
}

std::vector<Part> didemoParts()
{
    std::vector<Part> parts;
    parts.reserve(pieces * (pieces + 1) / 2);
    for (int piece = 0; piece < pieces; ++piece)
        parts.emplace_back(piece, piece + 1);
    for (int first = 0; first < pieces; ++first)
        for (int last = first + 1; last < pieces; ++last)
            parts.emplace_back(first, last + 1);
    return parts;
}

PartRanks partRanks(std::span<const Part> ranking, std::span<const Part> times)
{
    std::vector<double> ranks, misses;
    for (const Part& time : times) {
        const auto place = std::ranges::find(ranking, time);
        if (place != ranking.end())
            ranks.push_back(static_cast<double>(place - ranking.begin() + 1));
        if (!ranking.empty())
            misses.push_back(1.0 - overlapOf(ranking.front(), time));
    }
    PartRanks result;
    if (!ranks.empty())
        result.meanRank = meanOfSmallest(std::move(ranks));
    if (!misses.empty())
        result.meanOverlap = 1.0 - meanOfSmallest(std::move(misses));
    return result;
}

} // namespace clipscope::benchmarks
