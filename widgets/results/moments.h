#pragma once

#include "widgets/player/heat_strip.h"

#include <QString>

#include <memory>
#include <optional>
#include <vector>

namespace clipscope::media {
class VideoIndex;
}

namespace clipscope::widgets {

/// A search hit: [start, stop) of one video. Units: seconds.
struct Moment
{
    double startSeconds = 0.0;
    double stopSeconds = 0.0;
    double peakSeconds = 0.0; ///< its best second
    double score = 0.0; ///< as the model gives it; compare within one query only
    bool weak = false; ///< below the query's own "this matches" mark

    bool operator==(const Moment&) const = default;
};

/// A video with its moments, best first, and its score curve.
struct VideoMoments
{
    qint64 videoId = 0;
    QString title;
    QString path;
    double durationSeconds = 0.0;
    HeatScores heat;
    std::vector<Moment> moments;
    std::shared_ptr<const media::VideoIndex> index; ///< may be null

    bool operator==(const VideoMoments&) const = default;
};

/// It has moments, and every one of them is weak.
bool onlyWeak(const VideoMoments& video);

enum class MomentOrder {
    BestFirst, ///< as the model gives them
    ByName, ///< videos by name, moments by time; weak videos stay behind the others
};

/// An answer as the user wants to see it: in this order, and of `onlyVideo` alone if it is set.
std::vector<VideoMoments> arranged(
    std::vector<VideoMoments> videos, MomentOrder order, std::optional<qint64> onlyVideo);

} // namespace clipscope::widgets
