#include "train/video_vectors.h"

#include "data/clip_sampler.h"
#include "data/training_set.h"

#include <torch/torch.h>

#include <algorithm>

namespace clipscope::train {

namespace {

/// The vectors of videos [begin, end).
Result<at::Tensor> shareOf(const model::VideoClip& network, const data::TrainingSet& set,
    const data::ClipSampler& sampler, std::span<const std::int64_t> videos,
    std::int64_t clipsPerVideo, data::EpochSeed seed, const tensor::Compute& compute)
{
    constexpr std::int64_t pairsAtOnce = 256;
    const auto there = [&](const at::Tensor& tensor) { return tensor.to(compute.device); };
    const auto videosAtOnce
        = static_cast<std::size_t>(std::max<std::int64_t>(1, pairsAtOnce / clipsPerVideo));
    std::vector<at::Tensor> vectors{ at::zeros({ 0, network.config().text.bert.width }) };
    for (std::size_t at = 0; at < videos.size(); at += videosAtOnce) {
        const auto some = videos.subspan(at, std::min(videosAtOnce, videos.size() - at));
        std::vector<data::ClipPair> clips;
        for (const std::int64_t index : some)
            sampler.alignedClips(set.video(index), index, seed, clipsPerVideo,
                network.config().video.maxSeconds, clips);
        CLIP_TRY_ASSIGN(const data::Batch batch, set.batch(clips, network.config().text.maxTokens));
        const tensor::AutocastScope autocast(compute);
        const at::Tensor both
            = network.video().encode(there(batch.features), there(batch.videoMask)).to(at::kFloat)
            + network.text().encode(there(batch.ids), there(batch.textMask)).to(at::kFloat);
        vectors.push_back(both.view({ static_cast<std::int64_t>(some.size()), clipsPerVideo, -1 })
                              .mean(1)
                              .div(2)
                              .cpu());
    }
    return at::cat(vectors);
}

} // namespace

Result<at::Tensor> videoVectors(model::VideoClip& network, const data::TrainingSet& set,
    const data::ClipSampler& sampler, std::span<const std::int64_t> videos,
    std::int64_t clipsPerVideo, data::EpochSeed seed, const tensor::Compute& compute,
    const tensor::Ranks& ranks)
{
    const tensor::InferenceScope inference;
    network.setTraining(false);
    const auto count = static_cast<std::int64_t>(videos.size());
    std::vector<std::int64_t> counts;
    for (std::int64_t rank = 0; rank < ranks.size(); ++rank)
        counts.push_back((rank + 1) * count / ranks.size() - rank * count / ranks.size());
    const auto begin = static_cast<std::size_t>(ranks.rank() * count / ranks.size());
    const auto own = videos.subspan(
        begin, static_cast<std::size_t>(counts[static_cast<std::size_t>(ranks.rank())]));
    CLIP_TRY_ASSIGN(const at::Tensor vectors,
        shareOf(network, set, sampler, own, clipsPerVideo, seed, compute));
    CLIP_TRY_ASSIGN(const at::Tensor all, ranks.gathered(vectors.to(compute.device), counts));
    return all.cpu().contiguous();
}

} // namespace clipscope::train
