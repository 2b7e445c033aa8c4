#include "media/media_file.h"
#include "media/video_index.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <deque>
#include <optional>

namespace clipscope::media {

namespace {

constexpr std::size_t maxPackets = std::size_t{ 1 } << 25; // 155 hours at 60 frames a second
constexpr double maxSpanSeconds = 10.0 * 24 * 3600;
constexpr int headPackets = 32;
constexpr int maxHeadPackets = 1000; // until the first picture must have come

/// What demuxing tells about one packet of the video stream.
struct PacketTimes
{
    std::int64_t presentation = AV_NOPTS_VALUE;
    std::int64_t decode = AV_NOPTS_VALUE;
    std::int64_t duration = 0;
    bool isKey = false;
    bool isShown = true; ///< false: needed for decoding only (edit lists)
};

std::int64_t saneTicks(std::int64_t ticks)
{
    return ticks > -maxTicks && ticks < maxTicks ? ticks : AV_NOPTS_VALUE;
}

/// VP8 says in the first byte whether a frame is only a reference.
bool isHiddenVp8(const AVStream& stream, const AVPacket& packet)
{
    return stream.codecpar->codec_id == AV_CODEC_ID_VP8 && packet.size > 0
        && (packet.data[0] & 0x10) == 0;
}

PacketTimes timesOf(const AVStream& stream, const AVPacket& packet)
{
    PacketTimes times;
    times.presentation = saneTicks(packet.pts);
    times.decode = saneTicks(packet.dts);
    times.duration = packet.duration > 0 && packet.duration < maxTicks ? packet.duration : 0;
    times.isKey = (packet.flags & AV_PKT_FLAG_KEY) != 0;
    times.isShown = (packet.flags & AV_PKT_FLAG_DISCARD) == 0 && !isHiddenVp8(stream, packet);
    return times;
}

/// Decodes packets and notes which of them became pictures, in the order of display. Packets are
/// numbered in their presentation time, which codecs hand through with the picture.
class PacketDecoder final
{
public:
    PacketDecoder(CodecHandle codec, bool keepFirst)
        : m_codec(std::move(codec))
        , m_keepFirst(keepFirst)
    {
        // Which pictures come out does not depend on it, and it is a third of the work.
        if (!keepFirst)
            m_codec->skip_loop_filter = AVDISCARD_ALL;
    }

    void feed(const AVPacket& packet)
    {
        PacketHandle numbered(av_packet_clone(&packet));
        if (!numbered)
            return;
        numbered->pts = m_fed++;
        sendPacket(*m_codec, numbered.get());
        collect();
    }
    void finish()
    {
        sendPacket(*m_codec, nullptr);
        collect();
    }
    std::int64_t fed() const { return m_fed; }
    const std::vector<std::int64_t>& shown() const { return m_shown; }
    const AVFrame* firstFrame() const { return m_first.get(); }

private:
    void collect()
    {
        while (receiveFrame(*m_codec, *m_frame) == Received::Frame) {
            if (m_frame->pts >= 0 && m_frame->pts < m_fed)
                m_shown.push_back(m_frame->pts);
            if (m_keepFirst && !m_first && m_frame->width > 0)
                m_first.reset(av_frame_clone(m_frame.get()));
        }
    }

    CodecHandle m_codec;
    bool m_keepFirst;
    FrameHandle m_frame = newFrame();
    FrameHandle m_first;
    std::vector<std::int64_t> m_shown;
    std::int64_t m_fed = 0;
};

/// The first packets of a stream, decoded: true sizes, and whether each packet is one picture.
class HeadDecoder final
{
public:
    explicit HeadDecoder(CodecHandle codec)
        : m_decoder(std::move(codec), true)
    {
    }

