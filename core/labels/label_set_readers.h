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

struct Step
{
    std::int64_t id = 0;
    std::string label;
};

/// A task of COIN or CrossTask with its steps in order.
struct Task
{
    std::string id, name;
    std::vector<Step> steps;
};

Result<std::vector<Task>> readCoinTaxonomy(
    std::string_view content, const std::filesystem::path& name);
Result<std::vector<Task>> readCoinDatabase(
    std::string_view content, const std::filesystem::path& name);
Result<std::vector<Task>> readCrossTask(
    std::string_view content, const std::filesystem::path& name);

/// The one task that is meant, by number or name. Errors: BadInput, names some of those there are.
Result<LabelSetFile> setOfTask(
    const std::vector<Task>& tasks, const std::string& wanted, const std::filesystem::path& name);
/// Every task a label with its steps below it.
LabelSetFile setOfAll(const std::vector<Task>& tasks);

} // namespace clipscope::labels
