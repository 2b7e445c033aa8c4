#include "train/weight_average.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace clipscope::train {

WeightAverage::WeightAverage(std::vector<tensor::NamedTensor> parameters, double decay)
    : m_parameters(std::move(parameters))
    , m_decay(decay)
{
    if (isActive())
        for (const tensor::NamedTensor& parameter : m_parameters)
            m_average.push_back(parameter.tensor.detach().clone());
}

void WeightAverage::update()
{
    const at::NoGradGuard noGrad;
    for (std::size_t at = 0; at < m_average.size(); ++at)
        m_average[at].lerp_(m_parameters[at].tensor.detach(), 1.0 - m_decay);
}

void WeightAverage::swap()
{
    for (std::size_t at = 0; at < m_average.size(); ++at) {
        const at::Tensor weight = m_parameters[at].tensor.detach();
        m_parameters[at].tensor.set_data(m_average[at]);
        m_average[at] = weight;
    }
}

void WeightAverage::exportTo(tensor::TensorFile& file) const
{
    for (std::size_t at = 0; at < m_average.size(); ++at)
        file.tensors["average." + m_parameters[at].name] = m_average[at];
}

Status WeightAverage::importFrom(const tensor::TensorFile& file, const std::filesystem::path& path)
{
    for (std::size_t at = 0; at < m_average.size(); ++at) {
        const std::string name = "average." + m_parameters[at].name;
        const auto found = file.tensors.find(name);
        if (found == file.tensors.end() || found->second.sizes() != m_average[at].sizes())
            return fail(ErrorKind::BadInput,
                "The file holds no moving average of this model's weights.",
                { path, "tensor " + name },
                "Set train.average-decay to what the run was begun with.");
        m_average[at].copy_(found->second);
    }
    return {};
}

} // namespace clipscope::train
