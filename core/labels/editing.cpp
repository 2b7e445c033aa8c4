#include "labels/editing.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace clipscope::labels {

namespace {

auto noSegment(std::int64_t id)
{
    return fail(ErrorKind::NotFound, "There is no segment " + std::to_string(id) + ".");
}

struct Found
{
    const Tier* tier;
    const Segment* segment;
};

Result<Found> find(const Annotation& annotation, std::int64_t id)
{
    for (const Tier& tier : annotation.tiers) {
        const auto segment = std::ranges::find(tier.segments, id, &Segment::id);
        if (segment != tier.segments.end())
            return Found{ &tier, &*segment };
    }
    return noSegment(id);
}

Result<const Tier*> findTier(const Annotation& annotation, std::int64_t id)
{
    if (const Tier* tier = annotation.tier(id))
        return tier;
    return fail(ErrorKind::NotFound, "There is no tier " + std::to_string(id) + ".");
}

bool isEvent(const Segment& segment)
{
    return segment.startSeconds == segment.stopSeconds;
}

Tier headOf(const Tier& tier)
{
    return { tier.id, tier.name, tier.source, tier.labelSet, {}, tier.checkpoint };
}

std::int64_t placeOf(const Annotation& annotation, std::int64_t tierId)
{
    return std::ranges::find(annotation.tiers, tierId, &Tier::id) - annotation.tiers.begin();
}

/// Collects what becomes of the segments of one tier; a segment changed twice counts once.
class TierChanges final
{
public:
    TierChanges(const Tier& tier, std::int64_t nextId)
        : m_tier(tier)
        , m_nextId(nextId)
    {
        for (const Segment& segment : tier.segments)
            m_now.emplace(segment.id, segment);
    }

    /// The segments as they stand by now, in tier order.
    std::vector<Segment> now() const
    {
        std::vector<Segment> segments;
        for (const auto& [id, segment] : m_now)
            segments.push_back(segment);
        std::ranges::sort(segments, inTierOrder);
        return segments;
    }
    void remove(std::int64_t id) { m_now.erase(id); }
    void set(Segment segment) { m_now.insert_or_assign(segment.id, std::move(segment)); }
    /// A hand has been on it.
    void setByHand(Segment segment)
    {
        segment.source = Source::Hand;
        segment.verdict = Verdict::Accepted;
        set(std::move(segment));
    }
    std::int64_t add(Segment segment)
    {
        segment.id = m_nextId++;
        const std::int64_t id = segment.id;
        m_now.emplace(id, std::move(segment));
        m_added.push_back(id);
        return id;
    }
    std::int64_t nextId() const { return m_nextId; }

    /// Everything but `own` loses what lies in the spans, which do not overlap each other.
    void cut(std::vector<Span> spans, const std::set<std::int64_t>& own)
    {
        std::erase_if(
            spans, [](const Span& span) { return span.startSeconds == span.stopSeconds; });
        std::ranges::sort(spans, {}, &Span::startSeconds);
        std::vector<std::pair<Segment, std::vector<Span>>> left;
        for (const auto& [id, segment] : m_now) {
            auto span
                = std::ranges::upper_bound(spans, segment.startSeconds, {}, &Span::stopSeconds);
            if (own.contains(id) || isEvent(segment) || span == spans.end()
                || span->startSeconds >= segment.stopSeconds)
                continue;
            std::vector<Span> pieces;
            double from = segment.startSeconds;
            for (; span != spans.end() && span->startSeconds < segment.stopSeconds; ++span) {
                if (span->startSeconds > from)
                    pieces.push_back({ from, span->startSeconds });
                from = span->stopSeconds;
            }
            if (from < segment.stopSeconds)
                pieces.push_back({ from, segment.stopSeconds });
            left.emplace_back(segment, std::move(pieces));
        }
        for (auto& [segment, pieces] : left) {
            remove(segment.id);
            for (std::size_t i = 0; i < pieces.size(); ++i) {
                Segment piece = segment;
                piece.startSeconds = pieces[i].startSeconds;
                piece.stopSeconds = pieces[i].stopSeconds;
                i == 0 ? setByHand(piece) : addByHand(piece);
            }
        }
    }

