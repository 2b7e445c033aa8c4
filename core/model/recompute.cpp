#include "model/recompute.h"

#include "tensor/device.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <memory>

namespace clipscope::model {

namespace {

/// What f needs to do the same again.
struct Again final : torch::CustomClassHolder
{
    std::function<at::Tensor(const at::Tensor&)> f;
    tensor::Compute compute; // of the autocast in force
    at::Tensor random;
};

tensor::Compute computeNow(const at::Tensor& x)
{
    tensor::Compute compute;
    compute.device = x.device();
    if (at::autocast::is_autocast_enabled(x.device().type()))
        compute.precision = at::autocast::get_autocast_dtype(x.device().type());
    return compute;
}

class Recomputed final : public torch::autograd::Function<Recomputed>
{
public:
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x,
        const c10::intrusive_ptr<Again>& again)
    {
        context->saved_data["again"] = c10::IValue::make_capsule(again);
        context->save_for_backward({ x });
        const at::NoGradGuard noGrad;
        return again->f(x);
    }

    static torch::autograd::variable_list backward(
        torch::autograd::AutogradContext* context, const torch::autograd::variable_list& gradients)
    {
        const auto capsule = context->saved_data["again"].toCapsule();
        const auto& again = static_cast<const Again&>(*capsule);
        const at::Tensor x = context->get_saved_variables()[0].detach().requires_grad_(true);
        const at::Tensor before = tensor::randomState(x.device());
        (void)tensor::setRandomState(x.device(), again.random);
        at::Tensor y;
        {
            const at::AutoGradMode record(true);
            const tensor::AutocastScope autocast(again.compute);
            y = again.f(x);
        }
        (void)tensor::setRandomState(x.device(), before);
        torch::autograd::backward({ y }, { gradients[0] });
        return { x.grad(), {} };
    }
};

} // namespace

at::Tensor recomputed(const at::Tensor& x, std::function<at::Tensor(const at::Tensor&)> f)
{
    auto again = c10::make_intrusive<Again>();
    again->f = std::move(f);
    again->compute = computeNow(x);
    again->random = tensor::randomState(x.device());
    return Recomputed::apply(x, again);
}

} // namespace clipscope::model
