#include "labels/label_formats.h"

#include "labels/label_set_file.h"
#include "text/unicode.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <queue>

namespace clipscope::labels {

std::string shortest(double value)
{
    char text[40];
    const auto end = std::to_chars(text, text + sizeof text, value);
    return { text, end.ptr };
}

LineFinder::LineFinder(std::string_view text)
    : m_starts{ 0 }
{
    for (std::size_t at = text.find('\n'); at != std::string_view::npos;
         at = text.find('\n', at + 1))
        m_starts.push_back(at + 1);
}

std::string LineFinder::lineOf(std::ptrdiff_t byte) const
{
    if (byte < 0)
        return {};
    const auto next = std::ranges::upper_bound(m_starts, static_cast<std::size_t>(byte));
    return "line " + std::to_string(next - m_starts.begin());
}

// ---- details -----------------------------------------------------------------------------------

Verdict assumedVerdict(Source source)
{
    return source == Source::Hand ? Verdict::Accepted : Verdict::Open;
}

void assumeSource(Segment& segment, Source source)
{
    segment.source = source;
    segment.verdict = assumedVerdict(source);
}

Json detailsOf(const Tier& tier, const Segment& segment)
{
    Json details = Json::object();
    if (segment.source != tier.source)
        details["source"] = nameOf(segment.source);
    if (segment.verdict != assumedVerdict(segment.source))
        details["verdict"] = nameOf(segment.verdict);
    if (segment.score && std::isfinite(*segment.score))
        details["score"] = *segment.score;
    if (!segment.note.empty())
        details["note"] = segment.note;
    return details;
}

namespace {

std::string_view textIn(const Json& object, const char* key)
{
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string())
        return {};
    return found->get_ref<const std::string&>();
}

} // namespace

void takeDetails(const Json& details, TierHead& head, Segment& segment)
{
    if (!details.is_object())
        return;
    if (const std::string_view name = textIn(details, "tier"); !name.empty())
        head.name = name;
    if (const auto source = sourceOf(textIn(details, "tierSource")))
        head.source = *source;
    if (const std::string_view set = textIn(details, "labelSet"); !set.empty())
        head.labelSet = set;
    assumeSource(segment, sourceOf(textIn(details, "source")).value_or(head.source));
    if (const auto verdict = verdictOf(textIn(details, "verdict")))
        segment.verdict = *verdict;
    if (details.contains("score") && details["score"].is_number())
        segment.score = details["score"].get<double>();
    if (details.contains("label") && details["label"].is_string())
        segment.label = textIn(details, "label");
    segment.note = textIn(details, "note");
    if (details.contains("event") && details["event"].is_boolean() && details["event"].get<bool>())
        segment.stopSeconds = segment.startSeconds;
}

bool takeDetailsText(std::string_view json, TierHead& head, Segment& segment)
{
    const Result<Json> details = parseJson(json);
    if (!details || !details->is_object())
        return false;
    takeDetails(*details, head, segment);
    return true;
}

std::vector<std::vector<const Segment*>> lanesOf(std::span<const Segment> segments)
{
    std::vector<std::vector<const Segment*>> lanes;
    // The lowest lane among those that are free again; the others by when they become free.
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> free;
    using Busy = std::pair<double, std::size_t>;
    std::priority_queue<Busy, std::vector<Busy>, std::greater<>> busy;
    for (const Segment& segment : segments) {
        while (!busy.empty() && busy.top().first <= segment.startSeconds) {
            free.push(busy.top().second);
            busy.pop();
        }
        std::size_t lane = lanes.size();
        if (free.empty()) {
            lanes.emplace_back();
        } else {
            lane = free.top();
            free.pop();
        }
        lanes[lane].push_back(&segment);
        busy.emplace(segment.stopSeconds, lane);
    }
    return lanes;
}

// ---- frames ------------------------------------------------------------------------------------

double FrameClock::startOf(std::int64_t frame) const
{
    return frame >= frameCount ? durationSeconds : secondsOf(std::max<std::int64_t>(frame, 0));
}

std::int64_t FrameClock::firstFrom(double seconds) const
{
    if (seconds <= 0.0)
        return 0;
    if (seconds >= durationSeconds)
        return frameCount;
    const std::int64_t shown = frameAt(seconds);
    return secondsOf(shown) >= seconds ? shown : shown + 1;
}

double FrameClock::snapped(double seconds, double tolerance) const
{
    if (!isKnown() || !(seconds >= -tolerance && seconds <= durationSeconds + tolerance))
        return seconds;
    const std::int64_t shown = frameAt(seconds);
    double nearest = seconds;
    double distance = tolerance + 1e-9; // half a millisecond is half a millisecond in doubles too
    for (std::int64_t frame = shown; frame <= shown + 1; ++frame) {
        const double away = std::abs(startOf(frame) - seconds);
        if (away <= distance) {
            nearest = startOf(frame);
            distance = away;
        }
    }
    return nearest;
}

std::pair<std::int64_t, std::int64_t> framesOf(const Segment& segment, const FrameClock& clock)
{
    const std::int64_t first = clock.firstFrom(segment.startSeconds);
    const std::int64_t stop = clock.firstFrom(segment.stopSeconds);
    if (first < stop)
        return { first, stop };
    const std::int64_t shown = clock.frameAt(segment.startSeconds);
    return { shown, shown + 1 };
}

Result<std::pair<double, double>> secondsOfFrames(
    std::int64_t first, std::int64_t stop, const FrameClock& clock, const Place& place)
{
    if (first < 0 || stop <= first || first >= clock.frameCount)
        return fail(ErrorKind::BadInput,
            "A segment was left out: its frames are not in order or not in the video of "
                + std::to_string(clock.frameCount) + " frames.",
            place);
    return std::pair{ clock.startOf(first), clock.startOf(stop) };
}

Status needClock(const FrameClock& clock, Format format, const std::filesystem::path& name)
{
    if (clock.isKnown())
        return {};
    return fail(ErrorKind::BadInput,
        "The format " + std::string(nameOf(format))
            + " counts frames, and the times of the video's frames are not known.",
        { name, {} }, "Import the labels for a video of the project.");
}

// ---- origin ------------------------------------------------------------------------------------

std::string videoNameOf(const ExportInfo& info)
{
    const std::u8string name = info.videoPath.filename().u8string();
    return info.video.empty() ? std::string(name.begin(), name.end()) : info.video;
}

std::string checkpointsOf(const Annotation& annotation)
{
    std::vector<std::string> found;
    for (const Tier& tier : annotation.tiers)
        if (!tier.checkpoint.empty() && std::ranges::find(found, tier.checkpoint) == found.end())
            found.push_back(tier.checkpoint);
    std::string all;
    for (const std::string& each : found)
        all += (all.empty() ? "" : ", ") + each;
    return all;
}

Json originOf(const Annotation& annotation, const ExportInfo& info)
{
    Json origin{ { "program", info.program }, { "version", info.version },
        { "video", videoNameOf(info) } };
    if (std::string checkpoints = checkpointsOf(annotation); !checkpoints.empty())
        origin["checkpoint"] = std::move(checkpoints);
    if (!info.labelSets.empty())
        origin["labelSetHash"] = hashOf(info.labelSets);
    origin["timeOrigin"] = "first shown frame";
    origin["mediaStartSeconds"] = info.originSeconds;
    if (info.clock.isKnown()) {
        origin["frameCount"] = info.clock.frameCount;
        origin["durationSeconds"] = info.clock.durationSeconds;
    }
    return origin;
}

} // namespace clipscope::labels
