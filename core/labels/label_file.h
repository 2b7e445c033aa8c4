#pragma once

#include "base/result.h"
#include "labels/annotation.h"
#include "labels/label_set.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::labels {

/// File formats of label tiers. What each keeps, how exactly, and from which number its frames are
/// counted: docs/formats/labels.md.
enum class Format : std::uint8_t {
    Eaf, ///< ELAN 3.0 written; 2.7, 2.8, 3.0 read
    Vtt,
    Srt,
    Csv, ///< or TSV, by the extension
    ActivityNet,
    Frames, ///< one label per frame and a mapping file, as MS-TCN has them
    TextGrid, ///< Praat
    Boris, ///< tabular events; aggregated events are read
    LabelStudio,
    FiftyOne,
    Cvat, ///< CVAT for video, only read
};

inline constexpr std::array allFormats{ Format::Eaf, Format::Vtt, Format::Srt, Format::Csv,
    Format::ActivityNet, Format::Frames, Format::TextGrid, Format::Boris, Format::LabelStudio,
    Format::FiftyOne, Format::Cvat };

std::string_view nameOf(Format format); ///< "eaf", "vtt", ..., "labelstudio", "fiftyone", "cvat"
std::optional<Format> formatOf(std::string_view name);
bool canWrite(Format format); ///< all but Cvat
std::string_view extensionOf(Format format); ///< ".eaf", ".TextGrid", ".json"
/// The format of a file by its extension and, where that leaves a choice, its first kilobytes.
std::optional<Format> guessFormat(
    const std::filesystem::path& path, std::string_view beginning = {});

/// When each frame of a video is shown: media::VideoIndex without the media module. The authority
/// wherever a file counts frames; a frame number is never divided by a rate.
struct FrameClock
{
    /// The frame shown at a time: the last one that starts at or before it, kept in
    /// [0, frameCount).
    std::function<std::int64_t(double seconds)> frameAt;
    std::function<double(std::int64_t frame)> secondsOf; ///< start of a frame in [0, frameCount)
    std::int64_t frameCount = 0; ///< 0: no clock
    double durationSeconds = 0.0; ///< end of the last frame

    bool isKnown() const { return frameCount > 0; }
    /// Start of a frame, or the end of the video for frameCount and anything past it.
    double startOf(std::int64_t frame) const;
    /// First frame that starts at or after a time; frameCount when there is none.
    std::int64_t firstFrom(double seconds) const;
    /// The start of the frame nearest to `seconds` if it is no further than `tolerance` away,
    /// else `seconds`.
    double snapped(double seconds, double tolerance) const;
};

struct ReadOptions
{
    /// Clock of the video read. Needed by Frames and Cvat, and by LabelStudio and FiftyOne unless
    /// the file also carries seconds; others take it to give times rounded by the file (EAF, VTT,
    /// SRT: milliseconds) back the frame start they were.
    FrameClock clock;
    /// Name, path or id of the one video to read from a file of several, compared by file name and
    /// by file name without extension. Empty: all.
    std::string video;
    std::filesystem::path mapping; ///< Frames: "0 label" lines; empty: looked for beside the file
    std::string tier; ///< name for the tier of a format that names none; empty: the format's own
    std::string background = "background"; ///< Frames: frames of this label become no segment
    /// Frames: names that a word with underscores may stand for ("cut_tomato": "cut tomato").
    std::vector<std::string> knownLabels;
};

/// What a file says about one video. Segments and tiers have no ids yet (0); segments are in
/// tier order, equal ones in the order of the file.
struct VideoLabels
{
    std::string video; ///< as written in the file, may be empty
    Annotation annotation;
    /// What the format's writer needs to give back what Annotation cannot hold (EAF: the whole
    /// document); handed back in ExportInfo::kept. Empty for the other formats.
    std::string kept;
};

struct LabelFile
{
    Format format = Format::Csv;
    std::vector<VideoLabels> videos; ///< in the order of the file
    std::vector<LabelSet> labelSets; ///< vocabularies of the file (EAF, FiftyOne, mapping files)
    /// One for each segment left out because its times are missing, no numbers, negative or
    /// reversed; with file and line.
    std::vector<Error> problems;
    std::vector<std::string> notes; ///< for people: what could not be represented
};

/// Reads labels. Encodings as text::utf8FromFileContent(); numbers may be of any size, nothing in
/// the file makes it allocate more than a multiple of the file's own size (frames: of the clock's).
/// Errors: NotFound, Io; BadInput with file and line when it is not of the format or is cut short,
///         when a clock is needed and missing, when `options.video` is not in the file.
/// Threads: any thread at once. Cost: the whole file in memory, at most 512 MB.
Result<LabelFile> readLabels(
    const std::filesystem::path& path, Format format, const ReadOptions& options = {});
/// The same from memory; `name` stands in messages, and mapping files are looked for beside it.
Result<LabelFile> parseLabels(std::string_view content, const std::filesystem::path& name,
    Format format, const ReadOptions& options = {});

/// What an export says about its origin, and what it needs besides the annotation.
struct ExportInfo
{
    std::string program = "Clipscope";
    std::string version;
    std::string video; ///< name of the video in the file; empty: file name of videoPath
    std::filesystem::path videoPath; ///< absolute, for EAF and the others that name the media
    /// VideoIndex::originSeconds(): the file's own presentation time of our time 0.
    double originSeconds = 0.0;
    FrameClock clock; ///< needed by Frames, Boris, LabelStudio and FiftyOne; frames of Csv
    std::vector<LabelSet> labelSets; ///< sets the tiers name; EAF writes them as vocabularies
    std::string kept; ///< VideoLabels::kept of the file the labels came from
    std::filesystem::path mapping; ///< Frames: empty: mapping.txt beside the file
    std::string background = "background"; ///< Frames: label of frames without one
};

/// A file's name ending and its content, as writeLabels() would write them.
struct LabelText
{
    std::string content;
    std::string mapping; ///< Frames: the mapping file, else empty
    std::string about; ///< JSON that says what the format has no place for, else empty
    std::vector<std::string> notes; ///< for people: what the format could not take
};

struct WrittenLabels
{
    std::vector<std::filesystem::path> files; ///< the labels first, then what stands beside them
    std::vector<std::string> notes;
};

/// Writes the tiers of one video, each file whole or not at all. A format without a place for the
/// export's origin gets it in FILE.about.json beside it.
/// Errors: NotFound, Io; Unsupported for Cvat; BadInput when the format needs a clock or a single
/// tier
///         (Frames) and gets none, or when a segment's times are not finite and in order.
/// Threads: any thread at once.
Result<WrittenLabels> writeLabels(const std::filesystem::path& path, Format format,
    const Annotation& annotation, const ExportInfo& info);
/// The same into memory. `path` decides between CSV and TSV, for relative media paths, and where a
/// mapping file to be continued is looked for.
/// Errors: as writeLabels(), Io only for such a mapping file.
Result<LabelText> labelsText(const std::filesystem::path& path, Format format,
    const Annotation& annotation, const ExportInfo& info);

} // namespace clipscope::labels
