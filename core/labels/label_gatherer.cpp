#include "labels/label_formats.h"

#include "text/caption.h"

#include <algorithm>
#include <cmath>

namespace clipscope::labels {

namespace {

/// A file may hold nothing but faults; so many are told one by one.
constexpr std::size_t mostProblems = 1000;

std::string_view fileNameIn(std::string_view path)
{
    const std::size_t slash = path.find_last_of("/\\");
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view withoutExtension(std::string_view name)
{
    const std::size_t dot = name.rfind('.');
    return dot == std::string_view::npos || dot == 0 ? name : name.substr(0, dot);
}

/// Label Studio puts eight hexadecimal digits and a hyphen before the names of uploaded files.
std::string_view withoutUploadMark(std::string_view name)
{
    const bool marked = name.size() > 9 && name[8] == '-'
        && name.substr(0, 8).find_first_not_of("0123456789abcdef") == std::string_view::npos;
    return marked ? name.substr(9) : name;
}

} // namespace

bool meansVideo(std::string_view written, std::string_view wanted)
{
    if (written == wanted)
        return true;
    const std::string_view a = fileNameIn(written), b = fileNameIn(wanted);
    const auto same = [&](std::string_view name) {
        return name == b || withoutExtension(name) == withoutExtension(b)
            || name == "v_" + std::string(withoutExtension(b));
    };
    return !a.empty() && (same(a) || same(withoutUploadMark(a)));
}

Gatherer::Gatherer(Format format, const std::filesystem::path& name, const ReadOptions& options,
    double resolutionSeconds)
    : m_format(format)
    , m_name(name)
    , m_options(options)
    , m_tolerance(resolutionSeconds / 2.0)
{
    m_file.format = format;
}

void Gatherer::beginVideo(std::string_view video)
{
    const auto [entry, isNew] = m_videoIndex.try_emplace(std::string(video), m_videos.size());
    if (isNew)
        m_videos.emplace_back().labels.video = video;
    m_current = entry->second;
}

std::string Gatherer::tierName(std::string_view ofTheFormat) const
{
    return m_options.tier.empty() ? std::string(ofTheFormat) : m_options.tier;
}

Tier& Gatherer::tierOf(const TierHead& head)
{
    if (m_videos.empty())
        beginVideo({});
    Video& video = m_videos[m_current];
    std::vector<Tier>& tiers = video.labels.annotation.tiers;
    const auto [entry, isNew] = video.tiers.try_emplace(head.name, tiers.size());
    if (isNew)
        tiers.emplace_back().name = head.name;
    Tier& tier = tiers[entry->second];
    if (head.source == Source::Model)
        tier.source = head.source;
    if (!head.labelSet.empty())
        tier.labelSet = head.labelSet;
    return tier;
}

void Gatherer::addTier(const TierHead& head)
{
    tierOf(head);
}

void Gatherer::add(const TierHead& head, Segment segment, const std::string& where)
{
    if (m_tolerance > 0.0 && m_options.clock.isKnown()) {
        const bool event = segment.startSeconds == segment.stopSeconds;
        segment.startSeconds = m_options.clock.snapped(segment.startSeconds, m_tolerance);
        segment.stopSeconds = event ? segment.startSeconds
                                    : m_options.clock.snapped(segment.stopSeconds, m_tolerance);
    }
    const std::string wrong = text::captionTimesProblem(segment.startSeconds, segment.stopSeconds);
    Tier& tier = tierOf(head);
    if (!wrong.empty())
        return problem("A segment was left out: " + wrong + ".", where);
    if (segment.score && !std::isfinite(*segment.score)) {
        note("Scores that are no finite numbers were left out.");
        segment.score.reset();
    }
    tier.segments.push_back(std::move(segment));
}

void Gatherer::problem(std::string message, std::string where)
{
    if (m_videos.empty())
        beginVideo({});
    Video& video = m_videos[m_current];
    ++video.leftOut;
    if (video.problems.size() < mostProblems)
        video.problems.push_back(
            { ErrorKind::BadInput, std::move(message), { m_name, std::move(where) }, {}, {} });
}

void Gatherer::note(std::string text)
{
    if (m_file.notes.size() < mostProblems
        && std::ranges::find(m_file.notes, text) == m_file.notes.end())
        m_file.notes.push_back(std::move(text));
}

void Gatherer::keep(std::string kept)
{
    if (m_videos.empty())
        beginVideo({});
    m_videos[m_current].labels.kept = std::move(kept);
}

void Gatherer::addLabelSet(LabelSet set)
{
    m_file.labelSets.push_back(std::move(set));
}

/// Leaves the one video that was asked for.
Status Gatherer::choose()
{
    if (m_options.video.empty() || m_videos.empty())
        return {};
    const auto found = std::ranges::find_if(m_videos,
        [&](const Video& video) { return meansVideo(video.labels.video, m_options.video); });
    if (found == m_videos.end() && m_videos.size() > 1)
        return fail(ErrorKind::BadInput,
            "The file holds " + std::to_string(m_videos.size()) + " videos, none of them "
                + m_options.video + "; the first is " + m_videos.front().labels.video + ".",
            { m_name, {} });
    if (found == m_videos.end()) {
        if (const std::string& written = m_videos.front().labels.video; !written.empty())
            note("The file names another video: " + written + ".");
        return {};
    }
    std::vector<Video> chosen;
    chosen.push_back(std::move(*found));
    m_videos = std::move(chosen);
    return {};
}

Result<LabelFile> Gatherer::finish()
{
    CLIP_TRY(choose());
    for (Video& video : m_videos) {
        for (Tier& tier : video.labels.annotation.tiers)
            std::ranges::stable_sort(tier.segments, inTierOrder);
        if (video.leftOut > video.problems.size())
            note(std::to_string(video.leftOut - video.problems.size())
                + " more segments were left out than are listed.");
        std::ranges::move(video.problems, std::back_inserter(m_file.problems));
        m_file.videos.push_back(std::move(video.labels));
    }
    if (m_file.videos.empty())
        m_file.videos.emplace_back();
    return std::move(m_file);
}

} // namespace clipscope::labels
