#pragma once

#include "base/result.h"
#include "store/records.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <vector>

namespace clipscope::studio {

/// One row of the collection: a video, or a file that could not be imported.
struct CollectionRow
{
    store::VideoRecord
        video; ///< id 0 and only `path` for a file that is not a video of the project
    std::int64_t captions = 0;
    std::int64_t labels = 0; ///< segments of the hand
    bool hasFeatures = false;
    bool isSearchable = false; ///< its seconds are there for some checkpoint
    std::vector<store::ProblemRecord> problems;

    bool isImported() const { return video.id != 0; }
    bool operator==(const CollectionRow&) const = default;
};

/// Everything the table shows, read at once: videos in the order they were added, then the files
/// that were skipped.
/// Errors: as store::Project::open().
/// Threads: any thread at once; opens the project read-only. Cost: all rows of the catalogue.
Result<std::vector<CollectionRow>> readCollection(
    const std::filesystem::path& project, std::stop_token stop);

} // namespace clipscope::studio
