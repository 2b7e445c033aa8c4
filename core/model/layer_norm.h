#pragma once

#include <ATen/core/Tensor.h>

namespace clipscope::model {

/// LayerNorm over the last dimension. In mixed precision its output has the type of the matrix
/// products, which read it next; sums are float32 inside in any case.
/// Shapes: x [..., D], weight and bias [D] -> [..., D].
at::Tensor layerNorm(
    const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double eps);

} // namespace clipscope::model
