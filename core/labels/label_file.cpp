#include "labels/label_file.h"

#include "base/files.h"
#include "labels/label_formats.h"
#include "text/unicode.h"

#include <algorithm>
#include <cmath>

namespace clipscope::labels {

namespace {

constexpr std::uint64_t largestFile = 1ull << 29;

struct FormatFacts
{
    std::string_view name, extension;
    Result<LabelFile> (*read)(std::string_view, const std::filesystem::path&, const ReadOptions&);
    Result<LabelText> (*write)(const std::filesystem::path&, const Annotation&, const ExportInfo&);
    bool saysItsOrigin; ///< the file itself has a place for originOf()
};

constexpr std::array<FormatFacts, allFormats.size()> facts{ {
    { "eaf", ".eaf", readEaf, eafText, true },
    { "vtt", ".vtt", readVtt, vttText, true },
    { "srt", ".srt", readSrt, srtText, false },
    { "csv", ".csv", readCsv, csvText, false },
    { "activitynet", ".json", readActivityNet, activityNetText, true },
    { "frames", ".txt", readFrames, framesText, false },
    { "textgrid", ".TextGrid", readTextGrid, textGridText, false },
    { "boris", ".tsv", readBoris, borisText, false },
    { "labelstudio", ".json", readLabelStudio, labelStudioText, true },
    { "fiftyone", ".json", readFiftyOne, fiftyOneText, true },
    { "cvat", ".xml", readCvat, nullptr, true },
} };

const FormatFacts& factsOf(Format format)
{
    return facts.at(static_cast<std::size_t>(format));
}

std::string lowered(std::string text)
{
    for (char& c : text)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

Status checkTimes(const Annotation& annotation)
{
    for (const Tier& tier : annotation.tiers)
        for (const Segment& segment : tier.segments)
            if (!(segment.startSeconds >= 0.0 && segment.stopSeconds >= segment.startSeconds
                    && std::isfinite(segment.stopSeconds)))
                return fail(ErrorKind::BadInput,
                    "A segment of tier " + tier.name
                        + " has no valid times: " + shortest(segment.startSeconds) + " s to "
                        + shortest(segment.stopSeconds) + " s.");
    return {};
}

/// The writers may rely on tier order.
Annotation inOrder(Annotation annotation)
{
    for (Tier& tier : annotation.tiers)
        std::ranges::stable_sort(tier.segments, inTierOrder);
    return annotation;
}

std::filesystem::path beside(const std::filesystem::path& path, std::string_view ending)
{
    std::filesystem::path other = path;
    other += ending;
    return other;
}

} // namespace

std::string_view nameOf(Format format)
{
    return factsOf(format).name;
}

std::optional<Format> formatOf(std::string_view name)
{
    const auto found = std::ranges::find(facts, name, &FormatFacts::name);
    if (found == facts.end())
        return std::nullopt;
    return static_cast<Format>(found - facts.begin());
}

bool canWrite(Format format)
{
    return factsOf(format).write != nullptr;
}

std::string_view extensionOf(Format format)
{
    return factsOf(format).extension;
}

std::optional<Format> guessFormat(const std::filesystem::path& path, std::string_view beginning)
{
    const std::string extension = lowered(utf8(path.extension()));
    const std::string text = text::utf8FromFileContent(beginning);
    const auto says = [&](std::string_view word) { return text.find(word) != std::string::npos; };
    for (const Format format : { Format::Eaf, Format::Vtt, Format::Srt, Format::TextGrid })
        if (extension == lowered(std::string(extensionOf(format))))
            return format;
    if (extension == ".csv" || extension == ".tsv" || extension == ".tab")
        return says("Behavior") && !says("start_s") ? Format::Boris : Format::Csv;
    if (extension == ".xml")
        return says("<ANNOTATION_DOCUMENT") ? Format::Eaf : Format::Cvat;
    if (extension == ".txt")
        return says("ooTextFile") ? Format::TextGrid : Format::Frames;
    if (extension != ".json")
        return std::nullopt;
    if (says("timelinelabels") || says("\"annotations\"") || says("\"predictions\""))
        return Format::LabelStudio;
    if (says("\"support\"") || says("\"timestamps\"") || says("\"labels\""))
        return Format::FiftyOne;
    if (says("\"database\"") || says("\"results\""))
        return Format::ActivityNet;
    return std::nullopt;
}

Result<LabelFile> readLabels(
    const std::filesystem::path& path, Format format, const ReadOptions& options)
{
    CLIP_TRY_ASSIGN(const std::string content, readFile(path, largestFile));
    return parseLabels(content, path, format, options);
}

Result<LabelFile> parseLabels(std::string_view content, const std::filesystem::path& name,
    Format format, const ReadOptions& options)
{
    return factsOf(format).read(text::utf8FromFileContent(content), name, options);
}

Result<LabelText> labelsText(const std::filesystem::path& path, Format format,
    const Annotation& annotation, const ExportInfo& info)
{
    const FormatFacts& chosen = factsOf(format);
    if (!chosen.write)
        return fail(ErrorKind::Unsupported,
            "The format " + std::string(chosen.name) + " is only read, not written.", {},
            "Take one of the others: eaf, csv, vtt.");
    CLIP_TRY(checkTimes(annotation));
    CLIP_TRY_ASSIGN(LabelText text, chosen.write(path, inOrder(annotation), info));
    if (!chosen.saysItsOrigin)
        text.about = dump(originOf(annotation, info), 2) + "\n";
    return text;
}

Result<WrittenLabels> writeLabels(const std::filesystem::path& path, Format format,
    const Annotation& annotation, const ExportInfo& info)
{
    CLIP_TRY_ASSIGN(LabelText text, labelsText(path, format, annotation, info));
    WrittenLabels written{ { path }, std::move(text.notes) };
    CLIP_TRY(writeFileAtomically(path, text.content));
    if (!text.mapping.empty()) {
        written.files.push_back(
            info.mapping.empty() ? path.parent_path() / "mapping.txt" : info.mapping);
        CLIP_TRY(writeFileAtomically(written.files.back(), text.mapping));
    }
    if (!text.about.empty()) {
        written.files.push_back(beside(path, ".about.json"));
        CLIP_TRY(writeFileAtomically(written.files.back(), text.about));
    }
    return written;
}

} // namespace clipscope::labels
