#include "model/s3d.h"

#include "base/guarded.h"
#include "base/require.h"
#include "model/flat_volumes.h"

#include <ATen/ATen.h>

#include <array>

namespace clipscope::model {

namespace {

constexpr double batchNormEps = 1e-5;

struct Mixed
{
    std::string_view name;
    std::int64_t in, b0, b1a, b1b, b2a, b2b, b3;
};
constexpr std::array<Mixed, 9> mixedTable{ { { "mixed_3b", 192, 64, 96, 128, 16, 32, 32 },
    { "mixed_3c", 256, 128, 128, 192, 32, 96, 64 }, { "mixed_4b", 480, 192, 96, 208, 16, 48, 64 },
    { "mixed_4c", 512, 160, 112, 224, 24, 64, 64 }, { "mixed_4d", 512, 128, 128, 256, 24, 64, 64 },
    { "mixed_4e", 512, 112, 144, 288, 32, 64, 64 },
    { "mixed_4f", 528, 256, 160, 320, 32, 128, 128 },
    { "mixed_5b", 832, 256, 160, 320, 32, 128, 128 },
    { "mixed_5c", 832, 384, 192, 384, 48, 128, 128 } } };

using Sizes = std::vector<std::int64_t>;

/// Zeros around, total max(kernel - stride, 0) a side pair with the smaller half in front, then a
/// maximum whose last window may hang over the edge: TensorFlow's SAME as the reference copies it.
/// What is pooled is never negative here, so zeros at the back win nowhere; they are written out
/// only where they make one more window.
at::Tensor maxPool(const at::Tensor& x, const Sizes& kernel, const Sizes& stride)
{
    std::array<std::int64_t, 6> padding{}; // W, H, T: front and back
    bool padded = false;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const std::int64_t total = std::max<std::int64_t>(kernel[axis] - stride[axis], 0);
        const std::int64_t size = x.size(static_cast<std::int64_t>(axis) + 2);
        const auto windows = [&](std::int64_t length) {
            return (length - kernel[axis] + stride[axis] - 1) / stride[axis];
        };
        const std::int64_t front = total / 2;
        if (front == 0 && size >= kernel[axis] && windows(size) == windows(size + total))
            continue;
        padding[2 * (2 - axis)] = front;
        padding[2 * (2 - axis) + 1] = total - front;
        padded = padded || total > 0;
    }
    const at::Tensor all = padded ? at::constant_pad_nd(x, padding, 0) : x;
    if (all.is_cpu())
        return at::max_pool3d(all, kernel, stride, 0, 1, true);
    const at::Tensor flat = fromFrames(at::max_pool2d(framesOf(all), { kernel[1], kernel[2] },
                                           { stride[1], stride[2] }, 0, 1, true),
        x.size(0));
    if (kernel[0] == 1 && stride[0] == 1)
        return flat;
    return fromColumns(
        at::max_pool2d(columnsOf(flat), { kernel[0], 1 }, { stride[0], 1 }, 0, 1, true),
        flat.size(3));
}

/// Maximum of each place and its neighbours, kernel 3, stride 1, one axis after the other: the same
/// numbers as max_pool3d() gives, in half its time.
at::Tensor largestAround(const at::Tensor& x)
{
    if (!x.is_cpu()) {
        const at::Tensor flat
            = fromFrames(at::max_pool2d(framesOf(x), { 3, 3 }, { 1, 1 }, { 1, 1 }), x.size(0));
        return fromColumns(
            at::max_pool2d(columnsOf(flat), { 3, 1 }, { 1, 1 }, { 1, 0 }), flat.size(3));
    }
    at::Tensor largest = x;
    for (const std::int64_t axis : { 4, 3, 2 }) {
        const at::Tensor before = largest;
        const std::int64_t others = before.size(axis) - 1;
        largest = before.clone();
        at::Tensor first = largest.narrow(axis, 0, others), last = largest.narrow(axis, 1, others);
        at::maximum_out(first, first, before.narrow(axis, 1, others));
        at::maximum_out(last, last, before.narrow(axis, 0, others));
    }
    return largest;
}

/// Channel index (dt, dh, dw, c) with c fastest, of 2 x 2 x 2 blocks.
at::Tensor spaceToDepth(const at::Tensor& x)
{
    const std::int64_t N = x.size(0), C = x.size(1), T = x.size(2), H = x.size(3), W = x.size(4);
    return x.reshape({ N, C, T / 2, 2, H / 2, 2, W / 2, 2 })
        .permute({ 0, 3, 5, 7, 1, 2, 4, 6 })
        .reshape({ N, 8 * C, T / 2, H / 2, W / 2 });
}

} // namespace

