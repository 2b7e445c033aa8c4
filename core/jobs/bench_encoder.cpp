#include "jobs/bench_parts.h"

#include "model/efficientnet_lite.h"

#include <ATen/ATen.h>

namespace clipscope::jobs {

namespace {

/// Operations per frame: 407 million multiply-adds, as published for EfficientNet-Lite0.
constexpr double operationsPerFrame = 2.0 * 407e6;

/// Speed does not depend on the weights.
tensor::TensorFile madeUpWeights()
{
    tensor::TensorFile file;
    for (const auto& [name, shape] : model::efficientNetLite0Shapes())
        file.tensors[name]
            = name.ends_with("running_var") ? at::ones(shape) : at::rand(shape).sub_(0.5).mul_(0.1);
    return file;
}

} // namespace

Result<std::vector<Measurement>> benchEncoder(const BenchSettings& settings, JobContext context)
{
    const tensor::InferenceScope inference;
    CLIP_TRY_ASSIGN(const at::Device device, deviceOf(settings));
    constexpr std::int64_t side = model::EfficientNetLite0::imageSize;
    const auto weights = madeUpWeights();
    const at::Tensor images = model::EfficientNetLite0::normalised(
        at::randint(0, 256, { settings.batchFrames, side, side, 3 }).to(device, at::kByte));
    const auto frames = static_cast<double>(settings.batchFrames);
    auto all = matrixProducts(settings, device);
    for (const auto precision : { at::kFloat, at::kBFloat16 }) {
        CLIP_TRY_ASSIGN(
            auto network, model::EfficientNetLite0::create(weights, "", { device, precision }));
        all.push_back(
            { precision == at::kFloat ? "encoder, float32" : "encoder, bfloat16", "frames/s",
                frames, sure([network = std::move(network), images] { network.features(images); }),
                frames * operationsPerFrame });
    }
    CLIP_TRY(race(all, "encoder", settings.rounds, context, device));
    auto lines = ratesOf(all);
    compare(lines, "encoder, bfloat16", "encoder, float32");
    return lines;
}

} // namespace clipscope::jobs
