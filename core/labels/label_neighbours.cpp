#include "labels/label_json.h"

#include <algorithm>
#include <unordered_set>

// Label Studio and FiftyOne: both count frames from 1 and include the last one.

namespace clipscope::labels {

namespace {

constexpr const char* ownMember = "clipscope";

/// Details with exact seconds: frames alone would lose what lies between two of them.
Json exactDetails(const Tier& tier, const Segment& segment)
{
    Json details = detailsOf(tier, segment);
    details["start"] = segment.startSeconds;
    details["stop"] = segment.stopSeconds;
    return details;
}

// ---- Label Studio ------------------------------------------------------------------------------

class LabelStudioReader final
{
public:
    LabelStudioReader(const std::filesystem::path& name, const ReadOptions& options)
        : m_name(name)
        , m_gatherer(Format::LabelStudio, name, options)
    {
    }

    Result<LabelFile> read(const Json& root)
    {
        if (!root.is_array()) {
            CLIP_TRY(readTask(root, ""));
            return m_gatherer.finish();
        }
        for (std::size_t at = 0; at < root.size(); ++at)
            CLIP_TRY(readTask(root[at], "/" + std::to_string(at)));
        return m_gatherer.finish();
    }

private:
    static std::string videoOf(const Json& data)
    {
        if (const auto video = textOf(data, "video"))
            return *video;
        if (data.is_object())
            for (const auto& [key, value] : data.items())
                if (value.is_string() && key != "id")
                    return value.get<std::string>();
        return {};
    }

    Status readTask(const Json& task, const std::string& where)
    {
        if (!task.is_object())
            return anotherForm(m_name, where, "a task was expected");
        const Json& data = memberOf(task, "data");
        m_gatherer.beginVideo(videoOf(data.is_object() ? data : task));
        m_heads = tiersIn(memberOf(task, "meta"));
        for (const TierHead& head : m_heads.heads)
            m_gatherer.addTier(head);
        bool any = false;
        for (const auto& [key, source] :
            { std::pair{ "annotations", Source::Hand }, std::pair{ "completions", Source::Hand },
                std::pair{ "predictions", Source::Model } }) {
            const Json& lists = memberOf(task, key);
            any |= lists.is_array();
            for (std::size_t at = 0; lists.is_array() && at < lists.size(); ++at) {
                const std::string place = where + "/" + key + "/" + std::to_string(at) + "/result";
                const Json& result = memberOf(lists[at], "result");
                if (!result.is_array())
                    return anotherForm(m_name, place, "a list of results was expected");
                for (std::size_t number = 0; number < result.size(); ++number)
                    readResult(result[number], source, at, place + "/" + std::to_string(number));
            }
        }
        if (any)
            return {};
        if (!readShortTask(task, where))
            return anotherForm(m_name, where, "a task has neither annotations nor predictions");
        return {};
    }

    /// The short export: {"video": "…", "TIER": [{"ranges": […], "timelinelabels": […]}]}.
    bool readShortTask(const Json& task, const std::string& where)
    {
        bool any = task.contains("video");
        for (const auto& [key, list] : task.items()) {
            if (!list.is_array())
                continue;
            for (std::size_t at = 0; at < list.size(); ++at) {
                if (!memberOf(list[at], "ranges").is_array())
                    continue;
                any = true;
                readValue(list[at], Json::object(), TierHead{ key, Source::Hand, {} }, {},
                    pathTo(where, key, std::to_string(at)));
            }
        }
        return any;
    }

    void readResult(
        const Json& result, Source source, std::size_t annotator, const std::string& where)
    {
        const Json& value = memberOf(result, "value");
        if (!memberOf(value, "ranges").is_array()) {
            m_gatherer.note("Results of the type " + textOf(result, "type").value_or("(none)")
                + " are no spans of time and were left out.");
            return;
        }
        const Json& own = memberOf(memberOf(result, "meta"), ownMember);
        std::string name = m_gatherer.tierName(
            textOf(result, "from_name")
                .value_or(source == Source::Model ? "predictions" : "labels"));
        if (annotator > 0) // two people's work does not become one tier
            name += " [" + std::to_string(annotator + 1) + "]";
        name = textOf(own, "tier").value_or(name);
        readValue(value, own, headOf(m_heads, name, source), numberOf(result, "score"), where);
    }

