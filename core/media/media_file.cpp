#include "media/media_file.h"

#include "base/files.h"
#include "media/ffmpeg_compat.h"
#include "media/hardware_decoding.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string_view>
#include <thread>

extern "C" {
#include <libavutil/display.h>
#include <libavutil/pixdesc.h>
}

namespace clipscope::media {

namespace {

/// FFmpeg's last complaint on this thread; it often says more than its error code.
thread_local std::string lastComplaint;

void rememberComplaint(void* object, int level, const char* format, va_list arguments)
{
    if (level > AV_LOG_ERROR)
        return;
    std::array<char, 512> line{};
    int printPrefix = 0;
    av_log_format_line2(
        object, level, format, arguments, line.data(), static_cast<int>(line.size()), &printPrefix);
    lastComplaint = line.data();
    while (!lastComplaint.empty() && lastComplaint.back() == '\n')
        lastComplaint.pop_back();
}

/// Also keeps FFmpeg from printing to the program's standard error.
void listenToFfmpeg()
{
    static const bool done = [] {
        av_log_set_callback(rememberComplaint);
        return true;
    }();
    static_cast<void>(done);
}

int isStopped(void* token)
{
    return static_cast<const std::stop_token*>(token)->stop_requested() ? 1 : 0;
}

/// Demuxers that "open" pictures, any text, or other files than the one named.
bool isNoVideoFormat(std::string_view name)
{
    static constexpr std::array names{ "image2", "tty", "hls", "dash", "concat", "sdp", "rtsp",
        "ico", "lavfi", "imf", "bin", "xbin", "adf", "idf" };
    return name.ends_with("_pipe") || std::find(names.begin(), names.end(), name) != names.end();
}

bool isPictureAttached(const AVStream& stream)
{
    return (stream.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS))
        != 0;
}

bool isVideo(const AVStream& stream)
{
    return stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !isPictureAttached(stream);
}

std::string metadataOf(const AVStream& stream, const char* key)
{
    const AVDictionaryEntry* entry = av_dict_get(stream.metadata, key, nullptr, 0);
    return entry ? entry->value : "";
}

/// Lets avformat_find_stream_info() open codecs only within the limits that hold everywhere.
int findStreams(AVFormatContext& format)
{
    const unsigned count = format.nb_streams;
    std::vector<AVDictionary*> options(count, nullptr);
    for (AVDictionary*& option : options)
        av_dict_set_int(&option, "max_pixels", maxPicturePixels, 0);
    const int code = avformat_find_stream_info(&format, options.data());
    for (AVDictionary*& option : options)
        av_dict_free(&option);
    return code;
}

} // namespace

Error mediaError(const std::filesystem::path& path, const std::string& doing, int code)
{
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    av_strerror(code, text.data(), text.size());
    std::string reason = text.data();
    if (!lastComplaint.empty() && lastComplaint != reason)
        reason += " (" + lastComplaint + ")";
    ErrorKind kind = ErrorKind::BadInput;
    if (code == AVERROR(ENOENT))
        kind = ErrorKind::NotFound;
    else if (code == AVERROR(EACCES) || code == AVERROR(EPERM) || code == AVERROR(EIO)
        || code == AVERROR(EMFILE) || code == AVERROR(ENFILE))
        kind = ErrorKind::Io;
    else if (code == AVERROR_EXIT)
        kind = ErrorKind::Cancelled;
    else if (code == AVERROR_DECODER_NOT_FOUND || code == AVERROR_PATCHWELCOME)
        kind = ErrorKind::Unsupported;
    if (!reason.ends_with('.'))
        reason += '.';
    return { kind, doing + ": " + reason, { path, {} }, {}, {} };
}

tl::unexpected<Error> cancelled(const std::filesystem::path& path)
{
    return fail(ErrorKind::Cancelled, "Reading the video was stopped.", { path, {} });
}

