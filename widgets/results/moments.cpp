#include "widgets/results/moments.h"

#include <algorithm>
#include <tuple>

namespace clipscope::widgets {

bool onlyWeak(const VideoMoments& video)
{
    return !video.moments.empty()
        && std::all_of(video.moments.begin(), video.moments.end(),
            [](const Moment& moment) { return moment.weak; });
}

std::vector<VideoMoments> arranged(
    std::vector<VideoMoments> videos, MomentOrder order, std::optional<qint64> onlyVideo)
{
    if (onlyVideo)
        std::erase_if(
            videos, [&](const VideoMoments& video) { return video.videoId != *onlyVideo; });
    if (order == MomentOrder::BestFirst)
        return videos;
    for (VideoMoments& video : videos)
        std::stable_sort(video.moments.begin(), video.moments.end(),
            [](const Moment& a, const Moment& b) { return a.startSeconds < b.startSeconds; });
    std::stable_sort(
        videos.begin(), videos.end(), [](const VideoMoments& a, const VideoMoments& b) {
            const bool weakA = onlyWeak(a), weakB = onlyWeak(b);
            return weakA != weakB ? weakB : a.title.localeAwareCompare(b.title) < 0;
        });
    return videos;
}

} // namespace clipscope::widgets
