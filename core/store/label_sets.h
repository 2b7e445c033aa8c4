#pragma once

#include "base/result.h"
#include "labels/label_set.h"

#include <filesystem>
#include <string_view>
#include <vector>

namespace clipscope::store {

/// Label sets of a project, PROJECT/label-sets/NAME.json (docs/formats/label-sets.md); characters
/// of the name that a file name may not have are written as %XX. Threads: any thread at once.
std::filesystem::path labelSetFile(const std::filesystem::path& project, std::string_view name);

/// All of them by name; none without a folder.
/// Errors: BadInput (names the file), Io.
Result<std::vector<labels::LabelSet>> labelSets(const std::filesystem::path& project);
/// Errors: NotFound (names those that exist), BadInput, Io.
Result<labels::LabelSet> labelSet(const std::filesystem::path& project, std::string_view name);
/// Adds it, or replaces the one of that name.
/// Errors: BadInput (no name, or as labels::checkLabelSet()), Io.
Status saveLabelSet(const std::filesystem::path& project, const labels::LabelSet& set);
/// Errors: NotFound, Io.
Status removeLabelSet(const std::filesystem::path& project, std::string_view name);

} // namespace clipscope::store
