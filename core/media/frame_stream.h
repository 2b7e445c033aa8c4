#pragma once

// Private to this module: decoded frames of an indexed video in order of display, from any place.

#include "media/media_file.h"
#include "media/video_index.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace clipscope::media {

/// A decoded picture and which frame of the index it is.
struct StreamFrame
{
    std::int64_t index = 0;
    FrameHandle picture;
};

/// Threads: one thread at a time.
class FrameStream final
{
public:
    /// A card that fails is left for the processor, which goes on where it stopped.
    static Result<FrameStream> open(const std::filesystem::path& path,
        std::shared_ptr<const VideoIndex> index, int threads, std::stop_token stop,
        DecodeWish wish = DecodeWish::Software);

    const MediaFile& file() const { return m_file; }
    const VideoIndex& index() const { return *m_index; }

    /// Makes next() give frames from the key frame before `frame` on, or from an earlier one where
    /// the file cannot be entered there.
    /// Errors: Io, BadInput (the file changed), Cancelled.
    Status seekBefore(std::int64_t frame, std::stop_token stop);
    /// The next frame, indices strictly rising since the last seek; nothing at the end.
    Result<std::optional<StreamFrame>> next(std::stop_token stop);
    /// The frame that next() gave last; -1 at the start, one before the key frame after a seek,
    /// beyond all frames after a call that failed.
    std::int64_t position() const { return m_position; }
    /// True after a call that failed: only seekBefore() finds a place again.
    bool isLost() const { return m_mustReopen; }
    /// Frames that next() need not give where leaving them out changes no other frame.
    void setWanted(std::vector<bool> wanted) { m_wanted = std::move(wanted); }

    std::int64_t seeks() const { return m_seeks; }
    std::int64_t decodedFrames() const { return m_decodedFrames; }

private:
    FrameStream(MediaFile file, CodecHandle codec, std::shared_ptr<const VideoIndex> index);
    Status rewind(std::stop_token stop);
    Status leaveCard(std::stop_token stop);
    Result<bool> read();
    Status prime();
    /// Jumps to a time and reads up to the first key packet; true when that lies at or before the
    /// key frame `key`.
    Result<bool> enterAt(std::int64_t ticks, std::int64_t key);
    std::optional<std::int64_t> frameOf(std::int64_t token) const;
    void feed(AVPacket& packet);

    MediaFile m_file;
    CodecHandle m_codec;
    std::shared_ptr<const VideoIndex> m_index;
    PacketHandle m_packet = newPacket();
    FrameHandle m_frame = newFrame();
    std::vector<std::pair<std::int64_t, std::int64_t>> m_frameOfToken; ///< sorted
    std::vector<bool> m_wanted;
    std::int64_t m_packetNumber = 0; ///< of the next video packet, counted from a rewind
    std::int64_t m_position = -1;
    std::int64_t m_marginTicks = 0; ///< how much before a key frame this file must be entered
    bool m_hasPacket = false; ///< m_packet was read by a seek and is still to be sent
    bool m_draining = false;
    bool m_isPrimed = false; ///< the codec has seen the first packet of the file
    bool m_mustReopen = false; ///< a read was interrupted, the demuxer may have lost its place
    int m_threads = 0; ///< for another codec in place of the card
    std::int64_t m_seeks = 0;
    std::int64_t m_decodedFrames = 0;
};

} // namespace clipscope::media
