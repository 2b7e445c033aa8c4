#include "text/delimited.h"

#include "text/unicode.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace clipscope::text {

std::string lowered(std::string_view text)
{
    std::string out(stripped(text));
    for (char& c : out)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

std::optional<double> numberIn(std::string_view text)
{
    text = stripped(text);
    if (text.starts_with('+'))
        text.remove_prefix(1);
    double value = 0.0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || end.ptr != text.data() + text.size())
        return std::nullopt;
    // Out of range is a number all the same: too large for a time.
    return end.ec == std::errc() ? value : HUGE_VAL;
}

std::optional<std::int64_t> integerIn(std::string_view text)
{
    text = stripped(text);
    std::int64_t value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::string lineNumber(std::size_t index)
{
    return "line " + std::to_string(index + 1);
}

std::vector<std::string_view> splitAt(std::string_view text, std::string_view separator)
{
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = std::min(text.find(separator), text.size());
        parts.push_back(stripped(text.substr(0, end)));
        if (end == text.size())
            return parts;
        text.remove_prefix(end + separator.size());
    }
}

Result<std::vector<Row>> rowsOf(
    std::string_view content, char separator, const std::filesystem::path& name)
{
    std::vector<Row> rows;
    std::size_t line = 1, at = 0;
    while (at < content.size()) {
        Row row{ {}, line };
        for (bool goesOn = true; goesOn;) {
            std::string& cell = row.cells.emplace_back();
            if (at < content.size() && content[at] == '"') {
                const std::size_t opened = line;
                for (++at;; ++at) {
                    if (at >= content.size())
                        return fail(ErrorKind::BadInput, "A quote is opened and never closed.",
                            { name, lineNumber(opened - 1) });
                    if (content[at] == '"' && (++at >= content.size() || content[at] != '"'))
                        break;
                    line += content[at] == '\n';
                    cell += content[at];
                }
            }
            while (at < content.size() && content[at] != separator && content[at] != '\n'
                && content[at] != '\r')
                cell += content[at++];
            goesOn = at < content.size() && content[at] == separator;
            at += goesOn;
        }
        if (content.substr(at).starts_with("\r\n"))
            ++at;
        at += at < content.size();
        ++line;
        rows.push_back(std::move(row));
    }
    return rows;
}

bool isBlank(const Row& row)
{
    return row.cells.size() == 1 && row.cells.front().empty();
}

void appendRow(std::string& text, std::span<const std::string> cells, char separator)
{
    const char special[] = { '"', '\n', '\r', separator };
    for (std::size_t at = 0; at < cells.size(); ++at) {
        const std::string& cell = cells[at];
        if (at > 0)
            text += separator;
        if (cell.find_first_of(std::string_view(special, sizeof special)) == std::string::npos) {
            text += cell;
            continue;
        }
        text += '"';
        for (const char c : cell)
            text.append(c == '"' ? 2 : 1, c);
        text += '"';
    }
    text += '\n';
}

CellFinder::CellFinder(const Row& header)
{
    for (std::size_t at = 0; at < header.cells.size(); ++at)
        m_columns.try_emplace(lowered(header.cells[at]), at);
}

bool CellFinder::has(std::string_view column) const
{
    return m_columns.contains(column);
}

std::string_view CellFinder::cell(const Row& row, std::string_view column) const
{
    const auto found = m_columns.find(column);
    if (found == m_columns.end() || found->second >= row.cells.size())
        return {};
    return stripped(row.cells[found->second]);
}

} // namespace clipscope::text
