#include "text/caption_readers.h"

#include "base/files.h"
#include "text/unicode.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

namespace clipscope::text {
namespace {

constexpr std::uint64_t largestFile = 1u << 28;
constexpr std::string_view arrow = "-->";

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}
bool isBlank(std::string_view line)
{
    return stripped(line).empty();
}

/// Reads "[-][H…H:]MM:SS[(.|,)f…]" and nothing after it but white space.
std::optional<double> parseClock(std::string_view text)
{
    text = stripped(text);
    const bool negative = text.starts_with('-');
    if (negative)
        text.remove_prefix(1);
    double seconds = 0.0;
    int parts = 0;
    while (true) {
        std::size_t digits = 0;
        double value = 0.0;
        while (digits < text.size() && isDigit(text[digits]))
            value = value * 10.0 + (text[digits++] - '0');
        if (digits == 0 || digits > 9 || ++parts > 3)
            return std::nullopt;
        seconds = seconds * 60.0 + value;
        text.remove_prefix(digits);
        if (!text.starts_with(':'))
            break;
        text.remove_prefix(1);
    }
    if (parts < 2)
        return std::nullopt;
    if (text.starts_with('.') || text.starts_with(',')) {
        text.remove_prefix(1);
        // Digits are gathered as an integer: 4.260 then is the nearest double to 4.26.
        double numerator = 0.0, denominator = 1.0;
        std::size_t digits = 0;
        for (; digits < text.size() && digits < 9 && isDigit(text[digits]); ++digits) {
            numerator = numerator * 10.0 + (text[digits] - '0');
            denominator *= 10.0;
        }
        if (digits == 0)
            return std::nullopt;
        text.remove_prefix(digits);
        seconds = (seconds * denominator + numerator) / denominator;
    }
    if (!text.empty())
        return std::nullopt;
    return negative ? -seconds : seconds;
}

/// "START --> STOP settings"; nothing when it is no time line that can be read.
std::optional<std::pair<double, double>> parseTimes(std::string_view line)
{
    const std::size_t at = line.find(arrow);
    const auto start = parseClock(line.substr(0, at));
    std::string_view rest = stripped(line.substr(at + arrow.size()));
    const auto stop = parseClock(rest.substr(0, rest.find_first_of(" \t")));
    if (!start || !stop)
        return std::nullopt;
    return std::pair(*start, *stop);
}

/// Drops <…> that look like tags and, in SubRip files, {\…}.
std::string withoutTags(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char next = at + 1 < text.size() ? text[at + 1] : '\0';
        const bool tag = text[at] == '<'
            && (next == '/' || isDigit(next) || std::isalpha(static_cast<unsigned char>(next)));
        const bool override = text[at] == '{' && next == '\\';
        if (tag || override) {
            const std::size_t end = text.find(tag ? '>' : '}', at);
            if (end != std::string_view::npos) {
                at = end;
                continue;
            }
        }
        out.push_back(text[at]);
    }
    return out;
}

std::string withEntitiesResolved(std::string_view text)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> entities{ {
        { "&amp;", "&" },
        { "&lt;", "<" },
        { "&gt;", ">" },
        { "&nbsp;", " " },
        { "&lrm;", "" },
        { "&rlm;", "" },
        { "&quot;", "\"" },
        { "&#39;", "'" },
    } };
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::string_view rest = text.substr(at);
        const auto* found = std::find_if(entities.begin(), entities.end(),
            [&](const auto& entity) { return rest.starts_with(entity.first); });
        if (found == entities.end()) {
            out.push_back(text[at]);
            continue;
        }
        out += found->second;
        at += found->first.size() - 1;
    }
    return out;
}

class CueReader final
{
public:
    CueReader(std::vector<std::string_view> lines, const std::filesystem::path& name)
        : m_lines(std::move(lines))
        , m_name(name)
    {
    }

