#include "media/frame_stream.h"

#include "media/hardware_decoding.h"

#include <algorithm>
#include <limits>

namespace clipscope::media {

FrameStream::FrameStream(MediaFile file, CodecHandle codec, std::shared_ptr<const VideoIndex> index)
    : m_file(std::move(file))
    , m_codec(std::move(codec))
    , m_index(std::move(index))
{
    if (m_index->identity() == FrameIdentity::PresentationTime)
        return; // tokens are times, which are sorted already
    m_frameOfToken.reserve(m_index->frames().size());
    for (std::size_t i = 0; i < m_index->frames().size(); ++i)
        m_frameOfToken.emplace_back(m_index->frames()[i].token, static_cast<std::int64_t>(i));
    std::sort(m_frameOfToken.begin(), m_frameOfToken.end());
}

Result<FrameStream> FrameStream::open(const std::filesystem::path& path,
    std::shared_ptr<const VideoIndex> index, int threads, std::stop_token stop, DecodeWish wish)
{
    CLIP_TRY_ASSIGN(MediaFile file, MediaFile::open(path, std::move(stop)));
    const int stream = index->streamIndex();
    if (stream >= static_cast<int>(file.format().nb_streams)
        || file.stream(stream).codecpar->codec_type != AVMEDIA_TYPE_VIDEO
        || file.stream(stream).time_base.num != index->timeBaseNumerator()
        || file.stream(stream).time_base.den != index->timeBaseDenominator())
        return fail(ErrorKind::BadInput, "The file is not the one that was imported.", { path, {} },
            "Import it again.");
    CLIP_TRY_ASSIGN(CodecHandle codec, file.openCodec(stream, threads, wish));
    file.keepOnly(stream);
    FrameStream opened(std::move(file), std::move(codec), std::move(index));
    opened.m_threads = threads;
    return opened;
}

std::optional<std::int64_t> FrameStream::frameOf(std::int64_t token) const
{
    if (m_index->identity() != FrameIdentity::PresentationTime) {
        const auto found = std::lower_bound(m_frameOfToken.begin(), m_frameOfToken.end(),
            std::pair<std::int64_t, std::int64_t>(token, 0));
        if (found == m_frameOfToken.end() || found->first != token)
            return std::nullopt;
        return found->second;
    }
    const auto frames = m_index->frames();
    const auto found = std::lower_bound(frames.begin(), frames.end(), token,
        [](const IndexedFrame& frame, std::int64_t wanted) { return frame.token < wanted; });
    if (found == frames.end() || found->token != token)
        return std::nullopt;
    return found - frames.begin();
}

Status FrameStream::rewind(std::stop_token stop)
{
    // Opening anew is the only rewind that works for every container and resets every counter.
    CLIP_TRY_ASSIGN(MediaFile file, MediaFile::open(m_file.path(), std::move(stop)));
    if (m_index->streamIndex() >= static_cast<int>(file.format().nb_streams))
        return fail(
            ErrorKind::BadInput, "The file changed while it was read.", { file.path(), {} });
    file.keepOnly(m_index->streamIndex());
    m_file = std::move(file);
    avcodec_flush_buffers(m_codec.get());
    m_packetNumber = 0;
    m_position = -1;
    m_hasPacket = false;
    m_draining = false;
    m_mustReopen = false;
    return {};
}

Status FrameStream::leaveCard(std::stop_token stop)
{
    const std::int64_t position = m_position;
    CLIP_TRY_ASSIGN(m_codec, m_file.openCodec(m_index->streamIndex(), m_threads));
    CLIP_TRY(rewind(stop));
    m_isPrimed = false;
    CLIP_TRY(seekBefore(std::min(position + 1, m_index->frameCount() - 1), std::move(stop)));
    m_position = std::max(m_position, position); // what was given is not given again
    return {};
}

Result<bool> FrameStream::read()
{
    Result<bool> more = m_file.read(*m_packet);
    if (!more) {
        m_mustReopen = true;
        m_position = std::numeric_limits<std::int64_t>::max();
    }
    return more;
}

/// Shows the codec the first packet of the file. Some files carry the parameters of the stream
/// only there, or better ones than the header's: entered elsewhere, they decode to green.
Status FrameStream::prime()
{
    while (!m_isPrimed) {
        CLIP_TRY_ASSIGN(const bool more, read());
        if (!more)
            break;
        if (m_packet->stream_index == m_index->streamIndex()) {
            sendPacket(*m_codec, m_packet.get());
            m_isPrimed = true;
        }
    }
    m_isPrimed = true;
    return {};
}

Result<bool> FrameStream::enterAt(std::int64_t ticks, std::int64_t key)
{
    avcodec_flush_buffers(m_codec.get());
    m_hasPacket = false;
    m_draining = false;
    if (av_seek_frame(&m_file.format(), m_index->streamIndex(), ticks, AVSEEK_FLAG_BACKWARD) < 0)
        return false;
    const IndexedFrame& wanted = m_index->frames()[static_cast<std::size_t>(key)];
    constexpr int maxPackets = 2000; // a key packet is never farther in a file worth entering
    for (int i = 0; i < maxPackets; ++i) {
        CLIP_TRY_ASSIGN(const bool more, read());
        if (!more)
            return false;
        if (m_packet->stream_index != m_index->streamIndex()
            || (m_packet->flags & AV_PKT_FLAG_KEY) == 0)
            continue;
        const std::int64_t token = m_index->identity() == FrameIdentity::PresentationTime
            ? m_packet->pts
            : m_packet->dts;
        const std::optional<std::int64_t> entered = frameOf(token);
        if (!entered || token > wanted.token)
            return false;
        m_hasPacket = true;
        m_position = *entered - 1;
        return true;
    }
    return false;
}

Status FrameStream::seekBefore(std::int64_t frame, std::stop_token stop)
{
    m_file.setStop(stop);
    ++m_seeks;
    m_position = std::numeric_limits<std::int64_t>::max(); // until a place is found
    if (m_mustReopen)
        CLIP_TRY(rewind(stop));
    CLIP_TRY(prime());
    const std::int64_t key = m_index->keyFrameFor(frame);
    const bool canEnter = m_index->identity() != FrameIdentity::PacketNumber
        && m_index->frames()[static_cast<std::size_t>(key)].isKey;
    if (!canEnter)
        return rewind(std::move(stop));
    // Containers without an index find a place by decode times, a little after what was asked.
    const std::int64_t second = m_index->timeBaseDenominator() / m_index->timeBaseNumerator();
    for (const std::int64_t margin : { m_marginTicks, second / 2, 2 * second, 10 * second }) {
        if (margin < m_marginTicks)
            continue;
        const std::int64_t token = m_index->frames()[static_cast<std::size_t>(key)].token;
        CLIP_TRY_ASSIGN(const bool entered, enterAt(token - margin, key));
        if (entered) {
            m_marginTicks = margin;
            return {};
        }
    }
    return rewind(std::move(stop));
}

void FrameStream::feed(AVPacket& packet)
{
    if (m_index->identity() == FrameIdentity::DecodeTime)
        packet.pts = packet.dts;
    else if (m_index->identity() == FrameIdentity::PacketNumber)
        packet.pts = m_packetNumber;
    ++m_packetNumber;
    if (!m_wanted.empty()) {
        const std::optional<std::int64_t> frame = frameOf(packet.pts);
        const bool isWanted = frame && m_wanted[static_cast<std::size_t>(*frame)];
        m_codec->skip_frame = isWanted ? AVDISCARD_DEFAULT : AVDISCARD_NONREF;
    }
    sendPacket(*m_codec, &packet);
}

Result<std::optional<StreamFrame>> FrameStream::next(std::stop_token stop)
{
    m_file.setStop(stop);
    for (;;) {
        const Received received = receiveFrame(*m_codec, *m_frame);
        if (received == Received::Frame) {
            if (!download(*m_frame)) {
                CLIP_TRY(leaveCard(stop));
                continue;
            }
            ++m_decodedFrames;
            const std::optional<std::int64_t> frame = frameOf(m_frame->pts);
            // Pictures before the place of entry lack what they refer to.
            if (!frame || *frame <= m_position)
                continue;
            m_position = *frame;
            StreamFrame result{ *frame, newFrame() };
            av_frame_move_ref(result.picture.get(), m_frame.get());
            return std::optional<StreamFrame>(std::move(result));
        }
        if (received == Received::End || m_draining) {
            if (m_codec->hw_device_ctx && m_decodedFrames == 0) {
                CLIP_TRY(leaveCard(stop)); // it took the packets and gave nothing
                continue;
            }
            return std::optional<StreamFrame>();
        }
        if (!m_hasPacket) {
            CLIP_TRY_ASSIGN(const bool more, read());
            if (!more) {
                m_draining = true;
                m_codec->skip_frame = AVDISCARD_DEFAULT;
                sendPacket(*m_codec, nullptr);
                continue;
            }
            if (m_packet->stream_index != m_index->streamIndex())
                continue;
        }
        m_hasPacket = false;
        m_isPrimed = true;
        feed(*m_packet);
    }
}

} // namespace clipscope::media
