#include "text/word_list.h"

#include "text/unicode.h"

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace clipscope::text {

namespace {

bool belongsToWord(char32_t codePoint)
{
    return codePoint != invalidCodePoint
        && (codePoint == U'_' || codePoint == U'\''
            || (U_GET_GC_MASK(static_cast<UChar32>(codePoint)) & (U_GC_L_MASK | U_GC_N_MASK)) != 0);
}

/// The whole sentence at once: a capital sigma's lower case depends on what follows.
std::string lowerCase(std::string_view utf8)
{
    std::string lower;
    icu::UnicodeString::fromUTF8({ utf8.data(), static_cast<std::int32_t>(utf8.size()) })
        .toLower(icu::Locale::getRoot())
        .toUTF8String(lower);
    return lower;
}

} // namespace

std::vector<std::string> plainWords(std::string_view utf8)
{
    const std::string lower = lowerCase(utf8);
    std::vector<std::string> words;
    bool within = false;
    for (std::size_t at = 0; at < lower.size();) {
        const char32_t codePoint = nextCodePoint(lower, at);
        const bool belongs = belongsToWord(codePoint);
        if (belongs && !within)
            words.emplace_back();
        if (belongs)
            appendCodePoint(words.back(), codePoint);
        within = belongs;
    }
    return words;
}

WordList::WordList(const std::vector<std::string>& words)
{
    for (std::size_t i = 0; i < words.size(); ++i)
        m_ids[words[i]] = static_cast<std::int64_t>(i) + 1;
}

std::vector<std::int64_t> WordList::ids(std::string_view utf8, std::size_t length) const
{
    std::vector<std::int64_t> ids;
    for (const std::string& word : plainWords(utf8))
        if (const auto found = m_ids.find(word); found != m_ids.end() && ids.size() < length)
            ids.push_back(found->second);
    ids.resize(length, 0);
    return ids;
}

} // namespace clipscope::text
