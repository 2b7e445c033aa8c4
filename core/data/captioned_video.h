#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace clipscope::data {

/// A caption as the text tower sees it.
/// Units: seconds, half-open [startSeconds, stopSeconds).
struct TokenCaption
{
    double startSeconds = 0.0;
    double stopSeconds = 0.0;
    std::vector<std::int32_t> ids; ///< without [CLS] and [SEP]; may be empty
};

/// What training needs to know of a video besides its features.
struct CaptionedVideo
{
    std::int64_t videoId = 0; ///< of the catalogue
    std::string name; ///< file name, for messages
    std::string contentHash;
    std::int64_t seconds = 0; ///< of features, at least 1
    std::vector<TokenCaption> captions; ///< ordered by start, at least one
};

/// The pieces of one video that belong together: a run of captions and a span of seconds.
/// Range: half-open; the captions are never none, the seconds may be none.
struct ClipPair
{
    std::int64_t video = 0; ///< index in the TrainingSet
    std::int64_t captionBegin = 0, captionEnd = 0;
    std::int64_t secondBegin = 0, secondEnd = 0;

    bool operator==(const ClipPair&) const = default;
};

/// What every draw of training depends on besides the video, so that neither threads nor a restart
/// change a batch.
struct EpochSeed
{
    std::uint64_t seed = 0;
    std::int64_t epoch = 0; ///< from 1
};

} // namespace clipscope::data
