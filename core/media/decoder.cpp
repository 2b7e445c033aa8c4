#include "media/decoder.h"

#include "media/frame_stream.h"
#include "media/picture_converter.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

extern "C" {
#include <libavutil/imgutils.h>
}

namespace clipscope::media {

namespace {

constexpr std::int64_t ringBytes = std::int64_t{ 192 } << 20;
constexpr std::int64_t shortWalk = 8; ///< frames that are cheaper to decode than a jump

std::int64_t bytesOf(const AVFrame& frame)
{
    return std::max(0,
        av_image_get_buffer_size(
            static_cast<AVPixelFormat>(frame.format), frame.width, frame.height, 16));
}

/// Who walks backwards asks for none of the frames behind him soon.
enum class Walk : std::uint8_t { Forwards, Backwards };
constexpr std::int64_t behindWeight = 8;

/// Decoded frames around the one asked last; drops the farthest when full.
class Ring final
{
public:
    const AVFrame* find(std::int64_t frame) const
    {
        const auto found = m_frames.find(frame);
        return found == m_frames.end() ? nullptr : found->second.get();
    }

    std::int64_t bytes() const { return m_bytes; }

    void add(StreamFrame frame, std::int64_t around, Walk walk)
    {
        const auto [place, isNew] = m_frames.try_emplace(frame.index, std::move(frame.picture));
        if (isNew)
            m_bytes += bytesOf(*place->second);
        while (m_bytes > ringBytes && m_frames.size() > 2) {
            const auto first = m_frames.begin();
            const auto last = std::prev(m_frames.end());
            const std::int64_t weight = walk == Walk::Backwards ? behindWeight : 1;
            const auto farthest
                = around - first->first > weight * (last->first - around) ? first : last;
            m_bytes -= bytesOf(*farthest->second);
            m_frames.erase(farthest);
        }
    }

private:
    std::map<std::int64_t, FrameHandle> m_frames;
    std::int64_t m_bytes = 0;
};

/// The largest size within the bounds, shape kept, never enlarged.
DisplaySize fitted(DisplaySize size, DecodeSize bounds)
{
    double scale = 1.0;
    if (bounds.maxWidthPixels > 0)
        scale = std::min(scale, static_cast<double>(bounds.maxWidthPixels) / size.width);
    if (bounds.maxHeightPixels > 0)
        scale = std::min(scale, static_cast<double>(bounds.maxHeightPixels) / size.height);
    return { std::max(1, static_cast<int>(std::lround(size.width * scale))),
        std::max(1, static_cast<int>(std::lround(size.height * scale))) };
}

Result<RgbFrame> toRgb(const MediaFile& file, int stream, const AVFrame& picture, DecodeSize bounds,
    PictureConverter& converter)
{
    const DisplaySize size = fitted(displaySizeOf(file, stream, picture), bounds);
    RgbFrame rgb;
    rgb.widthPixels = size.width;
    rgb.heightPixels = size.height;
    rgb.rgb.resize(std::size_t{ 3 } * static_cast<std::size_t>(size.width)
        * static_cast<std::size_t>(size.height));
    CLIP_TRY(converter.convert(picture, rotationOf(file.stream(stream)),
        { size.width, size.height, 0, 0, size.width, size.height }, rgb.rgb));
    return rgb;
}

} // namespace

struct Decoder::Impl
{
    Impl(FrameStream opened, DecodeSize bounds)
        : stream(std::move(opened))
        , size(bounds)
    {
    }

    FrameStream stream;
    DecodeSize size;
    PictureConverter converter{ ScaleQuality::Screen };
    Ring ring;
    std::int64_t lastAsked = 0;
    /// Frames known not to decode, and the one shown instead.
    std::map<std::int64_t, std::int64_t> replacements;

    std::int64_t replacedBy(std::int64_t frame) const
    {
        const auto found = replacements.find(frame);
        return found == replacements.end() ? frame : found->second;
    }

