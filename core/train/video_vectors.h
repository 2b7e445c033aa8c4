#pragma once

#include "data/captioned_video.h"
#include "model/video_clip.h"
#include "tensor/device.h"
#include "tensor/ranks.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

namespace clipscope::data {
class ClipSampler;
class TrainingSet;
} // namespace clipscope::data

namespace clipscope::train {

/// One vector a video, by which alike videos are found: the mean over some aligned clips of the
/// mean of pooled video and pooled text. Each rank encodes a share of the videos; all get all.
///
/// Shapes:  -> float32 [videos, D] on the CPU, row i of videos[i].
/// Errors:  as tensor::Ranks and data::TrainingSet::batch().
/// Threads: one thread at a time for a network, whose training switch is off afterwards.
/// Source:  videoclip.md section 5.
Result<at::Tensor> videoVectors(model::VideoClip& network, const data::TrainingSet& set,
    const data::ClipSampler& sampler, std::span<const std::int64_t> videos,
    std::int64_t clipsPerVideo, data::EpochSeed seed, const tensor::Compute& compute,
    const tensor::Ranks& ranks);

} // namespace clipscope::train
