#include "tensor/npy_header.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

namespace clipscope::tensor {

namespace {

constexpr std::size_t longestHeader = 1 << 20;

constexpr std::array<std::pair<std::string_view, ElementType>, 9> numberTypes{ {
    { "<f8", ElementType::Float64 },
    { "<f4", ElementType::Float32 },
    { "<f2", ElementType::Float16 },
    { "<i8", ElementType::Int64 },
    { "<i4", ElementType::Int32 },
    { "<i2", ElementType::Int16 },
    { "|i1", ElementType::Int8 },
    { "|u1", ElementType::UInt8 },
    { "|b1", ElementType::Bool },
} };

tl::unexpected<Error> broken(const std::filesystem::path& path, std::string message, std::size_t at)
{
    return fail(ErrorKind::BadInput, std::move(message), { path, "byte " + std::to_string(at) },
        "The file is damaged or not a numpy array; make it again.");
}

/// The entries of {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }; numpy writes exactly
/// these three, and nothing else of Python is understood.
class Dictionary final
{
public:
    explicit Dictionary(std::string_view text)
        : m_rest(text)
    {
    }
    /// False when the text is anything else.
    bool parse()
    {
        if (!take('{'))
            return false;
        while (!take('}')) {
            const auto key = quoted();
            if (!key || !take(':') || !value(*key))
                return false;
            if (!take(',') && (m_rest.empty() || m_rest.front() != '}'))
                return false;
        }
        return m_rest.empty() && hasType && hasOrder && hasShape;
    }
    std::string_view type; ///< "" for a record of several types
    bool fortranOrder = false;
    std::vector<std::int64_t> shape;
    bool hasType = false, hasOrder = false, hasShape = false;

private:
    void skipSpace()
    {
        const std::size_t used = m_rest.find_first_not_of(" \t\n");
        m_rest.remove_prefix(std::min(used, m_rest.size()));
    }
    bool take(char wanted)
    {
        skipSpace();
        if (m_rest.empty() || m_rest.front() != wanted)
            return false;
        m_rest.remove_prefix(1);
        skipSpace();
        return true;
    }
    bool takeWord(std::string_view word)
    {
        if (!m_rest.starts_with(word))
            return false;
        m_rest.remove_prefix(word.size());
        return true;
    }
    std::optional<std::string_view> quoted()
    {
        if (m_rest.empty() || (m_rest.front() != '\'' && m_rest.front() != '"'))
            return std::nullopt;
        const std::size_t end = m_rest.find(m_rest.front(), 1);
        if (end == std::string_view::npos)
            return std::nullopt;
        const std::string_view word = m_rest.substr(1, end - 1);
        m_rest.remove_prefix(end + 1);
        return word;
    }
    bool value(std::string_view key)
    {
        if (key == "descr" && !std::exchange(hasType, true)) {
            if (!m_rest.empty() && m_rest.front() == '[')
                return takeRecord();
            const auto name = quoted();
            type = name.value_or("");
            return name.has_value();
        }
        if (key == "fortran_order" && !std::exchange(hasOrder, true)) {
            fortranOrder = takeWord("True");
            return fortranOrder || takeWord("False");
        }
        return key == "shape" && !std::exchange(hasShape, true) && takeShape();
    }
    /// Skipped as a whole: its end is the last bracket of the header.
    bool takeRecord()
    {
        const std::size_t end = m_rest.rfind(']');
        if (end == std::string_view::npos)
            return false;
        m_rest.remove_prefix(end + 1);
        return true;
    }
    bool takeShape()
    {
        if (!take('('))
            return false;
        while (!take(')')) {
            std::int64_t size = 0;
            const auto [end, error]
                = std::from_chars(m_rest.data(), m_rest.data() + m_rest.size(), size);
            if (error != std::errc() || size < 0)
                return false;
            shape.push_back(size);
            m_rest.remove_prefix(static_cast<std::size_t>(end - m_rest.data()));
            takeWord("L"); // written by Python 2
            if (!take(',') && (m_rest.empty() || m_rest.front() != ')'))
                return false;
        }
        return true;
    }

