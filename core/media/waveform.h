#pragma once

#include "base/result.h"
#include "media/video_index.h"

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::media {

/// The lowest and the highest sample of a stretch of sound, of all channels together, as 16-bit
/// samples: 32767 is full scale. Silence is { 0, 0 }.
struct Peak
{
    std::int16_t lowest = 0;
    std::int16_t highest = 0;

    bool operator==(const Peak&) const = default;
};

/// The sound of a video as peaks, for painting: how far the samples of each hundredth of a second
/// reach, and coarser levels of the same, so that any zoom reads about as many peaks as it paints.
///
/// Units:   seconds on the video's own clock (VideoIndex): 0 is the first shown frame. Bucket i of
///          level l covers [i, i + 1) * bucketSeconds(l).
/// Threads: const; any thread at once.
class Waveform final
{
public:
    static constexpr int bucketsPerSecond = 100; ///< of level 0
    static constexpr int coarser = 4; ///< buckets of a level that make one of the next

    /// Cost: a third more than the peaks, for the coarser levels.
    explicit Waveform(std::vector<Peak> peaks = {});

    /// At least 1; the last level has at most `coarser` buckets.
    int levelCount() const { return static_cast<int>(m_levels.size()); }
    /// Range: [0, levelCount()).
    std::span<const Peak> level(int level) const;
    static double bucketSeconds(int level);
    double durationSeconds() const;
    bool isSilent() const;

    /// How far the sound reaches in each of `count` columns, the first one from `startSeconds` on,
    /// each `secondsPerColumn` wide (above 0): what a painter draws as one line per pixel. A column
    /// takes in every bucket of level 0 that it touches and no other; { 0, 0 } outside the sound.
    /// Cost: some ten buckets a column at any zoom.
    std::vector<Peak> columns(double startSeconds, double secondsPerColumn, int count) const;

    /// Bytes for a cache: four a bucket; docs/formats/waveform.md.
    std::string serialise() const;
    /// Errors: BadInput when the bytes are not a whole waveform of this version.
    static Result<Waveform> parse(std::string_view bytes);

    bool operator==(const Waveform&) const = default;

private:
    Peak extremes(std::size_t first, std::size_t stop) const;

    std::vector<std::vector<Peak>> m_levels;
};

/// Told while the sound is read, on the thread that reads: all peaks so far, and how many there
/// will be.
using WaveformProgress = std::function<void(std::span<const Peak> soFar, std::int64_t total)>;

/// Reads the sound that would be played, from the first shown frame to the end of the last one;
/// where there is none it is silent. `progress` is called about once per minute of sound.
/// Errors: NotFound, Io; BadInput (no media, no sound); Unsupported (no decoder); Cancelled.
/// Threads: any thread at once. Cost: decodes the whole sound, a few hundred times faster than it
/// plays; some megabytes of memory.
Result<Waveform> readWaveform(const std::filesystem::path& path, const VideoIndex& index,
    std::stop_token stop = {}, const WaveformProgress& progress = {});

} // namespace clipscope::media