    /// Everything but `own` moves aside: what starts at or after the middle of `own` as it was goes
    /// later, the rest earlier.
    Status push(Span span, std::int64_t own, double pivot, double duration)
    {
        if (span.startSeconds == span.stopSeconds)
            return {};
        std::vector<Segment> segments = now();
        std::erase_if(
            segments, [&](const Segment& other) { return other.id == own || isEvent(other); });
        double edge = span.stopSeconds;
        for (Segment& segment : segments) {
            if (segment.startSeconds < pivot || segment.startSeconds >= edge)
                continue;
            const double by = edge - segment.startSeconds;
            segment.startSeconds += by;
            segment.stopSeconds += by;
            edge = segment.stopSeconds;
            setByHand(segment);
        }
        if (edge > duration)
            return noRoom();
        edge = span.startSeconds;
        std::ranges::reverse(segments);
        for (Segment& segment : segments) {
            if (segment.startSeconds >= pivot || segment.stopSeconds <= edge)
                continue;
            const double by = segment.stopSeconds - edge;
            segment.startSeconds -= by;
            segment.stopSeconds -= by;
            edge = segment.startSeconds;
            setByHand(segment);
        }
        if (edge < 0.0)
            return noRoom();
        return {};
    }

    void finish(Edit& edit) const
    {
        for (const Segment& before : m_tier.segments) {
            const auto after = m_now.find(before.id);
            if (after == m_now.end())
                edit.segments.push_back({ m_tier.id, before, std::nullopt });
            else if (after->second != before)
                edit.segments.push_back({ m_tier.id, before, after->second });
        }
        for (const std::int64_t id : m_added)
            if (const auto after = m_now.find(id); after != m_now.end())
                edit.segments.push_back({ m_tier.id, std::nullopt, after->second });
    }

private:
    static tl::unexpected<Error> noRoom()
    {
        return fail(ErrorKind::BadInput, "There is no room left to push the others aside.");
    }
    void addByHand(Segment segment)
    {
        segment.source = Source::Hand;
        segment.verdict = Verdict::Accepted;
        add(std::move(segment));
    }

    const Tier& m_tier;
    std::int64_t m_nextId;
    std::map<std::int64_t, Segment> m_now;
    std::vector<std::int64_t> m_added;
};

Edit finished(std::string what, const TierChanges& changes)
{
    Edit edit{ std::move(what), {}, {} };
    changes.finish(edit);
    return edit;
}

double overlapOfUnion(const Segment& a, const Segment& b)
{
    const double both
        = std::min(a.stopSeconds, b.stopSeconds) - std::max(a.startSeconds, b.startSeconds);
    const double either
        = std::max(a.stopSeconds, b.stopSeconds) - std::min(a.startSeconds, b.startSeconds);
    return either > 0.0 ? both / either : 1.0;
}

/// What a person said about the suggestion that `segment` comes in place of.
Verdict verdictBefore(const Tier& old, const Segment& segment)
{
    for (const Segment& other : old.segments)
        if (other.verdict != Verdict::Open && overlapOfUnion(other, segment) >= 0.5
            && other.label == segment.label)
            return other.verdict;
    return segment.verdict;
}

/// Segments grouped by the tier they are in.
Result<std::map<std::int64_t, std::vector<Segment>>> byTier(
    const Annotation& annotation, std::span<const std::int64_t> ids)
{
    std::set<std::int64_t> wanted(ids.begin(), ids.end());
    std::map<std::int64_t, std::vector<Segment>> grouped;
    for (const Tier& tier : annotation.tiers)
        for (const Segment& segment : tier.segments)
            if (wanted.erase(segment.id) > 0)
                grouped[tier.id].push_back(segment);
    if (!wanted.empty())
        return noSegment(*wanted.begin());
    return grouped;
}

/// One change to each of some segments of any tiers.
template<typename Change>
Result<Edit> changeEach(const Annotation& annotation, std::int64_t nextId,
    std::span<const std::int64_t> ids, std::string what, Change change)
{
    CLIP_TRY_ASSIGN(const auto grouped, byTier(annotation, ids));
    Edit edit{ std::move(what), {}, {} };
    for (const auto& [tierId, segments] : grouped) {
        TierChanges changes(*annotation.tier(tierId), nextId);
        for (const Segment& segment : segments)
            change(changes, segment);
        changes.finish(edit);
    }
    return edit;
}

/// Copies with another label if there is one. Where they overlap each other the earlier one has the
/// time; what was there before is cut.
void copyInto(TierChanges& into, std::vector<Segment> segments, std::string_view label)
{
    std::ranges::sort(segments, inTierOrder);
    std::vector<Span> spans;
    std::set<std::int64_t> copies;
    double taken = 0.0;
    for (Segment& segment : segments) {
        if (!label.empty() && label != segment.label) {
            segment.label = label;
            segment.score.reset();
            segment.source = Source::Hand;
        }
        if (!isEvent(segment)) {
            segment.startSeconds = std::max(segment.startSeconds, taken);
            if (segment.startSeconds >= segment.stopSeconds)
                continue;
            taken = segment.stopSeconds;
        }
        spans.push_back({ segment.startSeconds, segment.stopSeconds });
        copies.insert(into.add(std::move(segment)));
    }
    into.cut(std::move(spans), copies);
}

Status requireFreeName(const Annotation& annotation, std::string_view name)
{
    if (name.empty())
        return fail(ErrorKind::BadInput, "A tier needs a name.");
    if (annotation.tier(name))
        return fail(ErrorKind::Conflict, "There is already a tier " + std::string(name) + ".", {},
            "Take another name.");
    return {};
}

Status requireInside(Span span, double duration)
{
    if (span.startSeconds >= 0.0 && span.stopSeconds >= span.startSeconds
        && span.stopSeconds <= duration)
        return {};
    return fail(ErrorKind::BadInput,
        "A segment must lie inside the film and stop after its start: "
            + std::to_string(span.startSeconds) + " to " + std::to_string(span.stopSeconds)
            + " s of " + std::to_string(duration) + " s.");
}

} // namespace

