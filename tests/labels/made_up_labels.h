#pragma once

#include "base/random.h"
#include "labels/label_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

namespace clipscope::test {

/// The clock of a made-up film of variable frame rate: steps of 1/60, 1/30 and 1/24 s in turn,
/// rounded to the ticks of a 90 kHz time base.
inline labels::FrameClock madeUpClock(std::int64_t frameCount = 3000)
{
    const auto starts = std::make_shared<std::vector<double>>();
    std::int64_t ticks = 0;
    constexpr std::array<std::int64_t, 3> steps{ 1500, 3003, 3750 };
    for (std::int64_t frame = 0; frame <= frameCount; ++frame) {
        starts->push_back(static_cast<double>(ticks) / 90000.0);
        ticks += steps[static_cast<std::size_t>(frame / 7 % 3)];
    }
    labels::FrameClock clock;
    clock.frameCount = frameCount;
    clock.durationSeconds = starts->back();
    clock.secondsOf
        = [starts](std::int64_t frame) { return (*starts)[static_cast<std::size_t>(frame)]; };
    clock.frameAt = [starts, frameCount](double seconds) {
        const auto next = std::ranges::upper_bound(*starts, seconds);
        return std::clamp<std::int64_t>(next - starts->begin() - 1, 0, frameCount - 1);
    };
    return clock;
}

/// Where the times of made-up segments may lie.
enum class Times { OnFrames, OnMilliseconds, Anywhere };

struct MadeUpLabels
{
    Times times = Times::OnFrames;
    bool overlaps = true, events = true, oddTexts = true, emptyTiers = true, severalTiers = true;
};

inline std::string madeUpText(Random& random, bool odd)
{
    static constexpr std::array plain{ "cut", "stir the soup", "größer", "take out", "pour" };
    static constexpr std::array strange{ "", " ", "a\nb", "x --> y", "<b>&amp;</b>", "a,b;\"c\"\t",
        "7", "{\"tier\":\"x\"}", "NOTE", "  two  spaces ", "日本語 😀", "-", "a#3", "!no", "|",
        "\"" };
    if (odd && random.coin())
        return strange[static_cast<std::size_t>(random.uniformInteger(0, strange.size() - 1))];
    return plain[static_cast<std::size_t>(random.uniformInteger(0, plain.size() - 1))];
}

inline double madeUpTime(Random& random, Times times, const labels::FrameClock& clock)
{
    if (times == Times::OnFrames)
        return clock.startOf(random.uniformInteger(0, clock.frameCount));
    const double seconds = random.uniform() * clock.durationSeconds;
    return times == Times::Anywhere ? seconds : std::round(seconds * 1000.0) / 1000.0;
}

/// Random tiers, the same for the same seed.
inline labels::Annotation madeUpAnnotation(
    std::uint64_t seed, const labels::FrameClock& clock, const MadeUpLabels& wish)
{
    using namespace labels;
    Random random{ seed, 17 };
    Annotation annotation;
    const std::int64_t tierCount = wish.severalTiers ? random.uniformInteger(1, 4) : 1;
    for (std::int64_t number = 0; number < tierCount; ++number) {
        Tier& tier = annotation.tiers.emplace_back();
        tier.name = wish.oddTexts && number == 2 ? "odd \"tier\" <&> #" : "tier ";
        tier.name += std::to_string(number);
        tier.source = random.coin() ? Source::Model : Source::Hand;
        tier.labelSet = random.coin() ? "kitchen" : "";
        const std::int64_t count = random.uniformInteger(wish.emptyTiers ? 0 : 1, 12);
        double last = 0.0;
        for (std::int64_t at = 0; at < count; ++at) {
            Segment segment;
            segment.startSeconds = madeUpTime(random, wish.times, clock);
            segment.stopSeconds = madeUpTime(random, wish.times, clock);
            if (segment.startSeconds > segment.stopSeconds)
                std::swap(segment.startSeconds, segment.stopSeconds);
            if (!wish.overlaps) {
                const double room = clock.durationSeconds / static_cast<double>(count);
                const auto frame = [&](double share) {
                    return clock.startOf(clock.frameAt((static_cast<double>(at) + share) * room));
                };
                segment.startSeconds = std::max(last, frame(0.1));
                segment.stopSeconds = last = std::max(segment.startSeconds, frame(0.9));
            }
            if (wish.events && random.uniformInteger(0, 4) == 0)
                segment.stopSeconds = segment.startSeconds;
            else if (segment.stopSeconds - segment.startSeconds < 0.002)
                continue; // nothing shorter than the coarsest resolution
            segment.label = madeUpText(random, wish.oddTexts);
            segment.source = random.coin() ? tier.source : Source::Model;
            segment.verdict = static_cast<Verdict>(random.uniformInteger(0, 2));
            if (random.coin())
                segment.score = random.uniform() * 100.0 - 50.0;
            if (random.coin())
                segment.note = madeUpText(random, wish.oddTexts);
            tier.segments.push_back(std::move(segment));
        }
        std::ranges::stable_sort(tier.segments, inTierOrder);
    }
    return annotation;
}

} // namespace clipscope::test
