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

Split splitOf(
    const VideoList& videos, std::uint64_t seed, double fraction, std::int64_t leastValidation)
{
    Split split;
    for (std::int64_t at = 0; at < videos.count(); ++at) {
        auto& part = isValidation(videos.video(at).contentHash, seed, fraction) ? split.validation
                                                                                : split.training;
        part.push_back(at);
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

std::vector<ClipPair> captionPairs(const VideoList& videos, std::span<const std::int64_t> which,
    std::int64_t maxSeconds, std::int64_t most)
{
    std::int64_t count = 0;
    for (const std::int64_t index : which)
        count += static_cast<std::int64_t>(videos.video(index).captions.size());
    const std::int64_t taken = std::min(count, most);
    std::vector<ClipPair> pairs;
    std::int64_t before = 0; // captions of the videos before this one
    for (const std::int64_t index : which) {
        const CaptionedVideo video = videos.video(index);
        const auto captions = static_cast<std::int64_t>(video.captions.size());
        while (static_cast<std::int64_t>(pairs.size()) < taken) {
            const auto next = static_cast<std::int64_t>(pairs.size());
            const std::int64_t at = next * count / taken - before;
            if (at >= captions)
                break;
            const TokenCaption caption = video.captions[static_cast<std::size_t>(at)];
            SecondSpan span
                = alignedSpan(caption.startSeconds, caption.stopSeconds, video.seconds, maxSeconds);
            span.begin = std::min(span.begin, video.seconds - 1);
            span.end = std::max(span.end, span.begin + 1);
            pairs.push_back({ index, at, at + 1, span.begin, span.end });
        }
        before += captions;
    }
    return pairs;
}

} // namespace clipscope::data
