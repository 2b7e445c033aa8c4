#pragma once

#include "text/caption.h"

#include <functional>
#include <span>

namespace clipscope::text {

/// Removes what consecutive captions of automatic speech recognition repeat: a text the previous
/// one ends with extends it; a text that begins with the previous one replaces it; else the
/// shortest beginning of the text that the previous one ends with goes to one of the two.
///
/// `coin` decides each such overlap, true = to the previous caption. Line breaks become spaces,
/// texts are stripped, empty ones dropped; an empty list stays empty. Captions that end before
/// they start must have been left out before (the readers do).
/// Threads: any thread at once.
/// Source:  reference section 3 (processors/dedupprocessor.py), exact by fixtures.
std::vector<Caption> deduplicate(
    std::span<const Caption> captions, const std::function<bool()>& coin);

} // namespace clipscope::text
