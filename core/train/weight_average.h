#pragma once

#include "tensor/parameters.h"

#include <filesystem>
#include <vector>

namespace clipscope::train {

/// Exponential moving average of the weights: after each update, average = decay * average +
/// (1 - decay) * weight. Decay 0: there is none.
/// Threads: one thread at a time.
class WeightAverage final
{
public:
    /// Begins with copies of the weights.
    WeightAverage(std::vector<tensor::NamedTensor> parameters, double decay);

    bool isActive() const { return m_decay > 0.0; }
    void update();
    /// Exchanges the weights for the average, for measuring and saving; a second call exchanges
    /// them back.
    void swap();

    /// "average.NAME"; nothing without an average.
    void exportTo(tensor::TensorFile& file) const;
    /// Errors: BadInput naming what is missing or has another shape.
    Status importFrom(const tensor::TensorFile& file, const std::filesystem::path& path);

private:
    std::vector<tensor::NamedTensor> m_parameters;
    std::vector<at::Tensor> m_average;
    double m_decay;
};

} // namespace clipscope::train
