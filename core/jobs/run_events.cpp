#include "jobs/run_events.h"

#include "base/files.h"

#include <algorithm>
#include <array>
#include <vector>

namespace clipscope::jobs {

namespace {

std::string tagOf(std::string_view name)
{
    constexpr std::array<std::string_view, 4> measured
        = { "validation-loss", "recall-1", "recall-5", "median-rank" };
    constexpr std::array<std::string_view, 7> machine = { "pairs-per-second", "step-seconds",
        "data-wait-seconds", "retrieval-seconds", "resident-bytes", "cpu-percent", "gpu-bytes" };
    const auto isIn = [&](const auto& names) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    const char* group = isIn(measured) ? "validation/" : isIn(machine) ? "machine/" : "train/";
    return group + std::string(name);
}

} // namespace

Result<RunEvents> RunEvents::open(const store::RunFolder& run, std::int64_t firstStep)
{
    CLIP_TRY_ASSIGN(auto file, store::EventFile::open(run.folder(), firstStep));
    if (const auto settings = readFile(run.configFile()))
        CLIP_TRY(file.text("settings", firstStep, "```toml\n" + *settings + "\n```"));
    return RunEvents(std::move(file));
}

Status RunEvents::write(const store::MetricsRow& row)
{
    for (const auto& [name, value] : row.values)
        CLIP_TRY(m_file.scalar(tagOf(name), row.step, value));
    return {};
}

Status RunEvents::writePairs(const train::StepReport& step)
{
    const std::vector<double> losses(step.losses.begin(), step.losses.end());
    const std::vector<double> margins(step.margins.begin(), step.margins.end());
    CLIP_TRY(m_file.histogram("pairs/loss", step.step, losses));
    return m_file.histogram("pairs/margin", step.step, margins);
}

} // namespace clipscope::jobs
