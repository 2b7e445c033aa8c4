#pragma once

#include "model/fused_convolution.h"
#include "tensor/device.h"
#include "tensor/tensor_file.h"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace clipscope::model {

/// S3D-G with space-to-depth input, VideoCLIP's frozen video encoder, for inference: batch norms
/// are folded into the convolutions when it is made, and on the CPU a convolution takes its ReLU
/// along.
/// In bfloat16 the embedding has a cosine of 0.998 or more to that in float32.
/// Threads: const, any thread at once.
/// Source:  Xie et al. 2018, Miech et al. 2020; videoclip.md section 1, names of s3d_howto100m.
class S3d final
{
public:
    static constexpr std::int64_t imageSize = 224;
    static constexpr std::int64_t framesPerSecond = 30;

    /// Takes the tensors named prefix + name.
    /// Errors: BadInput naming tensors that are missing or have another shape.
    static Result<S3d> create(const tensor::TensorFile& file, std::string_view prefix,
        const tensor::Compute& compute, const std::filesystem::path& fileName = {});

    using WeightShapes = std::vector<std::pair<std::string, std::vector<std::int64_t>>>;
    /// Names and shapes of the tensors that create() takes, for a network of that featureWidth().
    static WeightShapes weightShapes(std::int64_t featureWidth);

    /// Called with the output of each stage, in the reference's names and order.
    using StageObserver = std::function<void(const std::string& stage, const at::Tensor& output)>;

    /// Width of an embedding, 512 for the released weights.
    std::int64_t featureWidth() const { return m_fcBias.size(0); }
    /// Values 0..1 from bytes. Shapes: uint8 [N, F, H, W, 3] -> float32 [N, 3, F, H, W].
    static at::Tensor normalised(const at::Tensor& frames);
    /// Mean-pooled mixed_5c. Shapes: [N, 3, F, H, W], values 0..1, F, H, W even -> float32 [N,
    /// 1024].
    at::Tensor pooled(const at::Tensor& clips, const StageObserver& observe = {}) const;
    /// The video embedding, not normalised. Shapes: pooled [N, 1024] -> [N, featureWidth()].
    at::Tensor embedding(const at::Tensor& pooledStates) const;

private:
    using Unit = std::vector<FusedConvolution>; ///< one convolution, or the two of a separable one
    struct Gate
    {
        at::Tensor weight, bias;
    };
    struct Inception
    {
        Unit b0, b1a, b1b, b2a, b2b, b3;
        Gate gates[4];
    };
    struct Builder;
    S3d() = default;
    static S3d build(Builder& builder, std::int64_t featureWidth);
    static at::Tensor apply(const Unit& unit, at::Tensor x);
    static at::Tensor weightsOf(const Gate& gate, const at::Tensor& x);
    static at::Tensor apply(const Inception& block, const at::Tensor& x);

    tensor::Compute m_compute;
    Unit m_conv1, m_conv2b, m_conv2c;
    Gate m_gating;
    std::map<std::string, Inception> m_mixed;
    at::Tensor m_fcWeight, m_fcBias;
};

} // namespace clipscope::model
