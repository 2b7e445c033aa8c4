#pragma once

#include "store/caption_shards.h"
#include "text/caption.h"
#include "text/word_piece.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace clipscope::data {

/// How captions become tokens.
struct CaptionConfig
{
    bool deduplicate = false; ///< for captions of automatic speech recognition
    std::int64_t maxCharacters = 96; ///< a caption is cut there first
    std::int64_t maxTokens = 32; ///< and there, after WordPiece
};

/// Equal for two vocabularies and settings that make the same tokens; 32 characters.
std::string captionFingerprint(const text::WordPiece& words, const CaptionConfig& config);

/// Replaces the content of `out` by the captions of a video, without the repetition when it is to
/// be removed. The coins of that depend on the video's id alone. Captions that have no token stay.
/// Source: videoclip.md section 3.
void tokenise(std::vector<text::Caption> captions, std::int64_t videoId,
    const text::WordPiece& words, const CaptionConfig& config, store::CaptionTable& out);

} // namespace clipscope::data
