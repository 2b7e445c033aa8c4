#pragma once

#include <deque>
#include <span>
#include <vector>

namespace clipscope::labels {

/// How late a person presses a key after what is seen, learned from the places where the model sees
/// a change: the delay of a press is its distance from the nearest change before it. The median of
/// the last presses is taken off the next ones; FEVA and ELAN take off a fixed delay.
/// Units:   seconds of the person's time, whatever the playing speed.
/// Threads: const; any thread at once.
class ReactionTime final
{
public:
    static constexpr double untaught = 0.25; ///< until `needed` presses were seen
    static constexpr std::size_t needed = 5, kept = 31;
    static constexpr double longest = 1.2; ///< later ones were no answer to that change

    ReactionTime() = default;
    /// As delays() gave them; what is outside [0, longest] is dropped.
    explicit ReactionTime(std::span<const double> delays);

    /// A key was pressed at `seconds` of the video, played at `speed` > 0. `changes`: ascending.
    void learn(double seconds, double speed, std::span<const double> changes);
    double delaySeconds() const;
    bool isTaught() const { return m_delays.size() >= needed; }
    /// When in the video that was which the person answered by a key; not below 0.
    double seen(double seconds, double speed) const;
    std::vector<double> delays() const { return { m_delays.begin(), m_delays.end() }; }

private:
    std::deque<double> m_delays; ///< oldest first
};

} // namespace clipscope::labels
