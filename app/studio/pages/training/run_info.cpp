#include "app/studio/pages/training/run_info.h"

#include "app/studio/pages/training/run_follower.h"
#include "widgets/common/format.h"

#include <algorithm>
#include <cmath>

namespace clipscope::studio {

using namespace widgets;
using store::RunPhase;

bool RunInfo::isActive() const
{
    return !state.crashed
        && (state.phase == RunPhase::Starting || state.phase == RunPhase::Running);
}

bool RunInfo::canResume() const
{
    return !isActive() && state.phase != RunPhase::Finished;
}

const CurveData* RunInfo::curve(const QString& curveName) const
{
    const auto found = std::find_if(curves.begin(), curves.end(),
        [&curveName](const CurveData& each) { return each.name == curveName; });
    return found == curves.end() ? nullptr : &*found;
}

std::optional<double> RunInfo::latest(const QString& curveName) const
{
    const CurveData* found = curve(curveName);
    return found && !found->points->isEmpty()
        ? std::optional(static_cast<double>(found->points->values().back()))
        : std::nullopt;
}

std::int64_t RunInfo::step() const
{
    return std::max(state.progress.done, figures.lastStep);
}

std::optional<double> RunInfo::doneShare() const
{
    if (state.progress.total <= 0)
        return {};
    return std::clamp(
        static_cast<double>(step()) / static_cast<double>(state.progress.total), 0.0, 1.0);
}

QString RunInfo::deviceText() const
{
    return state.device.empty() ? origin.device : widgets::fromUtf8(state.device);
}

QString RunInfo::phaseText() const
{
    if (state.crashed)
        return RunFollower::tr("stopped unexpectedly");
    switch (state.phase) {
    case RunPhase::Starting:
        return RunFollower::tr("starting");
    case RunPhase::Paused:
        return RunFollower::tr("paused");
    case RunPhase::Stopped:
        return RunFollower::tr("stopped");
    case RunPhase::Finished:
        return RunFollower::tr("finished");
    case RunPhase::Failed:
        return RunFollower::tr("failed");
    case RunPhase::Running:
        break;
    }
    switch (asked) {
    case store::Control::Pause:
        return RunFollower::tr("pausing");
    case store::Control::Stop:
        return RunFollower::tr("stopping");
    case store::Control::None:
        break;
    }
    return RunFollower::tr("running");
}

QString RunInfo::remainingText() const
{
    const Progress& progress = state.progress;
    if (!isActive() || asked != store::Control::None || progress.ratePerSecond <= 0.0
        || progress.total <= progress.done)
        return {};
    return remainingTime(
        static_cast<double>(progress.total - progress.done) / progress.ratePerSecond);
}

std::vector<std::vector<const RunInfo*>> groupedOverSeeds(const std::vector<const RunInfo*>& runs)
{
    std::vector<std::vector<const RunInfo*>> groups;
    for (const RunInfo* run : runs) {
        const QString& settings = run->origin.withoutSeed;
        const auto same
            = std::find_if(groups.begin(), groups.end(), [&settings](const auto& group) {
                  return !settings.isEmpty() && group.front()->origin.withoutSeed == settings;
              });
        if (same == groups.end())
            groups.push_back({ run });
        else
            same->push_back(run);
    }
    return groups;
}

} // namespace clipscope::studio
