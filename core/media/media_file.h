#pragma once

// Private to this module: an opened file, its streams and its codecs.

#include "base/result.h"
#include "media/decode_options.h"
#include "media/ffmpeg_handles.h"
#include "media/video_info.h"

#include <memory>
#include <stop_token>

namespace clipscope::media {

/// Largest picture that is decoded, in pixels (8192 x 8192).
inline constexpr std::int64_t maxPicturePixels = std::int64_t{ 1 } << 26;

/// Timestamps beyond this are lies; leaves room for sums and differences.
inline constexpr std::int64_t maxTicks = std::int64_t{ 1 } << 61;

/// An error of FFmpeg as an Error: kind by code, the library's words quoted.
Error mediaError(const std::filesystem::path& path, const std::string& doing, int code);

/// One frame or end of stream or error of avcodec_receive_frame().
enum class Received { Frame, NeedsPacket, End };

/// An open media file. Only local files are opened, playlists, pictures and text files refused.
/// Threads: one thread at a time.
class MediaFile final
{
public:
    /// Errors: NotFound, Io, BadInput, Cancelled.
    static Result<MediaFile> open(const std::filesystem::path& path, std::stop_token stop);
    MediaFile(MediaFile&&) noexcept = default;
    /// Swaps, so that the old file closes while its stop token still lives.
    MediaFile& operator=(MediaFile&& other) noexcept;
    ~MediaFile() = default;

    AVFormatContext& format() const { return *m_format; }
    const std::filesystem::path& path() const { return *m_path; }
    AVStream& stream(int index) const { return *m_format->streams[index]; }
    /// The video stream that is played: the first marked default, else the first; attached
    /// pictures do not count. Errors: BadInput when there is none.
    Result<int> videoStream() const;
    /// -1 when there is none.
    int audioStream() const;

    /// A codec for a stream. `threads` as in Decoder. On a card its pictures want download().
    /// Errors: Unsupported, BadInput.
    Result<CodecHandle> openCodec(
        int streamIndex, int threads, DecodeWish wish = DecodeWish::Software) const;
    /// The next packet of any stream; false at the end. Damaged data ends the stream as well,
    /// `endedEarly()` then tells.
    /// Errors: Cancelled.
    Result<bool> read(AVPacket& packet);
    bool endedEarly() const { return m_endedEarly; }
    /// Makes later calls obey another token.
    void setStop(std::stop_token stop) { *m_stop = std::move(stop); }
    std::stop_token stop() const { return *m_stop; }
    bool stopped() const { return m_stop->stop_requested(); }
    /// Takes packets of other streams out of the way.
    void keepOnly(int streamIndex);

private:
    MediaFile() = default;
    // On the heap, because FFmpeg's interrupt callback holds its address.
    std::unique_ptr<std::stop_token> m_stop;
    std::unique_ptr<std::filesystem::path> m_path;
    FormatHandle m_format;
    bool m_endedEarly = false;
};

/// Clockwise turn that brings a stream upright: 0, 90, 180 or 270.
int rotationOf(const AVStream& stream);
/// Everything of VideoInfo, given the first decoded frame.
VideoInfo describe(const MediaFile& file, int videoStream, const AVFrame& frame);
SubtitleInfo describeSubtitle(const AVStream& stream);
/// Size as shown: square pixels, turned.
struct DisplaySize
{
    int width = 0, height = 0;
};
DisplaySize displaySizeOf(const MediaFile& file, int videoStream, const AVFrame& frame);

/// Sends a packet (null: drain) to a codec that asked for one; what it refuses is dropped, as
/// trying the same packet again could go on for ever.
void sendPacket(AVCodecContext& codec, const AVPacket* packet);
/// After draining, NeedsPacket means End too.
Received receiveFrame(AVCodecContext& codec, AVFrame& frame);

/// The error of a stopped call.
tl::unexpected<Error> cancelled(const std::filesystem::path& path);

} // namespace clipscope::media
