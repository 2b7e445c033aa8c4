#pragma once

#include "base/result.h"

#include <memory>
#include <span>
#include <vector>

namespace clipscope::media {

inline constexpr double slowestTempo = 0.5; ///< slower sounds like gravel
inline constexpr double fastestTempo = 2.0;

/// Makes stereo sound faster or slower and keeps its pitch (FFmpeg's atempo). What goes in is one
/// piece of sound in order; what comes out begins with its first sample, lasts 1 / tempo times as
/// long (0.03 s off at most), and every moment of it is within 0.06 s of where it should be. Some
/// hundredths of a second come only with what follows, or with drain().
/// Errors:  a filter that failed gives nothing any more. Threads: one thread at a time.
class TempoFilter final
{
public:
    /// Range: `sampleRateHz` [8000, 192000], `tempo` [slowestTempo, fastestTempo].
    /// Errors: Unsupported (FFmpeg was built without the filter), OutOfMemory.
    static Result<TempoFilter> create(int sampleRateHz, double tempo);
    TempoFilter(TempoFilter&&) noexcept;
    TempoFilter& operator=(TempoFilter&&) noexcept;
    ~TempoFilter();

    /// Takes samples as AudioBlock has them, gives what is ready by now in the same form.
    /// Errors: OutOfMemory, Internal.
    Result<std::vector<float>> filter(std::span<const float> samples);
    /// The rest. Nothing can be filtered afterwards. Errors: as filter().
    Result<std::vector<float>> drain();

private:
    struct Impl;
    explicit TempoFilter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::media
