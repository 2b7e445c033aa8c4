#include "model/encoder_layer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <array>

namespace clipscope::model {

namespace {

constexpr std::size_t weightCount = 16;

/// The way back through the attention, as the graph can keep it.
struct Back final : torch::CustomClassHolder
{
    decltype(AttentionPass::backward) through;
};

/// All weights in the order in which gradients are given back.
std::vector<at::Tensor> weightsOf(const EncoderLayer& layer)
{
    std::vector<at::Tensor> all;
    for (const Linear* linear : { &layer.query, &layer.key, &layer.value, &layer.attentionOut,
             &layer.attentionNorm, &layer.intermediate, &layer.output, &layer.outputNorm }) {
        all.push_back(linear->weight);
        all.push_back(linear->bias);
    }
    return all;
}

/// In the type of the tokens, with query, key and value one below the other.
struct CastLayer
{
    Linear projection, attentionOut, attentionNorm, intermediate, output, outputNorm;

    std::array<Linear*, 6> all()
    {
        return { &projection, &attentionOut, &attentionNorm, &intermediate, &output, &outputNorm };
    }
};

/// By one kernel for all: a cast for each would keep the card waiting for launches.
CastLayer cast(at::TensorList weights, at::ScalarType type)
{
    constexpr std::size_t projections = 3;
    const std::int64_t D = weights[0].size(0);
    const auto options = weights[0].options().requires_grad(false).dtype(type);
    CastLayer layer;
    layer.projection
        = { at::empty({ 3 * D, weights[0].size(1) }, options), at::empty({ 3 * D }, options) };
    std::vector<at::Tensor> from, to;
    const auto copied = [&](const at::Tensor& weight, at::Tensor place) {
        from.push_back(weight);
        to.push_back(std::move(place));
    };
    for (std::size_t i = 0; i < projections; ++i) {
        const std::int64_t row = static_cast<std::int64_t>(i) * D;
        copied(weights[2 * i], layer.projection.weight.narrow(0, row, D));
        copied(weights[2 * i + 1], layer.projection.bias.narrow(0, row, D));
    }
    std::size_t next = 2 * projections;
    for (Linear* linear : layer.all()) {
        if (linear == &layer.projection)
            continue;
        for (at::Tensor* own : { &linear->weight, &linear->bias }) {
            const at::Tensor& weight = weights[next++];
            *own = weight.scalar_type() == type ? weight : at::empty(weight.sizes(), options);
            if (weight.scalar_type() != type)
                copied(weight, *own);
        }
    }
    at::_foreach_copy_(to, from);
    return layer;
}

struct Dropped
{
    at::Tensor values, kept; ///< kept: bool, undefined without dropout
};

Dropped dropped(const at::Tensor& x, double rate)
{
    if (rate == 0.0)
        return { x, {} };
    auto [values, kept] = at::native_dropout(x, rate, true);
    return { values, kept };
}

at::Tensor droppedBackward(const at::Tensor& gradient, const at::Tensor& kept, double rate)
{
    return kept.defined() ? at::native_dropout_backward(gradient, kept, 1.0 / (1.0 - rate))
                          : gradient;
}

/// a^T b, summed and written in `type`.
at::Tensor productOver(const at::Tensor& a, const at::Tensor& b, at::ScalarType type)
{
    return a.scalar_type() == type ? at::mm(a.t(), b) : at::mm(a.t(), b, type);
}

class LayerNode final : public torch::autograd::Function<LayerNode>
{
public:
    /// With `learns` what the backward pass needs is kept. The weights must be a TensorList: those
    /// of a vector would get no gradients.
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x,
        const at::TensorList& weights, const Attention& attention, double normEps, double rate,
        bool learns)
    {
        const c10::impl::ExcludeDispatchKeyGuard noAutocast(c10::autocast_dispatch_keyset);
        CastLayer layer = cast(weights, x.scalar_type());
        const at::IntArrayRef D = layer.outputNorm.bias.sizes();
        const auto parts = applied(layer.projection, x).chunk(3, 1);
        AttentionPass pass = attention(parts[0], parts[1], parts[2], learns);
        const at::Tensor& mixed = pass.mixed;
        const Dropped first = dropped(applied(layer.attentionOut, mixed), rate);
        const at::Tensor attended = x + first.values;
        const auto [h, mean1, scale1] = at::native_layer_norm(
            attended, D, layer.attentionNorm.weight, layer.attentionNorm.bias, normEps);
        const at::Tensor wide = applied(layer.intermediate, h), active = at::gelu(wide);
        const Dropped second = dropped(applied(layer.output, active), rate);
        const at::Tensor summed = h + second.values;
        auto [y, mean2, scale2] = at::native_layer_norm(
            summed, D, layer.outputNorm.weight, layer.outputNorm.bias, normEps);
        if (learns) {
            std::vector<at::Tensor> kept{ x, mixed, first.kept, attended, mean1, scale1, h, wide,
                active, second.kept, summed, mean2, scale2 };
            for (const Linear* linear : layer.all()) {
                kept.push_back(linear->weight);
                kept.push_back(linear->bias);
            }
            context->save_for_backward(std::move(kept));
            auto back = c10::make_intrusive<Back>();
            back->through = std::move(pass.backward);
            context->saved_data["back"] = c10::IValue::make_capsule(std::move(back));
            context->saved_data["rate"] = rate;
            context->saved_data["type"] = static_cast<std::int64_t>(weights[0].scalar_type());
        }
        return y;
    }

