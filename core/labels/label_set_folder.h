#pragma once

#include "base/result.h"
#include "labels/label_set.h"

#include <string_view>
#include <vector>

namespace clipscope::labels {

// The label sets of a project: a folder with one file of our JSON for each,
// docs/formats/label-sets.md. Threads: any thread at once; writers of one set replace each other's
// file whole.

/// Where a project keeps them; the folder may not exist yet.
std::filesystem::path labelSetsFolder(const std::filesystem::path& project);
/// All of a folder, by name; none when there is no folder. Errors: Io; BadInput and Unsupported as
/// readLabelSet(), naming the file.
Result<std::vector<LabelSet>> labelSetsIn(const std::filesystem::path& folder);
/// Errors: NotFound (its hint names those there are), else as labelSetsIn().
Result<LabelSet> labelSetNamed(const std::filesystem::path& folder, std::string_view name);
/// Adds the set or replaces the one of its name. Errors: BadInput (no name, or as
/// checkLabelSet()), Io.
Status storeLabelSet(const std::filesystem::path& folder, const LabelSet& set);
/// A set that is not there is removed already. Errors: Io.
Status removeLabelSet(const std::filesystem::path& folder, std::string_view name);

} // namespace clipscope::labels
