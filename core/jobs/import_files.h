#pragma once

#include "jobs/import.h"

#include <map>
#include <optional>
#include <stop_token>
#include <string>

namespace clipscope::jobs {

/// What lies in the files and folders named for an import. Private to the module.
struct FoundFiles
{
    std::vector<std::filesystem::path> candidates; ///< absolute, each once, folders in sorted order
    std::vector<std::filesystem::path> captionFiles; ///< captions.json, raw_caption.json
    std::vector<SkippedItem> skipped; ///< paths that are not there, folders that cannot be read
    /// Subtitle files of each folder by the stem of the video they may belong to.
    std::map<std::filesystem::path, std::multimap<std::string, std::filesystem::path>> subtitles;

    /// The subtitle file of a video: the one with exactly its stem, else the English one, else the
    /// first of another language.
    std::optional<std::filesystem::path> subtitleOf(const std::filesystem::path& video) const;
};

/// Walks through `paths`. Stops early, with what was found, when asked to.
FoundFiles findFiles(const std::vector<std::filesystem::path>& paths, const std::stop_token& stop);

} // namespace clipscope::jobs
