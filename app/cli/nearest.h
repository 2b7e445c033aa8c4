#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clipscope::cli {

/// The known word that `word` most likely meant; "" when none is close.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

} // namespace clipscope::cli
