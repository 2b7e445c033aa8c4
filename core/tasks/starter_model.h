#pragma once

#include "tasks/embedding_model.h"
#include "tensor/tensor_file.h"

namespace clipscope::tasks {

/// What joins the starter's image encoder and text tower; all float32 on the CPU.
struct StarterConcepts
{
    at::Tensor fcWeight, fcBias; ///< [1000, 1280], [1000]: the encoder's classifier
    at::Tensor meanings; ///< [1000, 384] unit: class texts less their mean
};

/// Errors: BadInput when tensors are missing or have other shapes.
Result<StarterConcepts> starterConcepts(
    const tensor::TensorFile& file, const std::filesystem::path& path);

/// Convex combination of class meanings by the classifier's chances (ConSE), at a temperature above
/// 1: a film frame is rarely one ImageNet thing, and the classes that come second and third say
/// most about a scene.
/// Shapes: features [T, 1280] float32 -> unit rows [T, 384].
/// Source: Norouzi et al. 2014; starter-model.md sections 5 and 6; docs/formats/starter.md has the
/// measurements behind the temperature.
at::Tensor starterStates(const StarterConcepts& concepts, const at::Tensor& features);

/// The starter checkpoint behind the interface of search. See loadEmbeddingModel().
Result<std::unique_ptr<EmbeddingModel>> loadStarterModel(const CheckpointInfo& info);

} // namespace clipscope::tasks
