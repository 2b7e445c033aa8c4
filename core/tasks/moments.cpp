#include "tasks/moments.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

namespace clipscope::tasks {

namespace {

std::vector<float> smoothed(std::span<const float> scores, int windowSeconds)
{
    const auto N = static_cast<std::ptrdiff_t>(scores.size());
    const std::ptrdiff_t before = (std::max(windowSeconds, 1) - 1) / 2;
    const std::ptrdiff_t after = std::max(windowSeconds, 1) / 2;
    std::vector<double> sums(scores.size() + 1, 0.0);
    std::partial_sum(scores.begin(), scores.end(), sums.begin() + 1, std::plus<double>{});
    std::vector<float> out(scores.size());
    for (std::ptrdiff_t i = 0; i < N; ++i) {
        const auto start = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, i - before));
        const auto stop = static_cast<std::size_t>(std::min(N, i + after + 1));
        out[static_cast<std::size_t>(i)]
            = static_cast<float>((sums[stop] - sums[start]) / static_cast<double>(stop - start));
    }
    return out;
}

} // namespace

std::vector<Moment> momentsOf(
    std::int64_t videoId, std::span<const float> scores, const MomentRule& rule)
{
    std::vector<Moment> moments;
    if (scores.empty())
        return moments;
    const std::vector<float> smooth = smoothed(scores, rule.windowSeconds);
    const float mean = static_cast<float>(
        std::accumulate(smooth.begin(), smooth.end(), 0.0) / static_cast<double>(smooth.size()));
    std::vector<bool> taken(scores.size(), false);
    while (static_cast<int>(moments.size()) < rule.mostPerVideo) {
        std::size_t best = scores.size();
        for (std::size_t i = 0; i < scores.size(); ++i)
            if (!taken[i] && (best == scores.size() || smooth[i] > smooth[best]))
                best = i;
        if (best == scores.size() || (!moments.empty() && smooth[best] <= mean))
            break;
        const float peakScore = smooth[best];
        const float floor = peakScore
            - std::max(rule.dropToMean * std::max(0.0F, peakScore - mean),
                rule.dropBelowPeak * std::abs(peakScore));
        const auto belongs = [&](std::size_t t) { return std::max(smooth[t], scores[t]) >= floor; };
        std::size_t start = best, stop = best + 1;
        while (start > 0 && !taken[start - 1] && belongs(start - 1))
            --start;
        while (stop < scores.size() && !taken[stop] && belongs(stop))
            ++stop;
        std::size_t left = start, right = stop;
        while (left > 0 && !taken[left - 1] && smooth[left - 1] <= smooth[left])
            --left;
        while (right < scores.size() && !taken[right] && smooth[right] <= smooth[right - 1])
            ++right;
        std::fill(taken.begin() + static_cast<std::ptrdiff_t>(left),
            taken.begin() + static_cast<std::ptrdiff_t>(right), true);
        const auto peak = std::max_element(scores.begin() + static_cast<std::ptrdiff_t>(start),
            scores.begin() + static_cast<std::ptrdiff_t>(stop));
        moments.push_back({ videoId, static_cast<double>(start), static_cast<double>(stop),
            std::distance(scores.begin(), peak), smooth[best], false });
    }
    return moments;
}

void orderMoments(std::vector<Moment>& moments, int top)
{
    std::unordered_map<std::int64_t, float> best;
    for (const Moment& moment : moments) {
        const auto [entry, isNew] = best.try_emplace(moment.videoId, moment.score);
        if (!isNew)
            entry->second = std::max(entry->second, moment.score);
    }
    struct Ranked
    {
        float bestOfVideo = 0.0F;
        Moment moment;
    };
    std::vector<Ranked> ranked;
    ranked.reserve(moments.size());
    for (const Moment& moment : moments)
        ranked.push_back({ best[moment.videoId], moment });
    // Thousands of moments, twenty of which are shown.
    const auto wanted = std::min(moments.size(), static_cast<std::size_t>(std::max(top, 0)));
    std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(wanted),
        ranked.end(), [](const Ranked& a, const Ranked& b) {
            if (a.moment.videoId != b.moment.videoId)
                return a.bestOfVideo != b.bestOfVideo ? a.bestOfVideo > b.bestOfVideo
                                                      : a.moment.videoId < b.moment.videoId;
            return a.moment.score != b.moment.score ? a.moment.score > b.moment.score
                                                    : a.moment.peakSecond < b.moment.peakSecond;
        });
    moments.resize(wanted);
    std::transform(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(wanted),
        moments.begin(), [](const Ranked& one) { return one.moment; });
}

} // namespace clipscope::tasks
