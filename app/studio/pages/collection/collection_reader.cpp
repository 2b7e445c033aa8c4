#include "app/studio/pages/collection/collection_reader.h"

#include "store/feature_shards.h"
#include "store/label_store.h"
#include "store/project.h"

#include <map>
#include <set>

namespace clipscope::studio {

namespace {

std::set<std::int64_t> videosBelow(const std::filesystem::path& parent)
{
    std::set<std::int64_t> ids;
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(parent, missing))
        if (const auto reader = store::FeatureReader::open(entry.path())) {
            const std::vector<std::int64_t> found = reader->videoIds();
            ids.insert(found.begin(), found.end());
        }
    return ids;
}

/// By content hash. Damaged labels are the Timeline page's to report: films are shown all the same.
std::map<std::string, std::int64_t> handSegments(const std::filesystem::path& project)
{
    std::map<std::string, std::int64_t> counts;
    const auto labels = store::LabelStore::open(project, store::Access::ReadOnly);
    const auto summaries = labels ? labels->summaries() : fail(labels.error());
    if (summaries)
        for (const store::LabelSummary& summary : *summaries)
            counts[summary.videoHash] = summary.handSegments;
    return counts;
}

} // namespace

Result<std::vector<CollectionRow>> readCollection(
    const std::filesystem::path& folder, std::stop_token stop)
{
    CLIP_TRY_ASSIGN(
        const store::Project project, store::Project::open(folder, store::Access::ReadOnly));
    const store::Catalogue& catalogue = project.catalogue();
    CLIP_TRY_ASSIGN(std::vector<store::VideoRecord> videos, catalogue.videos());
    CLIP_TRY_ASSIGN(const auto captions, catalogue.captionCounts());
    CLIP_TRY_ASSIGN(std::vector<store::ProblemRecord> problems, catalogue.problems());
    if (stop.stop_requested())
        return fail(ErrorKind::Cancelled, "The collection was not read to the end.");
    const std::set<std::int64_t> extracted = videosBelow(folder / "features");
    const std::set<std::int64_t> searchable = videosBelow(folder / "states");

    const std::map<std::string, std::int64_t> labels = handSegments(folder);

    std::vector<CollectionRow> rows;
    rows.reserve(videos.size());
    std::map<std::int64_t, std::size_t> rowOf;
    for (store::VideoRecord& video : videos) {
        CollectionRow row;
        rowOf[video.id] = rows.size();
        if (const auto found = captions.find(video.id); found != captions.end())
            row.captions = found->second;
        if (const auto found = labels.find(video.contentHash); found != labels.end())
            row.labels = found->second;
        row.hasFeatures = extracted.contains(video.id);
        row.isSearchable = searchable.contains(video.id);
        row.video = std::move(video);
        rows.push_back(std::move(row));
    }
    std::map<std::filesystem::path, std::size_t> skipped;
    for (store::ProblemRecord& problem : problems) {
        const auto known = problem.videoId ? rowOf.find(*problem.videoId) : rowOf.end();
        if (known != rowOf.end()) {
            rows[known->second].problems.push_back(std::move(problem));
            continue;
        }
        const auto [place, isNew] = skipped.try_emplace(problem.path, rows.size());
        if (isNew) {
            CollectionRow row;
            row.video.path = problem.path;
            rows.push_back(std::move(row));
        }
        rows[place->second].problems.push_back(std::move(problem));
    }
    return rows;
}

} // namespace clipscope::studio