    void feed(const AVPacket& packet)
    {
        if (wantsMore())
            m_decoder.feed(packet);
    }
    bool wantsMore() const
    {
        return m_decoder.fed() < headPackets
            || (!m_decoder.firstFrame() && m_decoder.fed() < maxHeadPackets);
    }
    PacketDecoder& decoder() { return m_decoder; }

private:
    PacketDecoder m_decoder;
};

Error nothingDecodes(const std::filesystem::path& path)
{
    return { ErrorKind::BadInput, "No picture of the video can be decoded.", { path, {} }, {},
        "The file is damaged or larger than 67 million pixels." };
}

std::string secondsText(double seconds)
{
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%.1f s", seconds);
    return text.data();
}

std::string clockText(double seconds)
{
    const auto whole = static_cast<long long>(seconds);
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%lld:%02lld:%04.1f", whole / 3600, whole / 60 % 60,
        seconds - static_cast<double>(whole / 60 * 60));
    return text.data();
}

/// One inspection of one file.
class Inspector final
{
public:
    Inspector(const std::filesystem::path& path, std::stop_token stop)
        : m_path(path)
        , m_stop(std::move(stop))
    {
    }

    Result<InspectedVideo> run()
    {
        CLIP_TRY_ASSIGN(MediaFile file, MediaFile::open(m_path, m_stop));
        CLIP_TRY_ASSIGN(m_streamIndex, file.videoStream());
        m_timeBase = file.stream(m_streamIndex).time_base;
        CLIP_TRY_ASSIGN(CodecHandle codec, file.openCodec(m_streamIndex, 2));
        HeadDecoder head(std::move(codec));
        CLIP_TRY(demux(file, head));
        PacketDecoder& decoded = head.decoder();
        decoded.finish();
        if (!decoded.firstFrame())
            return fail(nothingDecodes(m_path));
        VideoInfo info = describe(file, m_streamIndex, *decoded.firstFrame());
        CLIP_TRY(chooseIdentity(file, decoded));
        if (m_order.empty())
            return fail(nothingDecodes(m_path));
        CLIP_TRY_ASSIGN(VideoIndex index, makeIndex(file));
        const double claimed = claimedSeconds(file);
        const double there = std::max(index.durationSeconds(), m_endOfAllSeconds - m_startSeconds);
        if (isMuchLess(there, claimed))
            warn("The header promises " + secondsText(claimed) + ", the file holds "
                    + secondsText(index.durationSeconds()) + ".",
                "");
        warnOfGaps(index);
        info.durationSeconds = index.durationSeconds();
        info.averageFps = index.averageFps();
        info.variableFrameRate = index.variableFrameRate();
        return InspectedVideo{ std::move(info), std::move(index), std::move(m_warnings) };
    }

private:
    void warn(std::string message, std::string where)
    {
        m_warnings.push_back(
            { ErrorKind::BadInput, std::move(message), { m_path, std::move(where) }, {}, {} });
    }

    static bool isMuchLess(double there, double claimed)
    {
        return claimed - there > std::max(0.5, 0.05 * claimed);
    }

    /// Reads all packets: the table of the video stream, and where every stream ends, since a
    /// container's duration counts sound too.
    Status demux(MediaFile& file, HeadDecoder& head)
    {
        const AVStream& video = file.stream(m_streamIndex);
        const PacketHandle packet = newPacket();
        bool any = false;
        bool lastIsCorrupt = false;
        for (;;) {
            CLIP_TRY_ASSIGN(const bool more, file.read(*packet));
            if (!more)
                break;
            noteEnd(file.stream(packet->stream_index), *packet, any);
            if (packet->stream_index != m_streamIndex)
                continue;
            if (m_packets.size() >= maxPackets)
                return fail(
                    ErrorKind::BadInput, "The video has too many pictures.", { m_path, {} });
            m_packets.push_back(timesOf(video, *packet));
            lastIsCorrupt = (packet->flags & AV_PKT_FLAG_CORRUPT) != 0;
            m_isDamaged |= lastIsCorrupt;
            head.feed(*packet);
        }
        m_isDamaged |= file.endedEarly();
        if (m_packets.empty())
            return fail(ErrorKind::BadInput, "The video stream holds no pictures.", { m_path, {} });
        const double claimed = claimedSeconds(file);
        m_isDamaged |= isMuchLess(m_endOfAllSeconds - m_startSeconds, claimed);
        return {};
    }

