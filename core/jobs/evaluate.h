#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"
#include "base/settings.h"
#include "benchmarks/evaluation.h"
#include "tensor/device.h"

#include <filesystem>
#include <string>

namespace clipscope::jobs {

/// Settings of `clipscope-cli evaluate`.
struct EvaluateSettings
{
    std::filesystem::path project;
    std::string benchmark; ///< BenchmarkFacts::name
    std::filesystem::path annotations; ///< BenchmarkFacts::files says which
    std::filesystem::path features; ///< folder of NAME.npy; empty: those of the project
    std::string programVersion; ///< for the stored evaluation
    std::string checkpoint; ///< empty: the project's default
    tensor::DeviceWish device = tensor::DeviceWish::Auto;
};
void describe(SettingsVisitor& visitor, EvaluateSettings& settings);

struct EvaluateReport
{
    benchmarks::Evaluation evaluation;
    std::filesystem::path file; ///< where it is stored; empty: nowhere
};
/// The stored file without its items, and "file" (null when it is stored nowhere).
Json toJson(const EvaluateReport& report);

/// Puts a checkpoint through a benchmark and stores what came of it in the project, in the place of
/// an earlier evaluation of the same two. In a project that cannot be written nothing is stored,
/// which a note says.
/// Errors: BadInput (no such benchmark: names them; no annotations), NotFound (project, checkpoint,
///         annotations), as tasks::runProtocol(), Io.
Result<EvaluateReport> runEvaluate(const EvaluateSettings& settings, JobContext context);

} // namespace clipscope::jobs
