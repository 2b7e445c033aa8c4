#pragma once

#include "model/fused_convolution.h"
#include "tensor/device.h"
#include "tensor/tensor_file.h"

#include <vector>

namespace clipscope::model {

/// EfficientNet-Lite0, the ImageNet classifier, for inference: batch norms are folded into the
/// convolutions when it is made, memory is channels-last.
/// Threads: const, any thread at once.
/// Source:  starter-model.md section 7; parameter names of the efficientnet-lite-pytorch package.
class EfficientNetLite0 final
{
public:
    static constexpr std::int64_t imageSize = 224;
    static constexpr std::int64_t featureWidth = 1280;
    static constexpr std::int64_t classCount = 1000;

    /// Takes the tensors named prefix + name ("encoder." in a starter checkpoint).
    /// Errors: BadInput naming tensors that are missing or have another shape.
    static Result<EfficientNetLite0> create(const tensor::TensorFile& file, std::string_view prefix,
        const tensor::Compute& compute, const std::filesystem::path& fileName = {});

    /// (x - 127) / 128, the preprocessing the weights were trained with.
    /// Shapes: uint8 [N, H, W, 3] on any device -> float32 [N, 3, H, W], channels-last.
    static at::Tensor normalised(const at::Tensor& frames);

    /// Shapes: normalised frames [N, 3, H, W] -> float32 [N, 1280] on the network's device.
    at::Tensor features(const at::Tensor& images) const;
    /// Shapes: features [N, 1280] -> [N, 1000].
    at::Tensor logits(const at::Tensor& features) const;

private:
    struct Conv
    {
        FusedConvolution convolution;
        std::int64_t kernel = 1, stride = 1;
    };
    struct Block
    {
        std::vector<Conv> convs;
        bool residual = false;
    };
    EfficientNetLite0() = default;
    static at::Tensor apply(const Conv& conv, const at::Tensor& x);

    tensor::Compute m_compute;
    std::vector<Block> m_blocks;
    at::Tensor m_fcWeight, m_fcBias;
};

/// Names and shapes create() asks for, without prefix; for tests and for making checkpoints.
std::vector<std::pair<std::string, std::vector<std::int64_t>>> efficientNetLite0Shapes();

} // namespace clipscope::model
