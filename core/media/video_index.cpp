#include "media/video_index.h"

#include "base/hash.h"
#include "base/require.h"

#include <algorithm>
#include <cmath>

namespace clipscope::media {

namespace {

constexpr std::string_view magic = "CSVI1";
constexpr std::size_t checksumBytes = 8;

// Variable-length integers, seven bits a byte, lowest first; signed ones zigzag.
void putUnsigned(std::string& out, std::uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        out.push_back(static_cast<char>(value | 0x80));
    out.push_back(static_cast<char>(value));
}

void putSigned(std::string& out, std::int64_t value)
{
    const auto bits = static_cast<std::uint64_t>(value);
    putUnsigned(out, (bits << 1) ^ (value < 0 ? ~std::uint64_t{ 0 } : 0));
}

/// Reads what put...() wrote; after a failure everything reads as 0 and ok() is false.
class ByteReader final
{
public:
    explicit ByteReader(std::string_view bytes)
        : m_bytes(bytes)
    {
    }

    std::uint64_t getUnsigned()
    {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (m_bytes.empty())
                break;
            const auto byte = static_cast<std::uint8_t>(m_bytes.front());
            m_bytes.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80)
                return value;
        }
        m_ok = false;
        m_bytes = {};
        return 0;
    }

    std::int64_t getSigned()
    {
        const std::uint64_t bits = getUnsigned();
        return static_cast<std::int64_t>((bits >> 1) ^ ((bits & 1) != 0 ? ~std::uint64_t{ 0 } : 0));
    }

    bool ok() const { return m_ok; }
    std::size_t left() const { return m_bytes.size(); }

private:
    std::string_view m_bytes;
    bool m_ok = true;
};

tl::unexpected<Error> badIndex(const std::string& what)
{
    return fail(ErrorKind::BadInput, "The stored time table of the video is damaged: " + what + ".",
        {}, "Import the video again.");
}

/// Ticks far from overflow in every sum and difference.
bool isSane(std::int64_t ticks)
{
    constexpr std::int64_t limit = std::int64_t{ 1 } << 61;
    return ticks > -limit && ticks < limit;
}

} // namespace

VideoIndex::VideoIndex(int streamIndex, int timeBaseNumerator, int timeBaseDenominator,
    FrameIdentity identity, std::vector<IndexedFrame> frames, std::int64_t endTicks)
    : m_streamIndex(streamIndex)
    , m_timeBaseNumerator(timeBaseNumerator)
    , m_timeBaseDenominator(timeBaseDenominator)
    , m_identity(identity)
    , m_frames(std::move(frames))
    , m_endTicks(endTicks)
{
    CLIP_REQUIRE(!m_frames.empty(), "an index has at least one frame");
    CLIP_REQUIRE(m_timeBaseNumerator > 0 && m_timeBaseDenominator > 0, "time base");
    CLIP_REQUIRE(m_endTicks > m_frames.back().timeTicks, "the last frame has a duration");
}

double VideoIndex::secondsFromTicks(std::int64_t ticks) const
{
    return static_cast<double>(ticks) * m_timeBaseNumerator / m_timeBaseDenominator;
}

double VideoIndex::secondsOf(std::int64_t frame) const
{
    CLIP_REQUIRE(frame >= 0 && frame < frameCount(), std::to_string(frame));
    return secondsFromTicks(
        m_frames[static_cast<std::size_t>(frame)].timeTicks - m_frames.front().timeTicks);
}

std::int64_t VideoIndex::frameAt(double seconds) const
{
    const std::int64_t origin = m_frames.front().timeTicks;
    // Compared in the same arithmetic as secondsOf(), so that both agree on every frame's start.
    const auto after = std::upper_bound(
        m_frames.begin(), m_frames.end(), seconds, [&](double wanted, const IndexedFrame& frame) {
            return wanted < secondsFromTicks(frame.timeTicks - origin);
        });
    return std::max<std::int64_t>(0, after - m_frames.begin() - 1);
}

double VideoIndex::durationSeconds() const
{
    return secondsFromTicks(m_endTicks - m_frames.front().timeTicks);
}

std::int64_t VideoIndex::secondCount() const
{
    // A microsecond more than a whole second is rounding of the time base, not a second.
    return std::max<std::int64_t>(
        1, static_cast<std::int64_t>(std::ceil(durationSeconds() - 1e-6)));
}

double VideoIndex::averageFps() const
{
    return static_cast<double>(frameCount()) / durationSeconds();
}

