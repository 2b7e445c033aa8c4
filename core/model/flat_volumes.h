#pragma once

#include <ATen/core/Tensor.h>

namespace clipscope::model {

// Channels-last volumes [N, C, T, H, W] as batches of images: cuDNN and LibTorch have far faster
// kernels for these than for volumes. Without a copy where x is channels-last.

/// Every frame an image. Shapes: [N, C, T, H, W] -> [N * T, C, H, W], channels-last.
at::Tensor framesOf(const at::Tensor& volumes);
/// The volumes that framesOf() took apart, whatever became of C, H and W.
at::Tensor fromFrames(const at::Tensor& frames, std::int64_t N);

/// Every volume an image whose columns are the places of a frame. Shapes: [N, C, T, H, W]
/// -> [N, C, T, H * W], channels-last.
at::Tensor columnsOf(const at::Tensor& volumes);
/// The volumes that columnsOf() took apart, whatever became of C and T.
at::Tensor fromColumns(const at::Tensor& columns, std::int64_t H);

} // namespace clipscope::model
