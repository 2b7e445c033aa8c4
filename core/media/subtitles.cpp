#include "media/subtitles.h"

#include "media/media_file.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace clipscope::media {

namespace {

/// Frees what avcodec_decode_subtitle2() allocates inside.
struct DecodedSubtitle
{
    AVSubtitle subtitle{};
    DecodedSubtitle() = default;
    DecodedSubtitle(const DecodedSubtitle&) = delete;
    DecodedSubtitle& operator=(const DecodedSubtitle&) = delete;
    ~DecodedSubtitle() { avsubtitle_free(&subtitle); }
};

/// The text field of an ASS event: what follows the eighth comma.
std::string_view textOfEvent(std::string_view event)
{
    for (int comma = 0; comma < 8; ++comma) {
        const std::size_t at = event.find(',');
        if (at == std::string_view::npos)
            return {};
        event.remove_prefix(at + 1);
    }
    return event;
}

/// Drops {\override} blocks and drawings, turns \N and \n into line breaks and \h into a space.
std::string plainText(std::string_view ass)
{
    std::string out;
    for (std::size_t i = 0; i < ass.size(); ++i) {
        if (ass[i] == '{') {
            const std::size_t end = ass.find('}', i);
            // A brace that never closes, or holds no override, is text.
            if (end != std::string_view::npos && i + 1 < end && ass[i + 1] == '\\') {
                i = end;
                continue;
            }
        }
        if (ass[i] == '\\' && i + 1 < ass.size()) {
            const char next = ass[i + 1];
            if (next == 'N' || next == 'n' || next == 'h') {
                out.push_back(next == 'h' ? ' ' : '\n');
                ++i;
                continue;
            }
        }
        if (ass[i] != '\r')
            out.push_back(ass[i]);
    }
    const auto isBlank = [](char c) { return c == ' ' || c == '\n' || c == '\t'; };
    while (!out.empty() && isBlank(out.back()))
        out.pop_back();
    const auto first = std::find_if_not(out.begin(), out.end(), isBlank);
    out.erase(out.begin(), first);
    return out;
}

std::string textOf(const AVSubtitle& subtitle)
{
    std::string text;
    for (unsigned i = 0; i < subtitle.num_rects; ++i) {
        const AVSubtitleRect& rect = *subtitle.rects[i];
        const std::string line = rect.ass ? plainText(textOfEvent(rect.ass))
            : rect.text                   ? plainText(rect.text)
                                          : std::string();
        if (line.empty())
            continue;
        if (!text.empty())
            text.push_back('\n');
        text += line;
    }
    return text;
}

struct Track
{
    SubtitleTrack track;
    CodecHandle codec;
};

void addCue(Track& track, const AVStream& stream, AVPacket& packet, double originSeconds)
{
    if (packet.pts == AV_NOPTS_VALUE || packet.size <= 0)
        return;
    DecodedSubtitle decoded;
    int got = 0;
    if (avcodec_decode_subtitle2(track.codec.get(), &decoded.subtitle, &got, &packet) < 0 || !got)
        return; // a damaged line is left out, the others stay
    SubtitleCue cue;
    cue.text = textOf(decoded.subtitle);
    if (cue.text.empty())
        return;
    const double scale = av_q2d(stream.time_base);
    cue.startSeconds = static_cast<double>(packet.pts) * scale - originSeconds
        + decoded.subtitle.start_display_time / 1000.0;
    const std::uint32_t shownFor = decoded.subtitle.end_display_time;
    constexpr std::uint32_t longest = 24 * 3600 * 1000; // more means "until the next one"
    double duration = 0.0;
    if (packet.duration > 0)
        duration = static_cast<double>(packet.duration) * scale;
    else if (shownFor < longest)
        duration = (shownFor - std::min(shownFor, decoded.subtitle.start_display_time)) / 1000.0;
    cue.stopSeconds = cue.startSeconds + duration;
    track.track.cues.push_back(std::move(cue));
}

void finish(SubtitleTrack& track)
{
    std::stable_sort(track.cues.begin(), track.cues.end(),
        [](const SubtitleCue& a, const SubtitleCue& b) { return a.startSeconds < b.startSeconds; });
    constexpr double openEnd = 5.0; // a line without an end stays until the next, this long at most
    for (std::size_t i = 0; i < track.cues.size(); ++i) {
        SubtitleCue& cue = track.cues[i];
        if (cue.stopSeconds > cue.startSeconds)
            continue;
        cue.stopSeconds = cue.startSeconds + openEnd;
        if (i + 1 < track.cues.size() && track.cues[i + 1].startSeconds > cue.startSeconds)
            cue.stopSeconds = std::min(cue.stopSeconds, track.cues[i + 1].startSeconds);
    }
}

} // namespace

Result<std::vector<SubtitleTrack>> readSubtitleTracks(
    const std::filesystem::path& path, double originSeconds, std::stop_token stop)
{
    CLIP_TRY_ASSIGN(MediaFile file, MediaFile::open(path, std::move(stop)));
    std::map<int, Track> tracks;
    for (unsigned i = 0; i < file.format().nb_streams; ++i) {
        AVStream& stream = *file.format().streams[i];
        stream.discard = AVDISCARD_ALL;
        if (stream.codecpar->codec_type != AVMEDIA_TYPE_SUBTITLE)
            continue;
        SubtitleInfo info = describeSubtitle(stream);
        if (!info.isText)
            continue;
        Result<CodecHandle> codec = file.openCodec(stream.index, 1);
        if (!codec)
            continue; // text in a form this FFmpeg does not know: the others are still of use
        stream.discard = AVDISCARD_DEFAULT;
        tracks[stream.index] = { { std::move(info), {} }, std::move(*codec) };
    }
    if (tracks.empty())
        return std::vector<SubtitleTrack>();
    const PacketHandle packet = newPacket();
    for (;;) {
        CLIP_TRY_ASSIGN(const bool more, file.read(*packet));
        if (!more)
            break;
        if (const auto track = tracks.find(packet->stream_index); track != tracks.end())
            addCue(track->second, file.stream(packet->stream_index), *packet, originSeconds);
    }
    std::vector<SubtitleTrack> result;
    for (auto& [index, track] : tracks) {
        finish(track.track);
        result.push_back(std::move(track.track));
    }
    return result;
}

} // namespace clipscope::media
