#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"
#include "base/settings.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace clipscope::jobs {

/// Settings of `clipscope-cli import`.
struct ImportSettings
{
    std::filesystem::path project;
    std::vector<std::filesystem::path> paths; ///< files and folders
    std::vector<std::filesystem::path> captionFiles; ///< JSON with captions of many videos
    std::int64_t threads = 0; ///< that look into files; 0: as many as there are cores, at most 8

    // Of runImportSource() alone.
    std::filesystem::path howto100m{}; ///< raw_caption.json
    std::filesystem::path features{}; ///< folder of ID.npy
    std::string vocabulary{}; ///< vocab.txt of a source's captions; empty: the starter's
    std::int64_t captionCharacters = 96, captionTokens = 32;
    std::string encoder = "s3d"; ///< what made the files in `features`
};
void describe(SettingsVisitor& visitor, ImportSettings& settings);

/// A file, or a part of it, that did not come in.
struct SkippedItem
{
    std::filesystem::path path;
    ErrorKind kind = ErrorKind::BadInput;
    std::string reason;

    bool operator==(const SkippedItem&) const = default;
};

/// What an import did with each file.
struct ImportReport
{
    std::vector<std::filesystem::path> imported; ///< new in the project
    std::vector<std::filesystem::path> known; ///< already there; includes the moved ones
    std::vector<std::filesystem::path> moved; ///< known from another place, which is gone
    /// Files that cannot be used, duplicates, and captions that cannot be taken.
    std::vector<SkippedItem> skipped;
    std::int64_t captions = 0; ///< new in the project
};
Json toJson(const ImportReport& report);

/// Takes videos and their captions into a project.
///
/// Folders are searched in sorted order with all below; obvious non-videos are passed over in
/// silence. Captions come from text subtitles inside the file, `.srt` and `.vtt` files of the same
/// stem beside it, `captions.json` and `raw_caption.json` in the folders, and `captionFiles`.
/// A file is in wholly or not at all; what is done stays after cancelling or a crash, and a
/// repeated import passes over unchanged files without reading them. Errors:  as
/// store::Project::open(); BadInput when one of `captionFiles` is broken (line and
///          column) and NotFound when none of `paths` exists, both before anything is done;
///          Cancelled; Io (disk full).
/// Threads: one import per project; looks into files on several threads.
Result<ImportReport> runImport(const ImportSettings& settings, const JobContext& context);

} // namespace clipscope::jobs
