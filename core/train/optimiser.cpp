#include "train/optimiser.h"

#include "base/require.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

namespace clipscope::train {

namespace {

constexpr const char* countKey = "clipscope.adam-updates";

struct Step
{
    float beta1, beta2, eps, size, gradientFactor;
};

/// One pass over memory where tensor operations would make seven; the weights of a small model
/// do not fit into the cache, so memory is what an update costs.
void updateOnCpu(at::Tensor& weight, const at::Tensor& gradient, at::Tensor& first,
    at::Tensor& second, const Step& step)
{
    float* w = weight.data_ptr<float>();
    const float* g = gradient.const_data_ptr<float>();
    float* m = first.data_ptr<float>();
    float* v = second.data_ptr<float>();
    at::parallel_for(0, weight.numel(), 1 << 16, [=](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const float grad = g[i] * step.gradientFactor;
            m[i] = m[i] * step.beta1 + grad * (1.0f - step.beta1);
            v[i] = v[i] * step.beta2 + grad * grad * (1.0f - step.beta2);
            w[i] -= step.size * (m[i] / (std::sqrt(v[i]) + step.eps));
        }
    });
}

} // namespace

double Schedule::rateAfter(std::int64_t updates) const
{
    const auto k = static_cast<double>(updates), warmup = static_cast<double>(warmupSteps),
               total = static_cast<double>(totalSteps);
    if (updates <= warmupSteps && warmupSteps > 0)
        return learningRate * k / warmup;
    if (updates >= totalSteps)
        return 0.0;
    return learningRate * (1.0 - (k - warmup) / (total - warmup));
}

double gradientNorm(const std::vector<tensor::NamedTensor>& parameters)
{
    std::vector<at::Tensor> gradients;
    for (const tensor::NamedTensor& parameter : parameters)
        if (parameter.tensor.grad().defined())
            gradients.push_back(parameter.tensor.grad());
    if (gradients.empty())
        return 0.0;
    const at::NoGradGuard noGrad;
    // Read at once: on a graphics card each read waits for all that was begun.
    const at::Tensor norms = at::stack(at::_foreach_norm(gradients)).to(at::kCPU, at::kDouble);
    const auto* values = norms.const_data_ptr<double>();
    double squares = 0.0;
    for (std::int64_t at = 0; at < norms.numel(); ++at)
        squares += values[at] * values[at];
    return std::sqrt(squares);
}

double clipFactor(double norm, double maxNorm)
{
    return std::min(1.0, maxNorm / (norm + 1e-6));
}

Adam::Adam(std::vector<tensor::NamedTensor> parameters, const AdamConfig& config)
    : m_config(config)
    , m_parameters(std::move(parameters))
{
    for (const tensor::NamedTensor& parameter : m_parameters) {
        m_first.push_back(at::zeros_like(parameter.tensor, at::MemoryFormat::Contiguous));
        m_second.push_back(at::zeros_like(parameter.tensor, at::MemoryFormat::Contiguous));
    }
}

void Adam::step(double learningRate, double gradientFactor)
{
    const at::NoGradGuard noGrad;
    ++m_updates;
    if (!m_parameters.empty() && m_parameters.front().tensor.is_cuda()) {
        stepOnCard(learningRate, gradientFactor);
        return;
    }
    const auto t = static_cast<double>(m_updates);
    const double size = learningRate * std::sqrt(1.0 - std::pow(m_config.beta2, t))
        / (1.0 - std::pow(m_config.beta1, t));
    const Step step{ static_cast<float>(m_config.beta1), static_cast<float>(m_config.beta2),
        static_cast<float>(m_config.eps), static_cast<float>(size),
        static_cast<float>(gradientFactor) };
    for (std::size_t at = 0; at < m_parameters.size(); ++at) {
        at::Tensor& weight = m_parameters[at].tensor;
        if (!weight.grad().defined())
            continue;
        CLIP_REQUIRE(weight.is_contiguous(), m_parameters[at].name);
        updateOnCpu(weight, weight.grad().contiguous(), m_first[at], m_second[at], step);
    }
}

/// LibTorch's own update of many tensors by few kernels. It adds eps after the correction of the
/// bias, so it gets an eps that comes out as if added before.
void Adam::stepOnCard(double learningRate, double gradientFactor)
{
    std::vector<at::Tensor> weights, gradients, first, second;
    for (std::size_t at = 0; at < m_parameters.size(); ++at) {
        if (!m_parameters[at].tensor.grad().defined())
            continue;
        weights.push_back(m_parameters[at].tensor);
        gradients.push_back(m_parameters[at].tensor.grad());
        first.push_back(m_first[at]);
        second.push_back(m_second[at]);
    }
    if (weights.empty())
        return;
    const auto t = static_cast<double>(m_updates);
    const double eps = m_config.eps / std::sqrt(1.0 - std::pow(m_config.beta2, t));
    const auto number = [&](double value) {
        return at::full({}, value, weights.front().options().requires_grad(false));
    };
    const std::vector<at::Tensor> counts(weights.size(), number(t));
    at::_fused_adam_(weights, gradients, first, second, {}, counts, learningRate, m_config.beta1,
        m_config.beta2, 0.0, eps, false, false, number(1.0 / gradientFactor));
}

void Adam::exportTo(tensor::TensorFile& file) const
{
    for (std::size_t at = 0; at < m_parameters.size(); ++at) {
        file.tensors["adam.first." + m_parameters[at].name] = m_first[at];
        file.tensors["adam.second." + m_parameters[at].name] = m_second[at];
    }
    file.metadata[countKey] = std::to_string(m_updates);
}

Status Adam::importFrom(const tensor::TensorFile& file, const std::filesystem::path& path)
{
    const auto count = file.metadata.find(countKey);
    if (count == file.metadata.end()
        || count->second.find_first_not_of("0123456789") != std::string::npos
        || count->second.empty() || count->second.size() > 18)
        return fail(
            ErrorKind::BadInput, "The file holds no state of the optimiser.", { path, countKey });
    std::vector<at::Tensor> first, second;
    for (const tensor::NamedTensor& parameter : m_parameters) {
        for (const auto& [prefix, into] :
            { std::pair("adam.first.", &first), std::pair("adam.second.", &second) }) {
            const auto found = file.tensors.find(prefix + parameter.name);
            if (found == file.tensors.end() || found->second.sizes() != parameter.tensor.sizes()
                || found->second.scalar_type() != at::kFloat)
                return fail(ErrorKind::BadInput,
                    "The state of the optimiser does not belong to this model.",
                    { path, "tensor " + (prefix + parameter.name) });
            into->push_back(found->second.to(parameter.tensor.device(), at::kFloat,
                /*non_blocking=*/false, /*copy=*/true));
        }
    }
    m_first = std::move(first);
    m_second = std::move(second);
    m_updates = std::stoll(count->second);
    return {};
}

} // namespace clipscope::train
