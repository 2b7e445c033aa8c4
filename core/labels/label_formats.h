#pragma once

#include "base/json.h"
#include "labels/label_file.h"
#include "text/delimited.h"

#include <functional>
#include <map>
#include <span>
#include <unordered_map>

namespace clipscope::labels {

// Private to the module: what the readers and writers of the formats share.
using text::appendRow, text::integerIn, text::lineNumber, text::numberIn, text::Row, text::rowsOf,
    text::splitAt;

/// The shortest decimal that reads back as this double.
std::string shortest(double value);
/// Says at which line a byte is. Cost: one pass over the text at construction.
class LineFinder final
{
public:
    explicit LineFinder(std::string_view text);
    std::string lineOf(std::ptrdiff_t byte) const; ///< "line N", or "" for a negative byte

private:
    std::vector<std::size_t> m_starts;
};

/// What a segment or its tier has besides times and label, as the JSON object that formats without
/// a place of their own carry along; only what differs from what a reader would assume. Members:
/// "tier", "tierSource", "labelSet", "label", "source", "verdict", "score", "note", "event".
Json detailsOf(const Tier& tier, const Segment& segment);
struct TierHead
{
    std::string name;
    Source source = Source::Hand;
    std::string labelSet;
};
/// Takes details over a segment that has times and label already; members of another type are
/// passed over. `head` gets what they say about the tier; the segment's source and verdict follow
/// from it where nothing is said.
void takeDetails(const Json& details, TierHead& head, Segment& segment);
/// The same from text; false when it is not a JSON object.
bool takeDetailsText(std::string_view json, TierHead& head, Segment& segment);
/// What a reader assumes of a segment: made by its tier's maker; hand work is accepted.
void assumeSource(Segment& segment, Source source);
Verdict assumedVerdict(Source source);
/// The first lane of each tier's segments, then those that overlap it, each without overlaps in
/// itself; every lane is in tier order. Cost: n log n.
std::vector<std::vector<const Segment*>> lanesOf(std::span<const Segment> segments);

/// Collects what a reader finds, video by video, and applies what all formats have in common:
/// checks of times, snapping, the choice of one video, order.
class Gatherer final
{
public:
    /// `resolutionSeconds`: step of the file's times, 0: exact ones, which are not snapped.
    Gatherer(Format format, const std::filesystem::path& name, const ReadOptions& options,
        double resolutionSeconds = 0.0);

    /// Everything until the next call belongs to this video.
    void beginVideo(std::string_view video);
    /// Makes the tier, or changes what is said about it.
    void addTier(const TierHead& head);
    /// Adds a segment, or a problem at `where` when its times cannot be.
    void add(const TierHead& head, Segment segment, const std::string& where);
    void problem(std::string message, std::string where);
    void note(std::string text); ///< each text once
    void keep(std::string kept);
    void addLabelSet(LabelSet set);
    const FrameClock& clock() const { return m_options.clock; }
    const ReadOptions& options() const { return m_options; }
    /// The tier of formats that name none.
    std::string tierName(std::string_view ofTheFormat) const;

    /// Errors: BadInput when the one video asked for is not among several.
    Result<LabelFile> finish();

private:
    struct Video
    {
        VideoLabels labels;
        std::unordered_map<std::string, std::size_t> tiers;
        std::vector<Error> problems;
        std::size_t leftOut = 0;
    };

    Tier& tierOf(const TierHead& head);
    Status choose();

    Format m_format;
    std::filesystem::path m_name;
    const ReadOptions& m_options;
    double m_tolerance;
    std::vector<Video> m_videos;
    std::unordered_map<std::string, std::size_t> m_videoIndex;
    std::size_t m_current = 0;
    LabelFile m_file;
};

/// Whether the name, path or id in a file means this video.
bool meansVideo(std::string_view written, std::string_view wanted);
/// ExportInfo::video or what stands for it.
std::string videoNameOf(const ExportInfo& info);
/// The checkpoints that made the tiers, each once and in their order; empty when none is known.
std::string checkpointsOf(const Annotation& annotation);
/// Where an export comes from: program, version, hashes, origin of times, base of frames.
Json originOf(const Annotation& annotation, const ExportInfo& info);
/// The start and one-past-the-end frame of a segment, at least one frame.
std::pair<std::int64_t, std::int64_t> framesOf(const Segment& segment, const FrameClock& clock);
/// The span of frames [first, stop) in seconds. Errors: what is wrong with the numbers.
Result<std::pair<double, double>> secondsOfFrames(
    std::int64_t first, std::int64_t stop, const FrameClock& clock, const Place& place);
Status needClock(const FrameClock& clock, Format format, const std::filesystem::path& name);

// One reader and one writer for each format; `content` is UTF-8.
Result<LabelFile> readEaf(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options);
Result<LabelFile> readVtt(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options);
Result<LabelFile> readSrt(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options);
Result<LabelFile> readCsv(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options);
Result<LabelFile> readActivityNet(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options);
Result<LabelFile> readFrames(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options);
Result<LabelFile> readTextGrid(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options);
Result<LabelFile> readBoris(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options);
Result<LabelFile> readLabelStudio(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options);
Result<LabelFile> readFiftyOne(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options);
Result<LabelFile> readCvat(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options);

Result<LabelText> eafText(const std::filesystem::path&, const Annotation&, const ExportInfo&);
Result<LabelText> vttText(const std::filesystem::path&, const Annotation&, const ExportInfo&);
Result<LabelText> srtText(const std::filesystem::path&, const Annotation&, const ExportInfo&);
Result<LabelText> csvText(const std::filesystem::path&, const Annotation&, const ExportInfo&);
Result<LabelText> activityNetText(
    const std::filesystem::path&, const Annotation&, const ExportInfo&);
Result<LabelText> framesText(const std::filesystem::path&, const Annotation&, const ExportInfo&);
Result<LabelText> textGridText(const std::filesystem::path&, const Annotation&, const ExportInfo&);
Result<LabelText> borisText(const std::filesystem::path&, const Annotation&, const ExportInfo&);
Result<LabelText> labelStudioText(
    const std::filesystem::path&, const Annotation&, const ExportInfo&);
Result<LabelText> fiftyOneText(const std::filesystem::path&, const Annotation&, const ExportInfo&);

} // namespace clipscope::labels
