#include "text/deduplicate.h"

#include "text/unicode.h"

#include <algorithm>
#include <string_view>

namespace clipscope::text {
namespace {

/// Length of the shortest non-empty beginning of `text` that `previous` ends with; 0 if none.
std::size_t shortestOverlap(std::string_view previous, std::string_view text)
{
    for (std::size_t length = 1; length <= text.size(); ++length) {
        const bool whole
            = length == text.size() || (static_cast<unsigned char>(text[length]) & 0xC0) != 0x80;
        if (whole && previous.ends_with(text.substr(0, length)))
            return length;
    }
    return 0;
}

void giveToPrevious(std::vector<Caption>& kept, Caption next, std::size_t overlap)
{
    Caption& previous = kept.back();
    previous.stopSeconds = std::max(previous.stopSeconds, next.startSeconds);
    next.text = stripped(std::string_view(next.text).substr(overlap));
    if (next.text.empty())
        return;
    next.startSeconds = std::max(previous.stopSeconds, next.startSeconds);
    next.stopSeconds = std::max(next.stopSeconds, next.startSeconds);
    kept.push_back(std::move(next));
}

void giveToNext(std::vector<Caption>& kept, Caption next, std::size_t overlap)
{
    Caption& previous = kept.back();
    const std::string_view text = previous.text;
    std::string left(stripped(text.substr(0, text.size() - overlap)));
    if (left.empty()) {
        kept.pop_back();
    } else {
        previous.stopSeconds = std::min(previous.stopSeconds, next.startSeconds);
        previous.text = std::move(left);
    }
    kept.push_back(std::move(next));
}

} // namespace

std::vector<Caption> deduplicate(
    std::span<const Caption> captions, const std::function<bool()>& coin)
{
    std::vector<Caption> kept;
    for (Caption next : captions) {
        std::replace(next.text.begin(), next.text.end(), '\n', ' ');
        next.text = std::string(stripped(next.text));
        if (next.text.empty())
            continue;
        if (kept.empty()) {
            kept.push_back(std::move(next));
            continue;
        }
        Caption& previous = kept.back();
        if (previous.text.ends_with(next.text)) {
            previous.stopSeconds = std::max(previous.stopSeconds, next.stopSeconds);
        } else if (next.text.starts_with(previous.text)) {
            previous.text = std::move(next.text);
            previous.startSeconds = std::min(previous.startSeconds, next.startSeconds);
            previous.stopSeconds = std::max(previous.stopSeconds, next.stopSeconds);
        } else if (const std::size_t overlap = shortestOverlap(previous.text, next.text)) {
            if (coin())
                giveToPrevious(kept, std::move(next), overlap);
            else
                giveToNext(kept, std::move(next), overlap);
        } else {
            kept.push_back(std::move(next));
        }
    }
    return kept;
}

} // namespace clipscope::text
