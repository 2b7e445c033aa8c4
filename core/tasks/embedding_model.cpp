#include "tasks/embedding_model.h"

#include "tasks/starter_model.h"
#include "tasks/video_clip_model.h"

namespace clipscope::tasks {

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
