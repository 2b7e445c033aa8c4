#include "tasks/embedding_model.h"

#include "tasks/starter_model.h"
#include "tasks/video_clip_model.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace clipscope::tasks {

at::Tensor EmbeddingModel::clipVectors(std::span<const at::Tensor> clips) const
{
    std::vector<at::Tensor> vectors;
    vectors.reserve(clips.size());
    for (const at::Tensor& clip : clips)
        vectors.push_back(
            secondStates(clip.slice(0, 0, std::min(clip.size(0), clipSeconds()))).mean(0));
    return at::stack(vectors);
}

at::Tensor EmbeddingModel::partVectors(
    const at::Tensor& clip, std::span<const std::pair<std::int64_t, std::int64_t>> parts) const
{
    const std::int64_t T = std::min(clip.size(0), clipSeconds());
    const at::Tensor states = secondStates(clip.slice(0, 0, T));
    std::vector<at::Tensor> vectors;
    vectors.reserve(parts.size());
    for (const auto& [start, stop] : parts)
        vectors.push_back(states.slice(0, start, std::min(stop, T)).mean(0));
    return at::stack(vectors);
}

Result<std::unique_ptr<EmbeddingModel>> loadEmbeddingModel(
    const CheckpointInfo& info, at::Device device)
{
    switch (info.kind) {
    case CheckpointKind::Starter:
        return loadStarterModel(info);
    case CheckpointKind::VideoClip:
        return loadVideoClipModel(info, device);
    }
    return fail(ErrorKind::Internal, "The checkpoint is of an unknown kind.", { info.path, {} });
}

} // namespace clipscope::tasks
