#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace clipscope::tasks {

/// A search hit: the span of a video that fits a text.
struct Moment
{
    std::int64_t videoId = 0;
    double startSeconds = 0.0,
           stopSeconds = 0.0; ///< half-open, whole seconds, stop at most the duration
    std::int64_t peakSecond = 0; ///< the second with the highest score
    float score = 0.0F; ///< see momentsOf()
    bool weak = false; ///< below the checkpoint's calibrated score: probably does not match

    bool operator==(const Moment&) const = default;
};

/// The rule by which seconds become moments.
struct MomentRule
{
    int windowSeconds = 4; ///< scores are first averaged over a centred window of this length
    /// A moment reaches down to the lower of: this share of the way from its peak to the video's
    /// mean; this share below its peak.
    float dropToMean = 0.5F, dropBelowPeak = 0.2F;
    int mostPerVideo = 3;
};

/// Merges the per-second scores of one video into moments, best first.
///
/// 1. Smooth: each second gets the mean of the window centred on it, cut at the ends.
/// 2. The best smoothed second starts a moment. It grows to both sides while smoothed or raw scores
///    stay at or above the rule's floor, so a short clip of one thing is one moment.
/// 3. Its score is the smoothed score of its best second; its peak second is the second with the
///    highest raw score inside it, the earlier one on ties.
/// 4. Repeat on the seconds outside found moments and outside the slopes that fall away from them,
///    up to mostPerVideo, while the best smoothed score there is still above the video's mean.
/// Ranges: scores has one value per second; a video of n seconds gives moments inside [0, n).
std::vector<Moment> momentsOf(
    std::int64_t videoId, std::span<const float> scores, const MomentRule& rule);

/// Orders moments: videos by their best moment, inside a video by score; ties by (video id, peak
/// second). At most `top` are kept.
void orderMoments(std::vector<Moment>& moments, int top);

} // namespace clipscope::tasks