Result<MediaFile> MediaFile::open(const std::filesystem::path& path, std::stop_token stop)
{
    listenToFfmpeg();
    lastComplaint.clear();
    std::error_code code;
    const auto status = std::filesystem::status(path, code);
    if (!std::filesystem::exists(status))
        return fail(ErrorKind::NotFound, "There is no such video file.", { path, {} });
    if (!std::filesystem::is_regular_file(status))
        return fail(ErrorKind::BadInput, "This is not a file.", { path, {} });
    if (std::filesystem::file_size(path, code) == 0 && !code)
        return fail(ErrorKind::BadInput, "The file is empty.", { path, {} });

    MediaFile file;
    file.m_stop = std::make_unique<std::stop_token>(std::move(stop));
    file.m_path = std::make_unique<std::filesystem::path>(path);
    AVFormatContext* format = avformat_alloc_context();
    if (!format)
        return fail(
            ErrorKind::OutOfMemory, "There is no memory left to open the video.", { path, {} });
    format->interrupt_callback = { isStopped, file.m_stop.get() };
    AVDictionary* options = nullptr;
    av_dict_set(&options, "protocol_whitelist", "file", 0);
    // "file:" keeps names such as "http:x.mp4" or "concat:a|b" from being taken as addresses.
    const int opened
        = avformat_open_input(&format, ("file:" + utf8(path)).c_str(), nullptr, &options);
    av_dict_free(&options);
    if (opened < 0) { // frees the context itself
        Error error = mediaError(path, "The file cannot be opened as a video", opened);
        error.hint = "The file may be incomplete or of another kind; try to copy it again.";
        return fail(std::move(error));
    }
    file.m_format.reset(format);
    if (isNoVideoFormat(format->iformat->name))
        return fail(ErrorKind::BadInput,
            std::string("The file is a picture, a text or a play list (") + format->iformat->name
                + "), not a video.",
            { path, {} });
    if (const int found = findStreams(*format); found < 0)
        return fail(mediaError(path, "The streams of the file cannot be read", found));
    if (file.stopped())
        return cancelled(path);
    return file;
}

MediaFile& MediaFile::operator=(MediaFile&& other) noexcept
{
    m_stop.swap(other.m_stop);
    m_path.swap(other.m_path);
    m_format.swap(other.m_format);
    std::swap(m_endedEarly, other.m_endedEarly);
    return *this;
}

Result<int> MediaFile::videoStream() const
{
    int first = -1;
    bool hasPicture = false;
    for (unsigned i = 0; i < m_format->nb_streams; ++i) {
        const AVStream& candidate = *m_format->streams[i];
        hasPicture |= isPictureAttached(candidate);
        if (!isVideo(candidate))
            continue;
        if ((candidate.disposition & AV_DISPOSITION_DEFAULT) != 0)
            return static_cast<int>(i);
        if (first < 0)
            first = static_cast<int>(i);
    }
    if (first >= 0)
        return first;
    return fail(ErrorKind::BadInput,
        hasPicture ? "The file has a cover picture but no video." : "The file has no video.",
        { *m_path, {} });
}

int MediaFile::audioStream() const
{
    return std::max(
        -1, av_find_best_stream(m_format.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0));
}

Result<CodecHandle> MediaFile::openCodec(int streamIndex, int threads, DecodeWish wish) const
{
    const AVStream& source = stream(streamIndex);
    const AVCodec* decoder = avcodec_find_decoder(source.codecpar->codec_id);
    if (!decoder)
        return fail(ErrorKind::Unsupported,
            std::string("This FFmpeg has no decoder for ")
                + avcodec_get_name(source.codecpar->codec_id) + ".",
            { *m_path, {} });
    CodecHandle codec(avcodec_alloc_context3(decoder));
    if (!codec || avcodec_parameters_to_context(codec.get(), source.codecpar) < 0)
        return fail(
            ErrorKind::OutOfMemory, "There is no memory left for a decoder.", { *m_path, {} });
    codec->pkt_timebase = source.time_base;
    codec->max_pixels = maxPicturePixels;
    codec->flags |= AV_CODEC_FLAG_UNALIGNED; // cuts left borders exactly (Theora)
    const auto cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    codec->thread_count = threads > 0 ? threads : std::min(cores, 8);
    // A lying container size would make the codec refuse to open; the stream has its own.
    if (codec->codec_type == AVMEDIA_TYPE_VIDEO
        && static_cast<std::int64_t>(codec->width) * codec->height > maxPicturePixels)
        codec->width = codec->height = codec->coded_width = codec->coded_height = 0;
    if (wish == DecodeWish::Auto)
        useHardware(*codec, *decoder);
    if (const int code = avcodec_open2(codec.get(), decoder, nullptr); code < 0)
        return fail(mediaError(
            *m_path, std::string("The ") + decoder->name + " decoder cannot be opened", code));
    return codec;
}

Result<bool> MediaFile::read(AVPacket& packet)
{
    constexpr int maxRetries = 64; // a demuxer that only says "again" must not hang us
    for (int retry = 0; retry < maxRetries; ++retry) {
        av_packet_unref(&packet);
        if (stopped())
            return cancelled(*m_path);
        const int code = av_read_frame(m_format.get(), &packet);
        if (code >= 0)
            return true;
        if (code == AVERROR_EXIT || stopped())
            return cancelled(*m_path);
        if (code == AVERROR(EAGAIN))
            continue;
        m_endedEarly = code != AVERROR_EOF;
        return false;
    }
    m_endedEarly = true;
    return false;
}

