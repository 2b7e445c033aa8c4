#pragma once

#include "tasks/embedding_model.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace clipscope::tasks {

/// Windows [start, stop) of seconds: `length` long, every half of it, the last one being the first
/// that reaches the end; a shorter video is one window. Ranges: T, length >= 1.
std::vector<std::pair<std::int64_t, std::int64_t>> stateWindows(
    std::int64_t T, std::int64_t length = 32);

/// The mean over windows that overlap of what they say about each second.
/// Threads: one thread at a time.
class WindowMean final
{
public:
    /// Shapes: the result will be float32 [T, D].
    WindowMean(std::int64_t T, std::int64_t D);
    /// Rows of the seconds from `start` on. Shapes: rows [N, D], start + N <= T.
    void add(std::int64_t start, const at::Tensor& rows);
    /// Every second must have been in a window.
    at::Tensor mean() const;

private:
    at::Tensor m_sum, m_count;
};

/// A VideoCLIP checkpoint behind the interface of search. See loadEmbeddingModel().
Result<std::unique_ptr<EmbeddingModel>> loadVideoClipModel(
    const CheckpointInfo& info, at::Device device);

} // namespace clipscope::tasks
