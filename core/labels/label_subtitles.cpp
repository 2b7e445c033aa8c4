#include "labels/label_formats.h"

#include "text/unicode.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace clipscope::labels {

namespace {

constexpr std::string_view arrow = "-->";
constexpr std::string_view mark = "clipscope "; ///< stands before our own JSON

/// Reads "[-][H…H:]MM:SS[(.|,)f…]".
std::optional<double> clockTime(std::string_view text)
{
    text = text::stripped(text);
    const bool negative = text.starts_with('-');
    text.remove_prefix(negative);
    const std::size_t point = text.find_first_of(".,");
    const auto parts = splitAt(text.substr(0, point), ":");
    if (parts.size() < 2 || parts.size() > 3)
        return std::nullopt;
    double whole = 0.0;
    for (const std::string_view part : parts) {
        const auto value = integerIn(part);
        if (!value || *value < 0 || part.size() > 9)
            return std::nullopt;
        whole = whole * 60.0 + static_cast<double>(*value);
    }
    if (point != std::string_view::npos) {
        // As one decimal: 4.260 then is the nearest double to 4.26.
        const std::string_view digits = text.substr(point + 1);
        if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos)
            return std::nullopt;
        const auto exact = numberIn(std::to_string(static_cast<std::int64_t>(whole)) + "."
            + std::string(digits.substr(0, 9)));
        whole = exact.value_or(whole);
    }
    return negative ? -whole : whole;
}

std::string clockText(double seconds, char point)
{
    const long long all = std::llround(seconds * 1000.0);
    char text[64];
    std::snprintf(text, sizeof text, "%02lld:%02lld:%02lld%c%03lld", all / 3600000,
        all / 60000 % 60, all / 1000 % 60, point, all % 1000);
    return text;
}

struct Cue
{
    std::string id, settings, text, details;
    double startSeconds = 0.0, stopSeconds = 0.0;
    std::string where; ///< the line of its times
};

/// The blocks of a subtitle file. Both kinds agree on them: an optional line, a line of times,
/// lines of text up to an empty one.
class CueReader final
{
public:
    CueReader(std::string_view content, Gatherer& gatherer)
        : m_lines(text::linesOf(content))
        , m_gatherer(gatherer)
    {
    }

    const std::vector<std::string_view>& lines() const { return m_lines; }

    /// The next cue; nothing at the end. What stands before it is told to `aside`.
    std::optional<Cue> next(const std::function<void(std::string_view block)>& aside)
    {
        while (m_at < m_lines.size()) {
            if (isBlank(m_at)) {
                ++m_at;
                continue;
            }
            const bool times = isTimes(m_at);
            if (times || (m_at + 1 < m_lines.size() && !isNote(m_at) && isTimes(m_at + 1))) {
                Cue cue;
                if (!times)
                    cue.id = m_lines[m_at++];
                if (readCue(cue))
                    return cue;
                continue;
            }
            std::string block;
            for (; m_at < m_lines.size() && !isBlank(m_at); ++m_at)
                (block += m_lines[m_at]) += '\n';
            aside(block);
        }
        return std::nullopt;
    }

private:
    bool isBlank(std::size_t at) const { return text::stripped(m_lines[at]).empty(); }
    bool isTimes(std::size_t at) const { return m_lines[at].find(arrow) != std::string_view::npos; }
    bool isNote(std::size_t at) const { return m_lines[at].starts_with("NOTE"); }

    bool readCue(Cue& cue)
    {
        cue.where = lineNumber(m_at);
        const std::string_view line = m_lines[m_at++];
        const std::size_t at = line.find(arrow);
        const std::string_view rest = text::stripped(line.substr(at + arrow.size()));
        const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
        const auto start = clockTime(line.substr(0, at)), stop = clockTime(rest.substr(0, end));
        cue.settings = text::stripped(rest.substr(end));
        for (; m_at < m_lines.size() && !isBlank(m_at) && !isTimes(m_at); ++m_at) {
            // Files without empty lines: a number above the next times is its counter.
            if (m_at + 1 < m_lines.size() && isTimes(m_at + 1) && integerIn(m_lines[m_at]))
                break;
            if (!cue.text.empty())
                cue.text += '\n';
            cue.text += m_lines[m_at];
        }
        if (!start || !stop) {
            m_gatherer.problem(
                "A segment was left out: its times are missing or no numbers.", cue.where);
            return false;
        }
        cue.startSeconds = *start;
        cue.stopSeconds = *stop;
        return true;
    }

    std::vector<std::string_view> m_lines;
    std::size_t m_at = 0;
    Gatherer& m_gatherer;
};

// ---- markup ------------------------------------------------------------------------------------

constexpr std::pair<std::string_view, std::string_view> entities[]{ { "&amp;", "&" },
    { "&lt;", "<" }, { "&gt;", ">" }, { "&nbsp;", "\u00A0" }, { "&lrm;", "\u200E" },
    { "&rlm;", "\u200F" } };

