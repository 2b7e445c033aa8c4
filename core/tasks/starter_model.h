#pragma once

#include "tasks/embedding_model.h"
#include "tensor/tensor_file.h"

namespace clipscope::tasks {

/// A moment below this cosine probably does not match. Weak calibration: see
/// docs/formats/starter.md.
constexpr float starterWeakBelow = 0.2F;
/// Weight of the class knowledge beside the adapter.
constexpr double starterConceptGain = 20.0;

/// What joins the starter's image encoder and text tower; all float32 on the CPU.
struct StarterConcepts
{
    at::Tensor fcWeight, fcBias; ///< [1000, 1280], [1000]: the encoder's classifier
    at::Tensor meanings; ///< [1000, 384] unit: class texts less their mean
    at::Tensor textMean; ///< [384]: mean of the class texts
    at::Tensor featureMean; ///< [1280]; this and the adapters may be absent (undefined)
    at::Tensor featureAdapter; ///< [384, 1280]
    at::Tensor textAdapter; ///< [384, 384]
};

/// Errors: BadInput when tensors are missing or have other shapes.
Result<StarterConcepts> starterConcepts(
    const tensor::TensorFile& file, const std::filesystem::path& path);

/// Convex combination of class meanings by the classifier's chances (ConSE), plus the adapter.
/// Shapes: features [T, 1280] -> unit rows [T, 384].
/// Source: starter-model.md section 6, without layers; Norouzi et al. 2014.
at::Tensor starterStates(const StarterConcepts& concepts, const at::Tensor& features);
/// Shapes: text tower's output [N, 384] -> unit rows [N, 384].
at::Tensor starterTexts(const StarterConcepts& concepts, const at::Tensor& texts);

/// The starter checkpoint behind the interface of search. See loadEmbeddingModel().
Result<std::unique_ptr<EmbeddingModel>> loadStarterModel(const CheckpointInfo& info);

} // namespace clipscope::tasks
