#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace clipscope::store {

/// One of several equal shares of a project's videos, so that processes and machines divide the
/// work without talking to each other: the videos whose id leaves `index` when divided by `count`.
/// Range: index in [0, count), count at least 1.
struct Share
{
    std::int64_t index = 0, count = 1;

    bool isAll() const { return count == 1; }
    bool has(std::int64_t videoId) const { return videoId % count == index; }
    /// "part-1-of-4": the folder of its vectors within a feature folder.
    std::string folderName() const;
    bool operator==(const Share&) const = default;
};

/// "1/4" is the second of four; shares count from 0. An empty text means everything.
/// Errors: BadInput.
Result<Share> parseShare(std::string_view text);

} // namespace clipscope::store
