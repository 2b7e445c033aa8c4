#include "model/random_features.h"

#include "base/random.h"
#include "base/require.h"

#include <torch/nn/functional/upsampling.h>
#include <torch/types.h>

#include <cmath>
#include <numbers>

namespace clipscope::model {

namespace {

constexpr std::int64_t filters = 96, filterFrames = 5, filterSize = 7, stride = 3;
constexpr std::int64_t gridTimes = 2, gridSize = 4;
constexpr std::int64_t cells = gridTimes * gridSize * gridSize;
/// Length of a vector that is shortened to half: well below those of seconds with something in it.
constexpr double faintLength = 0.02;

/// Independent normal numbers, the same on every machine.
at::Tensor normals(at::IntArrayRef shape, std::uint64_t key)
{
    Random random({ 0x72616e646f6d, key });
    auto tensor = torch::empty(shape, torch::kFloat32);
    float* to = tensor.data_ptr<float>();
    for (std::int64_t at = 0; at < tensor.numel(); ++at) {
        const double length = std::sqrt(-2.0 * std::log(1.0 - random.uniform()));
        to[at] = static_cast<float>(length * std::cos(2.0 * std::numbers::pi * random.uniform()));
    }
    return tensor;
}

} // namespace

RandomFeatures::RandomFeatures(const tensor::Compute& compute)
    : m_compute(compute)
{
    namespace F = torch::nn::functional;
    const tensor::InferenceScope inference;
    // Coarse noise made finer is smooth, and so is what pictures hold.
    const auto noise = normals({ filters, 3, 3, 3, 3 }, 1);
    auto smooth = F::interpolate(noise,
        F::InterpolateFuncOptions()
            .size(std::vector<std::int64_t>{ filterFrames, filterSize, filterSize })
            .mode(torch::kTrilinear)
            .align_corners(true));
    smooth = smooth - smooth.mean({ 2, 3, 4 }, true);
    m_filters
        = (smooth / smooth.flatten(1).norm(2, 1).view({ filters, 1, 1, 1, 1 })).to(compute.device);
    m_projection = (normals({ filters * cells, featureWidth }, 2) / std::sqrt(filters * cells))
                       .to(compute.device);
}

std::string RandomFeatures::recipe()
{
    return "random-spatiotemporal 1: 12 frames/s, squash 48, 96 smooth filters 5x7x7 of no mean, "
           "stride 3, rectified, means over 2x4x4, projected to 512, soft length 0.02";
}

at::Tensor RandomFeatures::features(const at::Tensor& frames) const
{
    CLIP_REQUIRE(frames.dim() == 5 && frames.size(1) == framesPerSecond
            && frames.size(2) == imageSize && frames.size(3) == imageSize,
        c10::str(frames.sizes()));
    const auto clips
        = frames.to(m_compute.device).permute({ 0, 4, 1, 2, 3 }).to(torch::kFloat32).div(255.0);
    const auto seen
        = torch::conv3d(clips.contiguous(), m_filters, {}, { 1, stride, stride }).relu();
    const auto pooled = torch::adaptive_avg_pool3d(seen, { gridTimes, gridSize, gridSize });
    const auto vectors = torch::mm(pooled.flatten(1), m_projection);
    return vectors / (vectors.norm(2, 1, true) + faintLength);
}

} // namespace clipscope::model
