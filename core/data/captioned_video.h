#pragma once

#include "store/caption_shards.h"

#include <cstdint>
#include <string_view>

namespace clipscope::data {

using store::CaptionList;
using store::TokenCaption;

/// What training needs to know of a video besides its features: a light view, valid as long as the
/// set it is from.
struct CaptionedVideo
{
    std::int64_t videoId = 0; ///< of the catalogue, or made from the name in a named source
    std::string_view name; ///< file name or id, for messages
    std::string_view contentHash; ///< decides which part of a split it is in
    std::int64_t seconds = 0; ///< of features, at least 1
    CaptionList captions; ///< in the order they are spoken, at least one
};

/// Captioned videos by index.
/// Threads: const; any thread at once.
class VideoList
{
public:
    virtual ~VideoList() = default;
    virtual std::int64_t count() const = 0;
    /// Requires: index in [0, count()).
    virtual CaptionedVideo video(std::int64_t index) const = 0;
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
