#pragma once

#include "base/result.h"
#include "data/epoch.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace clipscope::data {
class TrainingSet;
}
namespace clipscope::store {
class Project;
}

namespace clipscope::jobs {

// Which films of a run train and which are measured. Private to the module.

/// What a split knows a video by, in the order of a TrainingSet.
struct SplitVideo
{
    std::int64_t id = 0; ///< of the catalogue
    std::string contentHash;
};
std::vector<SplitVideo> splitVideos(const data::TrainingSet& set);

/// The validation part is what `list` names, one video a line: its file name, the end of its path
/// or its content hash. Empty lines and what is around a name do not count.
/// Errors: NotFound, Io; BadInput with the line when no video of the project is meant, several are,
/// or the one has no captions or no features; BadInput when none is left to train on.
Result<data::Split> splitByList(const std::filesystem::path& list, const store::Project& project,
    std::span<const SplitVideo> videos);

/// Where a run keeps its split.
inline std::filesystem::path splitFile(const std::filesystem::path& runFolder)
{
    return runFolder / "split.json";
}

/// Writes split.json of a run (docs/formats/run-folder.md). Errors: Io.
Status writeSplit(const std::filesystem::path& file, const data::Split& split,
    std::span<const SplitVideo> videos, std::int64_t seed);

/// The split that an earlier process of the run wrote. Every video that is not in its
/// validation part trains.
/// Errors: NotFound (run of an older version), Io, BadInput (damaged); Conflict when a video of the
/// validation part is gone or another film.
Result<data::Split> readSplit(
    const std::filesystem::path& file, std::span<const SplitVideo> videos);

} // namespace clipscope::jobs
