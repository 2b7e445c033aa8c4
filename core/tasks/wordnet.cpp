#include "tasks/wordnet.h"

#include "base/files.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace clipscope::tasks {

namespace {

/// Fields of a line, one space between them.
class Fields final
{
public:
    explicit Fields(std::string_view line)
        : m_line(line)
    {
    }
    std::string_view word()
    {
        const std::size_t start = m_at;
        const std::size_t end = std::min(m_line.find(' ', start), m_line.size());
        m_at = std::min(end + 1, m_line.size());
        return m_line.substr(start, end - start);
    }
    std::optional<std::int64_t> number(int base)
    {
        const std::string_view field = word();
        std::int64_t value = 0;
        const auto [end, error]
            = std::from_chars(field.data(), field.data() + field.size(), value, base);
        if (error != std::errc() || end != field.data() + field.size() || field.empty())
            return std::nullopt;
        return value;
    }

private:
    const std::string_view m_line;
    std::size_t m_at = 0; ///< at most m_line.size()
};

/// offset lexfile type count(hex) {word lexid}... pointers {symbol offset type numbers}... | gloss
std::optional<std::pair<std::int64_t, Synset>> parseLine(std::string_view line)
{
    const std::size_t bar = line.find(" | ");
    if (bar == std::string_view::npos)
        return std::nullopt;
    Fields fields(line.substr(0, bar));
    const auto offset = fields.number(10);
    fields.word();
    fields.word();
    const auto wordCount = fields.number(16);
    if (!offset || !wordCount || *wordCount < 1 || *wordCount > 255)
        return std::nullopt;
    Synset synset;
    for (std::int64_t i = 0; i < *wordCount; ++i) {
        synset.words.emplace_back(fields.word());
        std::replace(synset.words.back().begin(), synset.words.back().end(), '_', ' ');
        fields.word();
    }
    const auto pointers = fields.number(10);
    if (!pointers || *pointers < 0 || *pointers > 999)
        return std::nullopt;
    for (std::int64_t i = 0; i < *pointers; ++i) {
        const std::string_view symbol = fields.word();
        const auto target = fields.number(10);
        fields.word();
        fields.word();
        if (!target)
            return std::nullopt;
        if (symbol == "@" || symbol == "@i")
            synset.hypernyms.push_back(*target);
    }
    std::string_view gloss = line.substr(bar + 3);
    gloss = gloss.substr(0, gloss.find("; \""));
    const std::size_t last = gloss.find_last_not_of(" \t\r");
    synset.gloss = gloss.substr(0, last == std::string_view::npos ? 0 : last + 1);
    return std::pair{ *offset, std::move(synset) };
}

} // namespace

Result<Synsets> readSynsets(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(const std::string content, readFile(path, 256 << 20));
    Synsets synsets;
    std::string_view rest(content);
    for (std::int64_t number = 1; !rest.empty(); ++number) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line.empty() || line.front() == ' ') // the licence stands in indented lines
            continue;
        auto parsed = parseLine(line);
        if (!parsed)
            return fail(ErrorKind::BadInput, "This is not WordNet's data.noun.",
                { path, "line " + std::to_string(number) });
        synsets.insert(std::move(*parsed));
    }
    return synsets;
}

} // namespace clipscope::tasks
