#pragma once

#include "base/result.h"
#include "text/word_piece.h"

#include <cstdint>
#include <filesystem>
#include <string>

#include <unistd.h>

namespace clipscope::jobs {

/// A folder for temporary files, gone with this.
class ScratchFolder final
{
public:
    ScratchFolder()
        : m_path((std::filesystem::temp_directory_path() / "clipscope-bench-XXXXXX").string())
        , m_made(::mkdtemp(m_path.data()) != nullptr)
    {
    }
    ~ScratchFolder()
    {
        std::error_code code;
        if (m_made)
            std::filesystem::remove_all(m_path, code);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    /// Errors: Io when the folder could not be made.
    Status made() const
    {
        if (m_made)
            return {};
        return fail(ErrorKind::Io, "No folder for temporary files can be made.",
            { std::filesystem::temp_directory_path(), {} }, "Name another one in TMPDIR.");
    }
    std::filesystem::path path() const { return m_path; }

private:
    std::string m_path;
    bool m_made;
};

inline constexpr std::int64_t madeUpWordCount = 30522;

/// As many words as the paper's vocabulary has: w5 to w30521 beside the special ones.
inline Result<text::WordPiece> madeUpWords()
{
    std::string words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
    for (std::int64_t at = 5; at < madeUpWordCount; ++at)
        words.append("w").append(std::to_string(at)).append("\n");
    return text::WordPiece::fromText(words);
}

} // namespace clipscope::jobs
