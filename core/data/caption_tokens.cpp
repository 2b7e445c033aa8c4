#include "data/caption_tokens.h"

#include "base/hash.h"
#include "base/random.h"
#include "text/deduplicate.h"
#include "text/unicode.h"

#include <algorithm>
#include <string_view>

namespace clipscope::data {

std::string captionFingerprint(const text::WordPiece& words, const CaptionConfig& config)
{
    // The number at the front goes up when the same settings begin to make other tokens.
    Hasher hasher;
    hasher.add("captions 1\n" + std::to_string(config.deduplicate) + " "
        + std::to_string(config.maxCharacters) + " " + std::to_string(config.maxTokens) + "\n");
    hasher.add(words.vocabularyText());
    return hasher.hex();
}

void tokenise(std::vector<text::Caption> captions, std::int64_t videoId,
    const text::WordPiece& words, const CaptionConfig& config, store::CaptionTable& out)
{
    if (config.deduplicate) {
        Random coins({ 0x6465647570, static_cast<std::uint64_t>(videoId) });
        captions = text::deduplicate(captions, [&] { return coins.coin(); });
    }
    out.clear();
    const auto limit = static_cast<std::size_t>(config.maxTokens);
    std::vector<std::int32_t> ids;
    for (const text::Caption& caption : captions) {
        const std::string_view cut = std::string_view(caption.text)
                                         .substr(0,
                                             text::bytesOfCodePoints(caption.text,
                                                 static_cast<std::size_t>(config.maxCharacters)));
        ids.clear();
        words.append(cut, ids, limit);
        out.add(caption.startSeconds, caption.stopSeconds,
            std::span(ids).first(std::min(ids.size(), limit)));
    }
}

} // namespace clipscope::data
