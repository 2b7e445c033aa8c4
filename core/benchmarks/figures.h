#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace clipscope::benchmarks {

// The figures of the benchmarks; docs/metrics.md has formulas and ties. Threads: any thread at
// once.

/// Half-open interval of pieces or seconds.
using Part = std::pair<std::int64_t, std::int64_t>;

/// Share of ranks that are at most k; 0 without any. Ranks count from 1.
double recallAt(std::span<const double> ranks, double k);
/// Mean of the two middle ones for an even number; 0 without any.
double medianOf(std::vector<double> values);

/// 95 % interval of a figure over items that were drawn by chance: the percentiles 2.5 and 97.5 of
/// the figure over 1000 draws of as many items with replacement (bootstrap; Efron and Tibshirani
/// 1993). The draws are the same every time.
/// `figure` gets the numbers of the drawn items. Cost: 1000 calls.
struct Interval
{
    double low = 0.0, high = 0.0;
    bool operator==(const Interval&) const = default;
};
Interval intervalOf(
    std::size_t items, const std::function<double(std::span<const std::size_t>)>& figure);

/// DiDeMo's 21 parts of a video of six pieces of five seconds: the single pieces, then all runs of
/// two and more in the order (first, last), pieces [first, last + 1).
std::vector<Part> didemoParts();

/// How well a ranking of parts meets what the annotators chose.
struct PartRanks
{
    /// Mean of the three best ranks, from 1; nothing when no annotated part is in the list, which
    /// counts as a miss.
    std::optional<double> meanRank;
    double meanOverlap = 0.0; ///< mean of the three largest intersections over union of the first
    bool operator==(const PartRanks&) const = default;
};
/// Shapes: ranking: parts, best first; times: what each annotator chose, as [first, last + 1).
/// Source: DiDeMo's evaluation (Hendricks et al. 2017) as the reference of VideoCLIP calls it.
PartRanks partRanks(std::span<const Part> ranking, std::span<const Part> times);

} // namespace clipscope::benchmarks
