#pragma once

#include "app/studio/pages/training/run_details.h"
#include "store/run_folder.h"
#include "widgets/charts/curve_data.h"

#include <QString>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace clipscope::studio {

/// What a list says of a run's curves, whether they are shown or not.
struct RunFigures
{
    std::optional<double> loss; ///< of the newest step
    std::optional<double> bestRecall; ///< highest recall at 1 of any evaluation so far
    std::int64_t lastStep = 0;
    std::uint64_t recallReadTo = 0; ///< byte of metrics.jsonl up to which bestRecall looked
    std::uint64_t sizeSeen = 0; ///< of metrics.jsonl at the last look
};

/// What does not change while a run works: its settings and where it came from.
struct RunOrigin
{
    std::vector<RunSetting> settings; ///< empty while config.toml is not there
    QString withoutSeed; ///< all settings but train.seed: equal for runs that differ in it alone
    QString seed;
    QString device;
    QString forkedFrom; ///< name of a run; empty for one that began by itself
    std::int64_t forkedAt = 0; ///< step
};

/// One training run as the window knows it.
struct RunInfo
{
    QString name; ///< of its folder; "NAME (archived)" of an archived one
    std::filesystem::path folder;
    bool archived = false;
    store::RunState state;
    RunFigures figures;
    RunOrigin origin;
    /// Of a run that is shown, in the order their names were first seen; else empty.
    std::vector<widgets::CurveData> curves;
    std::uint64_t readTo = 0; ///< of metrics.jsonl, into `curves`
    store::Control asked = store::Control::None; ///< of a run that has not answered yet

    bool isActive() const;
    bool canResume() const; ///< paused, stopped, failed or crashed
    const widgets::CurveData* curve(const QString& curveName) const;
    /// The last value of a curve; none when it has no points.
    std::optional<double> latest(const QString& curveName) const;
    std::int64_t step() const;
    /// Share of the steps that are done, in [0, 1]; none when the end is not known.
    std::optional<double> doneShare() const;
    /// "3 min left"; empty when it is not known or nothing runs.
    QString remainingText() const;
    /// What the run computes on; what was wished for while it has not begun.
    QString deviceText() const;
    /// "running", "pausing", "paused", "stopped unexpectedly", ...
    QString phaseText() const;
};

/// Runs that differ in nothing but their seed. Of each group its runs, in the order given; a run
/// whose settings are not known is alone.
std::vector<std::vector<const RunInfo*>> groupedOverSeeds(const std::vector<const RunInfo*>& runs);

} // namespace clipscope::studio
