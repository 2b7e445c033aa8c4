#pragma once

#include "tensor/device.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace clipscope::model {

/// A network that was never trained: random filters over space and time, rectified, averaged over a
/// coarse grid and projected to a vector. It keeps colour, shape, place and motion well enough that
/// a model on top can learn them, and needs no weights file.
///
/// The weights follow from recipe() alone; smooth filters without a mean see edges, colours and
/// movement, and nothing in an even wall. Vectors are of nearly unit length, those of a second in
/// which nothing is to be seen shorter.
/// Threads: const, any thread at once.
/// Source:  random features, Rahimi and Recht 2007; random convolutions, Saxe et al. 2011.
class RandomFeatures final
{
public:
    static constexpr std::int64_t imageSize = 48;
    static constexpr std::int64_t framesPerSecond = 12;
    static constexpr std::int64_t featureWidth = 512;

    explicit RandomFeatures(const tensor::Compute& compute);

    /// Names everything the vectors depend on; changes when they do.
    static std::string recipe();

    /// Shapes: uint8 [N, framesPerSecond, imageSize, imageSize, 3] on any device -> float32
    /// [N, featureWidth] on the network's device.
    at::Tensor features(const at::Tensor& frames) const;

private:
    tensor::Compute m_compute;
    at::Tensor m_filters; ///< [K, 3, T, H, W]
    at::Tensor m_projection; ///< [K * cells, featureWidth]
};

} // namespace clipscope::model
