#include "text/word_piece.h"

#include "base/files.h"
#include "base/require.h"
#include "text/unicode.h"

#include <array>
#include <optional>
#include <unordered_map>
#include <utility>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

namespace clipscope::text {
namespace {

constexpr std::size_t longestWord = 100; // code points; longer ones are [UNK]

/// What the tokenizer does with a character before words are cut into pieces.
enum class Kind : std::uint8_t { Letter, Space, Punctuation, Ideograph, Dropped };

bool isIdeograph(UChar32 c)
{
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF)
        || (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F)
        || (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B820 && c <= 0x2CEAF)
        || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

bool isAsciiPunctuation(UChar32 c)
{
    return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96)
        || (c >= 123 && c <= 126);
}

/// The reference's tables are Unicode 14: what came later is unassigned, whatever ICU knows.
bool isAfterUnicode14(UChar32 c)
{
    UVersionInfo age;
    u_charAge(c, age);
    return age[0] > 14 || (age[0] == 14 && age[1] > 0);
}

Kind kindOf(UChar32 c)
{
    if (c == '\t' || c == '\n' || c == '\r')
        return Kind::Space;
    if (c == 0xFFFD || isAfterUnicode14(c))
        return Kind::Dropped;
    const auto mask = U_GET_GC_MASK(c);
    if (mask & (U_GC_C_MASK | U_GC_CN_MASK))
        return Kind::Dropped;
    if (mask & U_GC_Z_MASK)
        return Kind::Space;
    if (isIdeograph(c))
        return Kind::Ideograph;
    if (isAsciiPunctuation(c) || (mask & U_GC_P_MASK))
        return Kind::Punctuation;
    return Kind::Letter;
}

std::array<Kind, 128> asciiKinds()
{
    std::array<Kind, 128> kinds{};
    for (std::size_t c = 0; c < kinds.size(); ++c)
        kinds[c] = kindOf(static_cast<UChar32>(c));
    return kinds;
}

bool startsCodePoint(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

/// Everything fixed after reading the vocabulary.
struct Vocabulary
{
    std::string vocabulary; // owns the characters of all views below
    std::vector<std::string_view> tokens;
    std::unordered_map<std::string_view, std::int32_t> beginnings;
    std::unordered_map<std::string_view, std::int32_t> continuations; // without "##"
    std::vector<std::pair<std::string_view, std::int32_t>> specials;
    std::size_t longestToken = 0; // bytes
    std::array<Kind, 128> ascii = asciiKinds();
    const UNormalizer2* decomposition = nullptr;
    std::int32_t pad = 0, unknown = 0, cls = 0, sep = 0;

    std::optional<std::int32_t> idOf(std::string_view token) const
    {
        const auto found = beginnings.find(token);
        return found == beginnings.end() ? std::nullopt : std::optional(found->second);
    }

    Status read(std::string_view text, const std::filesystem::path& name);
    const std::pair<std::string_view, std::int32_t>* specialAt(std::string_view text) const;
};

/// State of one call: the word being gathered and where ids go.
class Cutter final
{
public:
    Cutter(const Vocabulary& vocabulary, std::vector<std::int32_t>& out)
        : m_vocabulary(vocabulary)
        , m_out(out)
    {
    }

    void addAsciiLetter(char c)
    {
        m_word.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }

    void addWide(char32_t c)
    {
        m_wide = true;
        appendCodePoint(m_word, c);
    }

    void addPunctuation(char c)
    {
        flush();
        m_word.push_back(c);
        flush();
    }

    void addSpecial(std::int32_t id)
    {
        flush();
        m_out.push_back(id);
    }

    void flush()
    {
        if (m_word.empty())
            return;
        if (m_wide)
            cutWide();
        else
            cut(m_word);
        m_word.clear();
        m_wide = false;
    }

private:
    void cutWide();
    void cut(std::string_view word);

    const Vocabulary& m_vocabulary;
    std::vector<std::int32_t>& m_out;
    std::string m_word;
    bool m_wide = false;
    std::u16string m_utf16, m_decomposed; // kept between words to save allocations
    std::string m_part;
};

/// Lower-cases and decomposes a word with characters outside ASCII, drops its accents and cuts it
/// at punctuation.
void Cutter::cutWide()
{
    m_utf16.clear();
    for (std::size_t at = 0; at < m_word.size();) {
        auto c = static_cast<UChar32>(nextCodePoint(m_word, at));
        // Per character: a capital sigma never becomes the final one. U+0130 lower-cases to "i"
        // and a mark that would be dropped below.
        c = u_tolower(c);
        if (U_IS_SUPPLEMENTARY(c))
            m_utf16.push_back(static_cast<char16_t>(U16_LEAD(c)));
        m_utf16.push_back(static_cast<char16_t>(U_IS_SUPPLEMENTARY(c) ? U16_TRAIL(c) : c));
    }
    UErrorCode status = U_ZERO_ERROR;
    m_decomposed.resize(m_utf16.size() * 4); // no canonical decomposition is longer
    const int32_t written = unorm2_normalize(m_vocabulary.decomposition, m_utf16.data(),
        static_cast<int32_t>(m_utf16.size()), m_decomposed.data(),
        static_cast<int32_t>(m_decomposed.size()), &status);
    CLIP_REQUIRE(U_SUCCESS(status), u_errorName(status));
    m_part.clear();
    for (int32_t at = 0; at < written;) {
        UChar32 c = 0;
        U16_NEXT(m_decomposed.data(), at, written, c);
        const auto mask = U_GET_GC_MASK(c);
        if (mask & U_GC_MN_MASK)
            continue;
        const bool punctuation = isAsciiPunctuation(c) || (mask & U_GC_P_MASK);
        if (punctuation && !m_part.empty()) {
            cut(m_part);
            m_part.clear();
        }
        appendCodePoint(m_part, static_cast<char32_t>(c));
        if (punctuation) {
            cut(m_part);
            m_part.clear();
        }
    }
    if (!m_part.empty())
        cut(m_part);
}

/// Longest pieces first, from the left; a rest without a piece makes the whole word unknown.
void Cutter::cut(std::string_view word)
{
    if (word.size() > longestWord) {
        const std::size_t first = bytesOfCodePoints(word, longestWord);
        if (first < word.size()) {
            m_out.push_back(m_vocabulary.unknown);
            return;
        }
    }
    const std::size_t before = m_out.size();
    std::size_t from = 0;
    while (from < word.size()) {
        const auto& pieces = from == 0 ? m_vocabulary.beginnings : m_vocabulary.continuations;
        std::size_t length = std::min(word.size() - from, m_vocabulary.longestToken);
        while (length > 0 && from + length < word.size() && !startsCodePoint(word[from + length]))
            --length;
        auto found = pieces.end();
        while (length > 0) {
            found = pieces.find(word.substr(from, length));
            if (found != pieces.end())
                break;
            do {
                --length;
            } while (length > 0 && !startsCodePoint(word[from + length]));
        }
        if (length == 0) {
            m_out.resize(before);
            m_out.push_back(m_vocabulary.unknown);
            return;
        }
        m_out.push_back(found->second);
        from += length;
    }
}

Status Vocabulary::read(std::string_view text, const std::filesystem::path& name)
{
    vocabulary.assign(text);
    std::string_view rest = vocabulary;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view token = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (token.ends_with('\r'))
            token.remove_suffix(1);
        const auto id = static_cast<std::int32_t>(tokens.size());
        tokens.push_back(token);
        longestToken = std::max(longestToken, token.size());
        if (token.starts_with("##") && token.size() > 2)
            continuations.insert_or_assign(token.substr(2), id);
        else
            beginnings.insert_or_assign(token, id);
    }
    for (const auto& [token, id] : { std::pair("[UNK]", &unknown), std::pair("[CLS]", &cls),
             std::pair("[SEP]", &sep), std::pair("[PAD]", &pad) }) {
        const auto found = idOf(token);
        if (!found)
            return fail(ErrorKind::BadInput,
                "The vocabulary of " + std::to_string(tokens.size()) + " tokens has no " + token
                    + ".",
                { name, {} }, "Give the vocab.txt of an uncased BERT, one token a line.");
        *id = *found;
        specials.emplace_back(token, *found);
    }
    if (const auto mask = idOf("[MASK]"))
        specials.emplace_back("[MASK]", *mask);
    UErrorCode status = U_ZERO_ERROR;
    decomposition = unorm2_getNFDInstance(&status);
    if (U_FAILURE(status))
        return fail(ErrorKind::Internal,
            std::string("ICU has no normalisation data: ") + u_errorName(status) + ".");
    return {};
}

const std::pair<std::string_view, std::int32_t>* Vocabulary::specialAt(std::string_view text) const
{
    for (const auto& special : specials)
        if (text.starts_with(special.first))
            return &special;
    return nullptr;
}

} // namespace

