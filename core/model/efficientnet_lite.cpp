#include "model/efficientnet_lite.h"

#include "base/guarded.h"
#include "base/require.h"

#include <ATen/ATen.h>

#include <array>

namespace clipscope::model {

namespace {

constexpr double batchNormEps = 1e-3;

struct Stage
{
    std::int64_t kernel, stride, expansion, width, repeats;
};
constexpr std::int64_t stemWidth = 32;
constexpr std::array<Stage, 7> stages{ { { 3, 1, 1, 16, 1 }, { 3, 2, 6, 24, 2 }, { 5, 2, 6, 40, 2 },
    { 3, 2, 6, 80, 3 }, { 5, 1, 6, 112, 3 }, { 5, 2, 6, 192, 4 }, { 3, 1, 6, 320, 1 } } };

/// One convolution with its batch norm, as named in the file.
struct Layer
{
    std::string conv, norm;
    std::vector<std::int64_t> shape; ///< of the weight
    std::int64_t stride = 1;
    bool relu6 = true;
    std::size_t block = 0; ///< which group of layers it belongs to
    bool residual = false; ///< of the whole block
};

std::vector<Layer> layerTable()
{
    std::vector<Layer> layers;
    layers.push_back({ "_conv_stem", "_bn0", { stemWidth, 3, 3, 3 }, 2, true, 0, false });
    std::int64_t in = stemWidth;
    std::size_t index = 0;
    for (const Stage& stage : stages) {
        for (std::int64_t repeat = 0; repeat < stage.repeats; ++repeat, ++index) {
            const std::string name = "_blocks." + std::to_string(index) + ".";
            const std::int64_t stride = repeat == 0 ? stage.stride : 1;
            const std::int64_t wide = in * stage.expansion;
            const bool residual = stride == 1 && in == stage.width;
            if (stage.expansion != 1)
                layers.push_back({ name + "_expand_conv", name + "_bn0", { wide, in, 1, 1 }, 1,
                    true, index + 1, residual });
            layers.push_back({ name + "_depthwise_conv", name + "_bn1",
                { wide, 1, stage.kernel, stage.kernel }, stride, true, index + 1, residual });
            layers.push_back({ name + "_project_conv", name + "_bn2", { stage.width, wide, 1, 1 },
                1, false, index + 1, residual });
            in = stage.width;
        }
    }
    layers.push_back({ "_conv_head", "_bn1", { EfficientNetLite0::featureWidth, in, 1, 1 }, 1, true,
        index + 1, false });
    return layers;
}

} // namespace

std::vector<std::pair<std::string, std::vector<std::int64_t>>> efficientNetLite0Shapes()
{
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> shapes;
    for (const Layer& layer : layerTable()) {
        shapes.emplace_back(layer.conv + ".weight", layer.shape);
        for (const char* part : { ".weight", ".bias", ".running_mean", ".running_var" })
            shapes.emplace_back(layer.norm + part, std::vector{ layer.shape[0] });
    }
    shapes.emplace_back("_fc.weight",
        std::vector{ EfficientNetLite0::classCount, EfficientNetLite0::featureWidth });
    shapes.emplace_back("_fc.bias", std::vector{ EfficientNetLite0::classCount });
    return shapes;
}

Result<EfficientNetLite0> EfficientNetLite0::create(const tensor::TensorFile& file,
    std::string_view prefix, const tensor::Compute& compute, const std::filesystem::path& fileName)
{
    const auto named
        = [&](const std::string& name) { return file.tensors.find(std::string(prefix) + name); };
    for (const auto& [name, shape] : efficientNetLite0Shapes()) {
        const auto found = named(name);
        if (found == file.tensors.end() || found->second.sizes() != at::IntArrayRef(shape))
            return fail(ErrorKind::BadInput,
                "The file does not hold EfficientNet-Lite0: " + name
                    + " is missing or has another "
                      "shape.",
                { fileName, "tensor " + std::string(prefix) + name },
                "Make the starter model again.");
    }
    return guarded([&] {
        const auto value
            = [&](const std::string& name) { return named(name)->second.to(at::kDouble); };
        const auto placed = [&](const at::Tensor& t) {
            return t.to(compute.device, compute.precision).contiguous();
        };
        EfficientNetLite0 network;
        network.m_compute = compute;
        for (const Layer& layer : layerTable()) {
            const at::Tensor scale = value(layer.norm + ".weight")
                / (value(layer.norm + ".running_var") + batchNormEps).sqrt();
            const at::Tensor weight = value(layer.conv + ".weight") * scale.view({ -1, 1, 1, 1 });
            const at::Tensor bias
                = value(layer.norm + ".bias") - value(layer.norm + ".running_mean") * scale;
            // TensorFlow's SAME padding is even for odd kernels at stride 1.
            const std::int64_t kernel = layer.shape[2], even = layer.stride == 1 ? kernel / 2 : 0;
            const std::int64_t groups = layer.shape[1] == 1 ? layer.shape[0] : 1;
            Conv conv{ { placed(weight), placed(bias), { layer.stride, layer.stride },
                           { even, even }, groups,
                           layer.relu6 ? Activation::Relu6 : Activation::None },
                kernel, layer.stride };
            network.m_blocks.resize(layer.block + 1);
            network.m_blocks[layer.block].convs.push_back(std::move(conv));
            network.m_blocks[layer.block].residual = layer.residual;
        }
        // The classifier is small and decides ranks: always float32.
        network.m_fcWeight = named("_fc.weight")->second.to(compute.device, at::kFloat);
        network.m_fcBias = named("_fc.bias")->second.to(compute.device, at::kFloat);
        return network;
    });
}

at::Tensor EfficientNetLite0::normalised(const at::Tensor& frames)
{
    CLIP_REQUIRE(frames.dim() == 4 && frames.size(3) == 3, "frames must be [N, H, W, 3]");
    // The permuted view of [N, H, W, 3] is channels-last already.
    return frames.permute({ 0, 3, 1, 2 }).to(at::kFloat).sub_(127.0).mul_(1.0 / 128.0);
}

at::Tensor EfficientNetLite0::apply(const Conv& conv, const at::Tensor& x)
{
    if (conv.stride == 1)
        return conv.convolution(x);
    // TensorFlow's SAME padding: where the total is odd, the far side gets one more.
    std::array<std::int64_t, 4> padding{}; // left, right, top, bottom
    for (const std::size_t axis : { 0u, 1u }) {
        const std::int64_t size = x.size(axis == 0 ? 3 : 2);
        const std::int64_t steps = (size + conv.stride - 1) / conv.stride;
        const std::int64_t total
            = std::max<std::int64_t>((steps - 1) * conv.stride + conv.kernel - size, 0);
        padding[2 * axis] = total / 2;
        padding[2 * axis + 1] = total - total / 2;
    }
    return conv.convolution(at::constant_pad_nd(x, padding, 0));
}

at::Tensor EfficientNetLite0::features(const at::Tensor& images) const
{
    CLIP_REQUIRE(images.dim() == 4 && images.size(1) == 3, "images must be [N, 3, H, W]");
    const tensor::InferenceScope inference;
    at::Tensor x = images.to(m_compute.device, m_compute.precision)
                       .contiguous(at::MemoryFormat::ChannelsLast);
    for (const Block& block : m_blocks) {
        at::Tensor y = x;
        for (const Conv& conv : block.convs)
            y = apply(conv, y);
        x = block.residual ? y.add_(x) : y;
    }
    return x.to(at::kFloat).mean({ 2, 3 });
}

at::Tensor EfficientNetLite0::logits(const at::Tensor& features) const
{
    return at::linear(features.to(m_fcWeight.device(), at::kFloat), m_fcWeight, m_fcBias);
}

} // namespace clipscope::model
