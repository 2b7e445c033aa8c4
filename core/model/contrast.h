#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace clipscope::model {

/// The symmetric loss of a batch with everything training asks of it.
/// Shapes: per-pair tensors float32 [B], gradients float32 [B, D].
struct Contrast
{
    double videoToText = 0.0, textToVideo = 0.0; ///< means over the rows; the loss is their sum
    at::Tensor losses; ///< of the pairs, both directions; their mean is the loss
    at::Tensor margins; ///< own score minus the best of the text with another video; inf when alone
    at::Tensor videoGradient, textGradient; ///< of the loss
};

/// The loss of model::contrastiveLoss() and its gradients, without ever holding the B x B scores:
/// they are computed twice, `tileRows` rows at a time, so memory grows with B alone.
///
/// Shapes:  video [B, D], text [B, D], any float type, B >= 1; computed in float32, detached.
/// Threads: any thread at once; uses LibTorch's threads.
/// Cost:    three B x B x D products instead of the two of the plain way.
/// Source:  videoclip.md section 6; log-sum-exp over columns as in online softmax.
Contrast contrast(const at::Tensor& video, const at::Tensor& text, std::int64_t tileRows = 1024);

} // namespace clipscope::model