    void noteEnd(const AVStream& stream, const AVPacket& packet, bool& any)
    {
        const std::int64_t start
            = saneTicks(packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts);
        if (start == AV_NOPTS_VALUE)
            return;
        const double scale = av_q2d(stream.time_base);
        const double from = static_cast<double>(start) * scale;
        const double duration = packet.duration > 0 && packet.duration < maxTicks
            ? static_cast<double>(packet.duration) * scale
            : 0.0;
        m_startSeconds = any ? std::min(m_startSeconds, from) : from;
        m_endOfAllSeconds = any ? std::max(m_endOfAllSeconds, from + duration) : from + duration;
        any = true;
    }

    /// What the header says; 0 when FFmpeg only guessed it from the bit rate.
    double claimedSeconds(const MediaFile& file) const
    {
        const AVFormatContext& format = file.format();
        if (format.duration <= 0
            || format.duration_estimation_method == AVFMT_DURATION_FROM_BITRATE)
            return 0.0;
        return static_cast<double>(format.duration) / AV_TIME_BASE;
    }

    /// Decides how frames are recognised and which packets are shown in which order.
    Status chooseIdentity(const MediaFile& file, const PacketDecoder& head)
    {
        const bool hasPresentation = isUnique(&PacketTimes::presentation);
        m_identity = hasPresentation         ? FrameIdentity::PresentationTime
            : isUnique(&PacketTimes::decode) ? FrameIdentity::DecodeTime
                                             : FrameIdentity::PacketNumber;
        if (hasPresentation && !m_isDamaged) {
            orderByPresentation();
            if (agreesWithHead(head))
                return {};
        }
        return decodeAll(file);
    }

    bool isUnique(std::int64_t PacketTimes::*time) const
    {
        std::vector<std::int64_t> all;
        all.reserve(m_packets.size());
        for (const PacketTimes& packet : m_packets) {
            if (packet.*time == AV_NOPTS_VALUE)
                return false;
            all.push_back(packet.*time);
        }
        std::sort(all.begin(), all.end());
        return std::adjacent_find(all.begin(), all.end()) == all.end();
    }

    void orderByPresentation()
    {
        m_order.clear();
        for (std::size_t i = 0; i < m_packets.size(); ++i)
            if (m_packets[i].isShown)
                m_order.push_back(static_cast<std::int64_t>(i));
        std::sort(m_order.begin(), m_order.end(), [this](std::int64_t a, std::int64_t b) {
            return packet(a).presentation < packet(b).presentation;
        });
    }

    /// Compares the pictures that came out of the first packets with those the packets promise.
    /// Leading ones that need what is cut away are taken off; any other difference (two fields in
    /// two packets, damage) is for decodeAll().
    bool agreesWithHead(const PacketDecoder& head)
    {
        std::vector<std::int64_t> promised;
        std::copy_if(m_order.begin(), m_order.end(), std::back_inserter(promised),
            [&](std::int64_t number) { return number < head.fed(); });
        const std::vector<std::int64_t>& shown = head.shown();
        if (shown.size() > promised.size())
            return false;
        const std::size_t missing = promised.size() - shown.size();
        if (!std::equal(shown.begin(), shown.end(),
                promised.begin() + static_cast<std::ptrdiff_t>(missing)))
            return false;
        for (std::size_t i = 0; i < missing; ++i)
            m_order.erase(std::find(m_order.begin(), m_order.end(), promised[i]));
        return true;
    }