Editing::Editing(const Annotation& annotation, std::int64_t nextId, double durationSeconds)
    : m_annotation(annotation)
    , m_nextId(nextId)
    , m_duration(durationSeconds)
{
}

Result<Edit> Editing::draw(
    std::int64_t tierId, Span span, std::string_view label, InTheWay way) const
{
    CLIP_TRY(requireInside(span, m_duration));
    CLIP_TRY_ASSIGN(const Tier* tier, findTier(m_annotation, tierId));
    TierChanges changes(*tier, m_nextId);
    Segment segment;
    segment.startSeconds = span.startSeconds;
    segment.stopSeconds = span.stopSeconds;
    segment.label = label;
    segment.source = Source::Hand;
    segment.verdict = Verdict::Accepted;
    const std::int64_t own = changes.add(segment);
    if (way == InTheWay::Cut)
        changes.cut({ span }, { own });
    else
        CLIP_TRY(changes.push(span, own, (span.startSeconds + span.stopSeconds) / 2.0, m_duration));
    return finished("Draw segment", changes);
}

Result<Edit> Editing::setSpan(std::int64_t segmentId, Span span, InTheWay way) const
{
    CLIP_TRY(requireInside(span, m_duration));
    CLIP_TRY_ASSIGN(const Found found, find(m_annotation, segmentId));
    TierChanges changes(*found.tier, m_nextId);
    Segment segment = *found.segment;
    if (Span{ segment.startSeconds, segment.stopSeconds } == span)
        return Edit{ "Move segment", {}, {} };
    const bool moves
        = segment.startSeconds != span.startSeconds && segment.stopSeconds != span.stopSeconds;
    const double pivot = (segment.startSeconds + segment.stopSeconds) / 2.0;
    segment.startSeconds = span.startSeconds;
    segment.stopSeconds = span.stopSeconds;
    changes.setByHand(segment);
    if (way == InTheWay::Cut)
        changes.cut({ span }, { segmentId });
    else
        CLIP_TRY(changes.push(span, segmentId, pivot, m_duration));
    return finished(moves ? "Move segment" : "Resize segment", changes);
}

Result<Edit> Editing::place(std::span<const Placement> placements, std::string what) const
{
    std::map<std::int64_t, std::vector<Segment>> moved; // by tier
    for (const Placement& placement : placements) {
        CLIP_TRY(requireInside(placement.span, m_duration));
        CLIP_TRY_ASSIGN(const Found found, find(m_annotation, placement.segmentId));
        Segment segment = *found.segment;
        segment.startSeconds = placement.span.startSeconds;
        segment.stopSeconds = placement.span.stopSeconds;
        if (segment != *found.segment)
            moved[found.tier->id].push_back(std::move(segment));
    }
    Edit edit{ std::move(what), {}, {} };
    for (const auto& [tierId, segments] : moved) {
        TierChanges changes(*m_annotation.tier(tierId), m_nextId);
        // Out of each other's way first: the group keeps its own distances.
        for (const Segment& segment : segments)
            changes.remove(segment.id);
        std::vector<Span> spans;
        for (const Segment& segment : segments)
            spans.push_back({ segment.startSeconds, segment.stopSeconds });
        changes.cut(std::move(spans), {});
        for (const Segment& segment : segments)
            changes.setByHand(segment);
        changes.finish(edit);
    }
    return edit;
}

