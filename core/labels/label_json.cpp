#include "labels/label_json.h"

#include <algorithm>

namespace clipscope::labels {

namespace {

constexpr const char* ownMember = "clipscope";

} // namespace

Json originWithTiers(const Annotation& annotation, const ExportInfo& info)
{
    Json origin = originOf(annotation, info);
    origin["tiers"] = Json::array();
    for (const Tier& tier : annotation.tiers) {
        Json entry = headDetails(tier);
        entry["tier"] = tier.name;
        origin["tiers"].push_back(std::move(entry));
    }
    return origin;
}

Json headDetails(const Tier& tier)
{
    Json details = Json::object();
    if (tier.source == Source::Model)
        details["tierSource"] = nameOf(tier.source);
    if (!tier.labelSet.empty())
        details["labelSet"] = tier.labelSet;
    return details;
}

TierHeads tiersIn(const Json& holder)
{
    TierHeads heads;
    if (!holder.is_object() || !holder.contains(ownMember))
        return heads;
    const Json& own = holder[ownMember];
    if (!own.is_object() || !own.contains("tiers") || !own["tiers"].is_array())
        return heads;
    for (const Json& entry : own["tiers"]) {
        TierHead head;
        Segment nobody;
        takeDetails(entry, head, nobody);
        if (!head.name.empty() && heads.byName.try_emplace(head.name, heads.heads.size()).second)
            heads.heads.push_back(head);
    }
    return heads;
}

TierHead headOf(const TierHeads& heads, const std::string& name, Source otherwise)
{
    const auto found = heads.byName.find(name);
    return found == heads.byName.end() ? TierHead{ name, otherwise, {} }
                                       : heads.heads[found->second];
}

Result<std::pair<double, double>> timesOfFrames(const Json& first, const Json& last,
    const Json& details, const FrameClock& clock, const Place& place)
{
    const auto start = numberOf(details, "start"), stop = numberOf(details, "stop");
    const bool exact = start && stop && *start >= 0.0 && *stop >= *start;
    if (exact && !clock.isKnown())
        return std::pair{ *start, *stop };
    if (!first.is_number_integer() || !last.is_number_integer())
        return fail(ErrorKind::BadInput,
            "A segment was left out: its frames are missing or no whole numbers.", place);
    if (!clock.isKnown())
        return fail(ErrorKind::BadInput,
            "A segment was left out: it is given in frames, and their times are not known.", place);
    const auto firstFrame = first.get<std::int64_t>(), lastFrame = last.get<std::int64_t>();
    // The seconds count only as long as nobody moved the frames.
    if (exact
        && framesOf({ 0, *start, *stop, {}, {}, {}, {}, {} }, clock)
            == std::pair{ firstFrame - 1, lastFrame })
        return std::pair{ *start, *stop };
    return secondsOfFrames(std::max<std::int64_t>(firstFrame, 0) - 1, lastFrame, clock, place);
}

// ---- ActivityNet -------------------------------------------------------------------------------

namespace {

std::string stemOf(const std::string& video)
{
    const std::size_t slash = video.find_last_of("/\\");
    const std::string name = slash == std::string::npos ? video : video.substr(slash + 1);
    const std::size_t dot = name.rfind('.');
    return dot == std::string::npos || dot == 0 ? name : name.substr(0, dot);
}

class ActivityNetReader final
{
public:
    ActivityNetReader(
        const Json& root, const std::filesystem::path& name, const ReadOptions& options)
        : m_root(root)
        , m_name(name)
        , m_gatherer(Format::ActivityNet, name, options)
        , m_heads(tiersIn(root))
    {
    }

    Result<LabelFile> read()
    {
        if (const Json& database = memberOf(m_root, "database"); database.is_object()) {
            CLIP_TRY(readGroundTruth(database));
        } else if (const Json& results = memberOf(m_root, "results"); results.is_object()) {
            CLIP_TRY(readPredictions(results));
        } else {
            CLIP_TRY(readCaptions());
        }
        return m_gatherer.finish();
    }

private:
    /// Exports of ours hold one video: in files of several, its tiers are not everybody's.
    void begin(const std::string& video, const Json& all)
    {
        m_gatherer.beginVideo(video);
        for (const TierHead& head : m_heads.heads)
            if (all.size() == 1)
                m_gatherer.addTier(head);
    }

    Status readList(const Json& list, Source source, const std::string& where)
    {
        if (!list.is_array())
            return anotherForm(m_name, where, "a list of segments was expected");
        for (std::size_t at = 0; at < list.size(); ++at) {
            const Json& entry = list[at];
            const std::string place = where + "/" + std::to_string(at);
            const auto times = pairOf(memberOf(entry, "segment"));
            const auto label = textOf(entry, "label");
            if (!times || !label) {
                m_gatherer.problem(
                    "A segment was left out: its label or its times are missing or no numbers.",
                    place);
                continue;
            }
            Segment segment{ 0, times->first, times->second, *label, {}, {}, {}, {} };
            const Json& own = memberOf(entry, ownMember);
            TierHead head = headOf(m_heads,
                textOf(own, "tier")
                    .value_or(
                        m_gatherer.tierName(source == Source::Model ? "predictions" : "labels")),
                source);
            takeDetails(own.is_object() ? own : Json::object(), head, segment);
            if (const auto score = numberOf(entry, "score"))
                segment.score = score;
            m_gatherer.add(head, std::move(segment), place);
        }
        return {};
    }

