#include "model/fused_convolution.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>

namespace clipscope::model {

namespace {

using Scalars = c10::List<std::optional<at::Scalar>>;

/// What LibTorch's compiler calls for the CPU; it has no C++ function of its own.
at::Tensor pointwise(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
    at::IntArrayRef padding, at::IntArrayRef stride, std::int64_t groups, std::string_view name,
    const Scalars& scalars)
{
    using Operator = at::Tensor(const at::Tensor&, const at::Tensor&,
        const std::optional<at::Tensor>&, at::IntArrayRef, at::IntArrayRef, at::IntArrayRef,
        std::int64_t, std::string_view, Scalars, std::optional<std::string_view>);
    static const auto operation = c10::Dispatcher::singleton()
                                      .findSchemaOrThrow("mkldnn::_convolution_pointwise", "")
                                      .typed<Operator>();
    const std::vector<std::int64_t> dilation(padding.size(), 1);
    return operation.call(x, weight, bias, padding, stride, dilation, groups, name, scalars, {});
}

} // namespace

FusedConvolution::FusedConvolution(const at::Tensor& weight, at::Tensor bias,
    std::vector<std::int64_t> stride, std::vector<std::int64_t> padding, std::int64_t groups,
    Activation activation)
    : m_bias(std::move(bias))
    , m_stride(std::move(stride))
    , m_padding(std::move(padding))
    , m_groups(groups)
    , m_activation(activation)
{
    const bool volume = weight.dim() == 5;
    const std::vector<std::int64_t> dilation(m_padding.size(), 1);
    if (!weight.is_cpu())
        m_weight = weight.contiguous(
            volume ? at::MemoryFormat::ChannelsLast3d : at::MemoryFormat::ChannelsLast);
    else if (volume)
        m_weight = at::mkldnn_reorder_conv3d_weight(
            weight.contiguous().to_mkldnn(), m_padding, m_stride, dilation, groups);
    else
        m_weight = at::mkldnn_reorder_conv2d_weight(
            weight.contiguous().to_mkldnn(), m_padding, m_stride, dilation, groups);
}

at::Tensor FusedConvolution::operator()(const at::Tensor& x) const
{
    if (x.is_cpu()) {
        Scalars range;
        if (m_activation == Activation::Relu6) {
            range.push_back(at::Scalar(0.0));
            range.push_back(at::Scalar(6.0));
        }
        const std::string_view name = m_activation == Activation::None ? "none"
            : m_activation == Activation::Relu                         ? "relu"
                                                                       : "hardtanh";
        return pointwise(x, m_weight, m_bias, m_padding, m_stride, m_groups, name, range);
    }
    at::Tensor y = m_weight.dim() == 5
        ? at::conv3d(x, m_weight, m_bias, m_stride, m_padding, 1, m_groups)
        : at::conv2d(x, m_weight, m_bias, m_stride, m_padding, 1, m_groups);
    switch (m_activation) {
    case Activation::Relu:
        return y.relu_();
    case Activation::Relu6:
        return y.clamp_(0.0, 6.0);
    case Activation::None:
        break;
    }
    return y;
}

} // namespace clipscope::model
