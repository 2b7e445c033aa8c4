#pragma once

#include <cstddef>
#include <string_view>

namespace clipscope::text {

// Private to the module.

/// Python writes the missing texts of HowTo100M as NaN, which is no JSON. Outside of strings such
/// words are read as an empty array of the same length, "[ ]": neither a text nor a time, and the
/// columns of later messages stay right.
/// Returns the length of the word that `rest` begins with, 0 when it is none.
constexpr std::size_t longestPythonNumber = 9;
inline std::size_t pythonNumberLength(std::string_view rest)
{
    for (const std::string_view word : { "NaN", "-Infinity", "Infinity" })
        if (rest.starts_with(word))
            return word.size();
    return 0;
}

/// Overwrites such a word. Requires: length > 1.
inline void replacePythonNumber(char* word, std::size_t length)
{
    for (std::size_t at = 1; at + 1 < length; ++at)
        word[at] = ' ';
    word[0] = '[';
    word[length - 1] = ']';
}

} // namespace clipscope::text
