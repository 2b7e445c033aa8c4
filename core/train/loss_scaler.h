#pragma once

#include <cstdint>

namespace clipscope::train {

/// Keeps float16 gradients off zero: the loss is multiplied, the gradients are divided again. After
/// an overflow the step is left out and the scale halved; after many clean steps it is doubled.
/// Threads: one thread at a time.
/// Source:  fairseq's dynamic loss scaler, videoclip.md section 6 (starts at 128).
class LossScaler final
{
public:
    /// Inactive: the scale is always 1 and nothing is left out.
    explicit LossScaler(bool active, std::int64_t cleanSteps = 1 << 14)
        : m_active(active)
        , m_cleanSteps(cleanSteps)
        , m_scale(active ? 128.0 : 1.0)
    {
    }
    bool isActive() const { return m_active; }
    double scale() const { return m_scale; }
    std::int64_t cleanInARow() const { return m_clean; }
    /// Below this the numbers themselves are broken, not their range.
    bool isExhausted() const { return m_active && m_scale < 1e-4; }
    void overflowed()
    {
        m_scale /= 2.0;
        m_clean = 0;
    }
    void wasClean()
    {
        if (m_active && ++m_clean % m_cleanSteps == 0)
            m_scale *= 2.0;
    }
    void restore(double scale, std::int64_t clean)
    {
        m_scale = m_active ? scale : 1.0;
        m_clean = clean;
    }

private:
    bool m_active;
    std::int64_t m_cleanSteps;
    double m_scale;
    std::int64_t m_clean = 0;
};

} // namespace clipscope::train