Result<Edit> Editing::shift(std::span<const std::int64_t> segmentIds, double seconds) const
{
    double earliest = m_duration, latest = 0.0;
    std::vector<Placement> placements;
    for (const std::int64_t id : segmentIds) {
        CLIP_TRY_ASSIGN(const Found found, find(m_annotation, id));
        placements.push_back({ id, { found.segment->startSeconds, found.segment->stopSeconds } });
        earliest = std::min(earliest, found.segment->startSeconds);
        latest = std::max(latest, found.segment->stopSeconds);
    }
    const double by = std::clamp(seconds, -earliest, std::max(-earliest, m_duration - latest));
    for (Placement& placement : placements) {
        placement.span.startSeconds += by;
        placement.span.stopSeconds += by;
    }
    return place(placements, "Move segments");
}

Result<Edit> Editing::moveBorder(std::int64_t leftId, std::int64_t rightId, double seconds) const
{
    CLIP_TRY_ASSIGN(const Found left, find(m_annotation, leftId));
    CLIP_TRY_ASSIGN(const Found right, find(m_annotation, rightId));
    if (left.tier != right.tier)
        return fail(ErrorKind::BadInput, "A border is shared by two segments of one tier.");
    CLIP_TRY(requireInside({ left.segment->startSeconds, seconds }, m_duration));
    CLIP_TRY(requireInside({ seconds, right.segment->stopSeconds }, m_duration));
    TierChanges changes(*left.tier, m_nextId);
    Segment a = *left.segment, b = *right.segment;
    a.stopSeconds = seconds;
    b.startSeconds = seconds;
    if (a != *left.segment)
        changes.setByHand(a);
    if (b != *right.segment)
        changes.setByHand(b);
    return finished("Move border", changes);
}

Result<Edit> Editing::split(std::int64_t segmentId, double seconds) const
{
    CLIP_TRY_ASSIGN(const Found found, find(m_annotation, segmentId));
    if (!(seconds > found.segment->startSeconds && seconds < found.segment->stopSeconds))
        return fail(ErrorKind::BadInput, "A segment is split inside itself.");
    TierChanges changes(*found.tier, m_nextId);
    Segment left = *found.segment, right = *found.segment;
    left.stopSeconds = seconds;
    right.startSeconds = seconds;
    changes.setByHand(left);
    right.id = changes.add(right);
    changes.setByHand(right);
    return finished("Split segment", changes);
}

Result<Edit> Editing::mergeWithNext(std::int64_t segmentId) const
{
    CLIP_TRY_ASSIGN(const Found found, find(m_annotation, segmentId));
    const std::vector<Segment>& segments = found.tier->segments;
    const auto here = segments.begin() + (found.segment - segments.data());
    const auto next = std::find_if_not(here + 1, segments.end(), isEvent);
    if (next == segments.end())
        return fail(ErrorKind::NotFound, "There is no segment after this one to merge with.");
    TierChanges changes(*found.tier, m_nextId);
    Segment merged = *found.segment;
    merged.stopSeconds = std::max(merged.stopSeconds, next->stopSeconds);
    changes.remove(next->id);
    changes.setByHand(merged);
    return finished("Merge segments", changes);
}

Result<Edit> Editing::remove(std::span<const std::int64_t> segmentIds) const
{
    return changeEach(m_annotation, m_nextId, segmentIds, "Delete segments",
        [](TierChanges& changes, const Segment& segment) { changes.remove(segment.id); });
}

Result<Edit> Editing::relabel(
    std::span<const std::int64_t> segmentIds, std::string_view label) const
{
    return changeEach(m_annotation, m_nextId, segmentIds, "Change label",
        [label](TierChanges& changes, Segment segment) {
            if (segment.label == label)
                return;
            segment.label = label;
            segment.score.reset(); // it was the score of the other label
            changes.setByHand(segment);
        });
}

Result<Edit> Editing::setNote(std::int64_t segmentId, std::string_view note) const
{
    return changeEach(m_annotation, m_nextId, std::span(&segmentId, 1), "Change note",
        [note](TierChanges& changes, Segment segment) {
            segment.note = note;
            changes.set(segment);
        });
}

