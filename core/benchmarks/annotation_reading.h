#pragma once

#include "base/result.h"
#include "text/delimited.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::benchmarks {

// What the readers of annotation files share. `file` is for messages. Threads: any thread at once.

/// A file as UTF-8. Errors: NotFound, Io; BadInput when it is packed or larger than 64 MB.
Result<std::string> annotationText(const std::filesystem::path& file);

/// A table whose first line names its columns.
struct Table
{
    std::filesystem::path file;
    text::CellFinder cells;
    std::vector<text::Row> rows; ///< without the first line and empty ones

    /// Errors: BadInput when there is nothing in the cell.
    Result<std::string> textOf(const text::Row& row, std::string_view column) const;
};
/// Errors: BadInput when one of the columns is missing or a quote stays open.
Result<Table> tableOf(std::string_view content, char separator, const std::filesystem::path& file,
    std::initializer_list<std::string_view> columns);

/// BadInput in a line of a file, from 1.
tl::unexpected<Error> badLine(
    const std::filesystem::path& file, std::size_t line, std::string message);

/// Seconds that may be times of a video: from 0, in order, no more than 1e7 and not NaN.
bool areTimes(double start, double stop);

/// Errors: BadInput with the name of what is missing: "no videos of the testing subset".
Status requireSome(bool isEmpty, std::string_view what, const std::filesystem::path& file);

} // namespace clipscope::benchmarks
