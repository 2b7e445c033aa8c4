#include "jobs/clusters.h"

#include "base/files.h"
#include "base/guarded.h"
#include "jobs/run_captions.h"
#include "store/project.h"
#include "store/run_folder.h"
#include "store/step_records.h"

#include <cmath>
#include <unordered_map>

namespace clipscope::jobs {

namespace {

Json finite(double value)
{
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

} // namespace

Json toJson(const ClustersReport& report)
{
    Json clusters = Json::array();
    for (const ClusterReport& cluster : report.clusters) {
        Json candidates = Json::array(), pairs = Json::array();
        for (const ClusterVideo& video : cluster.candidates)
            candidates.push_back({ { "video", video.id }, { "name", video.name },
                { "path", video.path }, { "distance", video.distance }, { "drawn", video.drawn } });
        for (const ClusterPair& pair : cluster.pairs)
            pairs.push_back({ { "step", pair.step }, { "video", pair.video }, { "text", pair.text },
                { "text_start", pair.textStart }, { "text_stop", pair.textStop },
                { "video_start", pair.secondBegin }, { "video_stop", pair.secondEnd },
                { "loss", finite(pair.loss) }, { "margin", finite(pair.margin) } });
        clusters.push_back({ { "cluster", cluster.cluster },
            { "seed", cluster.seed < 0 ? Json(nullptr) : Json(cluster.seed) },
            { "candidates", std::move(candidates) }, { "pairs", std::move(pairs) } });
    }
    return { { "run", report.run }, { "epoch", report.epoch }, { "epochs", report.epochs },
        { "clusters", std::move(clusters) } };
}

Result<ClustersReport> readClusters(const std::filesystem::path& project, const std::string& name,
    std::optional<std::int64_t> epoch)
{
    return guarded([&]() -> Result<ClustersReport> {
        CLIP_TRY_ASSIGN(const auto opened, store::Project::open(project, store::Access::ReadOnly));
        CLIP_TRY_ASSIGN(
            const auto run, store::RunFolder::open(opened.runsFolder() / pathFromUtf8(name)));
        ClustersReport report;
        report.run = name;
        report.epochs = store::recordedEpochs(run.stepsFolder());
        if (!epoch && report.epochs.empty())
            return fail(ErrorKind::NotFound, "The run has no steps on record yet.",
                { run.stepsFolder(), {} });
        report.epoch = epoch.value_or(report.epochs.empty() ? 0 : report.epochs.back());
        CLIP_TRY_ASSIGN(const auto records, store::readEpoch(run.stepsFolder(), report.epoch));
        CLIP_TRY_ASSIGN(const auto videos, opened.catalogue().videos());
        std::unordered_map<std::int64_t, std::filesystem::path> paths;
        for (const store::VideoRecord& video : videos)
            paths.emplace(video.id, video.path);
        const auto captions = RunCaptions::open(opened, run);
        const auto nameOf = [&](std::int64_t id) {
            const auto path = paths.find(id);
            if (path != paths.end())
                return utf8(path->second.filename());
            return captions ? std::string(captions->nameOf(id)) : std::string();
        };
        for (const store::ClusterRecord& record : records.clusters) {
            ClusterReport cluster{ record.cluster, record.seedVideoId, {}, {} };
            for (const store::ClusterCandidate& video : record.candidates)
                cluster.candidates.push_back({ video.videoId, nameOf(video.videoId),
                    utf8(paths[video.videoId]), video.distance, video.drawn });
            report.clusters.push_back(std::move(cluster));
        }
        for (const store::StepRecord& step : records.steps) {
            const auto clusters = store::clustersOfPairs(records, step);
            for (std::size_t at = 0; at < clusters.size(); ++at) {
                const store::PairRecord& record = step.pairs[at];
                if (clusters[at] < 0)
                    continue;
                ClusterPair pair{ step.step, record.videoId, {}, 0.0, 0.0, record.captionBegin,
                    record.captionEnd, record.secondBegin, record.secondEnd, record.loss,
                    record.margin };
                const auto said = captions
                    ? captions->said(pair.video, pair.captionBegin, pair.captionEnd)
                    : std::nullopt;
                if (said) {
                    pair.text = said->text;
                    pair.textStart = said->startSeconds;
                    pair.textStop = said->stopSeconds;
                }
                report.clusters[static_cast<std::size_t>(clusters[at])].pairs.push_back(
                    std::move(pair));
            }
        }
        return report;
    });
}

} // namespace clipscope::jobs
