#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"
#include "base/settings.h"
#include "tasks/states.h"
#include "tensor/device.h"

#include <string>

namespace clipscope::jobs {

/// Settings of `clipscope-cli index`.
struct IndexSettings
{
    std::filesystem::path project;
    std::string checkpoint; ///< empty: the project's default
    tensor::DeviceWish device = tensor::DeviceWish::Auto;
    std::string shard; ///< "1/4": only this share of the videos; empty: all
};
void describe(SettingsVisitor& visitor, IndexSettings& settings);

struct IndexReport
{
    std::string checkpoint;
    tasks::StatesReport states;
};
Json toJson(const IndexReport& report);

/// Computes the per-second states of a checkpoint for every video with features, or for a share of
/// them; then without the index of windows, which needs all.
/// Errors: as tasks::findCheckpoint(), tensor::resolveCompute(), tasks::loadEmbeddingModel() and
/// tasks::ensureStates().
Result<IndexReport> runIndex(const IndexSettings& settings, JobContext context);

} // namespace clipscope::jobs
