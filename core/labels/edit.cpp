#include "labels/edit.h"

#include "base/json.h"

#include <algorithm>
#include <utility>

namespace clipscope::labels {

namespace {

auto conflict(const std::string& what)
{
    return fail(ErrorKind::Conflict, what + " is not there any more as the edit found it.", {},
        "The labels were changed elsewhere: read them again.");
}

std::string named(const Tier& tier, const Segment& segment)
{
    return "The segment at " + std::to_string(segment.startSeconds) + " s of tier " + tier.name;
}

auto positionOf(Annotation& annotation, std::int64_t tierId)
{
    return std::ranges::find(annotation.tiers, tierId, &Tier::id);
}

bool isHead(const Tier& tier, const Tier& head)
{
    return tier.id == head.id && tier.name == head.name && tier.source == head.source
        && tier.labelSet == head.labelSet && tier.checkpoint == head.checkpoint;
}

Status removeTier(Annotation& annotation, const Tier& head)
{
    const auto tier = positionOf(annotation, head.id);
    if (tier == annotation.tiers.end() || !isHead(*tier, head) || !tier->segments.empty())
        return conflict("Tier " + head.name);
    annotation.tiers.erase(tier);
    return {};
}

Status addTier(Annotation& annotation, const Tier& head, std::int64_t position)
{
    if (annotation.tier(head.id) || annotation.tier(head.name))
        return conflict("The place of tier " + head.name);
    const auto count = static_cast<std::int64_t>(annotation.tiers.size());
    const std::int64_t where = position < 0 || position > count ? count : position;
    annotation.tiers.insert(annotation.tiers.begin() + where, head);
    return {};
}

Status changeTier(Annotation& annotation, const Tier& before, const Tier& after)
{
    const auto tier = positionOf(annotation, before.id);
    if (tier == annotation.tiers.end() || !isHead(*tier, before))
        return conflict("Tier " + before.name);
    const Tier* namesake = annotation.tier(after.name);
    if (after.id != before.id || (namesake && namesake->id != before.id))
        return conflict("The name " + after.name);
    tier->name = after.name;
    tier->source = after.source;
    tier->labelSet = after.labelSet;
    tier->checkpoint = after.checkpoint;
    return {};
}

/// All that go, then all that come: neighbours may swap places within one edit.
Status changeSegments(Annotation& annotation, const std::vector<SegmentChange>& changes)
{
    for (const SegmentChange& change : changes) {
        const auto tier = positionOf(annotation, change.tierId);
        if (tier == annotation.tiers.end())
            return conflict("A tier");
        if (!change.before)
            continue;
        const auto place = std::ranges::lower_bound(tier->segments, *change.before, inTierOrder);
        if (place == tier->segments.end() || *place != *change.before)
            return conflict(named(*tier, *change.before));
        tier->segments.erase(place);
    }
    for (const SegmentChange& change : changes) {
        if (!change.after)
            continue;
        const auto tier = positionOf(annotation, change.tierId);
        const auto place = std::ranges::upper_bound(tier->segments, *change.after, inTierOrder);
        tier->segments.insert(place, *change.after);
    }
    return {};
}

Status applyTo(Annotation& annotation, const Edit& edit)
{
    for (const TierChange& change : edit.tiers) {
        if (!change.before && change.after)
            CLIP_TRY(addTier(annotation, *change.after, change.position));
        else if (change.before && change.after)
            CLIP_TRY(changeTier(annotation, *change.before, *change.after));
    }
    CLIP_TRY(changeSegments(annotation, edit.segments));
    for (const TierChange& change : edit.tiers)
        if (change.before && !change.after)
            CLIP_TRY(removeTier(annotation, *change.before));
    return {};
}

Json toJson(const Segment& segment)
{
    Json json{ { "id", segment.id }, { "start", segment.startSeconds },
        { "stop", segment.stopSeconds }, { "label", segment.label },
        { "source", nameOf(segment.source) }, { "verdict", nameOf(segment.verdict) } };
    if (segment.score)
        json["score"] = *segment.score;
    if (!segment.note.empty())
        json["note"] = segment.note;
    return json;
}

Json toJson(const Tier& tier)
{
    Json json{ { "id", tier.id }, { "name", tier.name }, { "source", nameOf(tier.source) },
        { "labelSet", tier.labelSet } };
    if (!tier.checkpoint.empty())
        json["checkpoint"] = tier.checkpoint;
    return json;
}

template<typename Item> void put(Json& json, const char* key, const std::optional<Item>& item)
{
    if (item)
        json[key] = toJson(*item);
}

auto wrong(const char* key)
{
    return fail(
        ErrorKind::BadInput, std::string("An edit of the history lacks a valid \"") + key + "\".");
}

Result<double> numberOf(const Json& json, const char* key)
{
    const auto found = json.find(key);
    if (found == json.end() || !found->is_number())
        return wrong(key);
    return found->get<double>();
}

Result<std::int64_t> integerOf(const Json& json, const char* key)
{
    const auto found = json.find(key);
    if (found == json.end() || !found->is_number_integer())
        return wrong(key);
    return found->get<std::int64_t>();
}

Result<std::string> textOf(const Json& json, const char* key)
{
    const auto found = json.find(key);
    if (found == json.end() || !found->is_string())
        return wrong(key);
    return found->get<std::string>();
}

Result<Source> readSource(const Json& json)
{
    CLIP_TRY_ASSIGN(const std::string name, textOf(json, "source"));
    const std::optional<Source> source = sourceOf(name);
    if (!source)
        return wrong("source");
    return *source;
}

Result<Segment> segmentOf(const Json& json)
{
    Segment segment;
    CLIP_TRY_ASSIGN(segment.id, integerOf(json, "id"));
    CLIP_TRY_ASSIGN(segment.startSeconds, numberOf(json, "start"));
    CLIP_TRY_ASSIGN(segment.stopSeconds, numberOf(json, "stop"));
    if (!(segment.startSeconds >= 0.0 && segment.stopSeconds >= segment.startSeconds))
        return wrong("stop");
    CLIP_TRY_ASSIGN(segment.label, textOf(json, "label"));
    CLIP_TRY_ASSIGN(segment.source, readSource(json));
    CLIP_TRY_ASSIGN(const std::string verdict, textOf(json, "verdict"));
    if (const std::optional<Verdict> known = verdictOf(verdict))
        segment.verdict = *known;
    else
        return wrong("verdict");
    if (json.contains("score")) {
        CLIP_TRY_ASSIGN(segment.score, numberOf(json, "score"));
    }
    if (json.contains("note")) {
        CLIP_TRY_ASSIGN(segment.note, textOf(json, "note"));
    }
    return segment;
}

Result<Tier> tierOf(const Json& json)
{
    Tier tier;
    CLIP_TRY_ASSIGN(tier.id, integerOf(json, "id"));
    CLIP_TRY_ASSIGN(tier.name, textOf(json, "name"));
    CLIP_TRY_ASSIGN(tier.source, readSource(json));
    CLIP_TRY_ASSIGN(tier.labelSet, textOf(json, "labelSet"));
    if (json.contains("checkpoint")) {
        CLIP_TRY_ASSIGN(tier.checkpoint, textOf(json, "checkpoint"));
    }
    return tier;
}

/// The objects under "before" and "after" of a change.
template<typename Change, typename Read>
Status readSides(const Json& json, Change& change, Read read)
{
    for (const auto& [key, side] :
        { std::pair{ "before", &change.before }, std::pair{ "after", &change.after } }) {
        if (!json.is_object() || !json.contains(key))
            continue;
        CLIP_TRY_ASSIGN(*side, read(json[key]));
    }
    if (!change.before && !change.after)
        return wrong("before");
    return {};
}

} // namespace

Edit inverseOf(const Edit& edit)
{
    Edit inverse{ edit.what, edit.tiers, edit.segments };
    std::ranges::reverse(inverse.tiers);
    for (TierChange& change : inverse.tiers)
        std::swap(change.before, change.after);
    for (SegmentChange& change : inverse.segments)
        std::swap(change.before, change.after);
    return inverse;
}

std::int64_t highestId(const Edit& edit)
{
    std::int64_t highest = 0;
    for (const TierChange& change : edit.tiers)
        highest = std::max(highest, change.after ? change.after->id : 0);
    for (const SegmentChange& change : edit.segments)
        highest = std::max(highest, change.after ? change.after->id : 0);
    return highest;
}

Status apply(Annotation& annotation, const Edit& edit)
{
    Annotation changed = annotation;
    CLIP_TRY(applyTo(changed, edit));
    annotation = std::move(changed);
    return {};
}

std::string serialise(const Edit& edit)
{
    Json tiers = Json::array(), segments = Json::array();
    for (const TierChange& change : edit.tiers) {
        Json entry{ { "position", change.position } };
        put(entry, "before", change.before);
        put(entry, "after", change.after);
        tiers.push_back(std::move(entry));
    }
    for (const SegmentChange& change : edit.segments) {
        Json entry{ { "tier", change.tierId } };
        put(entry, "before", change.before);
        put(entry, "after", change.after);
        segments.push_back(std::move(entry));
    }
    return dump(Json{ { "what", edit.what }, { "tiers", std::move(tiers) },
        { "segments", std::move(segments) } });
}

Result<Edit> parseEdit(std::string_view text)
{
    CLIP_TRY_ASSIGN(const Json json, parseJson(text));
    for (const char* key : { "tiers", "segments" })
        if (!json.is_object() || !json.contains(key) || !json[key].is_array())
            return wrong(key);
    Edit edit;
    CLIP_TRY_ASSIGN(edit.what, textOf(json, "what"));
    for (const Json& entry : json["tiers"]) {
        TierChange& change = edit.tiers.emplace_back();
        CLIP_TRY_ASSIGN(change.position, integerOf(entry, "position"));
        CLIP_TRY(readSides(entry, change, tierOf));
    }
    for (const Json& entry : json["segments"]) {
        SegmentChange& change = edit.segments.emplace_back();
        CLIP_TRY_ASSIGN(change.tierId, integerOf(entry, "tier"));
        CLIP_TRY(readSides(entry, change, segmentOf));
    }
    return edit;
}

} // namespace clipscope::labels
