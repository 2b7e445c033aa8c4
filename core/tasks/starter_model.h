#pragma once

#include "tasks/embedding_model.h"
#include "tensor/tensor_file.h"

namespace clipscope::tasks {

/// Of the file that makeStarter() writes and loadStarterModel() reads; no other is read.
inline constexpr int starterFormat = 2;

/// Vectors along the last axis brought to unit length.
at::Tensor unit(const at::Tensor& vectors);

/// What joins the starter's image encoder and text tower; all float32 on the CPU.
struct StarterConcepts
{
    at::Tensor fcWeight, fcBias; ///< [1000, 1280], [1000]: the encoder's classifier
    at::Tensor meanings; ///< [1000, 384] unit: class texts less their mean
    at::Tensor mean; ///< [384]: that mean
    at::Tensor basis; ///< [1000, 384] orthonormal columns that span those of `meanings`
};

/// The concepts of these class texts; `fcWeight` and `fcBias` stay undefined.
/// Shapes: classTexts [1000, 384] unit.
StarterConcepts conceptsOf(const at::Tensor& classTexts);

/// Errors: BadInput when tensors are missing or have other shapes, or the file is of another
/// format.
Result<StarterConcepts> starterConcepts(
    const tensor::TensorFile& file, const std::filesystem::path& path);

/// Two unit vectors side by side, each with half of the cosine.
///
/// The first is the convex combination of class meanings by the classifier's chances (ConSE). The
/// second compares the chances class by class with those that starterTexts() gives a text: square
/// roots, so that their product is the Bhattacharyya coefficient, in the plane of the class texts.
/// The chances are taken at a temperature above 1: a film frame is rarely one ImageNet thing, and
/// the classes that come second and third say most about a scene.
/// Shapes: features [T, 1280] float32 -> unit rows [T, 768].
/// Source: Norouzi et al. 2014; starter-model.md sections 5 and 6; docs/formats/starter.md has the
/// measurements behind the numbers.
at::Tensor starterStates(const StarterConcepts& concepts, const at::Tensor& features);

/// The other side of starterStates(): the text less half of what all class texts share, and the
/// chances of the classes given the text.
/// Shapes: vectors [N, 384] unit rows of the text tower -> unit rows [N, 768].
at::Tensor starterTexts(const StarterConcepts& concepts, const at::Tensor& vectors);

/// The starter checkpoint behind the interface of search. See loadEmbeddingModel().
Result<std::unique_ptr<EmbeddingModel>> loadStarterModel(const CheckpointInfo& info);

} // namespace clipscope::tasks
