#pragma once

#include "app/studio/pages/training/curve_grid.h"
#include "app/studio/pages/training/run_info.h"

#include <QHash>

#include <functional>
#include <memory>
#include <vector>

namespace clipscope::studio {

/// The chart a measure belongs to: "Loss", "Recall of own pairs", "Memory in MB", ... by its name.
QString chartTitleOf(const QString& measure);
/// Whether a measure tells how the machine does, rather than what is learnt.
bool isResource(const QString& measure);

/// The words that stand for "watch.N" in a legend, by N.
using WatchNames = QHash<int, QString>;

/// The charts of one run: what belongs together in one chart, first what is asked first.
std::vector<CurveGrid::Chart> chartsOf(const RunInfo& run, const WatchNames& watched);
/// Curves computed from others, made once for the same points: a chart draws nothing anew for what
/// is the same, and neither is it computed anew.
class DerivedCurves final
{
public:
    using Parts = std::vector<std::shared_ptr<const widgets::CurvePoints>>;
    /// What was made of these points, else what `make` makes of them.
    widgets::CurveData get(const Parts& parts, const std::function<widgets::CurveData()>& make);
    /// Forgets what was not asked for since the last call.
    void forgetRest();

private:
    struct Entry
    {
        Parts parts;
        widgets::CurveData curve;
        bool used = true;
    };
    std::vector<Entry> m_entries;
};

/// The charts of one run's machine: memory, processor, waits, speed.
std::vector<CurveGrid::Chart> resourceChartsOf(const RunInfo& run, DerivedCurves& derived);

/// Several runs overlaid, a chart for each measure, a colour for each run. Grouped: the mean over
/// runs that differ in their seed alone, with a band of one standard deviation.
std::vector<CurveGrid::Chart> overlaidChartsOf(const std::vector<const RunInfo*>& runs,
    const QHash<QString, int>& colours, bool grouped, const WatchNames& watched,
    DerivedCurves& derived);

} // namespace clipscope::studio
