#include "media/audio_reader.h"

#include "base/require.h"
#include "media/media_file.h"

#include <algorithm>
#include <cmath>
#include <deque>

extern "C" {
#include <libavutil/channel_layout.h>
}

namespace clipscope::media {

namespace {

constexpr int outChannels = 2;
constexpr int slowestHz = 8000;
constexpr int fastestHz = 192000;
constexpr double slackSeconds = 0.03; ///< smaller steps in timestamps are rounding, not gaps
constexpr double walkSeconds = 2.0; ///< decoding over this much beats a seek

/// A decoded piece; `start` counts output frames from the first shown picture.
struct Piece
{
    std::int64_t start = 0;
    std::vector<float> samples;
    std::int64_t stop() const
    {
        return start + static_cast<std::int64_t>(samples.size() / outChannels);
    }
};

} // namespace

struct AudioReader::Impl
{
    Impl(MediaFile opened, int audioStream, CodecHandle decoder, int sampleRateHz, double origin)
        : file(std::move(opened))
        , streamIndex(audioStream)
        , codec(std::move(decoder))
        , rateHz(sampleRateHz)
        , originSeconds(origin)
    {
    }
    ~Impl() { av_channel_layout_uninit(&inputLayout); }

    MediaFile file;
    int streamIndex;
    CodecHandle codec;
    int rateHz;
    double originSeconds;
    ResamplerHandle resampler;
    AVChannelLayout inputLayout{};
    int inputRateHz = 0;
    int inputFormat = -1;
    PacketHandle packet = newPacket();
    FrameHandle frame = newFrame();
    std::deque<Piece> pieces; ///< in order of time; between them is silence
    std::int64_t coveredFrom = 0; ///< pieces hold all sound from here on
    bool hasPlace = false; ///< false before the first read and after a failure
    bool draining = false;
    bool mustReopen = false; ///< a read was interrupted, the demuxer may have lost its place
    std::int64_t seeks = 0;

    Status seekTo(std::int64_t start, double prerollSeconds)
    {
        ++seeks;
        pieces.clear();
        hasPlace = false;
        draining = false;
        resampler.reset();
        if (mustReopen) {
            CLIP_TRY_ASSIGN(MediaFile fresh, MediaFile::open(file.path(), file.stop()));
            if (streamIndex >= static_cast<int>(fresh.format().nb_streams))
                return fail(
                    ErrorKind::Io, "The file changed while it was read.", { file.path(), {} });
            fresh.keepOnly(streamIndex);
            file = std::move(fresh);
            mustReopen = false;
        }
        avcodec_flush_buffers(codec.get());
        const double seconds = static_cast<double>(start) / rateHz + originSeconds - prerollSeconds;
        const double ticks = std::floor(seconds / av_q2d(file.stream(streamIndex).time_base));
        // A container that cannot seek goes on where it is; the pieces carry their own times.
        av_seek_frame(
            &file.format(), streamIndex, static_cast<std::int64_t>(ticks), AVSEEK_FLAG_BACKWARD);
        return {};
    }

    /// Sound can change its rate and layout in the middle of a stream.
    bool prepareResampler()
    {
        if (resampler && inputRateHz == frame->sample_rate && inputFormat == frame->format
            && av_channel_layout_compare(&inputLayout, &frame->ch_layout) == 0)
            return true;
        SwrContext* context = nullptr;
        AVChannelLayout stereo{};
        av_channel_layout_default(&stereo, outChannels);
        const int code
            = swr_alloc_set_opts2(&context, &stereo, AV_SAMPLE_FMT_FLT, rateHz, &frame->ch_layout,
                static_cast<AVSampleFormat>(frame->format), frame->sample_rate, 0, nullptr);
        resampler.reset(context);
        if (code < 0 || swr_init(context) < 0) {
            resampler.reset();
            return false;
        }
        av_channel_layout_copy(&inputLayout, &frame->ch_layout);
        inputRateHz = frame->sample_rate;
        inputFormat = frame->format;
        return true;
    }

    /// Converts the decoded frame and puts it at its time.
    void append()
    {
        if (frame->sample_rate <= 0 || frame->nb_samples <= 0 || !prepareResampler())
            return;
        const std::int64_t delay = swr_get_delay(resampler.get(), rateHz);
        const int room = std::max(0, swr_get_out_samples(resampler.get(), frame->nb_samples));
        Piece piece;
        piece.samples.resize(static_cast<std::size_t>(room) * outChannels);
        auto* out = reinterpret_cast<std::uint8_t*>(piece.samples.data());
        const int got = swr_convert(resampler.get(), &out, room,
            const_cast<const std::uint8_t**>(frame->extended_data), frame->nb_samples);
        if (got <= 0)
            return;
        piece.samples.resize(static_cast<std::size_t>(got) * outChannels);
        const std::int64_t after = pieces.empty() ? 0 : pieces.back().stop();
        piece.start = after;
        if (const std::int64_t ticks = frame->best_effort_timestamp; ticks != AV_NOPTS_VALUE) {
            const double seconds
                = static_cast<double>(ticks) * av_q2d(file.stream(streamIndex).time_base)
                - originSeconds;
            if (std::abs(seconds) > 1e8)
                return; // a lying timestamp
            const std::int64_t start = std::llround(seconds * rateHz) - delay;
            const bool isRounding = !pieces.empty()
                && static_cast<double>(std::abs(start - after)) < slackSeconds * rateHz;
            piece.start = isRounding ? after : start;
        }
        if (!pieces.empty() && piece.start < after)
            return; // told twice; the first telling stays
        pieces.push_back(std::move(piece));
    }