    /// Reads the cue whose time line is `at`; returns the line after it.
    std::size_t read(std::size_t at)
    {
        const std::size_t timeLine = at++;
        std::string text;
        for (; at < m_lines.size() && !isBlank(m_lines[at]); ++at) {
            if (beginsCue(at))
                break;
            text += m_lines[at];
            text += '\n';
        }
        const auto times = parseTimes(m_lines[timeLine]);
        const std::string problem = times ? captionTimesProblem(times->first, times->second)
                                          : "its time line cannot be read";
        if (!problem.empty()) {
            m_list.problems.push_back(
                Error{ ErrorKind::BadInput, "A caption was left out: " + problem + ".",
                    { m_name, "line " + std::to_string(timeLine + 1) }, {}, {} });
            return at;
        }
        text = onOneLine(withEntitiesResolved(withoutTags(text)));
        if (!text.empty())
            m_list.captions.push_back({ times->first, times->second, std::move(text) });
        return at;
    }

    /// True where a cue begins without an empty line before it: its time line, or its counter.
    bool beginsCue(std::size_t at) const
    {
        if (isTimeLine(at))
            return true;
        const std::string_view line = stripped(m_lines[at]);
        return std::all_of(line.begin(), line.end(), isDigit) && at + 1 < m_lines.size()
            && isTimeLine(at + 1);
    }
    bool isTimeLine(std::size_t at) const
    {
        return m_lines[at].find(arrow) != std::string_view::npos;
    }
    bool isEmptyLine(std::size_t at) const { return isBlank(m_lines[at]); }
    std::string_view line(std::size_t at) const { return m_lines[at]; }
    std::size_t lineCount() const { return m_lines.size(); }
    CaptionList take() { return std::move(m_list); }

private:
    std::vector<std::string_view> m_lines;
    const std::filesystem::path& m_name;
    CaptionList m_list;
};

bool beginsWithWord(std::string_view line, std::string_view word)
{
    return line.starts_with(word)
        && (line.size() == word.size() || line[word.size()] == ' ' || line[word.size()] == '\t');
}

Result<std::string> contentOf(const std::filesystem::path& path)
{
    return readFile(path, largestFile);
}

} // namespace

Result<CaptionList> parseSrt(std::string_view content, const std::filesystem::path& name)
{
    const std::string text = utf8FromFileContent(content);
    CueReader reader(linesOf(text), name);
    bool anyText = false, anyCue = false;
    for (std::size_t at = 0; at < reader.lineCount();) {
        anyText = anyText || !reader.isEmptyLine(at);
        if (reader.isTimeLine(at)) {
            anyCue = true;
            at = reader.read(at);
        } else {
            ++at;
        }
    }
    if (anyText && !anyCue)
        return fail(ErrorKind::BadInput, "This is no SubRip file: it has no line with \"-->\".",
            { name, {} });
    return reader.take();
}

Result<CaptionList> parseVtt(std::string_view content, const std::filesystem::path& name)
{
    const std::string text = utf8FromFileContent(content);
    CueReader reader(linesOf(text), name);
    if (reader.lineCount() == 0 || !beginsWithWord(reader.line(0), "WEBVTT"))
        return fail(ErrorKind::BadInput,
            "This is no WebVTT file: its first line does not begin with WEBVTT.",
            { name, "line 1" });
    bool blockBegins = false; // the header is a block of its own
    for (std::size_t at = 1; at < reader.lineCount();) {
        if (reader.isEmptyLine(at)) {
            blockBegins = true;
            ++at;
            continue;
        }
        const std::string_view line = reader.line(at);
        if (blockBegins
            && (beginsWithWord(line, "NOTE") || beginsWithWord(line, "STYLE")
                || beginsWithWord(line, "REGION"))) {
            while (at < reader.lineCount() && !reader.isEmptyLine(at))
                ++at;
            continue;
        }
        blockBegins = false;
        at = reader.isTimeLine(at) ? reader.read(at) : at + 1;
    }
    return reader.take();
}

Result<CaptionList> readSrt(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(const std::string content, contentOf(path));
    return parseSrt(content, path);
}

Result<CaptionList> readVtt(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(const std::string content, contentOf(path));
    return parseVtt(content, path);
}

Result<CaptionList> readSubtitles(const std::filesystem::path& path)
{
    std::string extension = utf8(path.extension());
    std::transform(extension.begin(), extension.end(), extension.begin(),
        [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    if (extension == ".srt")
        return readSrt(path);
    if (extension == ".vtt")
        return readVtt(path);
    return fail(ErrorKind::Unsupported,
        "Subtitles with the extension \"" + extension + "\" cannot be read.", { path, {} },
        "Give a .srt or .vtt file.");
}

} // namespace clipscope::text
