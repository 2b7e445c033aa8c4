#include "support/make_video.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
}

namespace clipscope::test {

namespace {

constexpr int numberBits = 16;
constexpr int soundRateHz = 48000;
constexpr double pi = 3.14159265358979323846;

struct FreeFrame
{
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct FreePacket
{
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct FreeCodec
{
    void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
};
struct FreeMuxer
{
    void operator()(AVFormatContext* muxer) const
    {
        avio_closep(&muxer->pb);
        avformat_free_context(muxer);
    }
};
using Frame = std::unique_ptr<AVFrame, FreeFrame>;
using Packet = std::unique_ptr<AVPacket, FreePacket>;
using Codec = std::unique_ptr<AVCodecContext, FreeCodec>;
using Muxer = std::unique_ptr<AVFormatContext, FreeMuxer>;

tl::unexpected<Error> problem(const std::filesystem::path& path, const std::string& doing, int code)
{
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    av_strerror(code, text.data(), text.size());
    return fail(ErrorKind::Io, doing + " failed: " + text.data(), { path, {} });
}

/// The header a tx3g sample entry must have: one default style, one font.
std::vector<std::uint8_t> movTextHeader()
{
    return { 0, 0, 0, 0, 1, 0xff, 0, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 16,
        255, 255, 255, 255, 0, 0, 0, 18, 'f', 't', 'a', 'b', 0, 1, 0, 1, 5, 'S', 'e', 'r', 'i',
        'f' };
}

class Writer final
{
public:
    Writer(const std::filesystem::path& path, const MadeVideo& made)
        : m_path(path)
        , m_made(made)
    {
    }

    Status write()
    {
        AVFormatContext* muxer = nullptr;
        if (avformat_alloc_output_context2(&muxer, nullptr, nullptr, m_path.c_str()) < 0)
            return fail(ErrorKind::Unsupported, "no container for this file name", { m_path, {} });
        m_muxer.reset(muxer);
        CLIP_TRY(openVideo());
        if (m_made.sound)
            CLIP_TRY(openSound());
        if (!m_made.cues.empty())
            openSubtitles();
        if (const int code = avio_open(&muxer->pb, m_path.c_str(), AVIO_FLAG_WRITE); code < 0)
            return problem(m_path, "creating", code);
        if (const int code = avformat_write_header(muxer, nullptr); code < 0)
            return problem(m_path, "writing the header", code);
        CLIP_TRY(writeSubtitles());
        for (int number = 0; number < m_made.frames; ++number)
            CLIP_TRY(encode(m_video.get(), m_videoStream, picture(number).get()));
        CLIP_TRY(encode(m_video.get(), m_videoStream, nullptr));
        if (m_sound)
            CLIP_TRY(writeSound());
        if (const int code = av_write_trailer(muxer); code < 0)
            return problem(m_path, "writing the trailer", code);
        return {};
    }

private:
    Status openVideo()
    {
        const AVCodec* encoder = avcodec_find_encoder_by_name(m_made.codec.c_str());
        if (!encoder)
            return fail(ErrorKind::Unsupported, "no encoder " + m_made.codec, { m_path, {} });
        m_video.reset(avcodec_alloc_context3(encoder));
        m_video->width = m_made.widthPixels;
        m_video->height = m_made.heightPixels;
        m_video->pix_fmt = AV_PIX_FMT_YUV420P;
        m_video->time_base = m_made.framesAtMilliseconds.empty() ? AVRational{ 1, m_made.fps }
                                                                 : AVRational{ 1, 1000 };
        m_video->framerate = { m_made.fps, 1 };
        m_video->gop_size = m_made.gopFrames;
        m_video->max_b_frames = m_made.bFrames;
        m_video->bit_rate = 4'000'000;
        m_video->thread_count = 1;
        return openEncoder(m_video, encoder, m_videoStream);
    }

    Status openSound()
    {
        const AVCodec* encoder = avcodec_find_encoder(AV_CODEC_ID_AAC);
        if (!encoder)
            return fail(ErrorKind::Unsupported, "no AAC encoder", { m_path, {} });
        m_sound.reset(avcodec_alloc_context3(encoder));
        m_sound->sample_fmt = AV_SAMPLE_FMT_FLTP;
        m_sound->sample_rate = soundRateHz;
        m_sound->bit_rate = 128'000;
        m_sound->time_base = { 1, soundRateHz };
        av_channel_layout_default(&m_sound->ch_layout, 2);
        return openEncoder(m_sound, encoder, m_soundStream);
    }

    Status openEncoder(Codec& codec, const AVCodec* encoder, AVStream*& stream)
    {
        if ((m_muxer->oformat->flags & AVFMT_GLOBALHEADER) != 0)
            codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
        if (const int code = avcodec_open2(codec.get(), encoder, nullptr); code < 0)
            return problem(m_path, "opening the encoder", code);
        stream = avformat_new_stream(m_muxer.get(), nullptr);
        stream->time_base = codec->time_base;
        stream->avg_frame_rate = codec->framerate;
        avcodec_parameters_from_context(stream->codecpar, codec.get());
        return {};
    }

    void openSubtitles()
    {
        m_subtitleStream = avformat_new_stream(m_muxer.get(), nullptr);
        m_subtitleStream->time_base = { 1, 1000 };
        AVCodecParameters* parameters = m_subtitleStream->codecpar;
        parameters->codec_type = AVMEDIA_TYPE_SUBTITLE;
        m_movText = m_path.extension() != ".mkv";
        parameters->codec_id = m_movText ? AV_CODEC_ID_MOV_TEXT : AV_CODEC_ID_SUBRIP;
        if (m_movText) {
            const std::vector<std::uint8_t> header = movTextHeader();
            parameters->extradata = static_cast<std::uint8_t*>(
                av_mallocz(header.size() + AV_INPUT_BUFFER_PADDING_SIZE));
            std::memcpy(parameters->extradata, header.data(), header.size());
            parameters->extradata_size = static_cast<int>(header.size());
        }
        av_dict_set(&m_subtitleStream->metadata, "language", m_made.language.c_str(), 0);
    }

    Status writeSubtitles()
    {
        for (const MadeCue& cue : m_made.cues) {
            std::string bytes = cue.text;
            if (m_movText) {
                bytes.insert(bytes.begin(), static_cast<char>(cue.text.size() & 0xff));
                bytes.insert(bytes.begin(), static_cast<char>(cue.text.size() >> 8));
            }
            Packet packet(av_packet_alloc());
            if (av_new_packet(packet.get(), static_cast<int>(bytes.size())) < 0)
                return fail(ErrorKind::OutOfMemory, "no memory for a packet");
            std::memcpy(packet->data, bytes.data(), bytes.size());
            packet->pts = packet->dts = std::llround(cue.startSeconds * 1000);
            packet->duration = std::llround((cue.stopSeconds - cue.startSeconds) * 1000);
            packet->stream_index = m_subtitleStream->index;
            av_packet_rescale_ts(packet.get(), { 1, 1000 }, m_subtitleStream->time_base);
            if (const int code = av_interleaved_write_frame(m_muxer.get(), packet.get()); code < 0)
                return problem(m_path, "writing a subtitle", code);
        }
        return {};
    }

    Status writeSound()
    {
        const double seconds = static_cast<double>(m_made.frames) / m_made.fps;
        const auto total = static_cast<std::int64_t>(seconds * soundRateHz);
        const int step = m_sound->frame_size;
        for (std::int64_t start = 0; start < total; start += step) {
            Frame frame(av_frame_alloc());
            frame->format = AV_SAMPLE_FMT_FLTP;
            frame->sample_rate = soundRateHz;
            frame->nb_samples = step;
            frame->pts = start;
            av_channel_layout_default(&frame->ch_layout, 2);
            av_frame_get_buffer(frame.get(), 0);
            for (int channel = 0; channel < 2; ++channel) {
                auto* samples = reinterpret_cast<float*>(frame->data[channel]);
                for (int i = 0; i < step; ++i)
                    samples[i] = sampleAt(start + i);
            }
            CLIP_TRY(encode(m_sound.get(), m_soundStream, frame.get()));
        }
        return encode(m_sound.get(), m_soundStream, nullptr);
    }

    float sampleAt(std::int64_t number) const
    {
        const double seconds = static_cast<double>(number) / soundRateHz;
        if (m_made.beepSeconds > 0.0 && seconds - std::floor(seconds) >= m_made.beepSeconds)
            return 0.0f;
        return static_cast<float>(0.5 * std::sin(2.0 * pi * 440.0 * seconds));
    }

    Status encode(AVCodecContext* codec, AVStream* stream, const AVFrame* frame)
    {
        if (const int code = avcodec_send_frame(codec, frame); code < 0)
            return problem(m_path, "encoding", code);
        Packet packet(av_packet_alloc());
        while (avcodec_receive_packet(codec, packet.get()) >= 0) {
            if (packet->duration == 0 && codec == m_video.get())
                packet->duration = av_rescale_q(1, { 1, m_made.fps }, codec->time_base);
            av_packet_rescale_ts(packet.get(), codec->time_base, stream->time_base);
            packet->stream_index = stream->index;
            if (const int code = av_interleaved_write_frame(m_muxer.get(), packet.get()); code < 0)
                return problem(m_path, "writing a packet", code);
        }
        return {};
    }

    Frame picture(int number) const
    {
        Frame frame(av_frame_alloc());
        frame->format = AV_PIX_FMT_YUV420P;
        frame->width = m_made.widthPixels;
        frame->height = m_made.heightPixels;
        const auto times = m_made.framesAtMilliseconds;
        frame->pts = times.empty() ? number : times.at(static_cast<std::size_t>(number));
        av_frame_get_buffer(frame.get(), 0);
        const double angle = 2.4 * (number / m_made.fps); // golden angle: neighbours differ much
        const auto u = static_cast<int>(128 + 90 * std::cos(angle));
        const auto v = static_cast<int>(128 + 90 * std::sin(angle));
        fill(*frame, 0, 110);
        fill(*frame, 1, u);
        fill(*frame, 2, v);
        const int cell = m_made.widthPixels / numberBits;
        for (int bit = 0; bit < numberBits; ++bit) {
            const int luma = ((number >> bit) & 1) != 0 ? 235 : 16;
            for (int y = 0; y < std::min(cell, m_made.heightPixels); ++y)
                std::memset(frame->data[0] + y * frame->linesize[0] + bit * cell, luma,
                    static_cast<std::size_t>(cell));
        }
        return frame;
    }

    void fill(const AVFrame& frame, int plane, int value) const
    {
        const int height = plane == 0 ? frame.height : (frame.height + 1) / 2;
        for (int y = 0; y < height; ++y)
            std::memset(frame.data[plane] + y * frame.linesize[plane], value,
                static_cast<std::size_t>(plane == 0 ? frame.width : (frame.width + 1) / 2));
    }

    std::filesystem::path m_path;
    const MadeVideo& m_made;
    Muxer m_muxer;
    Codec m_video;
    Codec m_sound;
    AVStream* m_videoStream = nullptr;
    AVStream* m_soundStream = nullptr;
    AVStream* m_subtitleStream = nullptr;
    bool m_movText = false;
};

} // namespace

Status makeVideo(const std::filesystem::path& path, const MadeVideo& video)
{
    av_log_set_level(AV_LOG_ERROR);
    return Writer(path, video).write();
}

std::int64_t frameNumberIn(const std::uint8_t* rgb, int widthPixels, int heightPixels)
{
    const double cell = static_cast<double>(widthPixels) / numberBits;
    const int y = std::min(static_cast<int>(cell / 2), heightPixels - 1);
    std::int64_t number = 0;
    for (int bit = 0; bit < numberBits; ++bit) {
        const int x = std::min(static_cast<int>((bit + 0.5) * cell), widthPixels - 1);
        const std::uint8_t* pixel = rgb + 3 * (static_cast<std::ptrdiff_t>(y) * widthPixels + x);
        if (pixel[0] + pixel[1] + pixel[2] > 3 * 128)
            number |= std::int64_t{ 1 } << bit;
    }
    return number;
}

} // namespace clipscope::test
