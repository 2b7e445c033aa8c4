#include "jobs/clusters.h"

#include "base/files.h"
#include "base/guarded.h"
#include "data/project_captions.h"
#include "jobs/batch_report.h"
#include "jobs/pretrain.h"
#include "store/project.h"
#include "store/run_folder.h"
#include "store/step_records.h"
#include "tasks/text_side.h"
#include "tensor/tensor_file.h"

#include <cmath>
#include <unordered_map>

namespace clipscope::jobs {

namespace {

/// The captions of a run's films as its model reads them.
class RunCaptions final
{
public:
    static Result<RunCaptions> open(const store::Project& project, const store::RunFolder& run)
    {
        PretrainSettings settings;
        CLIP_TRY(settingsTable(settings).readToml(run.configFile()));
        const auto file = run.checkpointsFolder() / "last.safetensors";
        CLIP_TRY_ASSIGN(const auto weights, tensor::readSafetensors(file));
        const auto vocabulary = weights.metadata.find(tasks::vocabularyKey);
        if (vocabulary == weights.metadata.end())
            return fail(ErrorKind::NotFound, "The checkpoint has no vocabulary.", { file, {} });
        CLIP_TRY_ASSIGN(auto words, text::WordPiece::fromText(vocabulary->second, file));
        CLIP_TRY_ASSIGN(auto shard,
            data::openProjectCaptions(project, words,
                { settings.deduplicate, settings.captionCharacters, settings.captionTokens }));
        RunCaptions captions{ std::move(words), std::move(shard), {} };
        for (std::int64_t at = 0; at < captions.m_shard.videoCount(); ++at)
            captions.m_places.emplace(captions.m_shard.videoId(at), at);
        return captions;
    }

    void fillIn(ClusterPair& pair) const
    {
        const auto place = m_places.find(pair.video);
        if (place == m_places.end() || !m_shard.check(place->second))
            return;
        const store::CaptionList captions = m_shard.video(place->second).captions;
        const auto count = static_cast<std::int64_t>(captions.size());
        if (pair.captionBegin >= pair.captionEnd || pair.captionEnd > count)
            return; // imported anew since
        pair.text = wordsOf(m_words, captions, pair.captionBegin, pair.captionEnd);
        pair.textStart = captions[static_cast<std::size_t>(pair.captionBegin)].startSeconds;
        pair.textStop = captions[static_cast<std::size_t>(pair.captionEnd - 1)].stopSeconds;
    }

private:
    RunCaptions(text::WordPiece words, store::CaptionShard shard,
        std::unordered_map<std::int64_t, std::int64_t> places)
        : m_words(std::move(words))
        , m_shard(std::move(shard))
        , m_places(std::move(places))
    {
    }
    text::WordPiece m_words;
    store::CaptionShard m_shard;
    std::unordered_map<std::int64_t, std::int64_t> m_places;
};

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
            candidates.push_back({ { "video", video.id }, { "path", video.path },
                { "distance", video.distance }, { "drawn", video.drawn } });
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
        std::unordered_map<std::int64_t, std::string> paths;
        for (const store::VideoRecord& video : videos)
            paths.emplace(video.id, utf8(video.path));
        for (const store::ClusterRecord& record : records.clusters) {
            ClusterReport cluster{ record.cluster, record.seedVideoId, {}, {} };
            for (const store::ClusterCandidate& video : record.candidates)
                cluster.candidates.push_back(
                    { video.videoId, paths[video.videoId], video.distance, video.drawn });
            report.clusters.push_back(std::move(cluster));
        }
        const auto captions = RunCaptions::open(opened, run);
        for (const store::StepRecord& step : records.steps) {
            const auto clusters = store::clustersOfPairs(records, step);
            for (std::size_t at = 0; at < clusters.size(); ++at) {
                const store::PairRecord& record = step.pairs[at];
                if (clusters[at] < 0)
                    continue;
                ClusterPair pair{ step.step, record.videoId, {}, 0.0, 0.0, record.captionBegin,
                    record.captionEnd, record.secondBegin, record.secondEnd, record.loss,
                    record.margin };
                if (captions)
                    captions->fillIn(pair);
                report.clusters[static_cast<std::size_t>(clusters[at])].pairs.push_back(
                    std::move(pair));
            }
        }
        return report;
    });
}

} // namespace clipscope::jobs
