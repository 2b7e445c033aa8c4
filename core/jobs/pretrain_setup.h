#pragma once

#include "base/result.h"
#include "jobs/pretrain.h"
#include "text/word_piece.h"
#include "train/trainer.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace clipscope::store {
class Project;
}

namespace clipscope::jobs {

/// Everything a run needs, checked before its folder is made.
struct PretrainSetup
{
    text::WordPiece words;
    data::TrainingSet set;
    data::Split split;
    model::VideoClip network;
    train::TrainerConfig config;
    std::optional<train::TrainingCheckpoint> checkpoint; ///< of a run to go on with
    std::map<std::string, std::string> metadata; ///< of every checkpoint written
    std::vector<std::string> notes; ///< what to tell the user before training
};

/// `compute` is where this process computes.
/// Errors: as runPretrain(). Writes nothing but the shard of the project's captions.
Result<PretrainSetup> setUpPretraining(const PretrainSettings& settings,
    const store::Project& project, const tensor::Compute& compute);

/// Removes rows of later steps from metrics.jsonl: the run does these steps again. Errors: Io.
Status dropMetricsAfter(const store::RunFolder& run, std::int64_t step);

} // namespace clipscope::jobs
