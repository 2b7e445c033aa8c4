#pragma once

#include <algorithm>
#include <limits>

namespace clipscope::train {

/// Tells a loss that runs away from one that only goes up and down: its running mean is compared
/// with the lowest one so far and with what chance gives, whichever is more.
/// Threads: one thread at a time.
class DivergenceGuard final
{
public:
    /// `factor` 0: never.
    explicit DivergenceGuard(double factor)
        : m_factor(factor)
    {
    }
    /// Takes the loss of a step; true when the running mean is more than `factor` times too high.
    bool hasDiverged(double loss, double chance)
    {
        constexpr double memory = 0.9; // some ten steps
        m_mean = m_mean < 0.0 ? loss : memory * m_mean + (1.0 - memory) * loss;
        m_lowest = std::min(m_lowest, m_mean);
        return m_factor > 0.0 && m_mean > m_factor * std::max(m_lowest, chance);
    }
    double mean() const { return m_mean; }
    double lowest() const { return m_lowest; }
    void restore(double mean, double lowest)
    {
        m_mean = mean;
        m_lowest = lowest;
    }

private:
    double m_factor;
    double m_mean = -1.0; // before the first step
    double m_lowest = std::numeric_limits<double>::max();
};

} // namespace clipscope::train
