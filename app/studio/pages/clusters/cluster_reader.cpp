#include "app/studio/pages/clusters/cluster_reader.h"

#include "jobs/run_captions.h"
#include "media/video_index.h"
#include "store/project.h"
#include "store/run_folder.h"
#include "widgets/common/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <map>
#include <utility>

namespace clipscope::studio {

using namespace widgets;
using store::PairRecord;

namespace {

/// Of a video without a passage of its own the beginning is played.
constexpr double previewSeconds = 8.0;

QString tr(const char* text)
{
    return QCoreApplication::translate("ClusterReader", text);
}

/// Clusters whose videos a step took.
bool takes(const store::StepRecord& step, std::int64_t cluster)
{
    return cluster >= step.firstCluster && cluster < step.firstCluster + step.clusters;
}

/// Of a run on videos that are not in the catalogue; what cannot be read is not there.
std::optional<jobs::RunCaptions> sourceOf(
    const store::Project& project, const std::filesystem::path& steps)
{
    const auto run = store::RunFolder::open(steps.parent_path());
    auto source = run ? jobs::RunCaptions::openSource(project, *run) : fail(run.error());
    return source ? std::move(*source) : std::nullopt;
}

QString nameOf(const std::optional<jobs::RunCaptions>& source, std::int64_t id)
{
    const std::string_view name = source ? source->nameOf(id) : std::string_view();
    return name.empty() ? tr("video %1").arg(id) : fromUtf8(std::string(name));
}

QString titleOf(const store::Catalogue& catalogue, const std::optional<jobs::RunCaptions>& source,
    std::int64_t id)
{
    const auto video = catalogue.video(id);
    return video && *video ? fromPath((*video)->path.stem()) : nameOf(source, id);
}

/// Tiles of videos, each looked up once.
class TileMaker final
{
public:
    TileMaker(const store::Catalogue& catalogue, std::optional<jobs::RunCaptions> source)
        : m_catalogue(catalogue)
        , m_source(std::move(source))
    {
    }

    ClipTile tile(std::int64_t id)
    {
        if (const auto known = m_tiles.find(id); known != m_tiles.end())
            return known->second;
        ClipTile tile;
        tile.title = nameOf(m_source, id);
        if (const auto video = m_catalogue.video(id); video && *video) {
            tile.videoId = id;
            tile.title = fromPath((*video)->path.stem());
            tile.path = fromPath((*video)->path);
            tile.stopSeconds = std::min(previewSeconds, (*video)->durationSeconds);
            if (const auto bytes = m_catalogue.frameIndex(id))
                if (auto index = media::VideoIndex::parse(*bytes))
                    tile.index = std::make_shared<const media::VideoIndex>(std::move(*index));
        }
        return m_tiles.emplace(id, std::move(tile)).first->second;
    }

