#pragma once

#include <QString>

#include <algorithm>
#include <ctime>
#include <vector>

namespace clipscope::studio {

/// Time this thread has had on a processor, from any origin.
inline double processorMilliseconds()
{
    timespec time = {};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// "median 4.2, 95 % 4.9, worst 6.2 ms". Ranges: at least one time.
inline QString frameTimesText(std::vector<double> milliseconds, int decimals)
{
    std::sort(milliseconds.begin(), milliseconds.end());
    return QStringLiteral("median %1, 95 % %2, worst %3 ms")
        .arg(milliseconds[milliseconds.size() / 2], 0, 'f', decimals)
        .arg(milliseconds[milliseconds.size() * 95 / 100], 0, 'f', decimals)
        .arg(milliseconds.back(), 0, 'f', decimals);
}

} // namespace clipscope::studio
