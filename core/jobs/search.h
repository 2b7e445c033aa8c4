#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"
#include "base/settings.h"
#include "tasks/search_session.h"

#include <cstdint>
#include <map>
#include <string>

namespace clipscope::jobs {

/// Settings of `clipscope-cli search`.
struct SearchSettings
{
    std::filesystem::path project;
    std::string query;
    std::string checkpoint; ///< empty: the project's default
    std::int64_t top = 20;
};
void describe(SettingsVisitor& visitor, SearchSettings& settings);

struct SearchReport
{
    tasks::SearchAnswer answer;
    std::string checkpointTitle;
    std::map<std::int64_t, std::filesystem::path> paths; ///< of the videos in the answer
};
/// {"query", "checkpoint", "moments": [{"video", "path", "start", "stop", "peak", "score",
/// "weak"}], "nothing_matches", "notes"}; "peak" in seconds.
Json toJson(const SearchReport& report);

/// Answers one query; missing states are computed first.
/// Errors: as tasks::SearchSession::open() and search().
Result<SearchReport> runSearch(const SearchSettings& settings, JobContext context);

} // namespace clipscope::jobs
