#include "jobs/bench_parts.h"

#include "model/s3d.h"

#include <ATen/ATen.h>

#include <array>

namespace clipscope::jobs {

namespace {

constexpr std::int64_t featureWidth = 512;

/// Speed does not depend on the weights; these keep the values in range through all stages.
tensor::TensorFile madeUpWeights(at::Device device)
{
    tensor::TensorFile file;
    for (const auto& [name, shape] : model::S3d::weightShapes(featureWidth)) {
        if (name.ends_with("running_var")
            || (name.find(".bn") != std::string::npos && name.ends_with(".weight")))
            file.tensors[name] = at::ones(shape);
        else if (shape.size() == 1)
            file.tensors[name] = at::zeros(shape);
        else
            file.tensors[name] = at::randn(shape)
                * std::sqrt(2.0 * static_cast<double>(shape[0])
                    / static_cast<double>(c10::multiply_integers(shape)));
    }
    for (auto& [name, tensor] : file.tensors)
        tensor = tensor.to(device);
    return file;
}

/// S3D as stock LibTorch runs it: float32, channels first, batch norms and ReLU as operations of
/// their own. Counts the multiplications and additions of its convolutions.
class PlainS3d final
{
public:
    explicit PlainS3d(const tensor::TensorFile& weights)
        : m_weights(weights)
    {
    }

    at::Tensor pooled(const at::Tensor& clips)
    {
        m_operations = 0.0;
        at::Tensor x = convolved("conv1", "1", spaceToDepth(clips), { 1, 2, 2 });
        for (const std::int64_t axis : { 2, 3, 4 })
            x = x.narrow(axis, 1, x.size(axis) - 1);
        x = separable("conv_2c", unit("conv_2b", maxPool(x, { 1, 3, 3 }, { 1, 2, 2 })));
        x = maxPool(gated("gating", x), { 1, 3, 3 }, { 1, 2, 2 });
        x = maxPool(mixed("mixed_3c", mixed("mixed_3b", x)), { 3, 3, 3 }, { 2, 2, 2 });
        for (const char* name : { "mixed_4b", "mixed_4c", "mixed_4d", "mixed_4e", "mixed_4f" })
            x = mixed(name, x);
        x = maxPool(x, { 2, 2, 2 }, { 2, 2, 2 });
        return mixed("mixed_5c", mixed("mixed_5b", x)).mean({ 2, 3, 4 });
    }
    double operations() const { return m_operations; } ///< of the last call

private:
    using Triple = std::array<std::int64_t, 3>;

