#include "app/cli/nearest.h"

#include "base/edit_distance.h"

#include <algorithm>

namespace clipscope::cli {

std::string nearest(std::string_view word, const std::vector<std::string>& known)
{
    std::string best;
    std::size_t bestDistance = std::max<std::size_t>(3, word.size() / 2);
    for (const std::string& candidate : known) {
        const std::size_t distance = editDistance(word, candidate);
        if (distance < bestDistance) {
            best = candidate;
            bestDistance = distance;
        }
    }
    return best;
}

} // namespace clipscope::cli
