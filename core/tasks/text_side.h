#pragma once

#include "base/result.h"
#include "model/towers.h"
#include "text/word_piece.h"

#include <ATen/core/Tensor.h>

#include <span>
#include <string>
#include <vector>

namespace clipscope::tasks {

/// Where a safetensors file's metadata holds its vocabulary, one word a line.
inline constexpr const char* vocabularyKey = "clipscope.vocabulary";

/// Text vectors in the order of the texts.
struct TextVectors
{
    at::Tensor vectors; ///< float32 [N, D] on the CPU
    std::vector<std::size_t> cut; ///< texts that were longer than the tower takes
};

/// Texts through WordPiece and a text tower, in batches of similar length.
///
/// Errors:  BadInput if a text has no words (its number is named).
/// Threads: any thread at once.
Result<TextVectors> embedThrough(const text::WordPiece& words, const model::TextTower& tower,
    std::span<const std::string> texts);

} // namespace clipscope::tasks
