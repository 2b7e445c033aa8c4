#include "labels/label_formats.h"

#include "text/unicode.h"

#include <algorithm>
#include <deque>
#include <unordered_set>

namespace clipscope::labels {

namespace {

constexpr std::string_view nobody = "No focal subject";

/// Columns by name: their order and number change from version to version.
class BorisReader final
{
public:
    BorisReader(const std::filesystem::path& name, const ReadOptions& options)
        : m_name(name)
        , m_gatherer(Format::Boris, name, options)
    {
    }

    Result<LabelFile> read(const std::vector<Row>& rows)
    {
        // Older versions write some lines about the observation before the table.
        std::size_t at = 0;
        while (at < rows.size() && !takeHeader(rows[at]))
            ++at;
        if (at == rows.size())
            return fail(ErrorKind::BadInput,
                "No line names the columns Behavior and Time, or Behavior, Start (s) and Stop (s).",
                { m_name, lineNumber(0) });
        for (++at; at < rows.size(); ++at) {
            if (rows[at].cells.size() < 2)
                continue;
            m_gatherer.beginVideo(
                cell(rows[at], { "Media file name", "Media file path", "Media file" }));
            aggregated() ? readAggregated(rows[at]) : readEvent(rows[at]);
        }
        closeOpenStates();
        return m_gatherer.finish();
    }

private:
    struct Open
    {
        double startSeconds = 0.0;
        Segment segment; ///< without times
        TierHead head;
        std::string where, video;
    };

    bool aggregated() const { return m_columns.contains("Start (s)"); }

    bool takeHeader(const Row& row)
    {
        m_columns.clear();
        m_modifiers = 0;
        for (std::size_t at = 0; at < row.cells.size(); ++at) {
            const std::string name(text::stripped(row.cells[at]));
            m_columns.try_emplace(name, at);
            if (name.starts_with("Modifier"))
                m_columns.try_emplace("Modifier column " + std::to_string(m_modifiers++), at);
        }
        return m_columns.contains("Behavior")
            && (m_columns.contains("Time")
                || (m_columns.contains("Start (s)") && m_columns.contains("Stop (s)")));
    }

    std::string cell(const Row& row, std::initializer_list<const char*> names) const
    {
        for (const char* name : names)
            if (const auto column = m_columns.find(name);
                column != m_columns.end() && column->second < row.cells.size())
                return row.cells[column->second];
        return {};
    }

    std::string modifiersOf(const Row& row) const
    {
        std::string all;
        for (std::size_t at = 0; at < m_modifiers; ++at) {
            const std::string text
                = cell(row, { ("Modifier column " + std::to_string(at)).c_str() });
            if (!text.empty())
                all += (all.empty() ? "" : "|") + text;
        }
        return all;
    }

    /// Everything but the times.
    void describe(
        const Row& row, const std::string& comment, TierHead& head, Segment& segment) const
    {
        const std::string subject = cell(row, { "Subject" });
        head.name = subject.empty() || subject == nobody ? m_gatherer.tierName("labels") : subject;
        segment.label = cell(row, { "Behavior" });
        takeDetails(Json::object(), head, segment);
        if (comment.starts_with('{') && takeDetailsText(comment, head, segment))
            return;
        const std::string modifiers = modifiersOf(row);
        segment.note = modifiers + (modifiers.empty() || comment.empty() ? "" : "; ") + comment;
    }

    void readAggregated(const Row& row)
    {
        const std::string where = lineNumber(row.line - 1);
        TierHead head;
        Segment segment;
        describe(row, cell(row, { "Comment start", "Comment" }), head, segment);
        const auto start = numberIn(cell(row, { "Start (s)" })),
                   stop = numberIn(cell(row, { "Stop (s)" }));
        if (!start || !stop)
            return m_gatherer.problem(
                "A segment was left out: its times are missing or no numbers.", where);
        segment.startSeconds = *start;
        segment.stopSeconds = *stop;
        m_gatherer.add(head, std::move(segment), where);
    }

    void readEvent(const Row& row)
    {
        const std::string where = lineNumber(row.line - 1);
        const auto time = numberIn(cell(row, { "Time" }));
        if (!time)
            return m_gatherer.problem(
                "A segment was left out: its time is missing or no number.", where);
        const std::string kind = cell(row, { "Behavior type", "Status" });
        const std::string video = cell(row, { "Media file name", "Media file path", "Media file" });
        const std::string key = video + '\0' + cell(row, { "Subject" }) + '\0'
            + cell(row, { "Behavior" }) + '\0' + modifiersOf(row);
        if (kind == "STOP")
            return close(key, *time, where);
        Open open{ *time, {}, {}, where, video };
        describe(row, cell(row, { "Comment" }), open.head, open.segment);
        if (kind == "START") {
            m_open[key].push_back(std::move(open));
            return;
        }
        open.segment.startSeconds = open.segment.stopSeconds = *time;
        m_gatherer.add(open.head, std::move(open.segment), where);
    }

