#include "labels/label_formats.h"

#include "base/files.h"
#include "text/unicode.h"

#include <algorithm>
#include <numeric>
#include <unordered_set>
#include <utility>

namespace clipscope::labels {

namespace {

constexpr std::size_t mostMappings = std::size_t(1) << 20;
constexpr std::int64_t largestNumber = std::int64_t(1) << 31;

/// "NUMBER NAME" lines, as MS-TCN's mapping.txt.
struct Mapping
{
    std::vector<std::pair<std::int64_t, std::string>> entries; ///< in the order of the file
    std::unordered_map<std::string, std::string> names; ///< of a number as text
    std::unordered_set<std::string> known;

    void add(std::int64_t number, const std::string& name)
    {
        entries.emplace_back(number, name);
        names.try_emplace(std::to_string(number), name);
        known.insert(name);
    }
};

Result<Mapping> readMapping(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(const std::string raw, readFile(path, std::uint64_t(1) << 26));
    const std::string content = text::utf8FromFileContent(raw);
    Mapping mapping;
    const auto lines = text::linesOf(content);
    for (std::size_t at = 0; at < lines.size(); ++at) {
        const std::string_view line = text::stripped(lines[at]);
        if (line.empty())
            continue;
        const std::size_t space = line.find_first_of(" \t");
        const auto number = integerIn(line.substr(0, space));
        if (!number || *number < 0 || *number > largestNumber || space == std::string_view::npos
            || mapping.entries.size() == mostMappings)
            return fail(ErrorKind::BadInput, "A line of the mapping is not \"NUMBER LABEL\".",
                { path, lineNumber(at) });
        mapping.add(*number, std::string(text::stripped(line.substr(space))));
    }
    return mapping;
}

bool isFile(const std::filesystem::path& path)
{
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored);
}

/// Where the mapping of a per-frame file is: beside it, or where MS-TCN has it, one folder up.
std::filesystem::path mappingFor(const std::filesystem::path& name)
{
    const std::filesystem::path folder = name.parent_path();
    for (const auto& path : { folder / "mapping.txt", folder / ".." / "mapping.txt" })
        if (isFile(path))
            return path;
    return {};
}

std::string withUnderscores(std::string label)
{
    label = text::onOneLine(label);
    std::ranges::replace(label, ' ', '_');
    return label.empty() ? "_" : label;
}

/// The label of a line: by the mapping where it is a number, by the known names where it has
/// underscores.
class Names final
{
public:
    Names(const Mapping& mapping, const ReadOptions& options)
        : m_mapping(mapping)
    {
        for (const std::string& name : options.knownLabels)
            m_spaced.try_emplace(withUnderscores(name), name);
    }

    std::string labelOf(std::string_view line) const
    {
        std::string label(line);
        if (!m_mapping.known.contains(label))
            if (const auto named = m_mapping.names.find(label); named != m_mapping.names.end())
                label = named->second;
        const auto spaced = m_spaced.find(label);
        return spaced == m_spaced.end() ? label : spaced->second;
    }

private:
    const Mapping& m_mapping;
    std::unordered_map<std::string, std::string> m_spaced;
};

/// The segment of each frame, the one that starts last where there are several; null for none.
std::vector<const Segment*> segmentOfFrames(const Tier& tier, const FrameClock& clock)
{
    const auto count = static_cast<std::size_t>(clock.frameCount);
    std::vector<const Segment*> frames(count, nullptr);
    // From the last to the first, each frame once: freeFrom[f] leads to the first free one from f.
    std::vector<std::size_t> freeFrom(count + 1);
    std::iota(freeFrom.begin(), freeFrom.end(), std::size_t(0));
    const auto firstFree = [&](std::size_t frame) {
        std::size_t end = frame;
        while (freeFrom[end] != end)
            end = freeFrom[end];
        while (freeFrom[frame] != end)
            frame = std::exchange(freeFrom[frame], end);
        return end;
    };
    for (std::size_t left = tier.segments.size(); left > 0; --left) {
        const Segment& segment = tier.segments[left - 1];
        const auto stop = static_cast<std::size_t>(clock.firstFrom(segment.stopSeconds));
        const auto start = static_cast<std::size_t>(clock.firstFrom(segment.startSeconds));
        for (std::size_t frame = firstFree(start); frame < stop; frame = firstFree(frame)) {
            frames[frame] = &segment;
            freeFrom[frame] = frame + 1;
        }
    }
    return frames;
}

} // namespace