    /// Decodes one more piece; false at the end.
    Result<bool> decodeMore()
    {
        for (;;) {
            const Received received = receiveFrame(*codec, *frame);
            if (received == Received::Frame) {
                append();
                return true;
            }
            if (received == Received::End || draining)
                return false;
            Result<bool> more = file.read(*packet);
            if (!more) {
                mustReopen = true;
                hasPlace = false;
                return more;
            }
            draining = !*more;
            if (draining || packet->stream_index == streamIndex)
                sendPacket(*codec, draining ? nullptr : packet.get());
        }
    }

    /// Makes the pieces cover everything from `start` on.
    Status moveTo(std::int64_t start)
    {
        const std::int64_t reached = pieces.empty() ? coveredFrom : pieces.back().stop();
        if (hasPlace && start >= coveredFrom
            && (draining || static_cast<double>(start - reached) < walkSeconds * rateHz))
            return {};
        for (const double preroll : { 0.2, 5.0 }) { // codecs need some packets to settle
            CLIP_TRY(seekTo(start, preroll));
            CLIP_TRY_ASSIGN(const bool more, decodeMore());
            if (!more || (!pieces.empty() && pieces.front().start <= start))
                break;
        }
        hasPlace = true;
        return {};
    }

    Result<AudioBlock> read(std::int64_t start, std::int64_t count)
    {
        CLIP_TRY(moveTo(start));
        const std::int64_t stop = start + count;
        while (pieces.empty() || pieces.back().stop() < stop) {
            CLIP_TRY_ASSIGN(const bool more, decodeMore());
            if (!more)
                break;
            while (pieces.size() > 1 && pieces.front().stop() <= start)
                pieces.pop_front();
        }
        coveredFrom = start;
        AudioBlock block;
        block.startSeconds = static_cast<double>(start) / rateHz;
        block.sampleRateHz = rateHz;
        block.samples.assign(static_cast<std::size_t>(count) * outChannels, 0.0f);
        for (const Piece& piece : pieces) {
            const std::int64_t from = std::max(start, piece.start);
            const std::int64_t to = std::min(stop, piece.stop());
            if (from < to)
                std::copy_n(piece.samples.begin() + (from - piece.start) * outChannels,
                    (to - from) * outChannels,
                    block.samples.begin() + (from - start) * outChannels);
        }
        return block;
    }
};

AudioReader::AudioReader(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
AudioReader::AudioReader(AudioReader&&) noexcept = default;
AudioReader& AudioReader::operator=(AudioReader&&) noexcept = default;
AudioReader::~AudioReader() = default;

Result<AudioReader> AudioReader::open(
    const std::filesystem::path& path, int sampleRateHz, double originSeconds)
{
    CLIP_REQUIRE(sampleRateHz == 0 || (sampleRateHz >= slowestHz && sampleRateHz <= fastestHz),
        std::to_string(sampleRateHz));
    CLIP_TRY_ASSIGN(MediaFile file, MediaFile::open(path, {}));
    const int stream = file.audioStream();
    if (stream < 0)
        return fail(ErrorKind::BadInput, "The file has no sound.", { path, {} });
    CLIP_TRY_ASSIGN(CodecHandle codec, file.openCodec(stream, 1));
    file.keepOnly(stream);
    const int ownHz = std::clamp(codec->sample_rate, slowestHz, fastestHz);
    return AudioReader(std::make_unique<Impl>(std::move(file), stream, std::move(codec),
        sampleRateHz == 0 ? ownHz : sampleRateHz, originSeconds));
}

Result<AudioBlock> AudioReader::read(double startSeconds, double seconds, std::stop_token stop)
{
    CLIP_REQUIRE(seconds >= 0.0 && seconds <= 60.0 && std::abs(startSeconds) < 1e8,
        std::to_string(startSeconds) + " " + std::to_string(seconds));
    m_impl->file.setStop(std::move(stop));
    const int rate = m_impl->rateHz;
    return m_impl->read(std::llround(startSeconds * rate), std::llround(seconds * rate));
}

double AudioReader::durationSeconds() const
{
    const AVStream& stream = m_impl->file.stream(m_impl->streamIndex);
    const std::int64_t start = stream.start_time == AV_NOPTS_VALUE ? 0 : stream.start_time;
    if (stream.duration > 0)
        return static_cast<double>(start + stream.duration) * av_q2d(stream.time_base)
            - m_impl->originSeconds;
    const std::int64_t whole = m_impl->file.format().duration;
    return whole > 0 ? static_cast<double>(whole) / AV_TIME_BASE : 0.0;
}

std::int64_t AudioReader::seeks() const
{
    return m_impl->seeks;
}

} // namespace clipscope::media
