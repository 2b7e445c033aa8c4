#pragma once

#include "labels/label_file.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <initializer_list>

namespace clipscope {

/// Twenty-five frames a second, four seconds.
inline labels::FrameClock shortClock()
{
    labels::FrameClock clock;
    clock.frameCount = 100;
    clock.durationSeconds = 4.0;
    clock.secondsOf = [](std::int64_t frame) { return static_cast<double>(frame) / 25.0; };
    clock.frameAt = [](double seconds) {
        const auto frame
            = static_cast<std::int64_t>(std::floor(std::clamp(seconds, 0.0, 4.0) * 25.0 + 1e-9));
        return std::min<std::int64_t>(frame, 99);
    };
    return clock;
}

/// Whatever is accepted has times in order, and can be written: in its own format over what was
/// kept, and what was written can be read.
inline void readAndWrite(std::string_view input, std::initializer_list<labels::Format> formats)
{
    using namespace labels;
    for (const Format format : formats) {
        ReadOptions options;
        options.clock = shortClock();
        const auto file = parseLabels(input, "/nowhere/input", format, options);
        if (!file)
            continue;
        for (const VideoLabels& video : file->videos) {
            for (const Tier& tier : video.annotation.tiers)
                for (const Segment& segment : tier.segments)
                    if (!(segment.startSeconds >= 0.0)
                        || !(segment.stopSeconds >= segment.startSeconds)
                        || !std::isfinite(segment.stopSeconds))
                        std::abort();
            ExportInfo info;
            info.clock = options.clock;
            info.kept = video.kept;
            const Format target = canWrite(format) ? format : Format::Eaf;
            const auto text = labelsText("/nowhere/output", target, video.annotation, info);
            if (!text && text.error().kind != ErrorKind::BadInput)
                std::abort();
            if (text && !parseLabels(text->content, "/nowhere/output", target, options))
                std::abort();
        }
    }
}

} // namespace clipscope