    Status readGroundTruth(const Json& database)
    {
        for (const auto& [video, entry] : database.items()) {
            begin(video, database);
            const char* key
                = entry.is_object() && entry.contains("annotation") ? "annotation" : "annotations";
            if (entry.is_object() && !entry.contains(key))
                continue; // the test set has none
            CLIP_TRY(
                readList(memberOf(entry, key), Source::Hand, "/database/" + video + "/" + key));
        }
        return {};
    }

    Status readPredictions(const Json& results)
    {
        for (const auto& [video, entry] : results.items()) {
            begin(video, results);
            CLIP_TRY(readList(entry, Source::Model, "/results/" + video));
        }
        return {};
    }

    /// ActivityNet Captions: {"v_ID": {"timestamps": [[s, e]], "sentences": ["…"]}}.
    Status readCaptions()
    {
        if (!m_root.is_object())
            return anotherForm(m_name, lineNumber(0), "an object was expected");
        for (const auto& [video, entry] : m_root.items()) {
            const Json &times = memberOf(entry, "timestamps"),
                       &texts = memberOf(entry, "sentences");
            if (!times.is_array() || !texts.is_array() || times.size() != texts.size())
                return anotherForm(m_name, "/" + video,
                    "neither \"database\" nor \"results\" nor timestamps with sentences");
            m_gatherer.beginVideo(video);
            const TierHead head{ m_gatherer.tierName("captions"), Source::Hand, {} };
            for (std::size_t at = 0; at < times.size(); ++at) {
                const std::string place = "/" + video + "/timestamps/" + std::to_string(at);
                const auto span = pairOf(times[at]);
                if (!span || !texts[at].is_string()) {
                    m_gatherer.problem(
                        "A segment was left out: its times are missing or no numbers.", place);
                    continue;
                }
                Segment segment{ 0, span->first, span->second, texts[at].get<std::string>(), {}, {},
                    {}, {} };
                assumeSource(segment, Source::Hand);
                m_gatherer.add(head, std::move(segment), place);
            }
        }
        return {};
    }

    const Json& m_root;
    std::filesystem::path m_name;
    Gatherer m_gatherer;
    TierHeads m_heads;
};

Json taxonomyOf(const ExportInfo& info)
{
    Json nodes = Json::array();
    nodes.push_back({ { "nodeId", 0 }, { "nodeName", "Root" }, { "parentId", nullptr },
        { "parentName", nullptr } });
    for (const LabelSet& set : info.labelSets) {
        std::unordered_map<std::string, std::size_t> ids;
        for (const Label& label : set.labels)
            ids.try_emplace(label.name, nodes.size() + ids.size());
        for (const Label& label : set.labels) {
            const auto parent = ids.find(label.parent);
            const bool top = label.parent.empty() || parent == ids.end();
            nodes.push_back({ { "nodeId", ids[label.name] }, { "nodeName", label.name },
                { "parentId", top ? 0 : parent->second },
                { "parentName", top ? "Root" : label.parent } });
        }
    }
    return nodes;
}

} // namespace

Result<LabelFile> readActivityNet(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options)
{
    CLIP_TRY_ASSIGN(const Json root, parseJson(content, name));
    return ActivityNetReader(root, name, options).read();
}

Result<LabelText> activityNetText(
    const std::filesystem::path&, const Annotation& annotation, const ExportInfo& info)
{
    Json list = Json::array();
    for (const Tier& tier : annotation.tiers) {
        for (const Segment& segment : tier.segments) {
            Json details = detailsOf(tier, segment);
            details["tier"] = tier.name;
            details.erase("score");
            Json entry{ { "label", segment.label },
                { "segment", { segment.startSeconds, segment.stopSeconds } } };
            if (segment.score)
                entry["score"] = *segment.score;
            entry[ownMember] = std::move(details);
            list.push_back(std::move(entry));
        }
    }
    const bool predictions = !annotation.tiers.empty()
        && std::ranges::all_of(
            annotation.tiers, [](const Tier& tier) { return tier.source == Source::Model; });
    const std::string video = stemOf(videoNameOf(info));
    Json root{ { "version", "VERSION 1.3" } };
    if (predictions) {
        root["results"][video] = std::move(list);
        root["external_data"] = { { "used", true },
            { "details",
                info.program + " " + info.version + ", checkpoint " + checkpointsOf(annotation) } };
    } else {
        root["taxonomy"] = taxonomyOf(info);
        Json& entry = root["database"][video];
        if (info.clock.isKnown())
            entry["duration"] = info.clock.durationSeconds;
        entry["subset"] = "";
        entry["annotations"] = std::move(list);
    }
    root[ownMember] = originWithTiers(annotation, info);
    return LabelText{ dump(root, 1) + "\n", {}, {}, {} };
}

} // namespace clipscope::labels
