#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::text {

/// The text of a file as UTF-8: a byte order mark (UTF-8, UTF-16 LE or BE) is obeyed and removed,
/// anything else that is not valid UTF-8 is taken for Windows-1252.
std::string utf8FromFileContent(std::string_view bytes);

/// Without Unicode white space at both ends, as Python's str.strip().
std::string_view stripped(std::string_view utf8);

/// Line breaks and tabs become spaces, runs of spaces one, ends stripped.
std::string onOneLine(std::string_view utf8);

/// Lines without their ends (LF, CRLF, CR); a file that ends with a line end has no empty last one.
std::vector<std::string_view> linesOf(std::string_view content);

/// What nextCodePoint() gives for bytes that are not UTF-8.
inline constexpr char32_t invalidCodePoint = 0xFFFFFFFF;

/// The code point at byte `at`, which must be below the size; moves `at` behind it. Surrogates,
/// overlong forms and broken sequences are invalid, one at a time per wrong beginning.
char32_t nextCodePoint(std::string_view utf8, std::size_t& at);
/// Appends a code point (at most U+10FFFF) as UTF-8.
void appendCodePoint(std::string& utf8, char32_t codePoint);

/// Byte length of the first `count` code points, or of all when there are fewer.
std::size_t bytesOfCodePoints(std::string_view utf8, std::size_t count);

} // namespace clipscope::text