    void readValue(const Json& value, const Json& own, const TierHead& home,
        std::optional<double> score, const std::string& where)
    {
        const Json &ranges = memberOf(value, "ranges"), &names = memberOf(value, "timelinelabels");
        for (const Json& range : ranges) {
            const auto times = timesOfFrames(memberOf(range, "start"), memberOf(range, "end"),
                ranges.size() == 1 ? own : Json(), m_gatherer.clock(), { m_name, where });
            if (!times) {
                m_gatherer.problem(times.error().message, where);
                continue;
            }
            const std::size_t count = names.is_array() ? std::max<std::size_t>(names.size(), 1) : 1;
            for (std::size_t at = 0; at < count; ++at) {
                Segment segment{ 0, times->first, times->second, {}, {}, {}, {}, {} };
                if (names.is_array() && at < names.size() && names[at].is_string())
                    segment.label = names[at].get<std::string>();
                TierHead head = home;
                takeDetails(own.is_object() ? own : Json::object(), head, segment);
                if (score)
                    segment.score = score;
                m_gatherer.add(head, std::move(segment), where);
            }
        }
    }

    std::filesystem::path m_name;
    Gatherer m_gatherer;
    TierHeads m_heads;
};

// ---- FiftyOne ----------------------------------------------------------------------------------

class FiftyOneReader final
{
public:
    FiftyOneReader(const Json& root, const std::filesystem::path& name, const ReadOptions& options)
        : m_root(root)
        , m_name(name)
        , m_gatherer(Format::FiftyOne, name, options)
        , m_heads(tiersIn(root))
    {
    }

    Result<LabelFile> read()
    {
        if (const Json& labels = memberOf(m_root, "labels"); labels.is_object()) {
            for (const auto& [video, list] : labels.items()) {
                m_gatherer.beginVideo(video);
                for (const TierHead& head : m_heads.heads)
                    if (labels.size() == 1) // as we write it
                        m_gatherer.addTier(head);
                if (list.is_null())
                    continue;
                CLIP_TRY(readList(list, "labels", "/labels/" + video));
            }
            readClasses();
            return m_gatherer.finish();
        }
        const Json& samples = memberOf(m_root, "samples");
        if (!samples.is_array())
            return anotherForm(
                m_name, lineNumber(0), "neither \"labels\" nor \"samples\" was found");
        for (std::size_t at = 0; at < samples.size(); ++at)
            CLIP_TRY(readSample(samples[at], "/samples/" + std::to_string(at)));
        return m_gatherer.finish();
    }

private:
    void readClasses()
    {
        const Json& classes = memberOf(m_root, "classes");
        LabelSet set;
        set.name = "classes";
        std::unordered_set<std::string> seen;
        if (classes.is_array())
            for (const Json& name : classes)
                if (name.is_string() && seen.insert(name.get<std::string>()).second)
                    set.labels.push_back({ name.get<std::string>(), {}, {}, {}, {}, 0, {} });
        if (!set.labels.empty())
            m_gatherer.addLabelSet(std::move(set));
    }

    Status readSample(const Json& sample, const std::string& where)
    {
        const auto path = textOf(sample, "filepath");
        if (!path)
            return anotherForm(m_name, where, "a sample has no filepath");
        m_gatherer.beginVideo(*path);
        for (const auto& [field, value] : sample.items()) {
            if (textOf(value, "_cls") != "TemporalDetections")
                continue;
            CLIP_TRY(
                readList(memberOf(value, "detections"), field, pathTo(where, field, "detections")));
        }
        return {};
    }

    std::string labelOf(const Json& entry) const
    {
        const Json& label = memberOf(entry, "label");
        const Json& classes = memberOf(m_root, "classes");
        if (label.is_number_unsigned() && classes.is_array()
            && label.get<std::uint64_t>() < classes.size()) {
            const Json& name = classes[label.get<std::size_t>()];
            return name.is_string() ? name.get<std::string>() : dump(label);
        }
        if (label.is_string())
            return label.get<std::string>();
        return label.is_null() ? "" : dump(label);
    }

    Status readList(const Json& list, std::string_view tier, const std::string& where)
    {
        if (!list.is_array())
            return anotherForm(m_name, where, "a list of temporal detections was expected");
        for (std::size_t at = 0; at < list.size(); ++at) {
            const Json& entry = list[at];
            const std::string place = where + "/" + std::to_string(at);
            Json own = memberOf(entry, "attributes");
            if (!own.is_object())
                own = Json::object();
            own.erase("label");
            const auto times = timesOf(entry, own, { m_name, place });
            if (!times) {
                m_gatherer.problem(times.error().message, place);
                continue;
            }
            Segment segment{ 0, times->first, times->second, labelOf(entry), {}, {}, {}, {} };
            TierHead head = headOf(
                m_heads, textOf(own, "tier").value_or(m_gatherer.tierName(tier)), Source::Hand);
            takeDetails(own, head, segment);
            if (const auto confidence = numberOf(entry, "confidence"))
                segment.score = confidence;
            m_gatherer.add(head, std::move(segment), place);
        }
        return {};
    }

