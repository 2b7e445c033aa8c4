#pragma once

#include "labels/label_formats.h"
#include "labels/label_set_file.h"

namespace clipscope::labels {

// Private to the module: label sets in other people's files.

std::optional<std::uint32_t> colourIn(std::string_view text); ///< of "#1f77b4"

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

Result<LabelSetFile> readCoinTaxonomy(
    std::string_view content, const std::filesystem::path& name, const SetOptions& options);
Result<LabelSetFile> readCoinDatabase(
    std::string_view content, const std::filesystem::path& name, const SetOptions& options);
Result<LabelSetFile> readCrossTask(
    std::string_view content, const std::filesystem::path& name, const SetOptions& options);

} // namespace clipscope::labels