bool VideoIndex::variableFrameRate() const
{
    if (m_frames.size() < 3)
        return false;
    std::vector<std::int64_t> intervals;
    intervals.reserve(m_frames.size() - 1);
    for (std::size_t i = 1; i < m_frames.size(); ++i)
        intervals.push_back(m_frames[i].timeTicks - m_frames[i - 1].timeTicks);
    const auto middle = intervals.begin() + static_cast<std::ptrdiff_t>(intervals.size() / 2);
    std::nth_element(intervals.begin(), middle, intervals.end());
    const std::int64_t median = *middle;
    // One tick either way is rounding; one odd interval in fifty is a dropped frame.
    const std::int64_t tolerance = std::max<std::int64_t>(1, median / 5);
    const auto odd = std::count_if(intervals.begin(), intervals.end(),
        [&](std::int64_t interval) { return std::abs(interval - median) > tolerance; });
    return odd * 50 > static_cast<std::ptrdiff_t>(intervals.size());
}

double VideoIndex::originSeconds() const
{
    return secondsFromTicks(m_frames.front().timeTicks);
}

std::int64_t VideoIndex::keyFrameFor(std::int64_t frame) const
{
    CLIP_REQUIRE(frame >= 0 && frame < frameCount(), std::to_string(frame));
    while (frame > 0 && !m_frames[static_cast<std::size_t>(frame)].isKey)
        --frame;
    return frame;
}

std::string VideoIndex::serialise() const
{
    std::string out(magic);
    putSigned(out, m_streamIndex);
    putSigned(out, m_timeBaseNumerator);
    putSigned(out, m_timeBaseDenominator);
    putUnsigned(out, static_cast<std::uint64_t>(m_identity));
    putUnsigned(out, m_frames.size());
    putSigned(out, m_endTicks);
    std::int64_t time = 0;
    std::int64_t token = 0;
    for (const IndexedFrame& frame : m_frames) {
        putSigned(out, frame.timeTicks - time);
        const bool tokenIsTime = m_identity == FrameIdentity::PresentationTime;
        if (!tokenIsTime)
            putSigned(out, frame.token - token);
        time = frame.timeTicks;
        token = frame.token;
    }
    std::uint64_t previousKey = 0;
    const auto keys = std::count_if(
        m_frames.begin(), m_frames.end(), [](const IndexedFrame& frame) { return frame.isKey; });
    putUnsigned(out, static_cast<std::uint64_t>(keys));
    for (std::uint64_t i = 0; i < m_frames.size(); ++i) {
        if (!m_frames[i].isKey)
            continue;
        putUnsigned(out, i - previousKey);
        previousKey = i;
    }
    out += hashOf(out).substr(0, checksumBytes);
    return out;
}

Result<VideoIndex> VideoIndex::parse(std::string_view bytes)
{
    if (!bytes.starts_with("CSVI"))
        return badIndex("it is not a time table");
    if (!bytes.starts_with(magic))
        return badIndex("it was written by another version");
    if (bytes.size() < magic.size() + checksumBytes)
        return badIndex("it is cut off");
    const std::string_view body = bytes.substr(0, bytes.size() - checksumBytes);
    if (hashOf(body).substr(0, checksumBytes) != bytes.substr(body.size()))
        return badIndex("its checksum differs");

    ByteReader reader(body.substr(magic.size()));
    const std::int64_t stream = reader.getSigned();
    const std::int64_t numerator = reader.getSigned();
    const std::int64_t denominator = reader.getSigned();
    const std::uint64_t identity = reader.getUnsigned();
    const std::uint64_t count = reader.getUnsigned();
    const std::int64_t end = reader.getSigned();
    constexpr std::int64_t most = std::int64_t{ 1 } << 31;
    if (!reader.ok() || stream < 0 || stream >= most || numerator <= 0 || numerator >= most
        || denominator <= 0 || denominator >= most || identity > 2 || !isSane(end))
        return badIndex("its head makes no sense");
    if (count == 0 || count > reader.left()) // every frame takes a byte at least
        return badIndex("its number of frames makes no sense");

    std::vector<IndexedFrame> frames(count);
    const auto kind = static_cast<FrameIdentity>(identity);
    std::int64_t time = 0;
    std::int64_t token = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const std::int64_t step = reader.getSigned();
        const std::int64_t tokenStep
            = kind == FrameIdentity::PresentationTime ? 0 : reader.getSigned();
        if (!isSane(step) || !isSane(tokenStep) || !isSane(time + step)
            || !isSane(token + tokenStep) || (i > 0 && step <= 0))
            return badIndex("its times do not rise");
        time += step;
        token += tokenStep;
        frames[i] = { time, kind == FrameIdentity::PresentationTime ? time : token, false };
    }
    const std::uint64_t keys = reader.getUnsigned();
    std::uint64_t key = 0;
    for (std::uint64_t i = 0; i < keys && reader.ok(); ++i) {
        key += reader.getUnsigned();
        if (key >= frames.size())
            return badIndex("a key frame lies outside");
        frames[key].isKey = true;
    }
    if (!reader.ok() || reader.left() != 0 || end <= time)
        return badIndex("it is cut off");
    return VideoIndex(static_cast<int>(stream), static_cast<int>(numerator),
        static_cast<int>(denominator), kind, std::move(frames), end);
}

} // namespace clipscope::media
