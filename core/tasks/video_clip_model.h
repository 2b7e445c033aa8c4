#pragma once

#include "tasks/embedding_model.h"

namespace clipscope::tasks {

/// Windows [start, stop) of seconds: 32 long, every 16, the last one being the first that reaches
/// the end; a shorter video is one window. Ranges: T >= 1.
std::vector<std::pair<std::int64_t, std::int64_t>> stateWindows(std::int64_t T);

/// A VideoCLIP checkpoint behind the interface of search. See loadEmbeddingModel().
Result<std::unique_ptr<EmbeddingModel>> loadVideoClipModel(const CheckpointInfo& info);

} // namespace clipscope::tasks
