#include "labels/label_formats.h"

#include "text/unicode.h"

#include <algorithm>
#include <unordered_set>

namespace clipscope::labels {

namespace {

constexpr std::string_view detailsEnding = ".details";

/// What Praat reads in its text files, long and short alike: numbers, texts in quotes and <flags>
/// that stand free; everything else is there for people.
class TokenReader final
{
public:
    TokenReader(std::string_view content, const std::filesystem::path& name)
        : m_rest(content)
        , m_name(name)
    {
    }

    Result<std::string> text(std::string_view what) { return take(what, Kind::Text); }

    Result<double> number(std::string_view what)
    {
        CLIP_TRY_ASSIGN(const std::string token, take(what, Kind::Number));
        return numberIn(token).value_or(0.0);
    }

    Result<std::int64_t> count(std::string_view what)
    {
        CLIP_TRY_ASSIGN(const std::string token, take(what, Kind::Number));
        const auto value = integerIn(token);
        if (!value || *value < 0)
            return fail(ErrorKind::BadInput, "A number of " + std::string(what) + " was expected.",
                { m_name, where() });
        return *value;
    }

    Result<std::string> flag(std::string_view what) { return take(what, Kind::Flag); }
    std::string where() const { return lineNumber(m_tokenLine); }

private:
    enum class Kind : std::uint8_t { Number, Text, Flag, Other, End };

    Result<std::string> take(std::string_view what, Kind wanted)
    {
        for (;;) {
            std::string token;
            const Kind kind = next(token);
            if (kind == wanted)
                return token;
            if (kind == Kind::Other)
                continue;
            return fail(ErrorKind::BadInput,
                (kind == Kind::End ? "The TextGrid is cut short: " : "The TextGrid is broken: ")
                    + std::string(what) + " was expected.",
                { m_name, where() });
        }
    }

    char drop()
    {
        const char c = m_rest.front();
        m_line += c == '\n';
        m_rest.remove_prefix(1);
        return c;
    }

    Kind next(std::string& token)
    {
        while (!m_rest.empty()
            && std::string_view(" \t\r\n").find(m_rest.front()) != std::string_view::npos)
            drop();
        m_tokenLine = m_line;
        if (m_rest.empty())
            return Kind::End;
        if (m_rest.front() == '"')
            return quoted(token);
        if (m_rest.front() == '!') {
            while (!m_rest.empty() && m_rest.front() != '\n')
                drop();
            return Kind::Other;
        }
        const std::size_t end = std::min(m_rest.find_first_of(" \t\r\n"), m_rest.size());
        token = m_rest.substr(0, end);
        m_rest.remove_prefix(end);
        if (token.starts_with('<') && token.ends_with('>'))
            return Kind::Flag;
        return numberIn(token) ? Kind::Number : Kind::Other;
    }

    Kind quoted(std::string& token)
    {
        for (drop(); !m_rest.empty();) {
            const char c = drop();
            if (c != '"')
                token += c;
            else if (m_rest.starts_with('"'))
                token += drop();
            else
                return Kind::Text;
        }
        return Kind::End;
    }