    void replace(std::int64_t from, std::int64_t to, std::int64_t by)
    {
        for (std::int64_t frame = from; frame < to; ++frame)
            replacements.emplace(frame, by);
    }

    Status moveTo(std::int64_t frame, std::stop_token stop)
    {
        const std::int64_t position = stream.position();
        const std::int64_t key = stream.index().keyFrameFor(frame);
        const bool isAhead = frame > position;
        if (isAhead && (key <= position + 1 || frame - position <= shortWalk))
            return {};
        return stream.seekBefore(frame, std::move(stop));
    }

    /// Decodes until `frame` or its replacement is in the ring.
    Status decodeTo(std::int64_t frame, Walk walk, std::stop_token stop)
    {
        CLIP_TRY(moveTo(frame, stop));
        for (;;) {
            const std::int64_t before = stream.position();
            CLIP_TRY_ASSIGN(std::optional<StreamFrame> decoded, stream.next(stop));
            const std::int64_t count = stream.index().frameCount();
            const std::int64_t reached = decoded ? decoded->index : count;
            const bool isFirst = !ring.find(before);
            if (!isFirst)
                replace(before + 1, reached, before);
            else if (decoded)
                replace(before + 1, reached, reached);
            if (!decoded)
                return isFirst ? lookEarlier(before) : Status();
            ring.add(std::move(*decoded), frame, walk);
            if (reached >= frame)
                return {};
        }
    }

