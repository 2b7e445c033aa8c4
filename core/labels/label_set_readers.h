#pragma once

#include "labels/label_formats.h"
#include "labels/label_set_file.h"
#include "labels/task_files.h"

namespace clipscope::labels {

// Private to the module: label sets in other people's files.
using text::CellFinder;

std::optional<std::uint32_t> colourIn(std::string_view text); ///< of "#1f77b4"

/// The one task that is meant, by number or name. Errors: BadInput, names some of those there are.
Result<LabelSetFile> setOfTask(
    const std::vector<Task>& tasks, const std::string& wanted, const std::filesystem::path& name);
/// Every task a label with its steps below it.
LabelSetFile setOfAll(const std::vector<Task>& tasks);

} // namespace clipscope::labels
