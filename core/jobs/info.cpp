#include "jobs/info.h"

#include "base/files.h"
#include "store/feature_shards.h"
#include "store/project.h"
#include "store/run_folder.h"
#include "tasks/checkpoints.h"

#include <algorithm>
#include <map>
#include <optional>
#include <system_error>
#include <unordered_map>

namespace clipscope::jobs {

namespace {

Json toJson(const store::ProblemRecord& problem)
{
    return { { "path", utf8(problem.path) }, { "kind", errorKindName(problem.kind) },
        { "reason", problem.reason } };
}

std::vector<std::filesystem::path> sortedChildren(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> children;
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(folder, code))
        children.push_back(entry.path());
    std::sort(children.begin(), children.end());
    return children;
}

std::vector<RunSummary> runsOf(const store::Project& project)
{
    std::vector<RunSummary> runs;
    for (const store::RunFolder& folder : store::RunFolder::list(project.runsFolder())) {
        RunSummary run;
        run.name = folder.name();
        run.state = "unknown";
        if (const auto state = folder.readState()) {
            run.state = state->crashed ? "crashed" : store::runPhaseName(state->phase);
            run.done = state->progress.done;
            run.total = state->progress.total;
            run.unit = state->progress.unit;
        }
        for (const auto& file : sortedChildren(folder.checkpointsFolder()))
            if (file.extension() == ".safetensors")
                run.checkpoints.push_back(utf8(file.stem()));
        runs.push_back(std::move(run));
    }
    return runs;
}

Result<std::vector<CheckpointSummary>> checkpointsOf([[maybe_unused]] const store::Project& project)
{
    std::vector<CheckpointSummary> summaries;
    CLIP_TRY_ASSIGN(const auto known, tasks::listCheckpoints(project));
    for (const tasks::CheckpointInfo& info : known)
        summaries.push_back({ info.name, info.title,
            info.kind == tasks::CheckpointKind::Starter ? "starter" : "videoclip", info.encoder,
            info.limits, info.path });
    return summaries;
}

/// Fills in whose features the videos have.
void addFeatures(const store::Project& project, std::vector<VideoSummary>& videos)
{
    for (const auto& folder : sortedChildren(project.featuresFolder(""))) {
        const auto reader = store::FeatureReader::open(folder);
        if (!reader)
            continue;
        for (VideoSummary& summary : videos) {
            const auto view = reader->find(summary.video.id);
            if (!view || view->contentHash != summary.video.contentHash || !summary.encoder.empty())
                continue;
            summary.encoder = reader->manifest().name;
            summary.seconds = view->seconds;
        }
    }
}

} // namespace

Json toJson(const InfoReport& report)
{
    Json json{ { "project", utf8(report.project) }, { "videos", Json::array() },
        { "problems", Json::array() }, { "checkpoints", Json::array() },
        { "runs", Json::array() } };
    for (const VideoSummary& summary : report.videos) {
        const store::VideoRecord& video = summary.video;
        Json problems = Json::array();
        for (const store::ProblemRecord& problem : summary.problems)
            problems.push_back(toJson(problem));
        json["videos"].push_back({ { "id", video.id }, { "path", utf8(video.path) },
            { "duration", video.durationSeconds }, { "seconds", summary.seconds },
            { "captions", summary.captions },
            { "encoder", summary.encoder.empty() ? Json() : Json(summary.encoder) },
            { "problems", std::move(problems) }, { "width", video.widthPixels },
            { "height", video.heightPixels }, { "frames", video.frameCount },
            { "fps", video.averageFps }, { "codec", video.codec }, { "audio", video.hasAudio },
            { "hash", video.contentHash } });
    }
    for (const store::ProblemRecord& problem : report.problems)
        json["problems"].push_back(toJson(problem));
    for (const CheckpointSummary& checkpoint : report.checkpoints)
        json["checkpoints"].push_back({ { "name", checkpoint.name }, { "title", checkpoint.title },
            { "kind", checkpoint.kind }, { "encoder", checkpoint.encoder },
            { "path", utf8(checkpoint.path) }, { "limits", checkpoint.limits } });
    for (const RunSummary& run : report.runs)
        json["runs"].push_back({ { "name", run.name }, { "state", run.state }, { "done", run.done },
            { "total", run.total }, { "unit", run.unit }, { "checkpoints", run.checkpoints } });
    return json;
}

Result<InfoReport> runInfo(const InfoSettings& settings, const JobContext&)
{
    CLIP_TRY_ASSIGN(const store::Project project,
        store::Project::open(settings.project, store::Access::ReadOnly));
    CLIP_TRY_ASSIGN(const auto videos, project.catalogue().videos());
    CLIP_TRY_ASSIGN(const auto captions, project.catalogue().captionCounts());
    CLIP_TRY_ASSIGN(auto problems, project.catalogue().problems());
    InfoReport report;
    report.project = project.folder();
    std::unordered_map<std::int64_t, std::size_t> places;
    for (const store::VideoRecord& video : videos) {
        VideoSummary summary;
        summary.video = video;
        const auto count = captions.find(video.id);
        summary.captions = count == captions.end() ? 0 : count->second;
        std::error_code code;
        summary.missing = !std::filesystem::exists(video.path, code);
        if (summary.missing)
            summary.problems.push_back({ video.path, ErrorKind::NotFound,
                "The file is no longer there; import its new place to find it again.", "info",
                video.id });
        places.emplace(video.id, report.videos.size());
        report.videos.push_back(std::move(summary));
    }
    for (store::ProblemRecord& problem : problems) {
        const auto place = problem.videoId ? places.find(*problem.videoId) : places.end();
        auto& list
            = place == places.end() ? report.problems : report.videos[place->second].problems;
        list.push_back(std::move(problem));
    }
    addFeatures(project, report.videos);
    CLIP_TRY_ASSIGN(report.checkpoints, checkpointsOf(project));
    report.runs = runsOf(project);
    return report;
}

} // namespace clipscope::jobs