/// Takes weights out of the file, folds and checks them; the first trouble is remembered.
struct S3d::Builder
{
    const tensor::TensorFile& file;
    std::string prefix;
    const tensor::Compute& compute;
    std::string trouble;
    WeightShapes taken;

    at::Tensor take(const std::string& name, const Sizes& shape)
    {
        taken.emplace_back(name, shape);
        const auto found = file.tensors.find(prefix + name);
        const bool fits
            = found != file.tensors.end() && found->second.sizes() == at::IntArrayRef(shape);
        if (!fits && trouble.empty())
            trouble = name;
        return fits ? found->second.to(at::kDouble) : at::zeros(shape, at::kDouble);
    }
    at::Tensor placed(const at::Tensor& t) const
    {
        return t.to(compute.device, compute.precision).contiguous();
    }
    FusedConvolution conv(
        const std::string& name, const std::string& number, const Sizes& shape, Sizes padding)
    {
        const std::string norm = name + ".bn" + number;
        const Sizes width{ shape[0] };
        const at::Tensor scale = take(norm + ".weight", width)
            / (take(norm + ".running_var", width) + batchNormEps).sqrt();
        const at::Tensor weight
            = take(name + ".conv" + number + ".weight", shape) * scale.view({ -1, 1, 1, 1, 1 });
        const at::Tensor bias
            = take(norm + ".bias", width) - take(norm + ".running_mean", width) * scale;
        return { weight.to(compute.device, compute.precision), placed(bias), { 1, 1, 1 },
            std::move(padding), 1, Activation::Relu };
    }
    Unit point(const std::string& name, std::int64_t in, std::int64_t out)
    {
        return { conv(name, "1", { out, in, 1, 1, 1 }, { 0, 0, 0 }) };
    }
    Unit separable(const std::string& name, std::int64_t in, std::int64_t out)
    {
        return { conv(name, "1", { out, in, 1, 3, 3 }, { 0, 1, 1 }),
            conv(name, "2", { out, out, 3, 1, 1 }, { 1, 0, 0 }) };
    }
    Gate gate(const std::string& name, std::int64_t width)
    {
        return { placed(take(name + ".fc.weight", { width, width })),
            placed(take(name + ".fc.bias", { width })) };
    }
    Inception inception(const Mixed& mixed)
    {
        const std::string name = std::string(mixed.name) + ".";
        Inception block;
        block.b0 = point(name + "conv_b0", mixed.in, mixed.b0);
        block.b1a = point(name + "conv_b1_a", mixed.in, mixed.b1a);
        block.b1b = separable(name + "conv_b1_b", mixed.b1a, mixed.b1b);
        block.b2a = point(name + "conv_b2_a", mixed.in, mixed.b2a);
        block.b2b = separable(name + "conv_b2_b", mixed.b2a, mixed.b2b);
        block.b3 = point(name + "conv_b3_b", mixed.in, mixed.b3);
        const std::array<std::int64_t, 4> widths{ mixed.b0, mixed.b1b, mixed.b2b, mixed.b3 };
        for (std::size_t i = 0; i < widths.size(); ++i)
            block.gates[i] = gate(name + "gating_b" + std::to_string(i), widths[i]);
        return block;
    }
};

S3d S3d::build(Builder& builder, std::int64_t featureWidth)
{
    const tensor::Compute& compute = builder.compute;
    S3d network;
    network.m_compute = compute;
    network.m_conv1 = { builder.conv("conv1", "1", { 64, 24, 2, 4, 4 }, { 1, 2, 2 }) };
    network.m_conv2b = builder.point("conv_2b", 64, 64);
    network.m_conv2c = builder.separable("conv_2c", 64, 192);
    network.m_gating = builder.gate("gating", 192);
    for (const Mixed& mixed : mixedTable)
        network.m_mixed.emplace(mixed.name, builder.inception(mixed));
    network.m_fcWeight
        = builder.take("fc.weight", { featureWidth, 1024 }).to(compute.device, at::kFloat);
    network.m_fcBias = builder.take("fc.bias", { featureWidth }).to(compute.device, at::kFloat);
    return network;
}

Result<S3d> S3d::create(const tensor::TensorFile& file, std::string_view prefix,
    const tensor::Compute& compute, const std::filesystem::path& fileName)
{
    return guarded([&]() -> Result<S3d> {
        Builder builder{ file, std::string(prefix), compute, {}, {} };
        const auto fc = file.tensors.find(builder.prefix + "fc.bias");
        S3d network = build(builder, fc == file.tensors.end() ? 0 : fc->second.numel());
        if (!builder.trouble.empty())
            return fail(ErrorKind::BadInput,
                "The file does not hold S3D: " + builder.trouble
                    + " is missing or has another shape.",
                { fileName, "tensor " + builder.prefix + builder.trouble },
                "Install the S3D weights trained on HowTo100M (s3d_howto100m.pth).");
        return network;
    });
}

