#pragma once

#include "base/result.h"
#include "media/video_info.h"

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::media {

/// How a decoded frame is recognised as a frame of the index.
enum class FrameIdentity : std::uint8_t {
    PresentationTime, ///< by the packet's presentation time: the normal case
    DecodeTime, ///< by its decode time: files without presentation times (AVI with B-frames)
    PacketNumber, ///< by counting packets from the start of the file: seeking means rewinding
};

/// One shown frame. Ticks are in the stream's time base.
struct IndexedFrame
{
    std::int64_t timeTicks = 0; ///< when it is shown, strictly rising
    std::int64_t token = 0; ///< what FrameIdentity says
    bool isKey = false; ///< decoding can start here

    bool operator==(const IndexedFrame&) const = default;
};

/// Presentation-time table of the shown frames of a video; the authority on time for the player,
/// the features and the captions. Time 0 is the first shown frame.
/// Threads: const; any thread at once.
class VideoIndex final
{
public:
    /// An index made of known parts; frames are sorted by time, at least one.
    VideoIndex(int streamIndex, int timeBaseNumerator, int timeBaseDenominator,
        FrameIdentity identity, std::vector<IndexedFrame> frames, std::int64_t endTicks);

    std::int64_t frameCount() const { return static_cast<std::int64_t>(m_frames.size()); }
    /// Start of a frame. The frame is in [0, frameCount()).
    double secondsOf(std::int64_t frame) const;
    /// The frame shown at a time: the last one that starts at or before it; the first one for
    /// times below 0, the last one for times past the end. frameAt(secondsOf(f)) == f.
    std::int64_t frameAt(double seconds) const;
    /// End of the last frame.
    double durationSeconds() const;
    /// Number of whole-second tokens: durationSeconds() rounded up, at least 1.
    std::int64_t secondCount() const;
    double averageFps() const;
    bool variableFrameRate() const;
    /// Presentation time of the first shown frame in the file's own time, which sound and
    /// subtitles share.
    double originSeconds() const;
    /// The frame at or before `frame` where decoding can start.
    std::int64_t keyFrameFor(std::int64_t frame) const;

    int streamIndex() const { return m_streamIndex; }
    int timeBaseNumerator() const { return m_timeBaseNumerator; }
    int timeBaseDenominator() const { return m_timeBaseDenominator; }
    FrameIdentity identity() const { return m_identity; }
    std::span<const IndexedFrame> frames() const { return m_frames; }
    std::int64_t endTicks() const { return m_endTicks; }

    /// Compact bytes for the catalogue (about two bytes a frame).
    std::string serialise() const;
    /// Errors: BadInput when the bytes are not a whole, valid index.
    static Result<VideoIndex> parse(std::string_view bytes);

    bool operator==(const VideoIndex&) const = default;

private:
    double secondsFromTicks(std::int64_t ticks) const;

    int m_streamIndex = 0;
    int m_timeBaseNumerator = 1;
    int m_timeBaseDenominator = 1;
    FrameIdentity m_identity = FrameIdentity::PresentationTime;
    std::vector<IndexedFrame> m_frames;
    std::int64_t m_endTicks = 0;
};

/// All that an import needs to know about a file.
struct InspectedVideo
{
    VideoInfo info; ///< duration, rates as the index says
    VideoIndex index;
    std::vector<Error> warnings; ///< truncated, damaged, timestamp gaps: usable all the same
};

/// probe() and the index in one pass over the packets; decodes the whole file only where packets
/// carry no timestamps or the file is damaged.
/// Errors: as probe(); BadInput also when timestamps span more than ten days.
/// Threads: any thread at once. Cost: reads the whole file.
Result<InspectedVideo> inspect(const std::filesystem::path& path, std::stop_token stop = {});

/// The index alone. Errors, Threads, Cost: as inspect().
Result<VideoIndex> buildIndex(const std::filesystem::path& path, std::stop_token stop = {});

} // namespace clipscope::media