    std::string_view m_rest;
    std::filesystem::path m_name;
    std::size_t m_line = 0, m_tokenLine = 0;
};

struct GridMark
{
    double startSeconds = 0.0, stopSeconds = 0.0;
    std::string text, where;
};

struct GridTier
{
    std::string name;
    bool points = false;
    std::vector<GridMark> marks;
};

Result<GridTier> readTier(TokenReader& tokens, const std::filesystem::path& name)
{
    GridTier tier;
    CLIP_TRY_ASSIGN(const std::string kind, tokens.text("the class of a tier"));
    if (kind != "IntervalTier" && kind != "TextTier")
        return fail(ErrorKind::BadInput,
            "A tier is neither IntervalTier nor TextTier: " + kind + ".", { name, tokens.where() });
    tier.points = kind == "TextTier";
    CLIP_TRY_ASSIGN(tier.name, tokens.text("the name of a tier"));
    CLIP_TRY(tokens.number("the start of a tier"));
    CLIP_TRY(tokens.number("the end of a tier"));
    CLIP_TRY_ASSIGN(const std::int64_t count, tokens.count("intervals or points"));
    for (std::int64_t at = 0; at < count; ++at) {
        GridMark mark;
        CLIP_TRY_ASSIGN(mark.startSeconds, tokens.number("a time"));
        mark.where = tokens.where();
        mark.stopSeconds = mark.startSeconds;
        if (!tier.points) {
            CLIP_TRY_ASSIGN(mark.stopSeconds, tokens.number("the end of an interval"));
        }
        CLIP_TRY_ASSIGN(mark.text, tokens.text("the text of a label"));
        tier.marks.push_back(std::move(mark));
    }
    return tier;
}

Result<std::vector<GridTier>> readTiers(std::string_view content, const std::filesystem::path& name)
{
    if (content.starts_with("ooBinaryFile"))
        return fail(ErrorKind::Unsupported, "The TextGrid is of Praat's binary form.", { name, {} },
            "Save it in Praat as text file.");
    TokenReader tokens(content, name);
    CLIP_TRY_ASSIGN(const std::string type, tokens.text("the file type \"ooTextFile\""));
    CLIP_TRY_ASSIGN(const std::string object, tokens.text("\"TextGrid\""));
    if (!type.starts_with("ooTextFile") || object != "TextGrid")
        return fail(
            ErrorKind::BadInput, "The file is not a TextGrid of Praat.", { name, lineNumber(0) });
    CLIP_TRY(tokens.number("the start of the TextGrid"));
    CLIP_TRY(tokens.number("the end of the TextGrid"));
    CLIP_TRY_ASSIGN(const std::string exists, tokens.flag("<exists>"));
    std::vector<GridTier> tiers;
    if (exists != "<exists>")
        return tiers;
    CLIP_TRY_ASSIGN(const std::int64_t count, tokens.count("tiers"));
    for (std::int64_t at = 0; at < count; ++at) {
        CLIP_TRY_ASSIGN(GridTier tier, readTier(tokens, name));
        tiers.push_back(std::move(tier));
    }
    return tiers;
}

using Span = std::pair<double, double>;
using DetailsByTime = std::map<Span, std::string_view>;

/// Tiers of details by the name of the tier they belong to.
std::unordered_map<std::string, DetailsByTime> detailsIn(const std::vector<GridTier>& tiers)
{
    std::unordered_map<std::string, DetailsByTime> all;
    for (const GridTier& tier : tiers) {
        const bool ours = tier.name.ends_with(detailsEnding)
            && std::ranges::all_of(tier.marks, [](const GridMark& mark) {
                   return mark.text.empty() || mark.text.starts_with('{');
               });
        if (!ours)
            continue;
        DetailsByTime& byTime = all[tier.name.substr(0, tier.name.size() - detailsEnding.size())];
        for (const GridMark& mark : tier.marks)
            if (mark.startSeconds <= mark.stopSeconds) // NaN is no key
                byTime.emplace(Span{ mark.startSeconds, mark.stopSeconds }, mark.text);
    }
    return all;
}

// ---- writing -----------------------------------------------------------------------------------

std::string inQuotes(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text)
        out.append(c == '"' ? 2 : 1, c);
    return out + '"';
}

/// One tier of the file: marks without overlap, ordered.
struct Lane
{
    std::string name;
    bool points = false;
    std::vector<GridMark> marks, details;
};

class GridWriter final
{
public:
    explicit GridWriter(const Annotation& annotation)
    {
        for (const Tier& tier : annotation.tiers)
            m_names.insert(tier.name);
        for (const Tier& tier : annotation.tiers)
            addTier(tier);
    }

    std::string text(double end) const
    {
        std::string text = "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\n"
                           "xmax = "
            + shortest(end) + "\ntiers? <exists>\nsize = ";
        std::string tiers;
        std::size_t count = 0;
        for (const Lane& lane : m_lanes) {
            appendTier(tiers, ++count, lane.name, lane.points, lane.marks, end);
            if (!lane.details.empty())
                appendTier(tiers, ++count, lane.name + std::string(detailsEnding), lane.points,
                    lane.details, end);
        }
        return text + std::to_string(count) + "\nitem []:\n" + tiers;
    }

private:
    void addTier(const Tier& tier)
    {
        std::vector<Segment> spans, events;
        for (const Segment& segment : tier.segments)
            (segment.seconds() > 0.0 ? spans : events).push_back(segment);
        bool first = true;
        m_number = 2;
        for (const auto& [segments, points] :
            { std::pair{ &spans, false }, std::pair{ &events, true } }) {
            for (const auto& lane : points ? pointLanes(*segments) : lanesOf(*segments)) {
                addLane(tier, lane, points, first);
                first = false;
            }
        }
        if (first)
            m_lanes.push_back({ tier.name, false, {}, {} });
    }

    /// Praat wants the times of points to rise.
    static std::vector<std::vector<const Segment*>> pointLanes(const std::vector<Segment>& events)
    {
        std::vector<std::vector<const Segment*>> lanes;
        std::size_t lane = 0;
        for (std::size_t at = 0; at < events.size(); ++at) {
            const bool same = at > 0 && events[at].startSeconds == events[at - 1].startSeconds;
            lane = same ? lane + 1 : 0;
            if (lane == lanes.size())
                lanes.emplace_back();
            lanes[lane].push_back(&events[at]);
        }
        return lanes;
    }

