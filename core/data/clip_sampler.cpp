#include "data/clip_sampler.h"

#include "base/random.h"
#include "base/require.h"

#include <algorithm>
#include <cmath>

namespace clipscope::data {

namespace {

/// Grows [begin, end) by one inside [0, count): at a random end, or at the only possible one.
void growByOne(std::int64_t& begin, std::int64_t& end, std::int64_t count, Random& random)
{
    const bool canGoBack = begin > 0, canGoOn = end < count;
    if (canGoOn && (!canGoBack || random.coin()))
        ++end;
    else
        --begin;
}

std::int64_t tokensOf(const TokenCaption& caption)
{
    return static_cast<std::int64_t>(caption.ids.size());
}

/// A whole number of seconds; what no video is long enough for becomes 0.
std::int64_t whole(double seconds)
{
    return std::abs(seconds) < 0x1p52 ? static_cast<std::int64_t>(seconds) : 0;
}

} // namespace

std::vector<std::string> clipKindNames()
{
    return { "overlapped", "aligned" };
}

Result<ClipSampler> ClipSampler::create(const SamplingConfig& config)
{
    const auto bad = [](const char* what) {
        return fail(ErrorKind::BadInput,
            std::string("The range of ") + what + " is empty or begins below 1.");
    };
    if (config.pairsPerVideo < 1)
        return bad("pairs per video");
    if (config.textBudgetLow < 1 || config.textBudgetHigh < config.textBudgetLow)
        return bad("text budgets");
    if (config.videoSecondsLow < 1 || config.videoSecondsHigh < config.videoSecondsLow)
        return bad("video lengths");
    return ClipSampler(config);
}

void ClipSampler::sample(const CaptionedVideo& video, std::int64_t index, EpochSeed seed,
    std::vector<ClipPair>& out) const
{
    Random random({ seed.seed, static_cast<std::uint64_t>(seed.epoch),
        static_cast<std::uint64_t>(video.videoId) });
    for (std::int64_t pair = 0; pair < m_config.pairsPerVideo; ++pair)
        out.push_back(m_config.clips == ClipKind::Overlapped
                ? draw(video, index, random)
                : drawAligned(video, index, m_config.videoSecondsHigh, random));
}

ClipPair ClipSampler::drawText(
    const CaptionedVideo& video, std::int64_t index, Random& random) const
{
    const auto captions = static_cast<std::int64_t>(video.captions.size());
    CLIP_REQUIRE(captions > 0 && video.seconds > 0, std::string(video.name));
    const auto caption
        = [&](std::int64_t at) { return video.captions[static_cast<std::size_t>(at)]; };

    ClipPair pair;
    pair.video = index;
    pair.captionBegin = random.uniformInteger(0, captions - 1);
    pair.captionEnd = pair.captionBegin + 1;
    const std::int64_t budget
        = random.uniformInteger(m_config.textBudgetLow, m_config.textBudgetHigh);
    std::int64_t tokens = tokensOf(caption(pair.captionBegin));
    const auto span = [&] {
        return caption(pair.captionEnd - 1).stopSeconds - caption(pair.captionBegin).startSeconds;
    };
    while (tokens < budget && span() < m_config.maxSpanSeconds
        && pair.captionEnd - pair.captionBegin < captions) {
        const std::int64_t before = pair.captionBegin;
        growByOne(pair.captionBegin, pair.captionEnd, captions, random);
        tokens += tokensOf(
            caption(pair.captionBegin < before ? pair.captionBegin : pair.captionEnd - 1));
    }
    return pair;
}

ClipPair ClipSampler::draw(const CaptionedVideo& video, std::int64_t index, Random& random) const
{
    ClipPair pair = drawText(video, index, random);
    const auto caption
        = [&](std::int64_t at) { return video.captions[static_cast<std::size_t>(at)]; };
    const std::int64_t first = whole(std::floor(caption(pair.captionBegin).startSeconds));
    const std::int64_t last = whole(std::ceil(caption(pair.captionEnd - 1).stopSeconds));
    const std::int64_t centre = std::clamp<std::int64_t>(
        random.uniformInteger(first, std::max(first, last)), 0, video.seconds - 1);
    const std::int64_t length = std::min(
        video.seconds, random.uniformInteger(m_config.videoSecondsLow, m_config.videoSecondsHigh));
    // The clip grows from the moment at which the second begins, so that second itself may be left
    // out: as the reference does.
    pair.secondBegin = pair.secondEnd = centre;
    while (pair.secondEnd - pair.secondBegin < length)
        growByOne(pair.secondBegin, pair.secondEnd, video.seconds, random);
    return pair;
}

ClipPair ClipSampler::drawAligned(
    const CaptionedVideo& video, std::int64_t index, std::int64_t maxSeconds, Random& random) const
{
    ClipPair pair = drawText(video, index, random);
    const SecondSpan span
        = alignedSpan(video.captions[static_cast<std::size_t>(pair.captionBegin)].startSeconds,
            video.captions[static_cast<std::size_t>(pair.captionEnd - 1)].stopSeconds,
            video.seconds, maxSeconds);
    pair.secondBegin = span.begin;
    pair.secondEnd = span.end;
    return pair;
}

void ClipSampler::alignedClips(const CaptionedVideo& video, std::int64_t index, EpochSeed seed,
    std::int64_t count, std::int64_t maxSeconds, std::vector<ClipPair>& out) const
{
    // The fourth number tells these draws from those of sample().
    Random random({ seed.seed, static_cast<std::uint64_t>(seed.epoch),
        static_cast<std::uint64_t>(video.videoId), 0x616c69676e });
    for (std::int64_t pair = 0; pair < count; ++pair)
        out.push_back(drawAligned(video, index, maxSeconds, random));
}

std::int64_t tokenCount(
    const CaptionedVideo& video, std::int64_t captionBegin, std::int64_t captionEnd)
{
    std::int64_t count = 0;
    for (std::int64_t at = captionBegin; at < captionEnd; ++at)
        count += tokensOf(video.captions[static_cast<std::size_t>(at)]);
    return count;
}

SecondSpan alignedSpan(
    double startSeconds, double stopSeconds, std::int64_t videoSeconds, std::int64_t maxSeconds)
{
    const auto inside
        = [&](double seconds) { return std::clamp<std::int64_t>(whole(seconds), 0, videoSeconds); };
    SecondSpan span{ inside(std::floor(startSeconds)), inside(std::ceil(stopSeconds)) };
    span.end = std::clamp(span.end, span.begin, span.begin + maxSeconds);
    return span;
}

} // namespace clipscope::data
