#include "data/epoch.h"

#include "base/hash.h"
#include "base/random.h"
#include "base/require.h"
#include "data/clip_sampler.h"

#include <algorithm>
#include <string>

namespace clipscope::data {

bool isValidation(std::string_view contentHash, std::uint64_t seed, double fraction)
{
    const std::string digits
        = hashOf(std::to_string(seed) + ":" + std::string(contentHash)).substr(0, 13);
    return static_cast<double>(std::stoull(digits, nullptr, 16)) < fraction * 0x1p52;
}

Split splitOf(std::span<const CaptionedVideo> videos, std::uint64_t seed, double fraction,
    std::int64_t leastValidation)
{
    Split split;
    for (std::size_t at = 0; at < videos.size(); ++at) {
        auto& part = isValidation(videos[at].contentHash, seed, fraction) ? split.validation
                                                                          : split.training;
        part.push_back(static_cast<std::int64_t>(at));
    }
    if (split.training.empty()
        || static_cast<std::int64_t>(split.validation.size()) < leastValidation) {
        split.training.insert(
            split.training.end(), split.validation.begin(), split.validation.end());
        std::sort(split.training.begin(), split.training.end());
        split.validation.clear();
    }
    return split;
}

std::vector<std::vector<std::int64_t>> shuffledBatches(
    std::span<const std::int64_t> videos, std::int64_t batchVideos, EpochSeed seed)
{
    CLIP_REQUIRE(batchVideos > 0, std::to_string(batchVideos));
    std::vector<std::int64_t> order(videos.begin(), videos.end());
    Random random({ seed.seed, static_cast<std::uint64_t>(seed.epoch) });
    for (std::size_t at = order.size(); at > 1; --at)
        std::swap(order[at - 1],
            order[static_cast<std::size_t>(
                random.uniformInteger(0, static_cast<std::int64_t>(at) - 1))]);
    const auto count = static_cast<std::int64_t>(order.size());
    const std::int64_t parts = (count + batchVideos - 1) / batchVideos;
    std::vector<std::vector<std::int64_t>> batches;
    for (std::int64_t part = 0; part < parts; ++part)
        batches.emplace_back(
            order.begin() + part * count / parts, order.begin() + (part + 1) * count / parts);
    return batches;
}

std::vector<ClipPair> captionPairs(std::span<const CaptionedVideo> videos,
    std::span<const std::int64_t> which, std::int64_t maxSeconds, std::int64_t most)
{
    std::vector<ClipPair> pairs;
    for (const std::int64_t index : which) {
        const CaptionedVideo& video = videos[static_cast<std::size_t>(index)];
        for (std::size_t at = 0; at < video.captions.size(); ++at) {
            const TokenCaption& caption = video.captions[at];
            SecondSpan span
                = alignedSpan(caption.startSeconds, caption.stopSeconds, video.seconds, maxSeconds);
            span.begin = std::min(span.begin, video.seconds - 1);
            span.end = std::max(span.end, span.begin + 1);
            const auto first = static_cast<std::int64_t>(at);
            pairs.push_back({ index, first, first + 1, span.begin, span.end });
        }
    }
    const auto count = static_cast<std::int64_t>(pairs.size());
    if (count <= most)
        return pairs;
    std::vector<ClipPair> thinned;
    for (std::int64_t at = 0; at < most; ++at)
        thinned.push_back(pairs[static_cast<std::size_t>(at * count / most)]);
    return thinned;
}

} // namespace clipscope::data
