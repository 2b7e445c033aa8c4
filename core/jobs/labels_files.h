#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace clipscope::jobs {

/// What `clipscope-cli labels import` and `export` take.
struct LabelsFileSettings
{
    std::filesystem::path project;
    std::string video; ///< as findVideo() takes it
    std::filesystem::path file;
    std::string format; ///< labels::formatOf(); empty: by the file's name and content
    /// Export: the tiers to write, empty: all. Import: at most one, the only tier to take; a file
    /// with a single tier gives it this name.
    std::vector<std::string> tiers;
    std::filesystem::path mapping; ///< of per-frame files; empty: looked for, or made, beside them
    std::string background = "background"; ///< what per-frame files call a frame without label
    std::string programVersion; ///< for exports
};

struct LabelsTierCount
{
    std::string name;
    std::int64_t segments = 0;
};

struct LabelsFileReport
{
    std::int64_t videoId = 0;
    std::filesystem::path path;
    std::string format;
    std::vector<LabelsTierCount> tiers; ///< taken in or written
    std::vector<std::string> labelSets; ///< of the file, stored in the project now (import only)
    std::vector<std::filesystem::path> files; ///< written (export only)
    std::vector<Error> skipped; ///< segments left out, with their line
    std::vector<std::string> notes;
};
/// {"video", "path", "format", "tiers": [{"name", "segments"}], "label_sets", "files", "skipped":
/// [{"path", "kind", "reason", "where"}], "notes"}
Json toJson(const LabelsFileReport& report);

/// Takes the tiers of a file into a video of the project, as one edit that can be undone. A tier
/// of the same name is replaced. Vocabularies that a tier names become label sets of the project
/// unless it has one of that name. What the format keeps beside the tiers is stored for its export.
/// Errors: BadInput and others as labels::readLabels(), NotFound (project, video, tier), as
///         store::LabelStore. Nothing is changed on error.
Result<LabelsFileReport> runLabelsImport(const LabelsFileSettings& settings, JobContext context);

/// Writes tiers of a video to a file. Errors: as labels::writeLabels(), NotFound (project, video,
/// tier: names those there are).
Result<LabelsFileReport> runLabelsExport(const LabelsFileSettings& settings, JobContext context);

} // namespace clipscope::jobs
