#include "labels/label_formats.h"

#include "text/unicode.h"

#include <algorithm>
#include <array>

namespace clipscope::labels {

namespace {

/// The first nine are fixed: scripts rely on their order. New ones go to the end.
constexpr std::array<std::string_view, 13> columns{ "video", "tier", "label", "start_s", "end_s",
    "start_frame", "end_frame", "score", "source", "verdict", "note", "tier_source", "label_set" };
enum Column : std::size_t {
    Video,
    TierName,
    LabelName,
    StartSeconds,
    EndSeconds,
    StartFrame,
    EndFrame,
    Score,
    SourceName,
    VerdictName,
    Note,
    TierSource,
    LabelSetName
};

/// Cells of a row by column, whatever their order in the file.
class CsvReader final
{
public:
    CsvReader(const std::filesystem::path& name, const ReadOptions& options)
        : m_name(name)
        , m_gatherer(Format::Csv, name, options)
    {
    }

    Result<LabelFile> read(const std::vector<Row>& rows)
    {
        CLIP_TRY(readHeader(rows));
        for (std::size_t at = 1; at < rows.size(); ++at)
            if (rows[at].cells.size() > 1 || !rows[at].cells[0].empty())
                readRow(rows[at]);
        return m_gatherer.finish();
    }

private:
    Status readHeader(const std::vector<Row>& rows)
    {
        if (rows.empty())
            return fail(ErrorKind::BadInput, "The file is empty.", { m_name, {} });
        for (std::size_t at = 0; at < rows[0].cells.size(); ++at) {
            const std::string_view cell = text::stripped(rows[0].cells[at]);
            const auto column = std::ranges::find(columns, cell);
            if (column != columns.end())
                m_places[static_cast<std::size_t>(column - columns.begin())] = at;
            else
                m_gatherer.note("The column " + std::string(cell) + " is not known.");
        }
        const bool hasSeconds = m_places[StartSeconds] && m_places[EndSeconds];
        const bool hasFrames = m_places[StartFrame] && m_places[EndFrame];
        if (!m_places[LabelName] || !(hasSeconds || hasFrames))
            return fail(ErrorKind::BadInput,
                "The first line does not name the columns label, start_s and end_s.",
                { m_name, lineNumber(0) },
                "The header is video,tier,label,start_s,end_s,start_frame,end_frame,score,source.");
        return hasSeconds ? Status() : needClock(m_gatherer.clock(), Format::Csv, m_name);
    }

    std::string_view cell(const Row& row, Column column) const
    {
        const auto place = m_places[column];
        return place && *place < row.cells.size() ? std::string_view(row.cells[*place])
                                                  : std::string_view();
    }

    Result<std::pair<double, double>> timesOf(const Row& row, const Place& place) const
    {
        const auto start = numberIn(cell(row, StartSeconds)),
                   stop = numberIn(cell(row, EndSeconds));
        if (start && stop)
            return std::pair{ *start, *stop };
        const auto first = integerIn(cell(row, StartFrame)), end = integerIn(cell(row, EndFrame));
        const bool noSeconds = cell(row, StartSeconds).empty() && cell(row, EndSeconds).empty();
        if (noSeconds && first && end && m_gatherer.clock().isKnown())
            return secondsOfFrames(*first, *end, m_gatherer.clock(), place);
        return fail(ErrorKind::BadInput,
            "A segment was left out: its times are missing or no numbers.", place);
    }

    void readRow(const Row& row)
    {
        const std::string where = lineNumber(row.line - 1);
        m_gatherer.beginVideo(cell(row, Video));
        TierHead head;
        const std::string_view tier = cell(row, TierName);
        head.name = tier.empty() ? m_gatherer.tierName("labels") : std::string(tier);
        head.labelSet = cell(row, LabelSetName);
        const auto source = sourceOf(cell(row, SourceName));
        head.source = sourceOf(cell(row, TierSource)).value_or(source.value_or(Source::Hand));
        Segment segment;
        segment.label = cell(row, LabelName);
        assumeSource(segment, source.value_or(head.source));
        segment.verdict = verdictOf(cell(row, VerdictName)).value_or(segment.verdict);
        segment.score = numberIn(cell(row, Score));
        segment.note = cell(row, Note);
        const auto times = timesOf(row, { m_name, where });
        if (!times)
            return m_gatherer.problem(times.error().message, where);
        std::tie(segment.startSeconds, segment.stopSeconds) = *times;
        m_gatherer.add(head, std::move(segment), where);
    }

    std::filesystem::path m_name;
    Gatherer m_gatherer;
    std::array<std::optional<std::size_t>, columns.size()> m_places;
};

bool isTsv(const std::filesystem::path& path)
{
    const std::filesystem::path extension = path.extension();
    return extension == ".tsv" || extension == ".TSV" || extension == ".tab";
}

} // namespace

Result<LabelFile> readCsv(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options)
{
    const std::string_view header = content.substr(0, content.find('\n'));
    const bool tabs = header.find('\t') != std::string_view::npos;
    const bool semicolons = !tabs && header.find(',') == std::string_view::npos;
    CLIP_TRY_ASSIGN(const std::vector<Row> rows,
        rowsOf(content,
            tabs             ? '\t'
                : semicolons ? ';'
                             : ',',
            name));
    return CsvReader(name, options).read(rows);
}

Result<LabelText> csvText(
    const std::filesystem::path& path, const Annotation& annotation, const ExportInfo& info)
{
    const char separator = isTsv(path) ? '\t' : ',';
    const std::string video = videoNameOf(info);
    LabelText text;
    std::array<std::string, columns.size()> cells;
    std::ranges::copy(columns, cells.begin());
    appendRow(text.content, cells, separator);
    for (const Tier& tier : annotation.tiers) {
        if (tier.segments.empty())
            text.notes.push_back("Tier " + tier.name + " is empty and leaves no line.");
        for (const Segment& segment : tier.segments) {
            std::string first, stop;
            if (info.clock.isKnown()) {
                const auto frames = framesOf(segment, info.clock);
                first = std::to_string(frames.first);
                stop = std::to_string(frames.second);
            }
            cells = { video, tier.name, segment.label, shortest(segment.startSeconds),
                shortest(segment.stopSeconds), first, stop,
                segment.score ? shortest(*segment.score) : "", std::string(nameOf(segment.source)),
                std::string(nameOf(segment.verdict)), segment.note,
                std::string(nameOf(tier.source)), tier.labelSet };
            appendRow(text.content, cells, separator);
        }
    }
    return text;
}

} // namespace clipscope::labels
