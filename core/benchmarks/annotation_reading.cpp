#include "benchmarks/annotation_reading.h"

#include "base/files.h"
#include "text/unicode.h"

namespace clipscope::benchmarks {

Result<std::string> annotationText(const std::filesystem::path& file)
{
    auto bytes = readFile(file, std::uint64_t(64) << 20);
    if (bytes && (bytes->starts_with("\x1F\x8B") || bytes->starts_with("PK\x03\x04")))
        return fail(ErrorKind::BadInput, "The file is packed.", { file, {} },
            "Unpack it and give the file that is in it.");
    if (!bytes)
        return bytes;
    return text::utf8FromFileContent(*bytes);
}

Result<std::string> Table::textOf(const text::Row& row, std::string_view column) const
{
    const std::string_view cell = cells.cell(row, column);
    if (cell.empty())
        return badLine(
            file, row.line, "The line has nothing in the column \"" + std::string(column) + "\".");
    return std::string(cell);
}

Result<Table> tableOf(std::string_view content, char separator, const std::filesystem::path& file,
    std::initializer_list<std::string_view> columns)
{
    CLIP_TRY_ASSIGN(std::vector<text::Row> rows, text::rowsOf(content, separator, file));
    Table table{ file, text::CellFinder(rows.empty() ? text::Row() : rows.front()), {} };
    for (const std::string_view column : columns)
        if (!table.cells.has(column))
            return badLine(file, 1,
                "The first line does not name the column \"" + std::string(column) + "\".");
    rows.erase(rows.begin());
    std::erase_if(rows, text::isBlank);
    table.rows = std::move(rows);
    return table;
}

tl::unexpected<Error> badLine(
    const std::filesystem::path& file, std::size_t line, std::string message)
{
    return fail(ErrorKind::BadInput, std::move(message), { file, text::lineNumber(line - 1) });
}

bool areTimes(double start, double stop)
{
    return start >= 0.0 && start <= stop && stop <= 1e7;
}

Status requireSome(bool isEmpty, std::string_view what, const std::filesystem::path& file)
{
    if (isEmpty)
        return fail(
            ErrorKind::BadInput, "There are no " + std::string(what) + " in it.", { file, {} });
    return {};
}

} // namespace clipscope::benchmarks
