#pragma once

#include "base/result.h"
#include "tasks/checkpoints.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace clipscope::tasks {

/// Texts embedded for search.
struct EmbeddedTexts
{
    at::Tensor vectors; ///< float32 [N, D] on the CPU
    std::vector<std::string> notes; ///< "the query was cut to its first 61 words": for the user
    std::vector<std::size_t> cut = {}; ///< texts of which only the first words count
};

/// A checkpoint as search sees it: per-second states and text vectors whose dot product says how
/// well they fit. The starter and VideoCLIP checkpoints stand behind this one interface.
///
/// Threads: one thread at a time.
class EmbeddingModel
{
public:
    virtual ~EmbeddingModel() = default;
    virtual const CheckpointInfo& info() const = 0;
    /// Changes with the weights and the way states are computed.
    virtual std::string fingerprint() const = 0;
    /// D, numbers per second state.
    virtual int dim() const = 0;
    /// Df, numbers per second of the features it reads.
    virtual int featureDim() const = 0;
    /// A moment scored below it probably does not match; minus infinity when that is not known.
    virtual float weakBelow() const = 0;

    /// Shapes: features float16 or float32 [T, Df] of a whole video -> float32 [T, D] on the CPU.
    /// VideoCLIP: windows of 32 s every 16 s (of clipSeconds() where that is less), the last one
    /// being the first that reaches the end;
    /// states averaged where windows overlap, [CLS] hidden from the seconds, as the reference does
    /// for COIN and CrossTask (Xu et al. 2021, section 7).
    virtual at::Tensor secondStates(const at::Tensor& features) const = 0;

    /// Longest clip in seconds that the model turns into one vector; what is longer is cut.
    virtual std::int64_t clipSeconds() const { return 32; }
    /// One vector a clip, to be compared with texts. VideoCLIP: the pooled vector it was trained
    /// with; here: the mean of the states.
    /// Shapes: clips: features [T, Df], T >= 1, each of its own length -> float32 [N, D] on the
    /// CPU.
    virtual at::Tensor clipVectors(std::span<const at::Tensor> clips) const;
    /// Means of the states of parts of one clip, for finding a text inside of it. VideoCLIP: states
    /// of the clip padded to clipSeconds(), whose padding counts like seconds, as in the reference;
    /// here: the states of the seconds that there are.
    /// Shapes: clip [T, Df], T >= 1; parts: seconds [start, stop), start < T, stop <= clipSeconds()
    /// -> float32 [N, D] on the CPU.
    virtual at::Tensor partVectors(
        const at::Tensor& clip, std::span<const std::pair<std::int64_t, std::int64_t>> parts) const;

    /// Errors: BadInput if a text has no words.
    virtual Result<EmbeddedTexts> embedTexts(std::span<const std::string> texts) const = 0;
};

/// Means of the rows [start, stop) of states, as far as there are. Shapes: [T, D] -> [N, D].
at::Tensor meansOf(
    const at::Tensor& states, std::span<const std::pair<std::int64_t, std::int64_t>> parts);

/// Loads a checkpoint of listCheckpoints(); VideoCLIP's video tower then computes on `device`.
/// Texts and the starter stay on the CPU.
/// Errors: NotFound, BadInput (not a checkpoint of its kind; unknown or missing tensors named), Io.
/// Cost:   the starter reads about 60 MB, VideoCLIP about 700 MB.
Result<std::unique_ptr<EmbeddingModel>> loadEmbeddingModel(
    const CheckpointInfo& info, at::Device device = at::kCPU);

} // namespace clipscope::tasks
