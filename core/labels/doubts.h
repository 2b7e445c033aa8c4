#pragma once

#include "labels/annotation.h"
#include "labels/label_set.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace clipscope::labels {

/// A place that a person should look at.
struct Doubt
{
    enum class Kind : std::uint8_t {
        Disagreement, ///< hand and model say different things
        SmallMargin, ///< the model's best two are close, and no hand has been there
    };
    Kind kind = Kind::SmallMargin;
    std::int64_t startSecond = 0, stopSecond = 0; ///< [start, stop)
    double margin = 0.0; ///< the smallest of its seconds
    std::string hand, model; ///< label names; empty: outside

    bool operator==(const Doubt&) const = default;
};

/// What the model says of each second of a video. Shapes: [T] both.
struct SecondLabels
{
    std::span<const std::int32_t> labels; ///< rows of `set`; negative: outside
    std::span<const float> margins; ///< best minus second best
};

/// The places in doubt, the most worthwhile first: disagreements, longest first, then small
/// margins, smallest first; equal ones by time.
///
/// A second belongs to the hand when a segment of `hand` covers its middle; runs of seconds with
/// the same two labels are one disagreement. Seconds without a segment of the hand are in doubt
/// when their margin is below `doubtfulMargin`; runs of them are one place. A video no hand has
/// begun has no disagreements.
/// Threads: any thread at once.
std::vector<Doubt> doubtsOf(
    const SecondLabels& model, const LabelSet& set, const Tier& hand, double doubtfulMargin);

/// The margin below which a share of all finite margins lies; 0 when there is none.
/// Range: share in [0, 1].
double marginQuantile(std::span<const float> margins, double share);

} // namespace clipscope::labels