    Status decodeAll(const MediaFile& opened)
    {
        CLIP_TRY_ASSIGN(MediaFile file, MediaFile::open(opened.path(), m_stop));
        if (m_streamIndex >= static_cast<int>(file.format().nb_streams))
            return fail(nothingDecodes(m_path));
        file.keepOnly(m_streamIndex);
        CLIP_TRY_ASSIGN(CodecHandle codec, file.openCodec(m_streamIndex, 0));
        PacketDecoder decoder(std::move(codec), false);
        const PacketHandle packet = newPacket();
        while (static_cast<std::size_t>(decoder.fed()) < m_packets.size()) {
            CLIP_TRY_ASSIGN(const bool more, file.read(*packet));
            if (!more)
                break;
            if (packet->stream_index == m_streamIndex)
                decoder.feed(*packet);
        }
        decoder.finish();
        m_order = decoder.shown();
        std::vector<bool> seen(m_packets.size(), false);
        std::erase_if(m_order, [&](std::int64_t number) {
            const bool again = seen[static_cast<std::size_t>(number)];
            seen[static_cast<std::size_t>(number)] = true;
            return again;
        });
        if (m_identity == FrameIdentity::PresentationTime)
            std::sort(m_order.begin(), m_order.end(), [this](std::int64_t a, std::int64_t b) {
                return this->packet(a).presentation < this->packet(b).presentation;
            });
        const auto promised = std::count_if(m_packets.begin(), m_packets.end(),
            [](const PacketTimes& times) { return times.isShown; });
        // Two fields in two packets are no damage, nor are the empty packets of packed B-frames.
        const auto missing = promised - static_cast<std::ptrdiff_t>(m_order.size());
        const std::ptrdiff_t tolerated = m_identity == FrameIdentity::PresentationTime ? 0 : 2;
        if (missing > tolerated && 3 * missing < promised)
            warn(std::to_string(missing) + " of " + std::to_string(promised)
                    + " pictures cannot be decoded and are left out.",
                "");
        return {};
    }

    const PacketTimes& packet(std::int64_t number) const
    {
        return m_packets[static_cast<std::size_t>(number)];
    }

    /// Times of the shown packets, strictly rising.
    std::vector<std::int64_t> shownTimes(std::int64_t usualTicks) const
    {
        std::vector<std::int64_t> times;
        times.reserve(m_order.size());
        for (const std::int64_t number : m_order) {
            const PacketTimes& of = packet(number);
            times.push_back(m_identity == FrameIdentity::DecodeTime ? of.decode : of.presentation);
        }
        if (m_identity == FrameIdentity::DecodeTime)
            std::sort(times.begin(), times.end()); // shown in the same rhythm as decoded
        if (m_identity != FrameIdentity::PacketNumber)
            return times;
        // Unknown ones lie one usual step before the next known, or after the previous.
        for (std::size_t i = times.size() - 1; i-- > 0;)
            if (times[i] == AV_NOPTS_VALUE && times[i + 1] != AV_NOPTS_VALUE)
                times[i] = times[i + 1] - usualTicks;
        for (std::size_t i = 0; i < times.size(); ++i) {
            const std::int64_t least = i == 0 ? 0 : times[i - 1] + 1;
            if (times[i] == AV_NOPTS_VALUE)
                times[i] = i == 0 ? 0 : times[i - 1] + usualTicks;
            else if (i > 0)
                times[i] = std::max(times[i], least);
        }
        return times;
    }

    /// The usual distance of two pictures in ticks, at least 1.
    std::int64_t usualTicks(const MediaFile& file) const
    {
        std::vector<std::int64_t> steps;
        for (const PacketTimes& of : m_packets)
            if (of.duration > 0)
                steps.push_back(of.duration);
        if (steps.empty() && m_identity == FrameIdentity::PresentationTime)
            for (std::size_t i = 1; i < m_order.size(); ++i)
                steps.push_back(
                    packet(m_order[i]).presentation - packet(m_order[i - 1]).presentation);
        if (!steps.empty()) {
            const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
            std::nth_element(steps.begin(), middle, steps.end());
            return std::max<std::int64_t>(1, *middle);
        }
        AVStream& stream = file.stream(m_streamIndex);
        AVRational rate = av_guess_frame_rate(&file.format(), &stream, nullptr);
        if (rate.num <= 0 || rate.den <= 0)
            rate = { 25, 1 };
        return std::max<std::int64_t>(1, av_rescale_q(1, av_inv_q(rate), m_timeBase));
    }

