#include "jobs/search.h"

#include "base/files.h"
#include "base/guarded.h"
#include "store/project.h"

namespace clipscope::jobs {

void describe(SettingsVisitor& visitor, SearchSettings& settings)
{
    visitor.field("search.checkpoint", settings.checkpoint, SettingLevel::Basic,
        "Checkpoint to search with; empty takes the project's default.");
    visitor.field("search.top", settings.top, { 1, 10000 }, "moments", SettingLevel::Basic,
        "Most moments in the answer.");
}

Json toJson(const SearchReport& report)
{
    Json moments = Json::array();
    for (const auto& moment : report.answer.moments) {
        const auto path = report.paths.find(moment.videoId);
        moments.push_back({ { "video", moment.videoId },
            { "path", path == report.paths.end() ? "" : utf8(path->second) },
            { "start", moment.startSeconds }, { "stop", moment.stopSeconds },
            { "peak", moment.peakSecond }, { "score", moment.score }, { "weak", moment.weak } });
    }
    return { { "query", report.answer.query }, { "checkpoint", report.answer.checkpoint },
        { "moments", moments }, { "nothing_matches", report.answer.nothingMatches },
        { "notes", report.answer.notes } };
}

Result<SearchReport> runSearch(const SearchSettings& settings, JobContext context)
{
    return guarded([&]() -> Result<SearchReport> {
        CLIP_TRY_ASSIGN(
            const auto project, store::Project::open(settings.project, store::Access::ReadOnly));
        CLIP_TRY_ASSIGN(
            auto session, tasks::SearchSession::open(project, settings.checkpoint, context));
        tasks::SearchOptions options;
        options.top = static_cast<int>(settings.top);
        SearchReport report;
        CLIP_TRY_ASSIGN(report.answer, session.search(settings.query, options, context.stop));
        report.checkpointTitle = session.checkpoint().title;
        for (const auto& moment : report.answer.moments) {
            CLIP_TRY_ASSIGN(const auto video, project.catalogue().video(moment.videoId));
            if (video)
                report.paths[moment.videoId] = video->path;
        }
        return report;
    });
}

} // namespace clipscope::jobs