Result<LabelFile> readFrames(
    std::string_view content, const std::filesystem::path& name, const ReadOptions& options)
{
    CLIP_TRY(needClock(options.clock, Format::Frames, name));
    const std::filesystem::path mappingPath
        = options.mapping.empty() ? mappingFor(name) : options.mapping;
    Mapping mapping;
    if (!mappingPath.empty()) {
        CLIP_TRY_ASSIGN(mapping, readMapping(mappingPath));
    }
    auto lines = text::linesOf(content);
    while (!lines.empty() && text::stripped(lines.back()).empty())
        lines.pop_back();
    const auto frameCount = static_cast<std::size_t>(options.clock.frameCount);
    if (lines.size() > frameCount)
        return fail(ErrorKind::BadInput,
            "The file labels " + std::to_string(lines.size()) + " frames, the video has "
                + std::to_string(frameCount) + ".",
            { name, lineNumber(frameCount) },
            "Labels at another frame rate need another format, csv for one.");
    Gatherer gatherer(Format::Frames, name, options);
    const TierHead head{ gatherer.tierName("frames"), Source::Hand, {} };
    gatherer.addTier(head);
    if (lines.size() < frameCount)
        gatherer.note("The last " + std::to_string(frameCount - lines.size())
            + " frames of the video have no line and get no label.");
    const Names names(mapping, options);
    for (std::size_t first = 0; first < lines.size();) {
        std::size_t stop = first + 1;
        while (stop < lines.size() && lines[stop] == lines[first])
            ++stop;
        const std::string_view line = text::stripped(lines[first]);
        Segment segment{ 0, options.clock.startOf(static_cast<std::int64_t>(first)),
            options.clock.startOf(static_cast<std::int64_t>(stop)), names.labelOf(line), {}, {}, {},
            {} };
        assumeSource(segment, Source::Hand);
        if (!mapping.entries.empty() && !line.empty() && !mapping.known.contains(std::string(line))
            && !mapping.names.contains(std::string(line)))
            gatherer.note("The mapping does not name " + std::string(line) + ".");
        if (!line.empty() && segment.label != options.background)
            gatherer.add(head, std::move(segment), lineNumber(first));
        first = stop;
    }
    if (!mapping.entries.empty()) {
        LabelSet set;
        set.name = utf8(name.stem());
        std::unordered_set<std::string_view> seen{ options.background };
        for (const auto& [number, label] : mapping.entries)
            if (seen.insert(label).second)
                set.labels.push_back({ label, {}, {}, {}, {}, number, {} });
        gatherer.addLabelSet(std::move(set));
    }
    return gatherer.finish();
}

Result<LabelText> framesText(
    const std::filesystem::path& path, const Annotation& annotation, const ExportInfo& info)
{
    CLIP_TRY(needClock(info.clock, Format::Frames, path));
    if (annotation.tiers.size() != 1)
        return fail(ErrorKind::BadInput,
            "A per-frame file holds one tier, and " + std::to_string(annotation.tiers.size())
                + " are to be written.",
            { path, {} }, "Choose one with --tier NAME.");
    const Tier& tier = annotation.tiers.front();
    const std::filesystem::path mappingPath
        = info.mapping.empty() ? path.parent_path() / "mapping.txt" : info.mapping;
    Mapping mapping;
    if (isFile(mappingPath)) {
        CLIP_TRY_ASSIGN(mapping, readMapping(mappingPath));
    }
    std::int64_t next = 0;
    for (const auto& [number, label] : mapping.entries)
        next = std::max(next, number + 1);
    LabelText text;
    const auto enter = [&](const std::string& label) {
        std::string word = withUnderscores(label);
        if (word != label)
            text.notes.push_back("The label " + label + " is written as " + word + ".");
        if (!mapping.known.contains(word))
            mapping.add(next++, word);
        return word;
    };
    std::unordered_map<std::string, std::string> words;
    for (const LabelSet& set : info.labelSets)
        for (const Label& label : set.labels)
            if (set.name == tier.labelSet && !words.contains(label.name))
                words[label.name] = enter(label.name);
    for (const Segment& segment : tier.segments)
        if (!words.contains(segment.label))
            words[segment.label] = enter(segment.label);
    const std::string background = enter(info.background);
    const auto frames = segmentOfFrames(tier, info.clock);
    std::unordered_set<const Segment*> shown;
    for (const Segment* segment : frames) {
        shown.insert(segment);
        text.content += (segment ? words[segment->label] : background) + "\n";
    }
    std::size_t lost = 0;
    for (const Segment& segment : tier.segments)
        lost += !shown.contains(&segment);
    if (lost > 0)
        text.notes.push_back(std::to_string(lost)
            + " segments hold no frame of their own (too short, or covered by later ones).");
    for (const auto& [number, label] : mapping.entries)
        text.mapping += std::to_string(number) + " " + label + "\n";
    return text;
}

} // namespace clipscope::labels