S3d::WeightShapes S3d::weightShapes(std::int64_t featureWidth)
{
    const tensor::TensorFile nothing;
    const tensor::Compute compute;
    Builder builder{ nothing, {}, compute, {}, {} };
    build(builder, featureWidth);
    return std::move(builder.taken);
}

at::Tensor S3d::normalised(const at::Tensor& frames)
{
    CLIP_REQUIRE(frames.dim() == 5 && frames.size(4) == 3, "frames must be [N, F, H, W, 3]");
    return frames.permute({ 0, 4, 1, 2, 3 }).to(at::kFloat).div_(255.0);
}

at::Tensor S3d::apply(const Unit& unit, at::Tensor x)
{
    for (const FusedConvolution& convolution : unit)
        x = convolution(x);
    return x;
}

at::Tensor S3d::weightsOf(const Gate& gate, const at::Tensor& x)
{
    const at::Tensor weights = at::linear(x.mean({ 2, 3, 4 }), gate.weight, gate.bias).sigmoid_();
    return weights.view({ x.size(0), x.size(1), 1, 1, 1 });
}

at::Tensor S3d::apply(const Inception& block, const at::Tensor& x)
{
    const at::Tensor widest = largestAround(x);
    const std::array<at::Tensor, 4> branches{ apply(block.b0, x),
        apply(block.b1b, apply(block.b1a, x)), apply(block.b2b, apply(block.b2a, x)),
        apply(block.b3, widest) };
    std::vector<std::int64_t> shape = x.sizes().vec();
    shape[1] = 0;
    for (const at::Tensor& branch : branches)
        shape[1] += branch.size(1);
    // Gated straight into their place: a concatenation would copy all once more.
    at::Tensor all = at::empty(shape, x.options().memory_format(at::MemoryFormat::ChannelsLast3d));
    std::int64_t channel = 0;
    for (std::size_t i = 0; i < branches.size(); ++i) {
        at::Tensor place = all.narrow(1, channel, branches[i].size(1));
        at::mul_out(place, branches[i], weightsOf(block.gates[i], branches[i]));
        channel += branches[i].size(1);
    }
    return all;
}

at::Tensor S3d::pooled(const at::Tensor& clips, const StageObserver& observe) const
{
    CLIP_REQUIRE(clips.dim() == 5 && clips.size(1) == 3 && clips.size(2) % 2 == 0
            && clips.size(3) % 2 == 0 && clips.size(4) % 2 == 0,
        "clips must be [N, 3, F, H, W] with even F, H, W");
    const tensor::InferenceScope inference;
    at::Tensor x;
    const auto stage = [&](const char* name, at::Tensor output) {
        x = std::move(output);
        if (observe)
            observe(name, x);
    };
    const auto mixed = [&](const char* name) { stage(name, apply(m_mixed.at(name), x)); };
    stage("space_to_depth", spaceToDepth(clips.to(m_compute.device, m_compute.precision)));
    stage("conv1", apply(m_conv1, x.contiguous(at::MemoryFormat::ChannelsLast3d)));
    for (const std::int64_t axis : { 2, 3, 4 })
        x = x.narrow(axis, 1, x.size(axis) - 1);
    stage("maxpool_2a", maxPool(x, { 1, 3, 3 }, { 1, 2, 2 }));
    stage("conv_2b", apply(m_conv2b, x));
    stage("conv_2c", apply(m_conv2c, x));
    stage("gating", x * weightsOf(m_gating, x));
    stage("maxpool_3a", maxPool(x, { 1, 3, 3 }, { 1, 2, 2 }));
    mixed("mixed_3b");
    mixed("mixed_3c");
    stage("maxpool_4a", maxPool(x, { 3, 3, 3 }, { 2, 2, 2 }));
    for (const char* name : { "mixed_4b", "mixed_4c", "mixed_4d", "mixed_4e", "mixed_4f" })
        mixed(name);
    stage("maxpool_5a", maxPool(x, { 2, 2, 2 }, { 2, 2, 2 }));
    mixed("mixed_5b");
    mixed("mixed_5c");
    return x.to(at::kFloat).mean({ 2, 3, 4 });
}

at::Tensor S3d::embedding(const at::Tensor& pooledStates) const
{
    return at::linear(pooledStates.to(m_fcWeight.device(), at::kFloat), m_fcWeight, m_fcBias);
}

} // namespace clipscope::model
