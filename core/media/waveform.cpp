#include "media/waveform.h"

#include "base/hash.h"
#include "base/require.h"
#include "media/audio_reader.h"

#include <algorithm>
#include <cmath>

namespace clipscope::media {

namespace {

constexpr std::string_view magic = "CSWF1";
constexpr std::size_t checksumBytes = 8;
constexpr std::size_t bytesPerPeak = 4;
constexpr double blockSeconds = 10.0;
constexpr std::int64_t bucketsPerReport = std::int64_t{ 60 } * Waveform::bucketsPerSecond;
constexpr int ownRate = 0; ///< of AudioReader: nothing is resampled

Peak joined(Peak a, Peak b)
{
    return { std::min(a.lowest, b.lowest), std::max(a.highest, b.highest) };
}

Peak joined(std::span<const Peak> peaks)
{
    Peak all = peaks.front();
    for (const Peak& peak : peaks)
        all = joined(all, peak);
    return all;
}

void putSample(std::string& out, std::int16_t sample)
{
    const auto bits = static_cast<std::uint16_t>(sample);
    out.push_back(static_cast<char>(bits & 0xff));
    out.push_back(static_cast<char>(bits >> 8));
}

std::int16_t sampleAt(std::string_view bytes, std::size_t offset)
{
    const auto low = static_cast<std::uint8_t>(bytes[offset]);
    const auto high = static_cast<std::uint8_t>(bytes[offset + 1]);
    return static_cast<std::int16_t>(static_cast<std::uint16_t>(low | (high << 8)));
}

tl::unexpected<Error> badWaveform(const std::string& what)
{
    return fail(ErrorKind::BadInput, "The stored waveform is damaged: " + what + ".", {},
        "Delete it, it is made again.");
}

std::int16_t toSample(float value)
{
    // Sound may exceed full scale after decoding; a value that is no number is silence.
    const float scaled = std::clamp(value, -1.0f, 1.0f) * 32767.0f;
    return static_cast<std::int16_t>(std::isfinite(scaled) ? std::lround(scaled) : 0);
}

/// Puts the samples of one block into the buckets that its seconds fall into.
void addBlock(const AudioBlock& block, std::vector<Peak>& peaks, std::int64_t most)
{
    const std::int64_t rate = block.sampleRateHz;
    const std::int64_t first = std::llround(block.startSeconds * static_cast<double>(rate));
    const std::int64_t frames = block.frames();
    for (std::int64_t i = 0; i < frames;) {
        const std::int64_t bucket = (first + i) * Waveform::bucketsPerSecond / rate;
        if (bucket >= most)
            return;
        // The first frame that belongs to the next bucket.
        const std::int64_t next
            = ((bucket + 1) * rate + Waveform::bucketsPerSecond - 1) / Waveform::bucketsPerSecond;
        const std::int64_t stop = std::min(frames, next - first);
        const auto [low, high]
            = std::minmax_element(block.samples.begin() + 2 * i, block.samples.begin() + 2 * stop);
        const Peak peak{ toSample(*low), toSample(*high) };
        if (static_cast<std::int64_t>(peaks.size()) > bucket)
            peaks.back() = joined(peaks.back(), peak); // begun by the block before
        else
            peaks.push_back(peak);
        i = stop;
    }
}

} // namespace

Waveform::Waveform(std::vector<Peak> peaks)
{
    m_levels.push_back(std::move(peaks));
    while (m_levels.back().size() > coarser) {
        const std::span<const Peak> fine = m_levels.back();
        std::vector<Peak> next;
        next.reserve(fine.size() / coarser + 1);
        for (std::size_t i = 0; i < fine.size(); i += coarser)
            next.push_back(
                joined(fine.subspan(i, std::min<std::size_t>(coarser, fine.size() - i))));
        m_levels.push_back(std::move(next));
    }
}

std::span<const Peak> Waveform::level(int level) const
{
    CLIP_REQUIRE(level >= 0 && level < levelCount(), std::to_string(level));
    return m_levels[static_cast<std::size_t>(level)];
}

double Waveform::bucketSeconds(int level)
{
    return std::pow(coarser, level) / bucketsPerSecond;
}

double Waveform::durationSeconds() const
{
    return static_cast<double>(m_levels.front().size()) / bucketsPerSecond;
}

bool Waveform::isSilent() const
{
    const auto& coarsest = m_levels.back();
    return std::all_of(coarsest.begin(), coarsest.end(), [](Peak peak) { return peak == Peak(); });
}

Peak Waveform::extremes(std::size_t first, std::size_t stop) const
{
    Peak all = m_levels.front()[first];
    // From both ends inwards, a level up as soon as the rest is whole buckets of that level.
    for (std::size_t level = 0; first < stop; ++level, first /= coarser, stop /= coarser) {
        const auto& buckets = m_levels[level];
        const bool isLast = level + 1 == m_levels.size();
        while (first < stop && (isLast || first % coarser != 0))
            all = joined(all, buckets[first++]);
        while (first < stop && stop % coarser != 0)
            all = joined(all, buckets[--stop]);
    }
    return all;
}

std::vector<Peak> Waveform::columns(double startSeconds, double secondsPerColumn, int count) const
{
    CLIP_REQUIRE(std::isfinite(startSeconds) && secondsPerColumn > 0.0 && count >= 0,
        std::to_string(startSeconds) + " " + std::to_string(secondsPerColumn));
    const auto last = static_cast<double>(m_levels.front().size());
    // A column that ends where a bucket begins does not touch it, whatever the rounding says.
    constexpr double grain = 1e-6;
    const double bucketsPerColumn = secondsPerColumn * bucketsPerSecond;
    const double offset = startSeconds * bucketsPerSecond;
    std::vector<Peak> out(static_cast<std::size_t>(count));
    for (int column = 0; column < count; ++column) {
        const double from = std::floor(offset + column * bucketsPerColumn + grain);
        const double to = std::ceil(offset + (column + 1) * bucketsPerColumn - grain);
        if (to <= 0.0 || from >= last)
            continue;
        const auto first = static_cast<std::size_t>(std::max(0.0, from));
        const auto stop = static_cast<std::size_t>(std::min(last, to));
        out[static_cast<std::size_t>(column)] = extremes(first, std::max(stop, first + 1));
    }
    return out;
}

std::string Waveform::serialise() const
{
    std::string out(magic);
    out.reserve(magic.size() + bytesPerPeak * m_levels.front().size() + checksumBytes);
    for (const Peak& peak : m_levels.front()) {
        putSample(out, peak.lowest);
        putSample(out, peak.highest);
    }
    out += hashOf(out).substr(0, checksumBytes);
    return out;
}

Result<Waveform> Waveform::parse(std::string_view bytes)
{
    if (!bytes.starts_with("CSWF"))
        return badWaveform("it is not a waveform");
    if (!bytes.starts_with(magic))
        return badWaveform("it was written by another version");
    if (bytes.size() < magic.size() + checksumBytes)
        return badWaveform("it is cut off");
    const std::string_view body = bytes.substr(0, bytes.size() - checksumBytes);
    if (hashOf(body).substr(0, checksumBytes) != bytes.substr(body.size()))
        return badWaveform("its checksum differs");
    const std::string_view data = body.substr(magic.size());
    if (data.size() % bytesPerPeak != 0)
        return badWaveform("it is cut off");
    std::vector<Peak> peaks(data.size() / bytesPerPeak);
    for (std::size_t i = 0; i < peaks.size(); ++i) {
        peaks[i] = { sampleAt(data, bytesPerPeak * i), sampleAt(data, bytesPerPeak * i + 2) };
        if (peaks[i].lowest > peaks[i].highest)
            return badWaveform("a peak is upside down");
    }
    return Waveform(std::move(peaks));
}

Result<Waveform> readWaveform(const std::filesystem::path& path, const VideoIndex& index,
    std::stop_token stop, const WaveformProgress& progress)
{
    CLIP_TRY_ASSIGN(AudioReader reader, AudioReader::open(path, ownRate, index.originSeconds()));
    const auto total = static_cast<std::int64_t>(
        std::ceil(index.durationSeconds() * Waveform::bucketsPerSecond - 1e-6));
    std::vector<Peak> peaks;
    peaks.reserve(static_cast<std::size_t>(total));
    std::int64_t reported = 0;
    for (int block = 0; static_cast<std::int64_t>(peaks.size()) < total; ++block) {
        CLIP_TRY_ASSIGN(
            const AudioBlock sound, reader.read(block * blockSeconds, blockSeconds, stop));
        addBlock(sound, peaks, total);
        const auto done = static_cast<std::int64_t>(peaks.size());
        if (progress && done < total && done - reported >= bucketsPerReport) {
            progress(peaks, total);
            reported = done;
        }
    }
    if (progress)
        progress(peaks, total);
    return Waveform(std::move(peaks));
}

} // namespace clipscope::media