    static torch::autograd::variable_list backward(
        torch::autograd::AutogradContext* context, const torch::autograd::variable_list& gradients)
    {
        const at::NoGradGuard noGrad;
        const c10::impl::ExcludeDispatchKeyGuard noAutocast(c10::autocast_dispatch_keyset);
        const auto kept = context->get_saved_variables();
        const at::Tensor &x = kept[0], &mixed = kept[1], &firstKept = kept[2], &attended = kept[3],
                         &mean1 = kept[4], &scale1 = kept[5], &h = kept[6], &wide = kept[7],
                         &active = kept[8], &secondKept = kept[9], &summed = kept[10],
                         &mean2 = kept[11], &scale2 = kept[12];
        CastLayer layer;
        std::size_t next = 13;
        for (Linear* linear : layer.all()) {
            linear->weight = kept[next++];
            linear->bias = kept[next++];
        }
        const auto back = context->saved_data["back"].toCapsule();
        const double rate = context->saved_data["rate"].toDouble();
        const auto type = static_cast<at::ScalarType>(context->saved_data["type"].toInt());
        const at::IntArrayRef D = layer.outputNorm.bias.sizes();
        // By a product too: LibTorch's sums over rows take half as long again.
        const at::Tensor ones = at::ones({ x.size(0), 1 }, x.options());
        const auto forLinear = [&](const at::Tensor& out, const at::Tensor& in) {
            return Linear{ productOver(out, in, type), productOver(ones, out, type).squeeze(0) };
        };
        const auto forNorm
            = [&](const at::Tensor& out, const at::Tensor& in, const at::Tensor& mean,
                  const at::Tensor& scale, const Linear& norm) {
                  auto [before, weight, bias] = at::native_layer_norm_backward(
                      out, in, D, mean, scale, norm.weight, norm.bias, { true, true, true });
                  return std::pair(before, Linear{ weight.to(type), bias.to(type) });
              };

        const auto [forSummed, forOutputNorm]
            = forNorm(gradients[0].contiguous(), summed, mean2, scale2, layer.outputNorm);
        const at::Tensor forSecond = droppedBackward(forSummed, secondKept, rate);
        const Linear forOutput = forLinear(forSecond, active);
        const at::Tensor forWide = at::gelu_backward(at::mm(forSecond, layer.output.weight), wide);
        const Linear forIntermediate = forLinear(forWide, h);
        at::Tensor forH = forSummed; // nobody reads it any more
        const auto [forAttended, forAttentionNorm]
            = forNorm(forH.addmm_(forWide, layer.intermediate.weight), attended, mean1, scale1,
                layer.attentionNorm);
        const at::Tensor forFirst = droppedBackward(forAttended, firstKept, rate);
        const Linear forAttentionOut = forLinear(forFirst, mixed);
        auto& through = static_cast<Back&>(*back).through;
        const at::Tensor forProjected
            = at::cat(through(at::mm(forFirst, layer.attentionOut.weight)), 1);
        through = {}; // frees what it holds
        const Linear forProjection = forLinear(forProjected, x);

        at::Tensor forX = forAttended;
        torch::autograd::variable_list all{ forX.addmm_(forProjected, layer.projection.weight) };
        const auto weights = forProjection.weight.chunk(3), biases = forProjection.bias.chunk(3);
        for (std::size_t i = 0; i < weights.size(); ++i) {
            all.push_back(weights[i]);
            all.push_back(biases[i]);
        }
        for (const Linear* linear :
            { &forAttentionOut, &forAttentionNorm, &forIntermediate, &forOutput, &forOutputNorm }) {
            all.push_back(linear->weight);
            all.push_back(linear->bias);
        }
        constexpr std::size_t others = 4; // attention, eps, rate, learns: no gradients
        all.resize(1 + weightCount + others);
        return all;
    }
};

} // namespace

at::Tensor applied(const Linear& linear, const at::Tensor& x)
{
    return at::linear(x, linear.weight, linear.bias);
}

at::Tensor encoderLayer(const EncoderLayer& layer, const at::Tensor& x, const Attention& attention,
    double normEps, double dropout)
{
    return LayerNode::apply(x, at::TensorList(weightsOf(layer)), attention, normEps, dropout,
        at::GradMode::is_enabled() && (x.requires_grad() || layer.query.weight.requires_grad()));
}

} // namespace clipscope::model
