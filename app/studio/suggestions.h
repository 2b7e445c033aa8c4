#pragma once

#include <string>
#include <vector>

namespace clipscope::studio {

/// Short queries made from captions, one per video at most: the first words of its most telling
/// short caption, without leading articles and trailing small words. Same captions, same queries.
/// `captionsByVideo[i]` are the texts of one video.
std::vector<std::string> queriesFromCaptions(
    const std::vector<std::vector<std::string>>& captionsByVideo, std::size_t most);

} // namespace clipscope::studio
