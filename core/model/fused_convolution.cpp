#include "model/fused_convolution.h"

#include "model/flat_volumes.h"

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
    if (!weight.is_cpu()) {
        const bool flatInTime = volume && weight.size(2) == 1;
        const bool flatInSpace = volume && weight.size(3) == 1 && weight.size(4) == 1;
        m_shape = flatInTime ? Shape::Frames
            : flatInSpace    ? Shape::Columns
            : volume         ? Shape::Volumes
                             : Shape::Images;
        m_weight = flatInTime ? weight.squeeze(2) : flatInSpace ? weight.squeeze(4) : weight;
        m_weight = m_weight.contiguous(m_shape == Shape::Volumes ? at::MemoryFormat::ChannelsLast3d
                                                                 : at::MemoryFormat::ChannelsLast);
        for (auto* values : { &m_stride, &m_padding }) {
            if (m_shape == Shape::Frames)
                values->erase(values->begin());
            else if (m_shape == Shape::Columns)
                values->pop_back();
        }
    } else if (volume)
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
    switch (m_shape) {
    case Shape::Frames:
        return fromFrames(onCard(framesOf(x)), x.size(0));
    case Shape::Columns:
        return fromColumns(onCard(columnsOf(x)), x.size(3));
    case Shape::Images:
    case Shape::Volumes:
        break;
    }
    return onCard(x);
}

at::Tensor FusedConvolution::onCard(const at::Tensor& x) const
{
    const std::vector<std::int64_t> dilation(m_padding.size(), 1);
    if (m_activation == Activation::Relu)
        return at::cudnn_convolution_relu(
            x, m_weight, m_bias, m_stride, m_padding, dilation, m_groups);
    const std::vector<std::int64_t> noMore(m_padding.size(), 0);
    at::Tensor y = at::convolution(
        x, m_weight, m_bias, m_stride, m_padding, dilation, false, noMore, m_groups);
    return m_activation == Activation::Relu6 ? y.clamp_(0.0, 6.0) : y;
}

} // namespace clipscope::model