    void close(const std::string& key, double time, const std::string& where)
    {
        std::deque<Open>& open = m_open[key];
        if (open.empty())
            return m_gatherer.problem("A STOP was left out: nothing was started before.", where);
        Open state = std::move(open.front());
        open.pop_front();
        state.segment.startSeconds = state.startSeconds;
        state.segment.stopSeconds = time;
        m_gatherer.add(state.head, std::move(state.segment), state.where);
    }

    void closeOpenStates()
    {
        for (const auto& [key, states] : m_open) {
            for (const Open& state : states) {
                m_gatherer.beginVideo(state.video);
                m_gatherer.problem("A START was left out: it is never stopped.", state.where);
            }
        }
    }

    std::filesystem::path m_name;
    Gatherer m_gatherer;
    std::unordered_map<std::string, std::size_t> m_columns;
    std::size_t m_modifiers = 0;
    std::map<std::string, std::deque<Open>> m_open;
};

struct Event
{
    double seconds;
    int order; ///< STOP, POINT, START at one time
    std::string subject, label, comment;
};

/// A state is closed by the next STOP of its subject and behaviour: segments of one label that
/// overlap get subjects of their own, and their details name the tier.
std::vector<Event> eventsOf(const Annotation& annotation)
{
    std::unordered_set<std::string> names;
    for (const Tier& tier : annotation.tiers)
        names.insert(tier.name);
    std::vector<Event> events;
    for (const Tier& tier : annotation.tiers) {
        std::map<std::string, std::vector<Segment>> byLabel;
        for (const Segment& segment : tier.segments)
            byLabel[segment.label].push_back(segment);
        std::vector<std::string> subjects{ tier.name };
        std::size_t number = 2;
        for (const auto& [label, segments] : byLabel) {
            const auto lanes = lanesOf(segments);
            for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
                while (lane == subjects.size()) {
                    std::string name = tier.name + " (" + std::to_string(number++) + ")";
                    if (names.insert(name).second)
                        subjects.push_back(std::move(name));
                }
                for (const Segment* segment : lanes[lane]) {
                    Json details = detailsOf(tier, *segment);
                    if (lane > 0 || tier.name == nobody || tier.name.empty())
                        details["tier"] = tier.name;
                    if (tier.source == Source::Model)
                        details["tierSource"] = nameOf(tier.source);
                    if (!tier.labelSet.empty())
                        details["labelSet"] = tier.labelSet;
                    const std::string comment = details.empty() ? "" : dump(details);
                    const bool point = segment->seconds() <= 0.0;
                    events.push_back(
                        { segment->startSeconds, point ? 1 : 2, subjects[lane], label, comment });
                    if (!point)
                        events.push_back({ segment->stopSeconds, 0, subjects[lane], label, {} });
                }
            }
        }
    }
    std::ranges::stable_sort(events, {}, [](const Event& event) {
        return std::pair{ event.seconds, event.order };
    });
    return events;
}

} // namespace

Result<LabelFile> readBoris(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options)
{
    const char separator = content.find('\t') == std::string_view::npos ? ',' : '\t';
    CLIP_TRY_ASSIGN(const std::vector<Row> rows, rowsOf(content, separator, name));
    return BorisReader(name, options).read(rows);
}

Result<LabelText> borisText(
    const std::filesystem::path&, const Annotation& annotation, const ExportInfo& info)
{
    static constexpr std::string_view kinds[]{ "STOP", "POINT", "START" };
    const std::string video = videoNameOf(info);
    const FrameClock& clock = info.clock;
    const std::string duration = clock.isKnown() ? shortest(clock.durationSeconds) : "NA";
    const std::string rate = clock.isKnown() && clock.durationSeconds > 0.0
        ? shortest(static_cast<double>(clock.frameCount) / clock.durationSeconds)
        : "NA";
    LabelText text;
    std::vector<std::string> cells{ "Observation id", "Observation date", "Description",
        "Observation duration", "Observation type", "Source", "Time offset (s)",
        "Media duration (s)", "FPS", "Subject", "Behavior", "Behavioral category", "Behavior type",
        "Time", "Media file name", "Image index", "Image file path", "Comment" };
    appendRow(text.content, cells, '\t');
    for (const Tier& tier : annotation.tiers)
        if (tier.segments.empty())
            text.notes.push_back("Tier " + tier.name + " is empty and leaves no line.");
    for (const Event& event : eventsOf(annotation)) {
        const std::string image
            = clock.isKnown() ? std::to_string(clock.frameAt(event.seconds)) : "NA";
        cells = { video, "", "", duration, "Media file(s)", video, "0", duration, rate,
            event.subject, event.label, "", std::string(kinds[event.order]),
            shortest(event.seconds), video, image, "", event.comment };
        appendRow(text.content, cells, '\t');
    }
    return text;
}

} // namespace clipscope::labels
