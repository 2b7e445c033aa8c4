#pragma once

#include <chrono>

namespace clipscope::widgets {

/// Where playback stands: runs by the steady clock, and is set right by the sound where there is
/// some. Speed is in video seconds per second, negative backwards, 0 stands.
struct PlaybackClock
{
    using Steady = std::chrono::steady_clock;

    double anchorSeconds = 0.0; ///< video time at `anchor`
    Steady::time_point anchor = Steady::now();
    double speed = 0.0;

    double secondsAt(Steady::time_point now) const
    {
        return anchorSeconds + speed * std::chrono::duration<double>(now - anchor).count();
    }
    void set(double seconds, double newSpeed, Steady::time_point now)
    {
        anchorSeconds = seconds;
        anchor = now;
        speed = newSpeed;
    }
};

} // namespace clipscope::widgets
