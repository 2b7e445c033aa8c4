#pragma once

#include "base/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace clipscope::tasks {

/// A WordNet noun synset, as far as class texts need it.
struct Synset
{
    std::vector<std::string> words; ///< underscores are spaces
    std::vector<std::int64_t> hypernyms; ///< offsets, nearest first as in the file
    std::string gloss; ///< definition without the usage examples
};

/// Synsets by offset: "n01440764" of ImageNet is 1440764.
using Synsets = std::map<std::int64_t, Synset>;

/// Reads `data.noun` of WordNet 3.0.
/// Errors: NotFound, Io; BadInput with line (not the format of wndb(5WN)).
/// Threads: any thread at once. Cost: 82,000 synsets, 15 MB.
Result<Synsets> readSynsets(const std::filesystem::path& path);

} // namespace clipscope::tasks
