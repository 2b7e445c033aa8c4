#include "app/studio/pages/timeline/timeline_reader.h"

#include "store/project.h"
#include "widgets/common/format.h"

#include <map>

namespace clipscope::studio {

namespace {

QString titleOf(const store::VideoRecord& video)
{
    return widgets::fromPath(video.path.filename());
}

} // namespace

QString TimelineFilm::title() const
{
    return titleOf(record);
}

Result<TimelineFilm> readTimelineFilm(const std::filesystem::path& folder, qint64 videoId)
{
    CLIP_TRY_ASSIGN(
        const store::Project project, store::Project::open(folder, store::Access::ReadOnly));
    CLIP_TRY_ASSIGN(auto video, project.catalogue().video(videoId));
    if (!video)
        return fail(ErrorKind::NotFound, "The video is not in the project any more.");
    CLIP_TRY_ASSIGN(const std::string bytes, project.catalogue().frameIndex(videoId));
    CLIP_TRY_ASSIGN(media::VideoIndex index, media::VideoIndex::parse(bytes));
    return TimelineFilm{ std::move(*video),
        std::make_shared<const media::VideoIndex>(std::move(index)) };
}

Result<std::vector<QueueRow>> readQueue(const std::filesystem::path& folder)
{
    CLIP_TRY_ASSIGN(
        const store::Project project, store::Project::open(folder, store::Access::ReadOnly));
    CLIP_TRY_ASSIGN(const auto videos, project.catalogue().videos());
    CLIP_TRY_ASSIGN(const store::LabelStore labels,
        store::LabelStore::open(project.folder(), store::Access::ReadOnly));
    CLIP_TRY_ASSIGN(const auto summaries, labels.summaries());
    std::map<std::string, const store::LabelSummary*> byHash;
    for (const store::LabelSummary& summary : summaries)
        byHash[summary.videoHash] = &summary;
    std::vector<QueueRow> rows;
    for (const store::VideoRecord& video : videos) {
        const auto found = byHash.find(video.contentHash);
        rows.push_back({ video.id, titleOf(video), video.durationSeconds,
            found == byHash.end() ? store::LabelSummary{} : *found->second });
    }
    return rows;
}

} // namespace clipscope::studio
