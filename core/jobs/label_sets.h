#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace clipscope::jobs {

/// What `clipscope-cli labels sets` takes.
struct LabelSetsSettings
{
    std::filesystem::path project;
    std::filesystem::path file; ///< to read or to write
    std::string format; ///< labels::setFormatOf(); empty: by the file's name and content
    std::string task; ///< the one task of COIN or CrossTask
    std::string name; ///< of the set; import: empty for the file's own
};

struct LabelSetSummary
{
    std::string name, hash;
    std::int64_t labels = 0, wordings = 0;
};

struct LabelSetsReport
{
    std::vector<LabelSetSummary> sets; ///< of the project, or the one taken in or written
    bool replaced = false; ///< import: the project had one of that name
    std::vector<std::string> notes;
};
/// {"sets": [{"name", "hash", "labels", "wordings"}], "replaced", "notes"}
Json toJson(const LabelSetsReport& report);

/// The label sets of a project. Errors: NotFound (project), as labels::labelSetsIn().
Result<LabelSetsReport> runLabelSetsList(const LabelSetsSettings& settings, JobContext context);
/// Adds a set from a file, or replaces the one of its name. Errors: as labels::readLabelSet(),
/// labels::storeLabelSet(); NotFound (project).
Result<LabelSetsReport> runLabelSetsImport(const LabelSetsSettings& settings, JobContext context);
/// Writes a set as our JSON. Errors: NotFound (project, set), Io.
Result<LabelSetsReport> runLabelSetsExport(const LabelSetsSettings& settings, JobContext context);

} // namespace clipscope::jobs
