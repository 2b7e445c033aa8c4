#pragma once

#include "base/job_context.h"
#include "base/result.h"
#include "benchmarks/evaluation.h"
#include "tasks/embedding_model.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace clipscope::tasks {

/// A video of a benchmark that has features.
struct BenchmarkVideo
{
    std::int64_t id = 0; ///< of the project; 0: not in it
    at::Tensor features; ///< [T, Df] float16 or float32 on the CPU, T >= 1
};

/// Finds the features of a video by the benchmark's name; nothing when it is not there.
using VideoSource = std::function<Result<std::optional<BenchmarkVideo>>(const std::string& name)>;

/// Puts a model through a benchmark, zero-shot, by the protocol of the paper.
///
/// Fills what the run itself tells: figures, items, candidates, missing videos, notes and times.
/// Items whose video has no features are left out; CrossTask's draw of test videos is made before
/// that, so that it does not depend on which videos are there.
/// Source:  Xu et al. 2021 and the reference's evaluation; docs/metrics.md says where ties and
///          padding are decided.
/// Errors:  as benchmarks/annotations.h; NotFound when no item is left; BadInput when the model
///          cannot do it (clips shorter than DiDeMo's, vectors that are no numbers); Cancelled; as
///          the source and EmbeddingModel::embedTexts().
/// Progress: phase "texts", unit "texts"; phase "videos", unit "items" or "videos".
/// Threads: one thread at a time for one model.
Result<benchmarks::Evaluation> runProtocol(const EmbeddingModel& model,
    benchmarks::Benchmark benchmark, const std::filesystem::path& annotations,
    const VideoSource& videos, JobContext context);

} // namespace clipscope::tasks
