#pragma once

#include <cstdint>

namespace clipscope::store {

/// When a process was started, in the kernel's clock ticks since boot; 0 when it is not running.
/// Together with the id it names a process for good: ids are reused.
std::uint64_t processStart(std::int64_t pid);
std::int64_t ownPid();

/// What this process has used of the machine so far.
struct ProcessUsage
{
    double cpuSeconds = 0.0; ///< of all its threads
    std::int64_t residentBytes = 0; ///< now
};
ProcessUsage ownUsage();

} // namespace clipscope::store