    std::string_view m_rest;
};

/// Sets content and type from numpy's code; false when the code is not supported.
bool setType(NpyHeader& header, std::string_view code)
{
    const auto number = std::find_if(numberTypes.begin(), numberTypes.end(),
        [&](const auto& known) { return known.first == code; });
    if (number != numberTypes.end()) {
        header.type = number->second;
        return true;
    }
    if (!code.starts_with("<U") && !code.starts_with("|S"))
        return false;
    header.content = code[1] == 'U' ? NpyHeader::Content::Utf32 : NpyHeader::Content::Bytes;
    header.type = ElementType::UInt8;
    std::uint32_t width = 0;
    const auto [end, error] = std::from_chars(code.data() + 2, code.data() + code.size(), width);
    if (error != std::errc() || end != code.data() + code.size() || width == 0
        || width > longestHeader)
        return false;
    header.textWidth = header.content == NpyHeader::Content::Utf32 ? 4 * std::size_t(width) : width;
    return true;
}

void appendUtf8(std::string& out, std::uint32_t code)
{
    const auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
        add(code);
    } else if (code < 0x800) {
        add(0xc0 | code >> 6);
        add(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        add(0xe0 | code >> 12);
        add(0x80 | (code >> 6 & 0x3f));
        add(0x80 | (code & 0x3f));
    } else {
        add(0xf0 | code >> 18);
        add(0x80 | (code >> 12 & 0x3f));
        add(0x80 | (code >> 6 & 0x3f));
        add(0x80 | (code & 0x3f));
    }
}

/// Nothing when a character is no Unicode.
std::optional<std::string> textAt(std::span<const std::byte> cell, NpyHeader::Content content)
{
    std::string text;
    const std::size_t step = content == NpyHeader::Content::Utf32 ? 4 : 1;
    for (std::size_t at = 0; at + step <= cell.size(); at += step) {
        std::uint32_t code = 0;
        std::memcpy(&code, cell.data() + at, step);
        if (step == 1 ? code > 0x7f : code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
            return std::nullopt;
        appendUtf8(text, code);
    }
    text.resize(text.find_last_not_of('\0') + 1);
    return text;
}

} // namespace

std::string_view npyCode(ElementType type)
{
    const auto found = std::find_if(numberTypes.begin(), numberTypes.end(),
        [&](const auto& known) { return known.second == type; });
    return found == numberTypes.end() ? "" : found->first;
}

Result<NpyHeader> parseNpy(std::span<const std::byte> bytes, const std::filesystem::path& path)
{
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!text.starts_with(npyMagic) || text.size() < 12)
        return broken(path, "The file is not a numpy array.", 0);
    const int version = static_cast<unsigned char>(text[6]);
    if (version < 1 || version > 3)
        return fail(ErrorKind::Unsupported,
            "Version " + std::to_string(version) + " of the npy format is not supported.",
            { path, "byte 6" });
    const std::size_t lengthSize = version == 1 ? 2 : 4;
    std::size_t length = 0;
    std::memcpy(&length, text.data() + 8, lengthSize);
    const std::size_t begin = 8 + lengthSize;
    if (length > text.size() - begin || length > longestHeader)
        return broken(path, "The header is longer than the file.", 8);
    Dictionary dictionary(text.substr(begin, length));
    if (!dictionary.parse())
        return broken(path, "The header does not name type, order and shape.", begin);
    NpyHeader header;
    if (!setType(header, dictionary.type))
        return fail(ErrorKind::Unsupported,
            "Arrays of the type "
                + (dictionary.type.empty() ? "record" : std::string(dictionary.type))
                + " are not supported.",
            { path, "byte " + std::to_string(begin) });
    header.shape = std::move(dictionary.shape);
    header.fortranOrder = dictionary.fortranOrder;
    const auto count = denseBytes(header.shape, header.type);
    std::uint64_t size = 0;
    if (!count || __builtin_mul_overflow(*count, std::max<std::size_t>(header.textWidth, 1), &size))
        return broken(path, "The shape is larger than any memory.", begin);
    header.data = bytes.subspan(begin + length);
    if (size > header.data.size())
        return broken(path, "The file is shorter than its array.", text.size());
    header.data = header.data.first(size);
    return header;
}

Result<std::vector<std::string>> npyTexts(
    const NpyHeader& header, const std::filesystem::path& path)
{
    if (header.content == NpyHeader::Content::Numbers || header.shape.size() != 1)
        return broken(path, "The array is not a list of texts.", 0);
    std::vector<std::string> texts;
    texts.reserve(header.data.size() / header.textWidth);
    for (auto rest = header.data; !rest.empty(); rest = rest.subspan(header.textWidth)) {
        auto text = textAt(rest.first(header.textWidth), header.content);
        if (!text)
            return broken(
                path, "Text " + std::to_string(texts.size()) + " of the array is not Unicode.", 0);
        texts.push_back(std::move(*text));
    }
    return texts;
}

} // namespace clipscope::tensor
