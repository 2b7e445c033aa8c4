#pragma once

#include "tensor/tensor_file.h"

#include <cstdint>
#include <optional>

namespace clipscope::train {

/// Weights and what is needed to go on from them, of the same step.
struct TrainingCheckpoint
{
    tensor::TensorFile weights; ///< readable by everybody: config and vocabulary in the metadata
    tensor::TensorFile state; ///< optimiser, place in the epoch, best loss so far
    std::filesystem::path weightsPath, statePath; ///< where they were read
};

/// Number of steps done, from the metadata; nothing when it is absent or no number.
std::optional<std::int64_t> stepOf(const tensor::TensorFile& file);
void setStep(tensor::TensorFile& file, std::int64_t step);

/// Replaces FOLDER/last.safetensors and last.state.safetensors, which must carry the same step.
///
/// Two files cannot be replaced at one moment. Both are first written whole under names of their
/// own (last.next*.safetensors) and then renamed, state first, so that at every moment one pair of
/// equal steps is on the disk; loadLast() finds it (docs/formats/checkpoints.md).
/// Errors: Io; the older pair stays usable.
Status saveLast(const std::filesystem::path& folder, const tensor::TensorFile& weights,
    const tensor::TensorFile& state);

/// The newest pair of equal steps below `folder`.
/// Errors: NotFound (no checkpoint yet), BadInput (none whose two files belong together), Io.
Result<TrainingCheckpoint> loadLast(const std::filesystem::path& folder);

/// Replaces FOLDER/best.safetensors: weights alone, for use and not for going on. Errors: Io.
Status saveBest(const std::filesystem::path& folder, const tensor::TensorFile& weights);

} // namespace clipscope::train
