#pragma once

#include "base/result.h"
#include "labels/annotation.h"

#include <string>
#include <vector>

namespace clipscope::labels {

/// One segment before and after an edit; without `before` it appears, without `after` it goes.
struct SegmentChange
{
    std::int64_t tierId = 0;
    std::optional<Segment> before, after;

    bool operator==(const SegmentChange&) const = default;
};

/// One tier before and after an edit, without its segments.
struct TierChange
{
    std::optional<Tier> before, after;
    std::int64_t position = -1; ///< where it stands or stood from the top; -1: at the end

    bool operator==(const TierChange&) const = default;
};

/// Something a person did, as a value: it can be applied, undone, stored and repeated.
/// Order: tiers that appear, segments, tiers that go.
struct Edit
{
    std::string what; ///< for people and the history: "Move border"
    std::vector<TierChange> tiers;
    std::vector<SegmentChange> segments;

    bool isEmpty() const { return tiers.empty() && segments.empty(); }
    bool operator==(const Edit&) const = default;
};

/// The edit that takes `edit` back.
Edit inverseOf(const Edit& edit);

/// The highest id that appears, 0 for none.
std::int64_t highestId(const Edit& edit);

/// Applies `edit`, or leaves the annotation as it is.
/// Errors: Conflict when what it found before is not there any more (names tier and time).
Status apply(Annotation& annotation, const Edit& edit);

/// JSON of one line, and back. Lossless, also for times.
std::string serialise(const Edit& edit);
/// Errors: BadInput.
Result<Edit> parseEdit(std::string_view json);

} // namespace clipscope::labels