    const at::Tensor& weight(const std::string& name) const
    {
        return m_weights.tensors.find(name)->second;
    }
    static at::Tensor spaceToDepth(const at::Tensor& x)
    {
        const std::int64_t N = x.size(0), T = x.size(2), H = x.size(3), W = x.size(4);
        return x.view({ N, 3, T / 2, 2, H / 2, 2, W / 2, 2 })
            .permute({ 0, 3, 5, 7, 1, 2, 4, 6 })
            .reshape({ N, 24, T / 2, H / 2, W / 2 });
    }
    static at::Tensor maxPool(const at::Tensor& x, const Triple& kernel, const Triple& stride)
    {
        std::array<std::int64_t, 6> padding{};
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const std::int64_t total = kernel[axis] - stride[axis];
            padding[2 * (2 - axis)] = total / 2;
            padding[2 * (2 - axis) + 1] = total - total / 2;
        }
        return at::max_pool3d(at::constant_pad_nd(x, padding, 0), kernel, stride, 0, 1, true);
    }
    at::Tensor convolved(const std::string& name, const std::string& number, const at::Tensor& x,
        const Triple& padding)
    {
        const at::Tensor& kernel = weight(name + ".conv" + number + ".weight");
        const at::Tensor y = at::conv3d(x, kernel, {}, 1, padding);
        m_operations
            += 2.0 * static_cast<double>(kernel[0].numel()) * static_cast<double>(y.numel());
        const std::string norm = name + ".bn" + number + ".";
        return at::batch_norm(y, weight(norm + "weight"), weight(norm + "bias"),
            weight(norm + "running_mean"), weight(norm + "running_var"), false, 0.1, 1e-5, false)
            .relu_();
    }
    at::Tensor unit(const std::string& name, const at::Tensor& x)
    {
        return convolved(name, "1", x, { 0, 0, 0 });
    }
    at::Tensor separable(const std::string& name, const at::Tensor& x)
    {
        return convolved(name, "2", convolved(name, "1", x, { 0, 1, 1 }), { 1, 0, 0 });
    }
    at::Tensor gated(const std::string& name, const at::Tensor& x) const
    {
        const at::Tensor gate = at::linear(
            x.mean({ 2, 3, 4 }), weight(name + ".fc.weight"), weight(name + ".fc.bias"));
        return x * gate.sigmoid().view({ x.size(0), x.size(1), 1, 1, 1 });
    }
    at::Tensor mixed(const std::string& name, const at::Tensor& x)
    {
        const at::Tensor branches[] = { unit(name + ".conv_b0", x),
            separable(name + ".conv_b1_b", unit(name + ".conv_b1_a", x)),
            separable(name + ".conv_b2_b", unit(name + ".conv_b2_a", x)),
            unit(name + ".conv_b3_b", at::max_pool3d(x, 3, 1, 1)) };
        return at::cat(
            { gated(name + ".gating_b0", branches[0]), gated(name + ".gating_b1", branches[1]),
                gated(name + ".gating_b2", branches[2]), gated(name + ".gating_b3", branches[3]) },
            1);
    }

    const tensor::TensorFile& m_weights;
    double m_operations = 0.0;
};

/// Both must give the same features, or their speeds say nothing.
Status sameFeatures(const at::Tensor& ours, const at::Tensor& plain, double least)
{
    const double cosine = at::cosine_similarity(ours, plain, 1).min().item<double>();
    if (!(cosine > least))
        return fail(ErrorKind::Internal,
            "S3D and its plain counterpart have a cosine of " + std::to_string(cosine) + ".");
    return {};
}

} // namespace

Result<std::vector<Measurement>> benchS3d(const BenchSettings& settings, JobContext context)
{
    const tensor::InferenceScope inference;
    CLIP_TRY_ASSIGN(const at::Device device, deviceOf(settings));
    const auto weights = madeUpWeights(device);
    constexpr std::int64_t side = model::S3d::imageSize;
    const at::Tensor clips = at::rand(
        { settings.clips, 3, model::S3d::framesPerSecond, side, side }, at::TensorOptions(device));
    PlainS3d plain(weights);
    const at::Tensor expected = plain.pooled(clips);
    const auto seconds = static_cast<double>(settings.clips);
    auto all = matrixProducts(settings, device);
    for (const auto precision : { at::kFloat, at::kBFloat16 }) {
        CLIP_TRY_ASSIGN(auto network, model::S3d::create(weights, "", { device, precision }));
        const bool exact = precision == at::kFloat;
        CLIP_TRY(sameFeatures(network.pooled(clips), expected, exact ? 0.99999 : 0.99));
        all.push_back({ exact ? "s3d, float32" : "s3d, bfloat16", "seconds/s", seconds,
            sure([network = std::move(network), clips] { network.pooled(clips); }),
            plain.operations() });
    }
    all.push_back({ "stock eager s3d, float32", "seconds/s", seconds,
        sure([&plain, clips] { plain.pooled(clips); }), plain.operations() });
    CLIP_TRY(race(all, "s3d", settings.rounds, context, device));
    auto lines = ratesOf(all);
    for (const char* ours : { "s3d, float32", "s3d, bfloat16" })
        compare(lines, ours, "stock eager s3d, float32");
    return lines;
}

} // namespace clipscope::jobs
