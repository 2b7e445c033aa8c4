#pragma once

#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace clipscope::store {

/// A query with the moment it is expected to find.
struct WatchedQuery
{
    std::int64_t id = 0; ///< from 1, never used again: its rank is the metric "watch.ID"
    std::string query;
    std::int64_t videoId = 0;
    double startSeconds = 0.0, stopSeconds = 0.0; ///< [start, stop)

    bool operator==(const WatchedQuery&) const = default;
};

/// The pinned queries of a project, PROJECT/watchlist.json (docs/formats/watch-list.md).
struct WatchList
{
    std::vector<WatchedQuery> queries; ///< in the user's order
    std::int64_t nextId = 1;

    /// With the next id.
    void add(WatchedQuery query);
    bool operator==(const WatchList&) const = default;
};

std::filesystem::path watchListFile(const std::filesystem::path& project);

/// An empty list when there is no file.
/// Errors:  BadInput (names the entry), Unsupported (newer version), Io.
/// Threads: any thread at once.
Result<WatchList> readWatchList(const std::filesystem::path& project);
/// Replaces the file. Errors: Io.
Status writeWatchList(const std::filesystem::path& project, const WatchList& list);

} // namespace clipscope::store
