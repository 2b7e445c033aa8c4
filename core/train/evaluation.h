#pragma once

#include "base/result.h"
#include "model/video_clip.h"
#include "tensor/device.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

namespace clipscope::data {
class TrainingSet;
struct Batch;
struct ClipPair;
} // namespace clipscope::data

namespace clipscope::train {

/// How well every text finds the video clip of its own pair among those of all pairs.
struct Evaluation
{
    std::int64_t pairs = 0;
    double loss = 0.0; ///< symmetric loss over all pairs as one batch
    double recallAt1 = 0.0, recallAt5 = 0.0; ///< text to video, in [0, 1]
    double medianRank = 0.0; ///< from 1
    /// What chance gives for recall at k.
    double chanceAt(std::int64_t k) const;
};

/// Rank from 1 of column i in row i: 1 + how many columns have a strictly greater score.
/// Shapes: scores float [N, N] -> int64 [N]. NaN scores rank last.
at::Tensor ownRanks(const at::Tensor& scores);

/// The vectors of both sides of some pairs. Shapes: [pairs, D] float32, on the computing device.
struct PairVectors
{
    at::Tensor video, text;
};
/// Encodes a batch as the network's training switch and the gradient mode of the thread say, with
/// matrix products in `compute`'s precision.
PairVectors encodeBatch(
    const model::VideoClip& network, const data::Batch& batch, const tensor::Compute& compute);
/// Encodes without dropout and without gradients; the network's training switch is off after it.
/// Errors: as data::TrainingSet::batch(). Threads: one thread at a time for one network.
Result<PairVectors> encodePairs(model::VideoClip& network, const data::TrainingSet& set,
    std::span<const data::ClipPair> pairs, const tensor::Compute& compute);

/// Encodes the pairs without dropout and ranks them. The network's training switch is off after it.
/// Requires at least one pair. Errors: as data::TrainingSet::batch(). Threads: one thread at a time
/// for one network.
Result<Evaluation> evaluatePairs(model::VideoClip& network, const data::TrainingSet& set,
    std::span<const data::ClipPair> pairs, const tensor::Compute& compute);

} // namespace clipscope::train
