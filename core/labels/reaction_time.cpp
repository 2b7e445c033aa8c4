#include "labels/reaction_time.h"

#include <algorithm>

namespace clipscope::labels {

ReactionTime::ReactionTime(std::span<const double> delays)
{
    for (const double delay : delays)
        if (delay >= 0.0 && delay <= longest)
            m_delays.push_back(delay);
    while (m_delays.size() > kept)
        m_delays.pop_front();
}

void ReactionTime::learn(double seconds, double speed, std::span<const double> changes)
{
    const auto after = std::ranges::upper_bound(changes, seconds);
    if (after == changes.begin() || !(speed > 0.0))
        return;
    const double delay = (seconds - *(after - 1)) / speed;
    if (delay > longest)
        return;
    m_delays.push_back(delay);
    if (m_delays.size() > kept)
        m_delays.pop_front();
}

double ReactionTime::delaySeconds() const
{
    if (!isTaught())
        return untaught;
    std::vector<double> sorted = delays();
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::ranges::nth_element(sorted, middle);
    return *middle;
}

double ReactionTime::seen(double seconds, double speed) const
{
    return std::max(0.0, seconds - delaySeconds() * speed);
}

} // namespace clipscope::labels
