#pragma once

#include "base/result.h"
#include "labels/annotation.h"
#include "labels/edit.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace clipscope::labels {

/// [startSeconds, stopSeconds); equal: an event.
struct Span
{
    double startSeconds = 0.0, stopSeconds = 0.0;

    bool operator==(const Span&) const = default;
};

/// A segment and where it shall be.
struct Placement
{
    std::int64_t segmentId = 0;
    Span span;
};

/// What happens to the segments of the tier that are in the way.
enum class InTheWay : std::uint8_t {
    Cut, ///< they lose what is covered; one that surrounds it becomes two
    Push, ///< they move aside, with all behind them, as long as there is room
};

/// What a person means, turned into edits. The annotation is not changed; apply() does that.
///
/// Rules: no edit leaves new overlaps in a tier; events are never in the way. A segment that a hand
/// has touched has Source::Hand and Verdict::Accepted from then on. Edits that change nothing are
/// empty.
/// Errors:  NotFound (no such segment or tier), BadInput (a span outside [0, duration) or one that
///          stops before its start; no room to push), Conflict (the name of a tier is taken).
/// Threads: any thread at once.
class Editing final
{
public:
    /// `nextId` as LabelDocument::nextId. The annotation must outlive this.
    Editing(const Annotation& annotation, std::int64_t nextId, double durationSeconds);

    Result<Edit> draw(
        std::int64_t tierId, Span span, std::string_view label, InTheWay way = InTheWay::Cut) const;
    /// Moves and resizes.
    Result<Edit> setSpan(std::int64_t segmentId, Span span, InTheWay way = InTheWay::Cut) const;
    /// Several at once, which must not come to overlap each other; others in the way are cut.
    Result<Edit> place(std::span<const Placement> placements, std::string what) const;
    /// All by the same time, as far as [0, duration) allows.
    Result<Edit> shift(std::span<const std::int64_t> segmentIds, double seconds) const;
    /// The border that two neighbours share, or that faces each other across a gap.
    Result<Edit> moveBorder(std::int64_t leftId, std::int64_t rightId, double seconds) const;
    Result<Edit> split(std::int64_t segmentId, double seconds) const;
    /// With the next segment of the tier; keeps the label of the first. Errors: NotFound for the
    /// last one.
    Result<Edit> mergeWithNext(std::int64_t segmentId) const;
    Result<Edit> remove(std::span<const std::int64_t> segmentIds) const;
    Result<Edit> relabel(std::span<const std::int64_t> segmentIds, std::string_view label) const;
    Result<Edit> setNote(std::int64_t segmentId, std::string_view note) const;

    /// Suggestions into a hand tier: they are copied there, cut what is in the way and are marked
    /// Accepted where they came from. With `label` the copies say that instead.
    Result<Edit> accept(std::span<const std::int64_t> segmentIds, std::int64_t handTierId,
        std::string_view label = {}) const;
    /// Errors: BadInput for segments of a hand tier.
    Result<Edit> reject(std::span<const std::int64_t> segmentIds) const;

    /// An empty tier at the bottom.
    Result<Edit> addTier(std::string_view name, Source source, std::string_view labelSet) const;
    Result<Edit> renameTier(std::int64_t tierId, std::string_view name) const;
    Result<Edit> removeTier(std::int64_t tierId) const;
    /// A hand tier with the same segments, below the others.
    Result<Edit> copyTier(std::int64_t tierId, std::string_view name) const;
    /// The tier of that name becomes `tier` (imports, a new labelling by the model), or `tier` is
    /// added. Ids of `tier` are given anew. Verdicts stay with segments of the same label that
    /// overlap by half of their union when `keepVerdicts`.
    Result<Edit> replaceTier(const Tier& tier, bool keepVerdicts) const;

private:
    const Annotation& m_annotation;
    std::int64_t m_nextId;
    double m_duration;
};

} // namespace clipscope::labels