/// Without tags, entities resolved.
std::string plainText(std::string_view marked)
{
    std::string plain;
    while (!marked.empty()) {
        if (const std::size_t end = marked.find('>'); marked.starts_with('<')
            && end != std::string_view::npos && end > 1
            && (marked[1] == '/' || marked[1] == '!'
                || std::isalnum(static_cast<unsigned char>(marked[1])))) {
            marked.remove_prefix(end + 1);
            continue;
        }
        const auto entity = std::ranges::find_if(
            entities, [&](const auto& pair) { return marked.starts_with(pair.first); });
        if (entity != std::end(entities)) {
            plain += entity->second;
            marked.remove_prefix(entity->first.size());
            continue;
        }
        plain += marked.front();
        marked.remove_prefix(1);
    }
    return plain;
}

std::string escaped(std::string_view plain)
{
    std::string marked;
    for (const char c : plain)
        c == '&'       ? marked += "&amp;"
            : c == '<' ? marked += "&lt;"
            : c == '>' ? marked += "&gt;"
                       : marked += c;
    return marked;
}

/// Whether a label stands as one line of text and comes back as it is.
bool isPlainLine(std::string_view label)
{
    return !label.empty() && text::onOneLine(label) == label
        && label.find_first_of("\r\n\v\f") == std::string_view::npos
        && label.find(arrow) == std::string_view::npos;
}

/// What stands in the cue; if it is not the label, the details say so.
std::string shownLabel(const Segment& segment, Json& details)
{
    if (isPlainLine(segment.label))
        return segment.label;
    details["label"] = segment.label;
    const std::string line = text::onOneLine(segment.label);
    return isPlainLine(line) ? line : "?";
}

/// Whole milliseconds, at least one: players drop cues without length.
std::pair<double, double> shownTimes(const Segment& segment, Json& details)
{
    const double start = std::round(segment.startSeconds * 1000.0);
    const double stop = std::round(segment.stopSeconds * 1000.0);
    if (segment.startSeconds == segment.stopSeconds)
        details["event"] = true;
    return { start / 1000.0, std::max(stop, start + 1.0) / 1000.0 };
}

struct ShownSegment
{
    const Tier* tier;
    const Segment* segment;
};

/// All tiers in one row, as players want cues: by start.
std::vector<ShownSegment> inPlayOrder(const Annotation& annotation)
{
    std::vector<ShownSegment> all;
    for (const Tier& tier : annotation.tiers)
        for (const Segment& segment : tier.segments)
            all.push_back({ &tier, &segment });
    std::ranges::stable_sort(all, {}, [](const ShownSegment& shown) {
        return std::pair{ shown.segment->startSeconds, shown.segment->stopSeconds };
    });
    return all;
}

} // namespace

// ---- WebVTT ------------------------------------------------------------------------------------

Result<LabelFile> readVtt(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options)
{
    if (!content.starts_with("WEBVTT")
        || (content.size() > 6
            && std::string_view(" \t\r\n").find(content[6]) == std::string_view::npos))
        return fail(
            ErrorKind::BadInput, "The file does not begin with WEBVTT.", { name, lineNumber(0) });
    Gatherer gatherer(Format::Vtt, name, options, 0.001);
    CueReader reader(content, gatherer);
    bool ours = false;
    std::string pending;
    std::unordered_map<std::string, TierHead> heads;
    const auto aside = [&](std::string_view block) {
        pending.clear();
        if (!block.starts_with("NOTE "))
            return;
        const std::string_view text = text::stripped(block.substr(5));
        if (!text.starts_with(mark))
            return;
        pending = text.substr(mark.size());
        const Result<Json> json = parseJson(pending);
        if (!json || !json->is_object() || !json->contains("tiers") || !(*json)["tiers"].is_array())
            return;
        ours = true;
        pending.clear();
        if (json->contains("video") && (*json)["video"].is_string())
            gatherer.beginVideo((*json)["video"].get<std::string>());
        for (const Json& tier : (*json)["tiers"]) {
            TierHead head;
            Segment nobody;
            takeDetails(tier, head, nobody);
            heads[head.name] = head;
            gatherer.addTier(head);
        }
    };
    while (std::optional<Cue> cue = reader.next(aside)) {
        Segment segment{ 0, cue->startSeconds, cue->stopSeconds, {}, {}, {}, {}, {} };
        segment.label = text::onOneLine(plainText(cue->text));
        const Json details = pending.empty() ? Json::object() : parseJson(pending).value_or(Json());
        if (!details.is_object())
            gatherer.note("A note of ours could not be read: " + cue->where + ".");
        // Our own identifiers are TIER#NUMBER; others are of no use here.
        std::string tier = ours ? cue->id.substr(0, cue->id.rfind('#')) : "";
        if (details.is_object() && details.contains("tier") && details["tier"].is_string())
            tier = details["tier"].get<std::string>();
        TierHead head{ gatherer.tierName("captions"), Source::Hand, {} };
        if (const auto known = heads.find(tier); known != heads.end())
            head = known->second;
        takeDetails(Json::object(), head, segment);
        takeDetails(details, head, segment);
        pending.clear();
        gatherer.add(head, std::move(segment), cue->where);
    }
    return gatherer.finish();
}

