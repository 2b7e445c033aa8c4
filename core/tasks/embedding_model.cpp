#include "tasks/embedding_model.h"

#include "tasks/starter_model.h"
#include "tasks/video_clip_model.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace clipscope::tasks {

at::Tensor meansOf(
    const at::Tensor& states, std::span<const std::pair<std::int64_t, std::int64_t>> parts)
{
    std::vector<at::Tensor> means;
    means.reserve(parts.size());
    for (const auto& [start, stop] : parts)
        means.push_back(states.slice(0, start, stop).mean(0));
    return at::stack(means);
}

at::Tensor EmbeddingModel::clipVectors(std::span<const at::Tensor> clips) const
{
    std::vector<at::Tensor> vectors;
    vectors.reserve(clips.size());
    for (const at::Tensor& clip : clips)
        vectors.push_back(secondStates(clip.slice(0, 0, clipSeconds())).mean(0));
    return at::stack(vectors);
}

at::Tensor EmbeddingModel::partVectors(
    const at::Tensor& clip, std::span<const std::pair<std::int64_t, std::int64_t>> parts) const
{
    return meansOf(secondStates(clip.slice(0, 0, clipSeconds())), parts);
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
