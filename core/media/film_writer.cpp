#include "media/film_writer.h"

#include "base/require.h"
#include "base/system_error.h"
#include "media/ffmpeg_handles.h"

#include <array>
#include <string>
#include <system_error>

namespace clipscope::media {

namespace {

/// Quantiser of every frame: nothing to be seen of it in flat colours.
constexpr int quantiser = 3;
constexpr int framesPerKeyFrame = 12;

struct FreeMuxer
{
    void operator()(AVFormatContext* muxer) const
    {
        avio_closep(&muxer->pb);
        avformat_free_context(muxer);
    }
};
using MuxerHandle = std::unique_ptr<AVFormatContext, FreeMuxer>;

/// FFmpeg gives what the system says as a negative errno; everything else is told in its words.
Error writingError(const std::filesystem::path& path, int code)
{
    constexpr int mostErrno = 4096;
    if (AVUNERROR(code) > 0 && AVUNERROR(code) < mostErrno)
        return systemError("The film cannot be written", path, AVUNERROR(code));
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    av_strerror(code, text.data(), text.size());
    return Error{ ErrorKind::Io, std::string("The film cannot be written: ") + text.data() + ".",
        { path, {} }, {}, {} };
}

} // namespace

struct FilmWriter::Impl
{
    ~Impl()
    {
        muxer.reset();
        std::error_code code;
        if (isBegun && !isFinished)
            std::filesystem::remove(path, code);
    }

    Status open()
    {
        AVFormatContext* made = nullptr;
        if (avformat_alloc_output_context2(&made, nullptr, nullptr, path.c_str()) < 0)
            return fail(
                ErrorKind::Unsupported, "There is no container for this file name.", { path, {} });
        muxer.reset(made);
        muxer->flags |= AVFMT_FLAG_BITEXACT;
        CLIP_TRY(openEncoder());
        scaler.reset(sws_getContext(format.widthPixels, format.heightPixels, AV_PIX_FMT_RGB24,
            format.widthPixels, format.heightPixels, AV_PIX_FMT_YUV420P,
            SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT, nullptr, nullptr, nullptr));
        frame->format = AV_PIX_FMT_YUV420P;
        frame->width = format.widthPixels;
        frame->height = format.heightPixels;
        if (!scaler || av_frame_get_buffer(frame.get(), 0) < 0)
            return fail(ErrorKind::OutOfMemory, "There is no memory for a picture.", { path, {} });
        if (const int code = avio_open(&muxer->pb, path.c_str(), AVIO_FLAG_WRITE); code < 0)
            return fail(writingError(path, code));
        isBegun = true;
        if (const int code = avformat_write_header(muxer.get(), nullptr); code < 0)
            return fail(writingError(path, code));
        return {};
    }

    Status openEncoder()
    {
        const AVCodec* found = avcodec_find_encoder(AV_CODEC_ID_MPEG4);
        if (!found)
            return fail(ErrorKind::Unsupported, "This FFmpeg has no MPEG-4 encoder.", { path, {} });
        encoder.reset(avcodec_alloc_context3(found));
        encoder->width = format.widthPixels;
        encoder->height = format.heightPixels;
        encoder->pix_fmt = AV_PIX_FMT_YUV420P;
        encoder->time_base = { 1, format.framesPerSecond };
        encoder->framerate = { format.framesPerSecond, 1 };
        encoder->gop_size = framesPerKeyFrame;
        encoder->max_b_frames = 0;
        encoder->thread_count = 1;
        encoder->flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
        encoder->global_quality = FF_QP2LAMBDA * quantiser;
        if ((muxer->oformat->flags & AVFMT_GLOBALHEADER) != 0)
            encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
        if (const int code = avcodec_open2(encoder.get(), found, nullptr); code < 0)
            return fail(writingError(path, code));
        stream = avformat_new_stream(muxer.get(), nullptr);
        if (!stream)
            return fail(ErrorKind::OutOfMemory, "There is no memory for a stream.", { path, {} });
        stream->time_base = encoder->time_base;
        stream->avg_frame_rate = encoder->framerate;
        avcodec_parameters_from_context(stream->codecpar, encoder.get());
        return {};
    }

    /// No picture: the encoder gives what it still holds.
    Status encode(const AVFrame* picture)
    {
        if (const int code = avcodec_send_frame(encoder.get(), picture); code < 0)
            return fail(writingError(path, code));
        while (avcodec_receive_packet(encoder.get(), packet.get()) >= 0) {
            if (packet->duration == 0)
                packet->duration = 1;
            av_packet_rescale_ts(packet.get(), encoder->time_base, stream->time_base);
            packet->stream_index = stream->index;
            if (const int code = av_interleaved_write_frame(muxer.get(), packet.get()); code < 0)
                return fail(writingError(path, code));
        }
        return {};
    }

    std::filesystem::path path;
    FilmFormat format;
    MuxerHandle muxer;
    CodecHandle encoder;
    ScalerHandle scaler;
    FrameHandle frame = newFrame();
    PacketHandle packet = newPacket();
    AVStream* stream = nullptr; ///< of the muxer
    std::int64_t frames = 0;
    bool isBegun = false, isFinished = false;
};

FilmWriter::FilmWriter(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
FilmWriter::FilmWriter(FilmWriter&&) noexcept = default;
FilmWriter& FilmWriter::operator=(FilmWriter&&) noexcept = default;
FilmWriter::~FilmWriter() = default;

Result<FilmWriter> FilmWriter::create(const std::filesystem::path& path, const FilmFormat& format)
{
    if (format.widthPixels < 2 || format.heightPixels < 2 || format.widthPixels % 2 != 0
        || format.heightPixels % 2 != 0 || format.framesPerSecond < 1)
        return fail(ErrorKind::BadInput, "A film needs an even size and at least a frame a second.",
            { path, {} });
    std::error_code code;
    if (std::filesystem::exists(path, code))
        return fail(ErrorKind::Conflict, "There is already such a file.", { path, {} });
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    impl->format = format;
    CLIP_TRY(impl->open());
    return FilmWriter(std::move(impl));
}

Status FilmWriter::add(std::span<const std::uint8_t> rgb)
{
    const int width = m_impl->format.widthPixels, height = m_impl->format.heightPixels;
    CLIP_REQUIRE(!m_impl->isFinished
            && rgb.size() == 3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height),
        std::to_string(rgb.size()));
    AVFrame& frame = *m_impl->frame;
    if (av_frame_make_writable(&frame) < 0)
        return fail(ErrorKind::OutOfMemory, "There is no memory for a picture.", {});
    const std::uint8_t* rows[] = { rgb.data() };
    const int strides[] = { 3 * width };
    sws_scale(m_impl->scaler.get(), rows, strides, 0, height, frame.data, frame.linesize);
    frame.pts = m_impl->frames++;
    return m_impl->encode(&frame);
}

Status FilmWriter::finish()
{
    CLIP_TRY(m_impl->encode(nullptr));
    if (const int code = av_write_trailer(m_impl->muxer.get()); code < 0)
        return fail(writingError(m_impl->path, code));
    if (const int code = avio_closep(&m_impl->muxer->pb); code < 0)
        return fail(writingError(m_impl->path, code));
    m_impl->isFinished = true;
    return {};
}

} // namespace clipscope::media
