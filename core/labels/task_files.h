#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::labels {

/// A step of a task.
struct Step
{
    std::int64_t id = 0; ///< COIN's number of the action; CrossTask: the place in its task, from 1
    std::string label;
};

/// A task of COIN or CrossTask with its steps in order.
struct Task
{
    std::string id, name;
    std::vector<Step> steps;
};

// The files as their owners ship them; `name` is for messages. Errors: BadInput with the line or
// the member that is wrong. Threads: any thread at once.

/// CSV of COIN: Target Id, Target Label, Action Id, Action Label.
Result<std::vector<Task>> readCoinTaxonomy(
    std::string_view content, const std::filesystem::path& name);
/// COIN.json: the steps that its videos have.
Result<std::vector<Task>> readCoinDatabase(
    std::string_view content, const std::filesystem::path& name);
/// tasks_primary.txt, tasks_related.txt of CrossTask.
Result<std::vector<Task>> readCrossTask(
    std::string_view content, const std::filesystem::path& name);

} // namespace clipscope::labels
