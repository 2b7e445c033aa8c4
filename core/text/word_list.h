#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace clipscope::text {

/// Lower-case words of a sentence: runs of letters, digits, underscores and apostrophes, as
/// Python's re.findall(r"[\w']+", sentence.lower()) finds them. Bytes that are not UTF-8 part
/// words. Threads: any thread at once.
std::vector<std::string> plainWords(std::string_view utf8);

/// A list of whole words that numbers them for the text head of MIL-NCE (model/s3d_text.h).
/// Threads: const after construction; any thread at once.
/// Source:  videoclip.md section 1, s3d_dict.npy.
class WordList final
{
public:
    /// Word i gets the id i + 1; of a word that comes twice the later place counts.
    explicit WordList(const std::vector<std::string>& words);

    /// Ids of the known words in order, others left out, cut or filled with 0 to `length`.
    std::vector<std::int64_t> ids(std::string_view utf8, std::size_t length = 16) const;

private:
    std::unordered_map<std::string, std::int64_t> m_ids;
};

} // namespace clipscope::text