    void addLane(
        const Tier& tier, const std::vector<const Segment*>& segments, bool points, bool first)
    {
        Lane lane{ tier.name, points, {}, {} };
        while (!first && !m_names.insert(lane.name).second)
            lane.name = tier.name + " (" + std::to_string(m_number++) + ")";
        for (const Segment* segment : segments) {
            Json details = detailsOf(tier, *segment);
            if (!first)
                details["tier"] = tier.name;
            if (tier.source == Source::Model)
                details["tierSource"] = nameOf(tier.source);
            if (!tier.labelSet.empty())
                details["labelSet"] = tier.labelSet;
            if (segment->label.empty()) // an interval without text is a gap
                details["label"] = "";
            GridMark mark{ segment->startSeconds, segment->stopSeconds,
                segment->label.empty() ? "?" : segment->label, {} };
            lane.marks.push_back(mark);
            mark.text = dump(details);
            if (!details.empty())
                lane.details.push_back(std::move(mark));
        }
        m_lanes.push_back(std::move(lane));
    }

    static void appendTier(std::string& out, std::size_t number, const std::string& name,
        bool points, const std::vector<GridMark>& marks, double end)
    {
        std::string body;
        std::size_t count = 0;
        const auto interval = [&](double start, double stop, std::string_view text) {
            body += "        intervals [" + std::to_string(++count) + "]:\n            xmin = "
                + shortest(start) + "\n            xmax = " + shortest(stop)
                + "\n            text = " + inQuotes(text) + "\n";
        };
        double at = 0.0;
        for (const GridMark& mark : marks) {
            if (points) {
                body += "        points [" + std::to_string(++count)
                    + "]:\n            number = " + shortest(mark.startSeconds)
                    + "\n            mark = " + inQuotes(mark.text) + "\n";
                continue;
            }
            if (mark.startSeconds > at)
                interval(at, mark.startSeconds, "");
            interval(mark.startSeconds, mark.stopSeconds, mark.text);
            at = mark.stopSeconds;
        }
        if (!points && at < end)
            interval(at, end, "");
        out += "    item [" + std::to_string(number) + "]:\n        class = \""
            + (points ? "TextTier" : "IntervalTier") + "\"\n        name = " + inQuotes(name)
            + "\n        xmin = 0\n        xmax = " + shortest(end) + "\n        "
            + (points ? "points" : "intervals") + ": size = " + std::to_string(count) + "\n" + body;
    }

    std::vector<Lane> m_lanes;
    std::unordered_set<std::string> m_names;
    std::size_t m_number = 2; ///< of the tier's next lane
};

} // namespace

Result<LabelFile> readTextGrid(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options)
{
    CLIP_TRY_ASSIGN(const std::vector<GridTier> tiers, readTiers(content, name));
    Gatherer gatherer(Format::TextGrid, name, options);
    const auto details = detailsIn(tiers);
    std::unordered_map<std::string, std::size_t> seen;
    for (const GridTier& tier : tiers)
        ++seen[tier.name];
    std::unordered_map<std::string, std::size_t> used;
    for (const GridTier& tier : tiers) {
        const std::string base = tier.name.ends_with(detailsEnding)
            ? tier.name.substr(0, tier.name.size() - detailsEnding.size())
            : "";
        if (details.contains(base) && seen.contains(base))
            continue;
        TierHead home{ tier.name, Source::Hand, {} };
        if (const std::size_t number = ++used[tier.name]; number > 1)
            home.name += " [" + std::to_string(number) + "]";
        const auto own = details.find(tier.name);
        bool any = false;
        for (const GridMark& mark : tier.marks) {
            if (mark.text.empty() && !tier.points)
                continue;
            Segment segment{ 0, mark.startSeconds, mark.stopSeconds, mark.text, {}, {}, {}, {} };
            TierHead head = home;
            takeDetails(Json::object(), head, segment);
            if (own != details.end() && mark.startSeconds <= mark.stopSeconds)
                if (const auto found = own->second.find({ mark.startSeconds, mark.stopSeconds });
                    found != own->second.end())
                    takeDetailsText(found->second, head, segment);
            gatherer.add(head, std::move(segment), mark.where);
            any = true;
        }
        if (!any)
            gatherer.addTier(home);
    }
    return gatherer.finish();
}

Result<LabelText> textGridText(
    const std::filesystem::path&, const Annotation& annotation, const ExportInfo& info)
{
    double end = info.clock.durationSeconds;
    for (const Tier& tier : annotation.tiers)
        for (const Segment& segment : tier.segments)
            end = std::max(end, segment.stopSeconds);
    LabelText text;
    text.content = GridWriter(annotation).text(end > 0.0 ? end : 1.0);
    return text;
}

} // namespace clipscope::labels
