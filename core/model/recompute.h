#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

namespace clipscope::model {

/// f(x), keeping only x: the backward pass computes f once more, with the same random numbers and
/// precision, instead of having kept all that lies between. Gradients of weights that f uses are
/// accumulated as usual.
/// Shapes:  f takes and gives one tensor; x requires gradients.
/// Threads: as f.
/// Source:  Chen et al. 2016, training with sublinear memory cost.
at::Tensor recomputed(const at::Tensor& x, std::function<at::Tensor(const at::Tensor&)> f);

} // namespace clipscope::model
