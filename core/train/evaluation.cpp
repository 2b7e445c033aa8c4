#include "train/evaluation.h"

#include "base/require.h"
#include "data/training_set.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace clipscope::train {

double Evaluation::chanceAt(std::int64_t k) const
{
    return pairs == 0 ? 0.0 : std::min(1.0, static_cast<double>(k) / static_cast<double>(pairs));
}

at::Tensor ownRanks(const at::Tensor& scores)
{
    const at::Tensor own = scores.diagonal().unsqueeze(1);
    // "Not (score <= own)" counts a NaN on either side against the pair.
    const at::Tensor better = scores.le(own).logical_not().sum(1);
    return better.add(1).clamp_max(scores.size(1));
}

PairVectors encodeBatch(
    const model::VideoClip& network, const data::Batch& batch, const tensor::Compute& compute)
{
    const tensor::AutocastScope autocast(compute);
    return { network.video().encode(batch.features, batch.videoMask).to(at::kFloat),
        network.text().encode(batch.ids, batch.textMask).to(at::kFloat) };
}

Result<PairVectors> encodePairs(model::VideoClip& network, const data::TrainingSet& set,
    std::span<const data::ClipPair> pairs, const tensor::Compute& compute)
{
    constexpr std::size_t chunk = 64;
    CLIP_REQUIRE(!pairs.empty(), "no pairs");
    const tensor::InferenceScope inference;
    network.setTraining(false);
    std::vector<at::Tensor> videos, texts;
    for (std::size_t at = 0; at < pairs.size(); at += chunk) {
        CLIP_TRY_ASSIGN(const data::Batch batch,
            set.batch(pairs.subspan(at, std::min(chunk, pairs.size() - at)),
                network.config().text.maxTokens));
        const PairVectors some = encodeBatch(network, batch, compute);
        videos.push_back(some.video);
        texts.push_back(some.text);
    }
    return PairVectors{ at::cat(videos), at::cat(texts) };
}

Result<Evaluation> evaluatePairs(model::VideoClip& network, const data::TrainingSet& set,
    std::span<const data::ClipPair> pairs, const tensor::Compute& compute)
{
    CLIP_TRY_ASSIGN(const PairVectors vectors, encodePairs(network, set, pairs, compute));
    const tensor::InferenceScope inference;
    const at::Tensor ranks = ownRanks(at::mm(vectors.text, vectors.video.t())).cpu();
    Evaluation evaluation;
    evaluation.pairs = static_cast<std::int64_t>(pairs.size());
    evaluation.loss = model::contrastiveLoss(vectors.video, vectors.text).total.item<double>();
    evaluation.recallAt1 = ranks.le(1).to(at::kDouble).mean().item<double>();
    evaluation.recallAt5 = ranks.le(5).to(at::kDouble).mean().item<double>();
    evaluation.medianRank = ranks.to(at::kDouble).quantile(0.5).item<double>();
    return evaluation;
}

} // namespace clipscope::train