void MediaFile::keepOnly(int streamIndex)
{
    for (unsigned i = 0; i < m_format->nb_streams; ++i)
        if (static_cast<int>(i) != streamIndex)
            m_format->streams[i]->discard = AVDISCARD_ALL;
}

int rotationOf(const AVStream& stream)
{
    const std::int32_t* matrix = displayMatrix(stream);
    if (!matrix)
        return 0;
    const double counterClockwise = av_display_rotation_get(matrix);
    if (std::isnan(counterClockwise))
        return 0;
    const auto quarters = static_cast<int>(std::lround(-counterClockwise / 90.0));
    return 90 * (((quarters % 4) + 4) % 4);
}

DisplaySize displaySizeOf(const MediaFile& file, int videoStream, const AVFrame& frame)
{
    AVStream& stream = file.stream(videoStream);
    // FFmpeg does not change the frame, its signature only lacks a const.
    const AVRational aspect
        = av_guess_sample_aspect_ratio(&file.format(), &stream, const_cast<AVFrame*>(&frame));
    DisplaySize size{ frame.width, frame.height };
    const double ratio = aspect.num > 0 && aspect.den > 0 ? av_q2d(aspect) : 1.0;
    // Stretch the shorter way round so that no line of the picture is lost; beyond 8:1 it is a lie.
    if (ratio > 1.0 && ratio <= 8.0)
        size.width = static_cast<int>(std::lround(frame.width * ratio));
    else if (ratio < 1.0 && ratio >= 1.0 / 8.0)
        size.height = static_cast<int>(std::lround(frame.height / ratio));
    if (rotationOf(stream) % 180 != 0)
        std::swap(size.width, size.height);
    return size;
}

SubtitleInfo describeSubtitle(const AVStream& stream)
{
    SubtitleInfo info;
    info.streamIndex = stream.index;
    info.codec = avcodec_get_name(stream.codecpar->codec_id);
    info.language = metadataOf(stream, "language");
    if (info.language == "und")
        info.language.clear();
    info.title = metadataOf(stream, "title");
    const AVCodecDescriptor* descriptor = avcodec_descriptor_get(stream.codecpar->codec_id);
    info.isText = descriptor && (descriptor->props & AV_CODEC_PROP_TEXT_SUB) != 0;
    return info;
}

VideoInfo describe(const MediaFile& file, int videoStream, const AVFrame& frame)
{
    const AVFormatContext& format = file.format();
    AVStream& stream = file.stream(videoStream);
    VideoInfo info;
    info.container = format.iformat->name;
    info.videoCodec = avcodec_get_name(stream.codecpar->codec_id);
    if (const char* name = av_get_pix_fmt_name(static_cast<AVPixelFormat>(frame.format)))
        info.pixelFormat = name;
    const DisplaySize size = displaySizeOf(file, videoStream, frame);
    info.widthPixels = size.width;
    info.heightPixels = size.height;
    info.storedWidthPixels = frame.width;
    info.storedHeightPixels = frame.height;
    info.rotationDegrees = rotationOf(stream);
    if (stream.duration > 0)
        info.durationSeconds = static_cast<double>(stream.duration) * av_q2d(stream.time_base);
    else if (format.duration > 0)
        info.durationSeconds = static_cast<double>(format.duration) / AV_TIME_BASE;
    const AVRational rate = av_guess_frame_rate(&file.format(), &stream, nullptr);
    info.averageFps = rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0.0;
    info.interlaced = isInterlaced(frame);
    for (unsigned i = 0; i < format.nb_streams; ++i) {
        const AVStream& other = *format.streams[i];
        if (isVideo(other))
            ++info.videoStreams;
        else if (other.codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
            ++info.audioStreams;
        else if (other.codecpar->codec_type == AVMEDIA_TYPE_SUBTITLE)
            info.subtitles.push_back(describeSubtitle(other));
    }
    if (const int audio = file.audioStream(); audio >= 0) {
        const AVCodecParameters& sound = *file.stream(audio).codecpar;
        info.audio = AudioInfo{ avcodec_get_name(sound.codec_id), sound.sample_rate,
            sound.ch_layout.nb_channels };
    }
    return info;
}

void sendPacket(AVCodecContext& codec, const AVPacket* packet)
{
    avcodec_send_packet(&codec, packet);
}

Received receiveFrame(AVCodecContext& codec, AVFrame& frame)
{
    // Errors of single packets come out here; the codec goes on with the next packet after them.
    constexpr int maxErrors = 64;
    for (int i = 0; i < maxErrors; ++i) {
        const int code = avcodec_receive_frame(&codec, &frame);
        if (code >= 0)
            return Received::Frame;
        if (code == AVERROR_EOF)
            return Received::End;
        if (code == AVERROR(EAGAIN))
            return Received::NeedsPacket;
    }
    return Received::NeedsPacket;
}

} // namespace clipscope::media
