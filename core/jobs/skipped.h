#pragma once

#include "base/files.h"
#include "base/json.h"

#include <vector>

namespace clipscope::jobs {

/// What scripts read of a file that was left out: {"path", "kind", "reason"}.
inline Json skippedEntry(
    const std::filesystem::path& path, ErrorKind kind, const std::string& reason)
{
    return { { "path", utf8(path) }, { "kind", errorKindName(kind) }, { "reason", reason } };
}

inline Json skippedList(const std::vector<Error>& errors)
{
    Json list = Json::array();
    for (const Error& error : errors)
        list.push_back(skippedEntry(error.place.file, error.kind, error.message));
    return list;
}

} // namespace clipscope::jobs
