#pragma once

#include <cstddef>
#include <string_view>

namespace clipscope {

/// Levenshtein distance in bytes: how many insertions, deletions and replacements turn one word
/// into the other. For suggestions after a mistyped name. Threads: any thread at once.
std::size_t editDistance(std::string_view a, std::string_view b);

} // namespace clipscope