    /// Nothing came out from the place of entry to the end.
    Status lookEarlier(std::int64_t before)
    {
        if (before < 0)
            return fail(ErrorKind::BadInput, "No picture of the video can be decoded.",
                { stream.file().path(), {} });
        replace(before + 1, stream.index().frameCount(), before);
        return {};
    }
};

Decoder::Decoder(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;
Decoder::~Decoder() = default;

Result<Decoder> Decoder::open(const std::filesystem::path& path,
    std::shared_ptr<const VideoIndex> index, DecodeSize size, int threads)
{
    CLIP_TRY_ASSIGN(FrameStream stream, FrameStream::open(path, std::move(index), threads, {}));
    return Decoder(std::make_unique<Impl>(std::move(stream), size));
}

Result<RgbFrame> Decoder::frameAt(std::int64_t frame, std::stop_token stop)
{
    const std::int64_t last = m_impl->stream.index().frameCount() - 1;
    const std::int64_t wanted = std::clamp<std::int64_t>(frame, 0, last);
    const Walk walk
        = wanted < std::exchange(m_impl->lastAsked, wanted) ? Walk::Backwards : Walk::Forwards;
    std::int64_t shown = m_impl->replacedBy(wanted);
    // Each round either finds the picture or learns that one more does not decode.
    for (int round = 0; round < 16 && !m_impl->ring.find(shown); ++round) {
        CLIP_TRY(m_impl->decodeTo(shown, walk, stop));
        shown = m_impl->replacedBy(shown);
    }
    const AVFrame* picture = m_impl->ring.find(shown);
    if (!picture)
        return fail(ErrorKind::BadInput, "No picture around this time can be decoded.",
            { m_impl->stream.file().path(), "frame " + std::to_string(wanted) });
    CLIP_TRY_ASSIGN(RgbFrame rgb,
        toRgb(m_impl->stream.file(), index().streamIndex(), *picture, m_impl->size,
            m_impl->converter));
    rgb.frameIndex = shown;
    rgb.seconds = index().secondsOf(shown);
    return rgb;
}

Result<RgbFrame> Decoder::frameAtSeconds(double seconds, std::stop_token stop)
{
    return frameAt(index().frameAt(seconds), std::move(stop));
}

const VideoIndex& Decoder::index() const
{
    return m_impl->stream.index();
}

Decoder::Counters Decoder::counters() const
{
    return { m_impl->stream.seeks(), m_impl->stream.decodedFrames(), m_impl->ring.bytes() };
}

namespace {

/// Shows the codec the first packet: FrameStream::prime() says why.
Status prime(MediaFile& file, int video, AVCodecContext& codec)
{
    const PacketHandle packet = newPacket();
    for (;;) {
        CLIP_TRY_ASSIGN(const bool more, file.read(*packet));
        if (!more)
            return {};
        if (packet->stream_index == video) {
            sendPacket(codec, packet.get());
            avcodec_flush_buffers(&codec);
            return {};
        }
    }
}

/// The picture at or just before a time, decoding from the key frame before it, or from the start;
/// null when none comes.
Result<FrameHandle> pictureAt(
    MediaFile& file, int video, std::int64_t wantedTicks, bool fromTheStart)
{
    CLIP_TRY_ASSIGN(CodecHandle codec, file.openCodec(video, 2));
    if (!fromTheStart) {
        CLIP_TRY(prime(file, video, *codec));
        if (av_seek_frame(&file.format(), video, wantedTicks, AVSEEK_FLAG_BACKWARD) < 0)
            return FrameHandle();
    }
    const PacketHandle packet = newPacket();
    const FrameHandle frame = newFrame();
    FrameHandle best;
    constexpr int maxFrames = 600; // what lies farther from a key frame is not worth the wait
    bool draining = false;
    for (int frames = 0; frames < maxFrames;) {
        const Received received = receiveFrame(*codec, *frame);
        if (received == Received::Frame) {
            ++frames;
            if (best && frame->best_effort_timestamp > wantedTicks)
                break;
            best.reset(av_frame_clone(frame.get()));
            if (frame->best_effort_timestamp >= wantedTicks)
                break;
            continue;
        }
        if (received == Received::End || draining)
            break;
        CLIP_TRY_ASSIGN(const bool more, file.read(*packet));
        draining = !more;
        if (draining || packet->stream_index == video)
            sendPacket(*codec, draining ? nullptr : packet.get());
    }
    return best;
}

} // namespace

Result<RgbFrame> thumbnail(const std::filesystem::path& path, double seconds, DecodeSize size,
    std::shared_ptr<const VideoIndex> index, std::stop_token stop)
{
    if (index) {
        CLIP_TRY_ASSIGN(Decoder decoder, Decoder::open(path, std::move(index), size, 2));
        return decoder.frameAtSeconds(seconds, std::move(stop));
    }
    CLIP_TRY_ASSIGN(MediaFile file, MediaFile::open(path, stop));
    CLIP_TRY_ASSIGN(const int video, file.videoStream());
    const AVRational timeBase = file.stream(video).time_base;
    const std::int64_t start = file.stream(video).start_time;
    const std::int64_t origin = start == AV_NOPTS_VALUE ? 0 : start;
    const auto wanted
        = origin + static_cast<std::int64_t>(std::clamp(seconds, 0.0, 1e7) / av_q2d(timeBase));
    file.keepOnly(video);
    const bool isFirst = wanted <= origin;
    CLIP_TRY_ASSIGN(FrameHandle picture, pictureAt(file, video, wanted, isFirst));
    if (!picture) { // a seek can end where nothing decodes; the start always does
        CLIP_TRY_ASSIGN(file, MediaFile::open(path, stop));
        CLIP_TRY_ASSIGN(picture, pictureAt(file, video, wanted, true));
    }
    if (!picture)
        return fail(ErrorKind::BadInput, "No picture of the video can be decoded.", { path, {} });
    PictureConverter converter(ScaleQuality::Screen);
    CLIP_TRY_ASSIGN(RgbFrame rgb, toRgb(file, video, *picture, size, converter));
    rgb.frameIndex = -1;
    const std::int64_t shown = picture->best_effort_timestamp;
    rgb.seconds
        = shown == AV_NOPTS_VALUE ? 0.0 : static_cast<double>(shown - origin) * av_q2d(timeBase);
    return rgb;
}

} // namespace clipscope::media
