#pragma once

#include "base/result.h"
#include "jobs/import_weights.h"
#include "tensor/tensor_file.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace clipscope::jobs {

/// What a file of weights is and must hold.
struct WeightsLayout
{
    WeightsKind kind = WeightsKind::VideoClip;
    std::string title; ///< for people: "VideoCLIP model"
    std::string prefix; ///< of the network's names in the file
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> wanted; ///< without the prefix
    std::vector<std::string> kept; ///< beginnings of names that are written too, without the prefix
    std::vector<std::string> unused; ///< parts of names that nobody needs
    std::map<std::string, std::string> metadata;
    std::int64_t vocabulary = 0; ///< words of the text embedding; 0: it has none
    std::vector<std::string> notes;
};

/// Tells the kind by the names of the tensors, unless settings.kind says it, and the sizes by their
/// shapes. Gives tensors of BERT's first releases (LayerNorm.gamma, .beta) their later names.
/// Errors: BadInput with settings.file (no known kind, no network has these sizes); Unsupported (a
/// relative of BERT that computes otherwise).
Result<WeightsLayout> weightsLayoutOf(
    tensor::TensorFile& file, const ImportWeightsSettings& settings);

} // namespace clipscope::jobs
