#include "jobs/labelled_video.h"

#include "base/edit_distance.h"
#include "base/files.h"
#include "labels/compare.h"
#include "media/video_index.h"

#include <algorithm>

namespace clipscope::jobs {

namespace {

Error noSuchVideo(const std::vector<store::VideoRecord>& videos, std::string_view named)
{
    std::string nearest;
    std::size_t least = named.size() / 2 + 1; // further away is another word
    for (const store::VideoRecord& video : videos)
        for (const auto& name : { video.path.filename(), video.path.stem() })
            if (const std::size_t distance = editDistance(utf8(name), named); distance < least) {
                least = distance;
                nearest = utf8(video.path.filename());
            }
    return { ErrorKind::NotFound, "The project has no video \"" + std::string(named) + "\".", {},
        {},
        nearest.empty() ? "Name it by its path, its file name or its number."
                        : "Did you mean \"" + nearest + "\"?" };
}

} // namespace

Result<store::VideoRecord> findVideo(const store::Project& project, std::string_view named)
{
    std::error_code code;
    const auto path
        = std::filesystem::absolute(std::filesystem::path(named), code).lexically_normal();
    if (!named.empty() && !code) {
        CLIP_TRY_ASSIGN(const auto byPath, project.catalogue().findByPath(path));
        if (byPath)
            return *byPath;
    }
    CLIP_TRY_ASSIGN(const auto videos, project.catalogue().videos());
    std::vector<store::VideoRecord> meant;
    std::ranges::copy_if(videos, std::back_inserter(meant), [&](const store::VideoRecord& video) {
        return utf8(video.path.filename()) == named || utf8(video.path.stem()) == named
            || std::to_string(video.id) == named;
    });
    if (meant.empty())
        return fail(noSuchVideo(videos, named));
    if (meant.size() == 1)
        return meant.front();
    std::string paths;
    for (const store::VideoRecord& video : meant)
        paths.append(paths.empty() ? "" : ", ").append(utf8(video.path));
    return fail(ErrorKind::BadInput,
        std::to_string(meant.size()) + " videos are called \"" + std::string(named) + "\": " + paths
            + ".",
        {}, "Name it by its whole path.");
}

Result<VideosByStem> videosByStem(const store::Project& project)
{
    CLIP_TRY_ASSIGN(const auto videos, project.catalogue().videos());
    VideosByStem result;
    for (const auto& video : videos) {
        const std::string stem = utf8(video.path.stem());
        if (!result.ambiguous.contains(stem) && !result.byStem.emplace(stem, video).second) {
            result.byStem.erase(stem);
            result.ambiguous.insert(stem);
        }
    }
    return result;
}

Result<std::shared_ptr<const media::VideoIndex>> frameTableOf(
    const store::Project& project, std::int64_t videoId)
{
    CLIP_TRY_ASSIGN(const std::string bytes, project.catalogue().frameIndex(videoId));
    auto table = media::VideoIndex::parse(bytes);
    return table ? std::make_shared<const media::VideoIndex>(std::move(*table)) : nullptr;
}

labels::FrameClock clockOf(std::shared_ptr<const media::VideoIndex> table)
{
    labels::FrameClock clock;
    if (!table)
        return clock;
    clock.frameCount = table->frameCount();
    clock.durationSeconds = table->durationSeconds();
    clock.frameAt = [table](double seconds) { return table->frameAt(seconds); };
    clock.secondsOf = [table](std::int64_t frame) { return table->secondsOf(frame); };
    return clock;
}

std::vector<double> frameTimesOf(const media::VideoIndex* table, double durationSeconds)
{
    if (table == nullptr)
        return labels::FrameGrid::regular(durationSeconds).instants;
    std::vector<double> times;
    for (std::int64_t frame = 0; frame < table->frameCount(); ++frame)
        times.push_back(table->secondsOf(frame));
    return times;
}

} // namespace clipscope::jobs
