#include "app/studio/suggestions.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

namespace clipscope::studio {

namespace {

constexpr std::size_t mostWords = 4;
constexpr std::size_t fewestWords = 2;

bool isSmallWord(std::string_view word)
{
    static constexpr std::array words{ "a", "an", "the", "of", "on", "in", "at", "to", "and", "is",
        "are", "with", "by", "from", "into", "past", "as", "while", "for", "over", "its", "their",
        "one", "two", "other", "another", "second", "that", "which", "up", "down", "out", "off",
        "through", "towards", "near" };
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// Words of the first clause, lower case; other than ASCII letters stay as they are.
std::vector<std::string> wordsOfFirstClause(std::string_view text)
{
    std::vector<std::string> words;
    std::string word;
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        const bool partOfWord
            = byte >= 0x80 || std::isalnum(byte) != 0 || character == '\'' || character == '-';
        if (partOfWord) {
            word += static_cast<char>(std::tolower(byte));
            continue;
        }
        if (!word.empty())
            words.push_back(std::exchange(word, {}));
        if (byte != ' ' && !words.empty())
            return words; // a comma or full stop ends the clause
    }
    if (!word.empty())
        words.push_back(word);
    return words;
}

std::string queryFrom(std::string_view caption)
{
    std::vector<std::string> words = wordsOfFirstClause(caption);
    while (!words.empty() && isSmallWord(words.front()))
        words.erase(words.begin());
    words.resize(std::min(words.size(), mostWords));
    while (!words.empty() && isSmallWord(words.back()))
        words.pop_back();
    if (words.size() < fewestWords)
        return {};
    std::string query;
    for (const std::string& word : words)
        query += (query.empty() ? "" : " ") + word;
    return query;
}

} // namespace

std::vector<std::string> queriesFromCaptions(
    const std::vector<std::vector<std::string>>& captionsByVideo, std::size_t most)
{
    std::vector<std::string> queries;
    if (captionsByVideo.empty())
        return queries;
    // Spread over the collection: neighbours are often alike.
    const std::size_t stride = std::max<std::size_t>(1, captionsByVideo.size() / most);
    for (std::size_t start = 0; start < stride && queries.size() < most; ++start) {
        for (std::size_t i = start; i < captionsByVideo.size() && queries.size() < most;
             i += stride) {
            const auto& captions = captionsByVideo[i];
            const auto found = std::find_if(captions.begin(), captions.end(),
                [](const std::string& caption) { return !queryFrom(caption).empty(); });
            if (found == captions.end())
                continue;
            std::string query = queryFrom(*found);
            if (std::find(queries.begin(), queries.end(), query) == queries.end())
                queries.push_back(std::move(query));
        }
    }
    return queries;
}

} // namespace clipscope::studio