Result<Edit> Editing::accept(
    std::span<const std::int64_t> segmentIds, std::int64_t handTierId, std::string_view label) const
{
    CLIP_TRY_ASSIGN(const Tier* hand, findTier(m_annotation, handTierId));
    if (hand->source != Source::Hand)
        return fail(ErrorKind::BadInput, "Suggestions are accepted into a tier of the hand.");
    CLIP_TRY_ASSIGN(const auto grouped, byTier(m_annotation, segmentIds));
    Edit edit{ "Accept suggestions", {}, {} };
    TierChanges into(*hand, m_nextId);
    std::vector<Segment> accepted;
    for (const auto& [tierId, segments] : grouped) {
        if (tierId == handTierId)
            continue;
        TierChanges from(*m_annotation.tier(tierId), 0);
        for (Segment segment : segments) {
            segment.verdict = Verdict::Accepted;
            from.set(segment);
            accepted.push_back(std::move(segment));
        }
        from.finish(edit);
    }
    copyInto(into, std::move(accepted), label);
    into.finish(edit);
    return edit;
}

Result<Edit> Editing::reject(std::span<const std::int64_t> segmentIds) const
{
    CLIP_TRY_ASSIGN(const auto grouped, byTier(m_annotation, segmentIds));
    for (const auto& [tierId, segments] : grouped)
        if (m_annotation.tier(tierId)->source != Source::Model)
            return fail(ErrorKind::BadInput, "Only suggestions of the model are rejected.", {},
                "Delete a segment of the hand instead.");
    return changeEach(m_annotation, m_nextId, segmentIds, "Reject suggestions",
        [](TierChanges& changes, Segment segment) {
            segment.verdict = Verdict::Rejected;
            changes.set(segment);
        });
}

Result<Edit> Editing::addTier(std::string_view name, Source source, std::string_view labelSet) const
{
    CLIP_TRY(requireFreeName(m_annotation, name));
    const Tier tier{ m_nextId, std::string(name), source, std::string(labelSet), {} };
    return Edit{ "Add tier", { { std::nullopt, tier, -1 } }, {} };
}

Result<Edit> Editing::renameTier(std::int64_t tierId, std::string_view name) const
{
    CLIP_TRY_ASSIGN(const Tier* tier, findTier(m_annotation, tierId));
    if (tier->name == name)
        return Edit{ "Rename tier", {}, {} };
    CLIP_TRY(requireFreeName(m_annotation, name));
    Tier renamed = headOf(*tier);
    renamed.name = name;
    return Edit{ "Rename tier", { { headOf(*tier), renamed, -1 } }, {} };
}

Result<Edit> Editing::removeTier(std::int64_t tierId) const
{
    CLIP_TRY_ASSIGN(const Tier* tier, findTier(m_annotation, tierId));
    Edit edit{ "Delete tier", { { headOf(*tier), std::nullopt, placeOf(m_annotation, tierId) } },
        {} };
    for (const Segment& segment : tier->segments)
        edit.segments.push_back({ tierId, segment, std::nullopt });
    return edit;
}

Result<Edit> Editing::copyTier(std::int64_t tierId, std::string_view name) const
{
    CLIP_TRY_ASSIGN(const Tier* tier, findTier(m_annotation, tierId));
    CLIP_TRY(requireFreeName(m_annotation, name));
    Tier copy = *tier;
    copy.name = name;
    copy.source = Source::Hand;
    copy.checkpoint.clear();
    std::erase_if(
        copy.segments, [](const Segment& each) { return each.verdict == Verdict::Rejected; });
    CLIP_TRY_ASSIGN(Edit edit, replaceTier(copy, false));
    edit.what = "Copy tier";
    return edit;
}

Result<Edit> Editing::replaceTier(const Tier& tier, bool keepVerdicts) const
{
    if (tier.name.empty())
        return fail(ErrorKind::BadInput, "A tier needs a name.");
    const Tier* old = m_annotation.tier(tier.name);
    Edit edit{ "Replace tier", {}, {} };
    std::int64_t id = m_nextId;
    Tier head = headOf(tier);
    head.id = old ? old->id : id++;
    if (!old)
        edit.tiers.push_back({ std::nullopt, head, -1 });
    else if (head != headOf(*old))
        edit.tiers.push_back({ headOf(*old), head, -1 });
    if (old)
        for (const Segment& segment : old->segments)
            edit.segments.push_back({ head.id, segment, std::nullopt });
    for (Segment segment : tier.segments) {
        CLIP_TRY(requireInside({ segment.startSeconds, segment.stopSeconds }, m_duration));
        segment.id = id++;
        if (old && keepVerdicts)
            segment.verdict = verdictBefore(*old, segment);
        edit.segments.push_back({ head.id, std::nullopt, segment });
    }
    return edit;
}

} // namespace clipscope::labels
