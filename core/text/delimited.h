#pragma once

#include "base/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::text {

// Tables and lists in text files: CSV, TSV and their kin. Threads: any thread at once.

/// A row of a delimited text: quotes as RFC 4180 has them, also around line ends.
struct Row
{
    std::vector<std::string> cells;
    std::size_t line = 1; ///< where it begins
};
/// Errors: BadInput for a quote that is never closed.
Result<std::vector<Row>> rowsOf(
    std::string_view content, char separator, const std::filesystem::path& name);
/// An empty line: one cell without text.
bool isBlank(const Row& row);
void appendRow(std::string& text, std::span<const std::string> cells, char separator);

/// Cells of rows by the name of their column, upper and lower case alike.
class CellFinder final
{
public:
    explicit CellFinder(const Row& header);
    bool has(std::string_view column) const;
    std::string_view cell(const Row& row, std::string_view column) const; ///< stripped

private:
    std::map<std::string, std::size_t, std::less<>> m_columns;
};

/// A whole text that is one number, white space around it allowed; "nan" and "inf" are numbers
/// too, what they mean is for the caller to say.
std::optional<double> numberIn(std::string_view text);
std::optional<std::int64_t> integerIn(std::string_view text);
std::string lineNumber(std::size_t index); ///< "line 1" for index 0
/// The pieces between separators, without white space around them; at least one.
std::vector<std::string_view> splitAt(std::string_view text, std::string_view separator);
/// Without white space around it, A to Z as a to z.
std::string lowered(std::string_view text);

} // namespace clipscope::text
