#pragma once

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

namespace clipscope::media {

/// A piece of sound.
struct AudioBlock
{
    double startSeconds = 0.0;
    int sampleRateHz = 0;
    std::vector<float> samples; ///< interleaved stereo, [-1, 1], 2 * frames() values
    std::int64_t frames() const { return static_cast<std::int64_t>(samples.size() / 2); }
};

/// Reads sound from any time, resampled to stereo float. Times without sound are silence.
/// Errors: damaged packets become silence. Threads: one thread at a time.
class AudioReader final
{
public:
    /// `sampleRateHz`: of the blocks, in [8000, 192000]; 0 for the file's own, within that range.
    /// `originSeconds`: VideoIndex::originSeconds(), so that 0 is the first shown frame.
    /// Errors: NotFound, Io; BadInput (no media, no sound); Unsupported (no decoder).
    static Result<AudioReader> open(
        const std::filesystem::path& path, int sampleRateHz, double originSeconds = 0.0);
    AudioReader(AudioReader&&) noexcept;
    AudioReader& operator=(AudioReader&&) noexcept;
    ~AudioReader();

    /// Exactly round(seconds * rate) frames from `startSeconds` on; reading on where the last call
    /// ended costs no seek. `seconds` is in [0, 60].
    /// Errors: Io, Cancelled.
    Result<AudioBlock> read(double startSeconds, double seconds, std::stop_token stop = {});
    /// End of the sound as far as the file says; 0 when unknown.
    double durationSeconds() const;
    std::int64_t seeks() const;

private:
    struct Impl;
    explicit AudioReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::media
