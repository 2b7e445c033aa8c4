#include "app/studio/pages/evaluate/evaluation_reader.h"

#include "app/studio/pages/evaluate/evaluation_text.h"
#include "base/files.h"
#include "media/video_index.h"
#include "store/project.h"
#include "tasks/checkpoints.h"
#include "widgets/common/format.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace clipscope::studio {

using namespace widgets;

namespace fs = std::filesystem;

namespace {

/// Of a video without a passage of its own the beginning is played.
constexpr double previewSeconds = 8.0;

QString tr(const char* text)
{
    return QCoreApplication::translate("EvaluationReader", text);
}

/// When the checkpoints of the project were written; one that is gone is not there.
std::map<std::string, fs::file_time_type> checkpointTimes(const fs::path& folder)
{
    std::map<std::string, fs::file_time_type> times;
    const auto project = store::Project::open(folder, store::Access::ReadOnly);
    const auto all = project ? tasks::listCheckpoints(*project) : fail(project.error());
    if (!all)
        return times;
    for (const tasks::CheckpointInfo& each : *all) {
        std::error_code error;
        const auto time = fs::last_write_time(each.path, error);
        if (!error)
            times[each.name] = time;
    }
    return times;
}

fs::file_time_type fileTime(std::int64_t unixSeconds)
{
    using namespace std::chrono;
    return time_point_cast<fs::file_time_type::duration>(
        file_clock::from_sys(sys_seconds(seconds(unixSeconds))));
}

EvaluationSummary readSummary(EvaluationSummary summary)
{
    summary.checkpoint = utf8(summary.file.parent_path().filename());
    auto read = benchmarks::readEvaluation(summary.file);
    if (!read) {
        summary.checkpointTitle = summary.checkpoint;
        summary.error = std::move(read).error();
        return summary;
    }
    summary.checkpointTitle
        = read->checkpointTitle.empty() ? summary.checkpoint : read->checkpointTitle;
    summary.annotations = utf8(read->annotations.path);
    summary.figures = std::move(read->figures);
    summary.items = static_cast<std::int64_t>(read->items.size());
    summary.itemsInBenchmark = read->itemsInBenchmark;
    summary.missingVideos = static_cast<std::int64_t>(read->missingVideos.size());
    summary.madeAt = read->madeAt;
    return summary;
}

/// Tiles of answers, each video looked up once.
class AnswerTiles final
{
public:
    explicit AnswerTiles(const store::Catalogue& catalogue)
        : m_catalogue(catalogue)
    {
    }

    ClipTile tile(const benchmarks::Answer& answer)
    {
        ClipTile tile = known(answer.videoId);
        tile.title = fromUtf8(answer.video);
        if (const QString passage = passageText(answer); !passage.isEmpty()) {
            tile.title += QStringLiteral("  ") + passage;
            tile.startSeconds = static_cast<double>(answer.startSecond);
            tile.stopSeconds = static_cast<double>(answer.stopSecond);
        }
        tile.text = fromUtf8(answer.text);
        tile.figures = tr("score %1").arg(QLocale().toString(answer.score, 'f', 3));
        if (tile.videoId < 0)
            tile.figures += QStringLiteral(" \u00B7 ") + tr("this video is not in the project");
        return tile;
    }

private:
    ClipTile known(std::int64_t id)
    {
        if (const auto found = m_videos.find(id); found != m_videos.end())
            return found->second;
        ClipTile tile;
        if (const auto video = m_catalogue.video(id); video && *video) {
            tile.videoId = id;
            tile.path = fromPath((*video)->path);
            tile.stopSeconds = std::min(previewSeconds, (*video)->durationSeconds);
            if (const auto bytes = m_catalogue.frameIndex(id))
                if (auto index = media::VideoIndex::parse(*bytes))
                    tile.index = std::make_shared<const media::VideoIndex>(std::move(*index));
        }
        return m_videos.emplace(id, std::move(tile)).first->second;
    }

    const store::Catalogue& m_catalogue;
    std::map<std::int64_t, ClipTile> m_videos;
};

} // namespace

Result<std::vector<EvaluationSummary>> readSummaries(const fs::path& project,
    const std::vector<EvaluationSummary>& known, const std::stop_token& stop)
{
    CLIP_TRY_ASSIGN(const std::vector<fs::path> files, benchmarks::evaluationFiles(project));
    std::vector<EvaluationSummary> summaries;
    if (files.empty())
        return summaries;
    const auto times = checkpointTimes(project);
    for (const fs::path& file : files) {
        if (stop.stop_requested())
            return fail(ErrorKind::Cancelled, "Reading evaluations was stopped.");
        const auto benchmark = benchmarks::benchmarkOf(utf8(file.stem()));
        std::error_code gone;
        EvaluationSummary summary;
        summary.file = file;
        summary.writtenAt = fs::last_write_time(file, gone).time_since_epoch().count();
        summary.bytes = fs::file_size(file, gone);
        if (gone || !benchmark)
            continue;
        summary.benchmark = *benchmark;
        const auto before = std::ranges::find(known, file, &EvaluationSummary::file);
        const bool same = before != known.end() && before->writtenAt == summary.writtenAt
            && before->bytes == summary.bytes;
        summary = same ? *before : readSummary(std::move(summary));
        const auto changed = times.find(summary.checkpoint);
        summary.isOld = changed != times.end() && !summary.error
            && changed->second > fileTime(summary.madeAt + 1); // of a second only the whole is kept
        summaries.push_back(std::move(summary));
    }
    return summaries;
}

Result<ItemTiles> readItemTiles(
    const fs::path& project, const benchmarks::ItemResult& item, const std::stop_token& stop)
{
    CLIP_TRY_ASSIGN(
        const store::Project opened, store::Project::open(project, store::Access::ReadOnly));
    AnswerTiles maker(opened.catalogue());
    ItemTiles tiles;
    tiles.truth = maker.tile(item.truth);
    // Where a part or a second is asked for, all answers have the text of the item.
    const bool oneText = std::ranges::all_of(item.answers,
        [&](const benchmarks::Answer& answer) { return answer.text == item.truth.text; });
    for (const benchmarks::Answer& answer : item.answers) {
        if (stop.stop_requested())
            return fail(ErrorKind::Cancelled, "Reading an item was stopped.");
        ClipTile tile = maker.tile(answer);
        if (oneText)
            tile.text.clear();
        if (answer.isRight)
            tile.mark = tr("right");
        tiles.answers.push_back(std::move(tile));
    }
    return tiles;
}

} // namespace clipscope::studio
