#pragma once

#include <cstdint>

namespace clipscope::store {

/// When a process was started, in the kernel's clock ticks since boot; 0 when it is not running.
/// Together with the id it names a process for good: ids are reused. Private to the module.
std::uint64_t processStart(std::int64_t pid);
std::int64_t ownPid();

} // namespace clipscope::store