    Result<VideoIndex> makeIndex(const MediaFile& file)
    {
        const std::int64_t usual = usualTicks(file);
        const std::vector<std::int64_t> times = shownTimes(usual);
        std::vector<IndexedFrame> frames(m_order.size());
        for (std::size_t i = 0; i < frames.size(); ++i) {
            const PacketTimes& of = packet(m_order[i]);
            frames[i].timeTicks = times[i];
            switch (m_identity) {
            case FrameIdentity::PresentationTime:
                frames[i].token = of.presentation;
                frames[i].isKey = of.isKey;
                break;
            case FrameIdentity::DecodeTime:
                frames[i].token = of.decode;
                frames[i].isKey = of.isKey;
                break;
            case FrameIdentity::PacketNumber: // no seeking: only the start is a key frame
                frames[i].token = m_order[i];
                frames[i].isKey = i == 0;
                break;
            }
        }
        const double scale = av_q2d(m_timeBase);
        // The last picture lasts as long as it says, unless that is absurd.
        std::int64_t last = packet(m_order.back()).duration;
        if (last <= 0 || static_cast<double>(last) * scale > 600.0)
            last = usual;
        const std::int64_t end = times.back() + last;
        if (static_cast<double>(end - times.front()) * scale > maxSpanSeconds)
            return fail(ErrorKind::BadInput, "The timestamps of the video span more than ten days.",
                { m_path, {} }, "Remux the file, for example with ffmpeg -i IN -c copy OUT.");
        return VideoIndex(
            m_streamIndex, m_timeBase.num, m_timeBase.den, m_identity, std::move(frames), end);
    }

    void warnOfGaps(const VideoIndex& index)
    {
        constexpr double gapSeconds = 60.0; // slides stand for half a minute, gaps for hours
        for (std::int64_t frame = 1; frame < index.frameCount(); ++frame) {
            const double from = index.secondsOf(frame - 1);
            const double gap = index.secondsOf(frame) - from;
            if (gap > gapSeconds && m_warnings.size() < 8)
                warn("One picture stands for " + secondsText(gap) + ".", clockText(from));
        }
    }

    const std::filesystem::path m_path;
    const std::stop_token m_stop;
    int m_streamIndex = -1;
    AVRational m_timeBase{ 1, 1 };
    std::vector<PacketTimes> m_packets;
    double m_startSeconds = 0.0;
    double m_endOfAllSeconds = 0.0;
    bool m_isDamaged = false;
    FrameIdentity m_identity = FrameIdentity::PresentationTime;
    std::vector<std::int64_t> m_order; ///< numbers of shown packets in order of display
    std::vector<Error> m_warnings;
};

} // namespace

Result<VideoInfo> probe(const std::filesystem::path& path, std::stop_token stop)
{
    CLIP_TRY_ASSIGN(MediaFile file, MediaFile::open(path, std::move(stop)));
    CLIP_TRY_ASSIGN(const int video, file.videoStream());
    CLIP_TRY_ASSIGN(CodecHandle codec, file.openCodec(video, 1));
    file.keepOnly(video);
    HeadDecoder head(std::move(codec));
    const PacketHandle packet = newPacket();
    while (!head.decoder().firstFrame() && head.wantsMore()) {
        CLIP_TRY_ASSIGN(const bool more, file.read(*packet));
        if (!more)
            break;
        if (packet->stream_index == video)
            head.feed(*packet);
    }
    if (!head.decoder().firstFrame())
        head.decoder().finish();
    if (!head.decoder().firstFrame())
        return fail(nothingDecodes(path));
    return describe(file, video, *head.decoder().firstFrame());
}

Result<InspectedVideo> inspect(const std::filesystem::path& path, std::stop_token stop)
{
    return Inspector(path, std::move(stop)).run();
}

Result<VideoIndex> buildIndex(const std::filesystem::path& path, std::stop_token stop)
{
    CLIP_TRY_ASSIGN(InspectedVideo video, inspect(path, std::move(stop)));
    return std::move(video.index);
}

} // namespace clipscope::media