Result<LabelText> vttText(
    const std::filesystem::path&, const Annotation& annotation, const ExportInfo& info)
{
    Json header = originOf(annotation, info);
    header["tiers"] = Json::array();
    std::unordered_map<const Tier*, bool> plainNames;
    for (const Tier& tier : annotation.tiers) {
        Json entry{ { "tier", tier.name } };
        if (tier.source == Source::Model)
            entry["tierSource"] = nameOf(tier.source);
        if (!tier.labelSet.empty())
            entry["labelSet"] = tier.labelSet;
        header["tiers"].push_back(std::move(entry));
        plainNames[&tier] = isPlainLine(tier.name) && !tier.name.starts_with("NOTE");
    }
    LabelText text;
    // "-->" must not stand in a note.
    const auto note = [&](const Json& json) {
        std::string line = dump(json);
        for (std::size_t at = line.find(arrow); at != std::string::npos; at = line.find(arrow, at))
            line.replace(at, arrow.size(), "--\\u003e");
        text.content += "NOTE " + std::string(mark) + line + "\n\n";
    };
    text.content = "WEBVTT\n\n";
    note(header);
    std::size_t number = 0;
    for (const auto& [tier, segment] : inPlayOrder(annotation)) {
        Json details = detailsOf(*tier, *segment);
        const auto [start, stop] = shownTimes(*segment, details);
        const std::string label = shownLabel(*segment, details);
        const bool plainName = plainNames[tier];
        if (!plainName)
            details["tier"] = tier->name;
        if (!details.empty())
            note(details);
        text.content += (plainName ? tier->name : "tier") + "#" + std::to_string(++number) + "\n"
            + clockText(start, '.') + " --> " + clockText(stop, '.') + "\n" + escaped(label)
            + "\n\n";
    }
    return text;
}

// ---- SubRip ------------------------------------------------------------------------------------

Result<LabelFile> readSrt(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options)
{
    Gatherer gatherer(Format::Srt, name, options, 0.001);
    CueReader reader(content, gatherer);
    bool any = false;
    while (std::optional<Cue> cue = reader.next([](std::string_view) {})) {
        any = true;
        Segment segment{ 0, cue->startSeconds, cue->stopSeconds, {}, {}, {}, {}, {} };
        TierHead head{ gatherer.tierName("captions"), Source::Hand, {} };
        const bool ours = cue->settings.starts_with(mark);
        segment.label = ours ? cue->text : text::onOneLine(plainText(cue->text));
        takeDetails(Json::object(), head, segment);
        if (ours
            && !takeDetailsText(std::string_view(cue->settings).substr(mark.size()), head, segment))
            gatherer.note("What stands behind the times could not be read: " + cue->where + ".");
        gatherer.add(head, std::move(segment), cue->where);
    }
    const bool blank = std::ranges::all_of(
        reader.lines(), [](std::string_view line) { return text::stripped(line).empty(); });
    CLIP_TRY_ASSIGN(LabelFile file, gatherer.finish());
    if (!any && !blank && file.problems.empty())
        return fail(ErrorKind::BadInput, "The file has no line of times (00:00:01,000 --> …).",
            { name, lineNumber(0) });
    return file;
}

Result<LabelText> srtText(
    const std::filesystem::path&, const Annotation& annotation, const ExportInfo&)
{
    LabelText text;
    std::size_t number = 0;
    for (const Tier& tier : annotation.tiers)
        if (tier.segments.empty())
            text.notes.push_back("Tier " + tier.name + " is empty and leaves no line.");
    for (const auto& [tier, segment] : inPlayOrder(annotation)) {
        Json details{ { "tier", tier->name } };
        if (tier->source == Source::Model)
            details["tierSource"] = nameOf(tier->source);
        if (!tier->labelSet.empty())
            details["labelSet"] = tier->labelSet;
        details.update(detailsOf(*tier, *segment));
        const auto [start, stop] = shownTimes(*segment, details);
        std::string label = shownLabel(*segment, details);
        if (integerIn(label)) // would pass for the counter of the next cue
            details["label"] = segment->label;
        text.content += std::to_string(++number) + "\n" + clockText(start, ',') + " --> "
            + clockText(stop, ',') + " " + std::string(mark) + dump(details) + "\n" + label
            + "\n\n";
    }
    return text;
}

} // namespace clipscope::labels
