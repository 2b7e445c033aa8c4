#include "train/video_vectors.h"

#include "data/batch_loader.h"
#include "data/clip_sampler.h"
#include "data/training_set.h"
#include "train/evaluation.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace clipscope::train {

namespace {

/// The vectors of videos [begin, end).
Result<at::Tensor> shareOf(const model::VideoClip& network, const data::TrainingSet& set,
    const data::ClipSampler& sampler, std::span<const std::int64_t> videos,
    std::int64_t clipsPerVideo, data::EpochSeed seed, const tensor::Compute& compute)
{
    const std::int64_t pairsAtOnce = compute.device.is_cuda() ? 1024 : 256;
    const auto videosAtOnce
        = static_cast<std::size_t>(std::max<std::int64_t>(1, pairsAtOnce / clipsPerVideo));
    // A card encodes faster than one thread makes batches; on the CPU the others compute.
    const int threads = compute.device.is_cuda() ? 4 : 1;
    data::BatchLoader loader(set, network.config().text.maxTokens, threads);
    const auto prepare = [&](std::size_t begin) {
        std::vector<data::ClipPair> clips;
        for (std::size_t at = begin; at < std::min(begin + videosAtOnce, videos.size()); ++at)
            sampler.alignedClips(set.video(videos[at]), videos[at], seed, clipsPerVideo,
                network.config().video.maxSeconds, clips);
        loader.prepare(std::move(clips));
    };
    std::vector<at::Tensor> vectors{ at::zeros({ 0, network.config().text.bert.width }) };
    const std::int64_t ahead = std::min<std::int64_t>(threads + 1, data::BatchLoader::most);
    std::size_t asked = 0;
    for (std::size_t at = 0; at < videos.size(); at += videosAtOnce) {
        for (; asked < videos.size() && loader.pending() < ahead; asked += videosAtOnce)
            prepare(asked); // the next ones are made while this one is computed
        CLIP_TRY_ASSIGN(const data::Batch batch, loader.take());
        const PairVectors pair = encodeBatch(network, batch, compute);
        const at::Tensor both = pair.video + pair.text;
        vectors.push_back(both.view({ -1, clipsPerVideo, both.size(1) }).mean(1).div(2).cpu());
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
