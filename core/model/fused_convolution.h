#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace clipscope::model {

enum class Activation { None, Relu, Relu6 };

/// A convolution for inference whose bias and activation are applied while its output is at hand,
/// in one pass over memory. On the CPU its weight is kept in the order that oneDNN's kernels want;
/// on a graphics card a kernel that is flat in time or in space works on images (flat_volumes.h).
/// Threads: const, any thread at once.
class FusedConvolution final
{
public:
    FusedConvolution() = default;
    /// Shapes: weight [O, I / groups, (kT,) kH, kW], bias [O]; both of the type and on the device
    /// of the inputs. stride and padding: one number an axis, padding at both ends.
    FusedConvolution(const at::Tensor& weight, at::Tensor bias, std::vector<std::int64_t> stride,
        std::vector<std::int64_t> padding, std::int64_t groups, Activation activation);

    /// Shapes: x [N, I, (T,) H, W], best channels-last -> [N, O, ...]. No gradients.
    at::Tensor operator()(const at::Tensor& x) const;

private:
    enum class Shape { Images, Volumes, Frames, Columns };
    at::Tensor onCard(const at::Tensor& x) const;

    at::Tensor m_weight, m_bias;
    Shape m_shape = Shape::Images; ///< what a graphics card is given
    std::vector<std::int64_t> m_stride, m_padding;
    std::int64_t m_groups = 1;
    Activation m_activation = Activation::None;
};

} // namespace clipscope::model
