#pragma once

#include "base/result.h"
#include "data/captioned_video.h"

#include <cstdint>
#include <vector>

namespace clipscope {
class Random;
}

namespace clipscope::data {

/// How the seconds of a pair follow from its text.
enum class ClipKind {
    Overlapped, ///< grown from a random second of the text, so they begin and end elsewhere
    Aligned, ///< those the text covers, as in the ablations of the paper
};
/// Words for settings, in the order of the enumerators.
std::vector<std::string> clipKindNames();

struct SamplingConfig
{
    ClipKind clips = ClipKind::Overlapped;
    std::int64_t pairsPerVideo = 16;
    std::int64_t textBudgetLow = 8, textBudgetHigh = 64; ///< tokens a run of captions grows to
    /// Length of an overlapped clip; the second is also the most an aligned one has. Equal numbers
    /// give one length.
    std::int64_t videoSecondsLow = 3, videoSecondsHigh = 32;
    double maxSpanSeconds = 256.0; ///< a run of captions grows no further
};

/// Draws pairs of text and video clips from one video.
///
/// A caption is picked, the run of captions grows from it at random ends until a random number of
/// tokens; a random second inside the run is the seed from which an overlapped clip grows at random
/// ends to a random length; it may begin or end outside of the text. An aligned clip is what the
/// run covers. Pairs depend on (seed, epoch, video id) alone. Errors:  of create() only. Threads:
/// const after construction; any thread at once. Source:  Xu et al. 2021, overlapped clips; the
/// reference code where the paper is silent
///          (videoclip.md section 4), distributions by fixtures.
class ClipSampler final
{
public:
    /// Errors: BadInput naming the range that is empty or begins below 1.
    static Result<ClipSampler> create(const SamplingConfig& config);

    const SamplingConfig& config() const { return m_config; }
    /// Appends pairsPerVideo pairs of `video`, which stands at `index` of its set.
    void sample(const CaptionedVideo& video, std::int64_t index, EpochSeed seed,
        std::vector<ClipPair>& out) const;
    /// One overlapped pair. Requires at least one caption and one second.
    ClipPair draw(const CaptionedVideo& video, std::int64_t index, Random& random) const;

    /// Appends `count` aligned pairs: runs of captions drawn in the same way with the seconds they
    /// themselves cover, of which the first `maxSeconds` count and there may be none. These make
    /// the vector of a video for retrieval. They do not depend on the pairs of sample().
    /// Source: videoclip.md section 5.
    void alignedClips(const CaptionedVideo& video, std::int64_t index, EpochSeed seed,
        std::int64_t count, std::int64_t maxSeconds, std::vector<ClipPair>& out) const;
    /// One of these. Requires at least one caption and one second.
    ClipPair drawAligned(const CaptionedVideo& video, std::int64_t index, std::int64_t maxSeconds,
        Random& random) const;

private:
    /// The text of a pair.
    ClipPair drawText(const CaptionedVideo& video, std::int64_t index, Random& random) const;

    explicit ClipSampler(const SamplingConfig& config)
        : m_config(config)
    {
    }
    SamplingConfig m_config;
};

/// Number of tokens of a run of captions, before any cut.
std::int64_t tokenCount(
    const CaptionedVideo& video, std::int64_t captionBegin, std::int64_t captionEnd);

/// The seconds a run of captions itself covers, as the reference aligns them: from floor(start) to
/// ceil(stop), inside the video, at most `maxSeconds` from its begin. May be none.
struct SecondSpan
{
    std::int64_t begin = 0, end = 0;
    bool operator==(const SecondSpan&) const = default;
};
SecondSpan alignedSpan(
    double startSeconds, double stopSeconds, std::int64_t videoSeconds, std::int64_t maxSeconds);

} // namespace clipscope::data