struct WordPiece::Impl : Vocabulary
{
};

WordPiece::WordPiece(std::unique_ptr<const Impl> impl)
    : m_impl(std::move(impl))
{
}
WordPiece::WordPiece(WordPiece&&) noexcept = default;
WordPiece& WordPiece::operator=(WordPiece&&) noexcept = default;
WordPiece::~WordPiece() = default;

Result<WordPiece> WordPiece::load(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(const std::string text, readFile(path, 1u << 28));
    return fromText(text, path);
}

Result<WordPiece> WordPiece::fromText(
    std::string_view vocabulary, const std::filesystem::path& name)
{
    auto impl = std::make_unique<Impl>();
    CLIP_TRY(impl->read(vocabulary, name));
    return WordPiece(std::unique_ptr<const Impl>(std::move(impl)));
}

std::vector<std::int32_t> WordPiece::ids(std::string_view utf8) const
{
    std::vector<std::int32_t> out;
    append(utf8, out);
    return out;
}

void WordPiece::append(
    std::string_view utf8, std::vector<std::int32_t>& out, std::size_t limit) const
{
    Cutter cutter(*m_impl, out);
    std::size_t at = 0;
    while (at < utf8.size() && out.size() < limit) {
        const char byte = utf8[at];
        if (static_cast<unsigned char>(byte) < 0x80) {
            if (byte == '[') {
                if (const auto* special = m_impl->specialAt(utf8.substr(at))) {
                    cutter.addSpecial(special->second);
                    at += special->first.size();
                    continue;
                }
            }
            ++at;
            switch (m_impl->ascii[static_cast<std::size_t>(byte)]) {
            case Kind::Letter:
                cutter.addAsciiLetter(byte);
                break;
            case Kind::Space:
                cutter.flush();
                break;
            case Kind::Punctuation:
                cutter.addPunctuation(byte);
                break;
            case Kind::Ideograph:
            case Kind::Dropped:
                break;
            }
            continue;
        }
        const char32_t c = nextCodePoint(utf8, at);
        if (c == invalidCodePoint)
            continue;
        switch (kindOf(static_cast<UChar32>(c))) {
        case Kind::Letter:
        case Kind::Punctuation:
            cutter.addWide(c);
            break;
        case Kind::Space:
            cutter.flush();
            break;
        case Kind::Ideograph:
            cutter.flush();
            cutter.addWide(c);
            cutter.flush();
            break;
        case Kind::Dropped:
            break;
        }
    }
    cutter.flush();
}

std::int64_t WordPiece::size() const
{
    return static_cast<std::int64_t>(m_impl->tokens.size());
}

std::string_view WordPiece::token(std::int32_t id) const
{
    CLIP_REQUIRE(id >= 0 && id < size(), std::to_string(id));
    return m_impl->tokens[static_cast<std::size_t>(id)];
}

std::string WordPiece::vocabularyText() const
{
    return m_impl->vocabulary;
}
std::int32_t WordPiece::padId() const
{
    return m_impl->pad;
}
std::int32_t WordPiece::unknownId() const
{
    return m_impl->unknown;
}
std::int32_t WordPiece::clsId() const
{
    return m_impl->cls;
}
std::int32_t WordPiece::sepId() const
{
    return m_impl->sep;
}

} // namespace clipscope::text
