#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::text {

/// Uncased WordPiece of BERT: text to the ids of a vocabulary.
///
/// Equal to the slow tokenizer of transformers 3.4.0 (add_special_tokens off): a literal [CLS],
/// [SEP], [PAD], [MASK] or [UNK] becomes its special id; characters of Unicode's categories C*
/// (by Unicode 14, whatever the ICU at hand) vanish; accents are stripped; words over 100
/// characters are [UNK]. Bytes that are not valid UTF-8 count as U+FFFD, which vanishes too.
/// Threads: const after construction; any thread at once.
/// Source:  reference section 3; tests/reference compares with fixtures/tokenizer.jsonl.
class WordPiece final
{
public:
    /// Reads a vocabulary, one token a line, the line number (from 0) is the id.
    /// Errors: NotFound, Io; as fromText().
    static Result<WordPiece> load(const std::filesystem::path& path);
    /// Errors: BadInput when [UNK], [CLS], [SEP] or [PAD] is missing or the text is no UTF-8.
    /// `name` stands in the message.
    static Result<WordPiece> fromText(
        std::string_view vocabulary, const std::filesystem::path& name = {});
    WordPiece(WordPiece&&) noexcept;
    WordPiece& operator=(WordPiece&&) noexcept;
    ~WordPiece();

    /// Ids without [CLS] and [SEP] around them. Range: [0, size()).
    std::vector<std::int32_t> ids(std::string_view utf8) const;
    /// Appends to `out` instead; stops early, at a word's end, once `out` has `limit` ids or more.
    void append(std::string_view utf8, std::vector<std::int32_t>& out,
        std::size_t limit = static_cast<std::size_t>(-1)) const;

    std::int64_t size() const;
    /// The token with this id; CLIP_REQUIREs that there is one.
    std::string_view token(std::int32_t id) const;
    /// The whole vocabulary, one token a line, as to be stored with a checkpoint.
    std::string vocabularyText() const;
    std::int32_t padId() const;
    std::int32_t unknownId() const;
    std::int32_t clsId() const;
    std::int32_t sepId() const;

private:
    struct Impl;
    explicit WordPiece(std::unique_ptr<const Impl> impl);
    std::unique_ptr<const Impl> m_impl;
};

} // namespace clipscope::text