    QString captions(std::int64_t id, std::int64_t begin, std::int64_t end)
    {
        if (const auto said = m_source ? m_source->said(id, begin, end) : std::nullopt)
            return fromUtf8(said->text);
        auto known = m_captions.find(id);
        if (known == m_captions.end()) {
            auto found = m_catalogue.captions(id);
            known
                = m_captions
                      .emplace(id, found ? std::move(*found) : std::vector<store::CaptionRecord>())
                      .first;
        }
        QStringList words;
        for (std::int64_t c = begin; c < end; ++c)
            if (c < static_cast<std::int64_t>(known->second.size()))
                words += fromUtf8(known->second[static_cast<std::size_t>(c)].text);
        return words.isEmpty() ? tr("captions %1 to %2").arg(begin).arg(end - 1)
                               : words.join(QLatin1Char(' '));
    }

private:
    const store::Catalogue& m_catalogue;
    std::optional<jobs::RunCaptions> m_source;
    std::map<std::int64_t, ClipTile> m_tiles;
    std::map<std::int64_t, std::vector<store::CaptionRecord>> m_captions;
};

void addPair(ClusterSummary& cluster, const PairRecord& pair)
{
    const double loss = static_cast<double>(pair.loss), margin = static_cast<double>(pair.margin);
    ++cluster.pairs;
    cluster.meanLoss = cluster.meanLoss.value_or(0.0) + loss; // a sum until all are in
    cluster.leastMargin = std::min(margin, cluster.leastMargin.value_or(margin));
}

} // namespace

std::vector<RecordedRun> recordedRuns(const std::filesystem::path& project)
{
    std::vector<std::pair<double, RecordedRun>> found;
    for (const store::RunFolder& folder : store::RunFolder::list(project / "runs")) {
        RecordedRun run{ fromUtf8(folder.name()), folder.folder() / "steps", {}, 0 };
        run.epochs = store::recordedEpochs(run.steps);
        if (run.epochs.empty())
            continue;
        std::error_code missing;
        for (const auto& file : std::filesystem::directory_iterator(run.steps, missing))
            if (file.is_regular_file(missing))
                run.newestBytes += file.file_size(missing);
        const auto state = folder.readState();
        found.emplace_back(state ? state->startedAt : 0.0, std::move(run));
    }
    std::stable_sort(
        found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<RecordedRun> runs;
    runs.reserve(found.size());
    for (auto& [started, run] : found)
        runs.push_back(std::move(run));
    return runs;
}

Result<ClusterEpoch> readClusters(const std::filesystem::path& folder,
    const std::filesystem::path& steps, std::int64_t epoch, const std::stop_token& stop)
{
    CLIP_TRY_ASSIGN(
        const store::Project project, store::Project::open(folder, store::Access::ReadOnly));
    CLIP_TRY_ASSIGN(store::EpochRecords records, store::readEpoch(steps, epoch));
    const auto source = sourceOf(project, steps);
    ClusterEpoch result;
    result.steps = steps;
    for (const store::ClusterRecord& cluster : records.clusters) {
        if (stop.stop_requested())
            return fail(ErrorKind::Cancelled, "Reading clusters was stopped.");
        ClusterSummary summary;
        summary.cluster = cluster.cluster;
        summary.seedVideoId = cluster.seedVideoId;
        summary.candidates = static_cast<int>(cluster.candidates.size());
        for (const store::ClusterCandidate& candidate : cluster.candidates)
            if (candidate.drawn) {
                if (summary.pictureVideoId < 0)
                    summary.pictureVideoId = candidate.videoId;
                ++summary.drawn;
                summary.farthest
                    = std::max(summary.farthest, static_cast<double>(candidate.distance));
            }
        if (cluster.seedVideoId >= 0) {
            summary.pictureVideoId = cluster.seedVideoId;
            summary.seedTitle = titleOf(project.catalogue(), source, cluster.seedVideoId);
        }
        const auto pictured = project.catalogue().video(summary.pictureVideoId);
        if (!pictured || !*pictured) // in a source outside the catalogue, or gone
            summary.pictureVideoId = -1;
        result.clusters.push_back(std::move(summary));
    }
    for (const store::StepRecord& step : records.steps) {
        const auto clusters = store::clustersOfPairs(records, step);
        for (std::size_t at = 0; at < clusters.size(); ++at)
            if (clusters[at] >= 0)
                addPair(result.clusters[static_cast<std::size_t>(clusters[at])], step.pairs[at]);
    }
    for (ClusterSummary& summary : result.clusters)
        if (summary.meanLoss)
            *summary.meanLoss /= summary.pairs;
    result.records = std::make_shared<const store::EpochRecords>(std::move(records));
    return result;
}

Result<ClusterDetail> readCluster(const std::filesystem::path& folder,
    const std::filesystem::path& steps, const store::EpochRecords& records, std::int64_t cluster,
    const std::stop_token& stop)
{
    CLIP_TRY_ASSIGN(
        const store::Project project, store::Project::open(folder, store::Access::ReadOnly));
    ClusterDetail detail;
    if (cluster < 0 || cluster >= static_cast<std::int64_t>(records.clusters.size()))
        return detail;
    const store::ClusterRecord& record = records.clusters[static_cast<std::size_t>(cluster)];
    TileMaker maker(project.catalogue(), sourceOf(project, steps));
    if (record.seedVideoId >= 0) {
        detail.seed = maker.tile(record.seedVideoId);
        detail.seed->mark = tr("seed");
    }
    for (const store::ClusterCandidate& candidate : record.candidates) {
        if (stop.stop_requested())
            return fail(ErrorKind::Cancelled, "Reading a cluster was stopped.");
        ClipTile tile = maker.tile(candidate.videoId);
        tile.figures = record.seedVideoId < 0
            ? QString()
            : tr("distance %1").arg(figure(static_cast<double>(candidate.distance)));
        tile.mark = candidate.videoId == record.seedVideoId ? tr("seed")
            : candidate.drawn                               ? tr("drawn")
                                                            : QString();
        tile.faint = !candidate.drawn;
        detail.candidates.push_back(std::move(tile));
    }
    std::vector<std::pair<float, ClipTile>> pairs;
    for (const store::StepRecord& step : records.steps) {
        if (!takes(step, cluster))
            continue;
        detail.steps.push_back(step.step);
        const auto clusters = store::clustersOfPairs(records, step);
        for (std::size_t at = 0; at < clusters.size(); ++at) {
            if (clusters[at] != cluster)
                continue;
            const PairRecord& pair = step.pairs[at];
            ClipTile tile = maker.tile(pair.videoId);
            tile.startSeconds = static_cast<double>(pair.secondBegin);
            tile.stopSeconds = static_cast<double>(pair.secondEnd);
            tile.title += QStringLiteral("  %1 \u2013 %2")
                              .arg(shortTime(tile.startSeconds), shortTime(tile.stopSeconds));
            tile.text = maker.captions(pair.videoId, pair.captionBegin, pair.captionEnd);
            tile.figures = tr("loss %1, margin %2")
                               .arg(figure(static_cast<double>(pair.loss)),
                                   figure(static_cast<double>(pair.margin)));
            pairs.emplace_back(pair.loss, std::move(tile));
        }
    }
    std::stable_sort(
        pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    for (auto& [loss, tile] : pairs)
        detail.pairs.push_back(std::move(tile));
    return detail;
}

} // namespace clipscope::studio
