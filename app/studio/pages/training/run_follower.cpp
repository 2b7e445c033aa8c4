#include "app/studio/pages/training/run_follower.h"

#include "widgets/common/format.h"

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;
using store::RunFolder;

namespace {

constexpr int watchedMilliseconds = 500;
constexpr int unwatchedMilliseconds = 3000;
/// How long the reading of curves goes on before what there is is shown.
constexpr std::chrono::milliseconds turn{ 250 };
constexpr qsizetype mostWithAllCurves = 16;

} // namespace

RunFollower::RunFollower(QObject* parent)
    : QObject(parent)
    , m_scan(this)
    , m_read(this)
{
    connect(&m_timer, &QTimer::timeout, this, &RunFollower::refresh);
    setWatched(false);
}

void RunFollower::setFolder(const std::filesystem::path& runsFolder)
{
    m_scan.cancel();
    m_read.cancel();
    m_folder = runsFolder;
    m_runs.clear();
    m_shown.clear();
    m_loaded = m_curvesLoaded = false;
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

void RunFollower::setArchiveShown(bool shown)
{
    if (shown == m_archiveShown)
        return;
    m_archiveShown = shown;
    m_scan.cancel(); // what is under way looks at the wrong folders
    refresh();
}

bool RunFollower::showsOnlyMainCurves() const
{
    return m_shown.size() > mostWithAllCurves;
}

void RunFollower::setShown(const QStringList& names)
{
    if (names == m_shown)
        return;
    const bool wasMain = showsOnlyMainCurves();
    m_shown = names;
    m_read.cancel();
    m_curvesLoaded = false;
    for (RunInfo& run : m_runs)
        if (!m_shown.contains(run.name) || wasMain != showsOnlyMainCurves()) {
            run.curves = {};
            run.readTo = 0;
        }
    readShown();
}

void RunFollower::refresh()
{
    if (m_folder.empty())
        return;
    if (!m_scan.isBusy()) {
        std::map<QString, RunKnown> known;
        for (const RunInfo& run : m_runs)
            known[run.name] = { run.figures, run.origin };
        m_scan.run(
            [folder = m_folder, archive = m_archiveShown, known = std::move(known)](
                std::stop_token stop) -> Result<std::vector<RunInfo>> {
                return scanRuns(folder, archive, known, stop);
            },
            [this](Result<std::vector<RunInfo>> runs) {
                if (runs)
                    merge(std::move(*runs));
            });
    }
    if (!m_read.isBusy())
        readShown();
}

void RunFollower::merge(std::vector<RunInfo> runs)
{
    for (RunInfo& run : runs) {
        RunInfo* before = known(run.name);
        if (!before)
            continue;
        run.curves = std::move(before->curves);
        run.readTo = before->readTo;
        if (run.isActive())
            run.asked = before->asked;
    }
    std::stable_sort(runs.begin(), runs.end(),
        [](const RunInfo& a, const RunInfo& b) { return a.state.startedAt > b.state.startedAt; });
    m_runs = std::move(runs);
    m_loaded = true;
    Q_EMIT changed();
}

void RunFollower::readShown()
{
    std::vector<RunCurves> shown;
    for (const QString& name : m_shown)
        if (const RunInfo* run = find(name))
            shown.push_back({ run->name, run->folder, run->curves, run->readTo });
    if (shown.empty())
        return;
    m_read.run([shown = std::move(shown), onlyMain = showsOnlyMainCurves()](
                   std::stop_token stop) { return readCurves(shown, onlyMain, turn, stop); },
        [this](Result<CurvesUpdate> update) {
            if (!update)
                return;
            for (RunCurves& curves : update->changed)
                if (RunInfo* run = known(curves.name)) {
                    run->curves = std::move(curves.curves);
                    run->readTo = curves.readTo;
                }
            const bool news = !update->changed.empty() || m_curvesLoaded != update->complete;
            m_curvesLoaded = update->complete;
            if (!m_curvesLoaded)
                readShown();
            if (news)
                Q_EMIT changed();
        });
}

RunInfo* RunFollower::known(const QString& name)
{
    const auto found = std::find_if(
        m_runs.begin(), m_runs.end(), [&name](const RunInfo& run) { return run.name == name; });
    return found == m_runs.end() ? nullptr : &*found;
}

const RunInfo* RunFollower::find(const QString& name) const
{
    return const_cast<RunFollower*>(this)->known(name);
}

void RunFollower::request(const QString& name, store::Control control)
{
    RunInfo* run = known(name);
    const auto folder = run ? RunFolder::open(run->folder)
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
