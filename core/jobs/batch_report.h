#pragma once

#include "base/json.h"
#include "data/training_set.h"
#include "model/video_clip.h"
#include "tensor/device.h"
#include "text/word_piece.h"

#include <cstdint>
#include <span>

namespace clipscope::jobs {

/// The words of a run of captions as the model reads them: lower-case, word pieces joined.
std::string wordsOf(const text::WordPiece& words, const store::CaptionList& captions,
    std::int64_t captionBegin, std::int64_t captionEnd);

/// The first pairs of a batch with the scores of all texts with all videos, for batch.json
/// (docs/formats/run-folder.md). The network's training switch is off afterwards.
/// Errors: as data::TrainingSet::batch(). Threads: one thread at a time for a network.
Result<Json> batchReport(model::VideoClip& network, const data::TrainingSet& set,
    const text::WordPiece& words, std::span<const data::ClipPair> pairs, std::int64_t step,
    const tensor::Compute& compute);

} // namespace clipscope::jobs
