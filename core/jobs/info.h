#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"
#include "store/records.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace clipscope::jobs {

/// Settings of `clipscope-cli info`.
struct InfoSettings
{
    std::filesystem::path project;
};

/// One video as the collection shows it.
struct VideoSummary
{
    store::VideoRecord video;
    std::int64_t captions = 0;
    std::string encoder; ///< whose features it has; empty when it has none yet
    std::int64_t seconds = 0; ///< of features; 0 when it has none yet
    bool missing = false; ///< the file is not where it was
    std::vector<store::ProblemRecord> problems;
};

struct CheckpointSummary
{
    std::string name, title, kind, encoder, limits;
    std::filesystem::path path;
};

struct RunSummary
{
    std::string name, state; ///< state: a run phase, "crashed", or "unknown"
    std::int64_t done = 0, total = 0;
    std::string unit;
    std::vector<std::string> checkpoints; ///< "best", "last"
};

struct InfoReport
{
    std::filesystem::path project;
    std::vector<VideoSummary> videos; ///< in the order they were added
    std::vector<store::ProblemRecord> problems; ///< of files that are not in the project
    std::vector<CheckpointSummary> checkpoints;
    std::vector<RunSummary> runs;
};
Json toJson(const InfoReport& report);

/// Everything about a project; opens it read-only, also beside a running import.
/// Errors: as store::Project::open(). Threads: any thread at once; short.
Result<InfoReport> runInfo(const InfoSettings& settings, const JobContext& context);

} // namespace clipscope::jobs