    Result<std::pair<double, double>> timesOf(
        const Json& entry, const Json& own, const Place& place) const
    {
        if (const auto seconds = pairOf(memberOf(entry, "timestamps")))
            return *seconds;
        const Json& support = memberOf(entry, "support");
        const bool two = support.is_array() && support.size() == 2;
        return timesOfFrames(
            two ? support[0] : Json(), two ? support[1] : Json(), own, m_gatherer.clock(), place);
    }

    const Json& m_root;
    std::filesystem::path m_name;
    Gatherer m_gatherer;
    TierHeads m_heads;
};

} // namespace

Result<LabelFile> readLabelStudio(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options)
{
    CLIP_TRY_ASSIGN(const Json root, parseJson(content, name));
    return LabelStudioReader(name, options).read(root);
}

Result<LabelText> labelStudioText(
    const std::filesystem::path& path, const Annotation& annotation, const ExportInfo& info)
{
    CLIP_TRY(needClock(info.clock, Format::LabelStudio, path));
    Json hand = Json::array(), model = Json::array();
    std::size_t number = 0;
    for (const Tier& tier : annotation.tiers) {
        Json& list = tier.source == Source::Model ? model : hand;
        for (const Segment& segment : tier.segments) {
            const auto [first, stop] = framesOf(segment, info.clock);
            Json details = exactDetails(tier, segment);
            details["tier"] = tier.name;
            details.erase("score");
            Json result{ { "id", "s" + std::to_string(++number) }, { "type", "timelinelabels" },
                { "from_name", tier.name }, { "to_name", "video" },
                { "origin", segment.source == Source::Model ? "prediction" : "manual" },
                { "value",
                    { { "ranges", Json::array({ { { "start", first + 1 }, { "end", stop } } }) },
                        { "timelinelabels", Json::array({ segment.label }) } } },
                { "meta", { { ownMember, std::move(details) } } } };
            if (segment.score)
                result["score"] = *segment.score;
            list.push_back(std::move(result));
        }
    }
    Json task{ { "id", 1 }, { "data", { { "video", videoNameOf(info) } } },
        { "meta", { { ownMember, originWithTiers(annotation, info) } } },
        { "annotations", Json::array({ { { "result", std::move(hand) } } }) } };
    if (!model.empty())
        task["predictions"] = Json::array(
            { { { "model_version", checkpointsOf(annotation) }, { "result", std::move(model) } } });
    LabelText text;
    text.content = dump(Json::array({ std::move(task) }), 1) + "\n";
    return text;
}

Result<LabelFile> readFiftyOne(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options)
{
    CLIP_TRY_ASSIGN(const Json root, parseJson(content, name));
    return FiftyOneReader(root, name, options).read();
}

Result<LabelText> fiftyOneText(
    const std::filesystem::path& path, const Annotation& annotation, const ExportInfo& info)
{
    CLIP_TRY(needClock(info.clock, Format::FiftyOne, path));
    Json list = Json::array(), classes = Json::array();
    std::unordered_set<std::string> seen;
    const auto enter = [&](const std::string& label) {
        if (seen.insert(label).second)
            classes.push_back(label);
    };
    for (const LabelSet& set : info.labelSets)
        for (const Label& label : set.labels)
            enter(label.name);
    for (const Tier& tier : annotation.tiers) {
        for (const Segment& segment : tier.segments) {
            enter(segment.label);
            const auto [first, stop] = framesOf(segment, info.clock);
            Json details = exactDetails(tier, segment);
            details["tier"] = tier.name;
            details.erase("score");
            Json entry{ { "label", segment.label },
                { "support", Json::array({ first + 1, stop }) } };
            if (segment.score)
                entry["confidence"] = *segment.score;
            entry["attributes"] = std::move(details);
            list.push_back(std::move(entry));
        }
    }
    const std::filesystem::path video(videoNameOf(info));
    Json root{ { "classes", std::move(classes) },
        { "labels", { { video.stem().string(), std::move(list) } } },
        { ownMember, originWithTiers(annotation, info) } };
    LabelText text;
    text.content = dump(root, 1) + "\n";
    return text;
}

} // namespace clipscope::labels
