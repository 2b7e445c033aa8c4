#pragma once

#include "tensor/parameters.h"

#include <cstdint>
#include <string>
#include <vector>

namespace clipscope::train {

/// Linear warm-up from 0, then linear decay to 0.
struct Schedule
{
    double learningRate = 5e-5;
    std::int64_t warmupSteps = 1000;
    std::int64_t totalSteps = 1'000'000;

    /// Rate after `updates` updates. Update n (from 1) uses rateAfter(n - 1), so the first one
    /// has rate 0.
    /// Source: fairseq's polynomial_decay with power 1, videoclip.md section 6.
    double rateAfter(std::int64_t updates) const;
};

/// Euclidean length of all gradients together, those that are there; in float64. All on one device.
/// Blocks on the device, once.
double gradientNorm(const std::vector<tensor::NamedTensor>& parameters);

/// What gradients are multiplied with so that their norm is at most `maxNorm`:
/// min(1, maxNorm / (norm + 1e-6)).
double clipFactor(double norm, double maxNorm);

struct AdamConfig
{
    double beta1 = 0.9, beta2 = 0.98;
    double eps = 1e-8;
};

/// Adam as fairseq has it: eps is added to the square root of the second moment before its bias
/// is corrected (torch::optim::Adam adds it after). No weight decay.
///
/// Threads: one thread at a time.
/// Source:  videoclip.md section 6; ten steps by fixture videoclip_tiny.
class Adam final
{
public:
    /// Handles of float32 weights; the moments live where the weights do.
    Adam(std::vector<tensor::NamedTensor> parameters, const AdamConfig& config);

    /// One update with gradient * gradientFactor; weights without gradient stay as they are, and
    /// the gradients of the others are used up.
    void step(double learningRate, double gradientFactor);
    std::int64_t updates() const { return m_updates; }

    /// Moments as "adam.first.NAME" and "adam.second.NAME", the count in the metadata.
    void exportTo(tensor::TensorFile& file) const;
    /// Errors: BadInput naming what is missing or has another shape; then nothing is changed.
    Status importFrom(const tensor::TensorFile& file, const std::filesystem::path& path);

private:
    void stepOnCard(double learningRate, double gradientFactor);

    AdamConfig m_config;
    std::vector<tensor::NamedTensor> m_parameters;
    std::vector<at::Tensor> m_first, m_second;
    std::int64_t m_updates = 0;
};

} // namespace clipscope::train
