#include "model/layer_norm.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>

namespace clipscope::model {

at::Tensor layerNorm(
    const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double eps)
{
    const auto device = x.device().type();
    if (x.is_cpu() || !at::autocast::is_autocast_enabled(device))
        return at::layer_norm(x, weight.sizes(), weight, bias, eps);
    // Left to itself, LibTorch's mixed precision for graphics cards writes float32 here, and every
    // sum with what comes after moves twice the bytes.
    const at::ScalarType type = at::autocast::get_autocast_dtype(device);
    const c10::impl::ExcludeDispatchKeyGuard noAutocast(c10::autocast_dispatch_keyset);
    return at::layer_norm(x.to(type), weight.sizes(), weight.to(type), bias.to(type), eps);
}

} // namespace clipscope::model
