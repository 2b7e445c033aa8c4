#pragma once

#include "data/captioned_video.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace clipscope::data {

/// Whether a video belongs to the validation part: by its content, so that the same films are in
/// it on every machine and however many others come or go.
/// Range: fraction in [0, 1].
bool isValidation(std::string_view contentHash, std::uint64_t seed, double fraction);

/// The training and validation videos of a set, as indices.
struct Split
{
    std::vector<std::int64_t> training, validation;
};

/// Splits by isValidation(). With fewer than `leastValidation` videos on the validation side there
/// is no validation part and every video trains.
Split splitOf(
    const VideoList& videos, std::uint64_t seed, double fraction, std::int64_t leastValidation);

/// The batches of an epoch, as lists of video indices: all videos in random order, in equal parts
/// of at most `batchVideos`. Whatever chooses neighbours instead gives the same form.
std::vector<std::vector<std::int64_t>> shuffledBatches(
    std::span<const std::int64_t> videos, std::int64_t batchVideos, EpochSeed seed);

/// One pair for each caption: its own words and the seconds it covers (at least one), evenly
/// thinned to at most `most` pairs. For measuring, not for training.
std::vector<ClipPair> captionPairs(const VideoList& videos, std::span<const std::int64_t> which,
    std::int64_t maxSeconds, std::int64_t most);

} // namespace clipscope::data
