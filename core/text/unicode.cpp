#include "text/unicode.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <unicode/uchar.h>

namespace clipscope::text {
namespace {

std::string fromUtf16(std::string_view bytes, bool bigEndian)
{
    std::string out;
    out.reserve(bytes.size());
    const auto unit = [&](std::size_t at) {
        const auto a = static_cast<unsigned char>(bytes[at]);
        const auto b = static_cast<unsigned char>(bytes[at + 1]);
        return static_cast<char32_t>(bigEndian ? a << 8 | b : b << 8 | a);
    };
    for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
        char32_t c = unit(at);
        if (c >= 0xD800 && c < 0xDC00 && at + 3 < bytes.size()) {
            const char32_t low = unit(at + 2);
            if (low >= 0xDC00 && low < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                at += 2;
            }
        }
        appendCodePoint(out, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
    }
    return out;
}

bool isUtf8(std::string_view bytes)
{
    for (std::size_t at = 0; at < bytes.size();) {
        if (nextCodePoint(bytes, at) == invalidCodePoint)
            return false;
    }
    return true;
}

std::string fromWindows1252(std::string_view bytes)
{
    static constexpr std::array<char32_t, 32> high{ 0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026,
        0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D, 0x17D, 0x8F, 0x90, 0x2018,
        0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D,
        0x17E, 0x178 };
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 8);
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        appendCodePoint(out, value >= 0x80 && value < 0xA0 ? high[value - 0x80] : value);
    }
    return out;
}

/// What Python's str.strip() and str.split() take for space.
bool isSpace(char32_t c)
{
    return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85
        || (c > 0x7F && c != invalidCodePoint
            && (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_Z_MASK));
}

bool startsCodePoint(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

} // namespace

std::string utf8FromFileContent(std::string_view bytes)
{
    if (bytes.starts_with("\xEF\xBB\xBF"))
        bytes.remove_prefix(3);
    else if (bytes.starts_with("\xFF\xFE"))
        return fromUtf16(bytes.substr(2), false);
    else if (bytes.starts_with("\xFE\xFF"))
        return fromUtf16(bytes.substr(2), true);
    return isUtf8(bytes) ? std::string(bytes) : fromWindows1252(bytes);
}

char32_t nextCodePoint(std::string_view utf8, std::size_t& at)
{
    const auto byte = [&](std::size_t index) -> char32_t {
        return index < utf8.size() ? static_cast<unsigned char>(utf8[index]) : 0;
    };
    const char32_t first = byte(at++);
    if (first < 0x80)
        return first;
    const std::size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    if (first < 0xC2 || first > 0xF4)
        return invalidCodePoint;
    char32_t c = first & (0x3Fu >> more);
    for (std::size_t step = 0; step < more; ++step) {
        const char32_t next = byte(at);
        if ((next & 0xC0) != 0x80)
            return invalidCodePoint;
        c = c << 6 | (next & 0x3F);
        // The second byte tells overlong forms, surrogates and what lies beyond U+10FFFF.
        if (step == 0
            && ((more == 2 && (c < 0x20 || (c >= 0x360 && c < 0x380)))
                || (more == 3 && (c < 0x10 || c >= 0x110))))
            return invalidCodePoint;
        ++at;
    }
    return c;
}

void appendCodePoint(std::string& utf8, char32_t codePoint)
{
    const auto put = [&](char32_t byte) { utf8.push_back(static_cast<char>(byte)); };
    if (codePoint < 0x80) {
        put(codePoint);
    } else if (codePoint < 0x800) {
        put(0xC0 | codePoint >> 6);
        put(0x80 | (codePoint & 0x3F));
    } else if (codePoint < 0x10000) {
        put(0xE0 | codePoint >> 12);
        put(0x80 | (codePoint >> 6 & 0x3F));
        put(0x80 | (codePoint & 0x3F));
    } else {
        put(0xF0 | codePoint >> 18);
        put(0x80 | (codePoint >> 12 & 0x3F));
        put(0x80 | (codePoint >> 6 & 0x3F));
        put(0x80 | (codePoint & 0x3F));
    }
}

std::string_view stripped(std::string_view utf8)
{
    while (!utf8.empty()) {
        std::size_t used = 0;
        if (!isSpace(nextCodePoint(utf8, used)))
            break;
        utf8.remove_prefix(used);
    }
    while (!utf8.empty()) {
        std::size_t last = utf8.size() - 1;
        while (last > 0 && utf8.size() - last < 4 && !startsCodePoint(utf8[last]))
            --last;
        std::size_t end = last;
        if (!isSpace(nextCodePoint(utf8, end)) || end != utf8.size())
            break;
        utf8.remove_suffix(utf8.size() - last);
    }
    return utf8;
}

std::string onOneLine(std::string_view utf8)
{
    utf8 = stripped(utf8);
    std::string out;
    out.reserve(utf8.size());
    for (const char c : utf8) {
        const bool space = c == ' ' || (c >= '\t' && c <= '\r');
        if (!space)
            out.push_back(c);
        else if (!out.ends_with(' '))
            out.push_back(' ');
    }
    return out;
}

std::vector<std::string_view> linesOf(std::string_view content)
{
    std::vector<std::string_view> lines;
    while (!content.empty()) {
        const std::size_t end = std::min(content.find_first_of("\r\n"), content.size());
        lines.push_back(content.substr(0, end));
        content.remove_prefix(end);
        if (content.starts_with("\r\n"))
            content.remove_prefix(2);
        else if (!content.empty())
            content.remove_prefix(1);
    }
    return lines;
}

std::size_t bytesOfCodePoints(std::string_view utf8, std::size_t count)
{
    std::size_t at = 0;
    for (; at < utf8.size(); ++at) {
        if (startsCodePoint(utf8[at]) && count-- == 0)
            break;
    }
    return at;
}

} // namespace clipscope::text
