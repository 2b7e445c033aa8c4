#pragma once

#include <string>

namespace clipscope {

/// Prints the place and the values, then aborts.
[[noreturn]] void requirementFailed(
    const char* condition, const char* file, int line, const std::string& details);

} // namespace clipscope

/// States what a caller inside Clipscope must guarantee; user input never reaches it.
/// Aborts with place and details when the condition is false, in every build.
#define CLIP_REQUIRE(condition, details)                                                           \
    do {                                                                                           \
        if (!(condition)) [[unlikely]]                                                             \
            ::clipscope::requirementFailed(#condition, __FILE__, __LINE__, (details));             \
    } while (false)
