#include "app/studio/pages/training/run_follower.h"

#include "widgets/common/format.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace clipscope::studio {

using namespace widgets;
using store::RunFolder;
using store::RunPhase;

namespace {

constexpr int watchedMilliseconds = 500;
constexpr int unwatchedMilliseconds = 3000;

} // namespace

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
    return found && !found->y.empty() ? std::optional(found->y.back()) : std::nullopt;
}

std::optional<double> RunInfo::best(const QString& curveName) const
{
    const CurveData* found = curve(curveName);
    if (!found || found->y.empty())
        return {};
    return *std::max_element(found->y.begin(), found->y.end());
}

std::int64_t RunInfo::step() const
{
    double last = static_cast<double>(state.progress.done);
    for (const CurveData& each : curves)
        if (!each.x.empty())
            last = std::max(last, each.x.back());
    return std::llround(last);
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

RunFollower::RunFollower(QObject* parent)
    : QObject(parent)
    , m_lane(this)
{
    connect(&m_timer, &QTimer::timeout, this, &RunFollower::refresh);
    setWatched(false);
}

void RunFollower::setFolder(const std::filesystem::path& runsFolder)
{
    m_lane.cancel();
    m_folder = runsFolder;
    m_runs.clear();
    m_loaded = false;
    if (m_folder.empty())
        m_timer.stop();
    else
        m_timer.start();
    Q_EMIT changed();
    refresh();
}

void RunFollower::setWatched(bool watched)
{
    m_timer.setInterval(watched ? watchedMilliseconds : unwatchedMilliseconds);
    if (watched)
        refresh();
}

void RunFollower::refresh()
{
    if (m_folder.empty() || m_lane.isBusy())
        return;
    std::map<QString, std::uint64_t> readTo;
    for (const RunInfo& run : m_runs)
        readTo[run.name] = run.readTo;
    m_lane.run(
        [folder = m_folder, readTo = std::move(readTo)](
            std::stop_token stop) -> Result<std::vector<Update>> {
            std::vector<Update> updates;
            for (const RunFolder& run : RunFolder::list(folder)) {
                if (stop.stop_requested())
                    break;
                Update update{ fromUtf8(run.name()), run.folder(), {}, {} };
                const auto from = readTo.find(update.name);
                std::uint64_t offset = from == readTo.end() ? 0 : from->second;
                // A resumed run cuts off what it will measure again: read all of it anew.
                std::error_code missing;
                if (std::filesystem::file_size(run.metricsFile(), missing) < offset || missing)
                    offset = 0;
                if (auto state = run.readState())
                    update.state = std::move(*state);
                update.added.nextOffset = offset;
                if (auto added = run.readMetrics(offset))
                    update.added = std::move(*added);
                updates.push_back(std::move(update));
            }
            return updates;
        },
        [this](Result<std::vector<Update>> updates) {
            if (updates)
                merge(std::move(*updates));
        });
}

void RunFollower::merge(std::vector<Update> updates)
{
    std::vector<RunInfo> runs;
    for (Update& update : updates) {
        const auto known = std::find_if(m_runs.begin(), m_runs.end(),
            [&update](const RunInfo& run) { return run.name == update.name; });
        RunInfo run = known == m_runs.end() ? RunInfo{} : std::move(*known);
        run.name = update.name;
        run.folder = update.folder;
        run.state = std::move(update.state);
        if (!run.isActive())
            run.asked = store::Control::None;
        run.readTo = update.added.nextOffset;
        for (const store::MetricsRow& row : update.added.rows)
            for (const auto& [name, value] : row.values) {
                const QString curveName = fromUtf8(name);
                auto curve = std::find_if(run.curves.begin(), run.curves.end(),
                    [&curveName](const CurveData& each) { return each.name == curveName; });
                if (curve == run.curves.end())
                    curve = run.curves.insert(curve, CurveData{ curveName, {}, {} });
                curve->append(static_cast<double>(row.step), value);
            }
        runs.push_back(std::move(run));
    }
    std::stable_sort(runs.begin(), runs.end(),
        [](const RunInfo& a, const RunInfo& b) { return a.state.startedAt > b.state.startedAt; });
    m_runs = std::move(runs);
    m_loaded = true;
    Q_EMIT changed();
}

const RunInfo* RunFollower::find(const QString& name) const
{
    const auto found = std::find_if(
        m_runs.begin(), m_runs.end(), [&name](const RunInfo& run) { return run.name == name; });
    return found == m_runs.end() ? nullptr : &*found;
}

void RunFollower::request(const QString& name, store::Control control)
{
    const auto run = std::find_if(
        m_runs.begin(), m_runs.end(), [&name](const RunInfo& each) { return each.name == name; });
    const auto folder = run != m_runs.end()
        ? RunFolder::open(run->folder)
        : Result<RunFolder>(fail(ErrorKind::NotFound, "This run is gone."));
    const Status asked = folder ? folder->requestControl(control) : Status(fail(folder.error()));
    if (!asked) {
        Q_EMIT failed(asked.error());
        return;
    }
    run->asked = control;
    Q_EMIT changed();
}

} // namespace clipscope::studio
