#include "app/studio/curves_probe.h"

#include "app/studio/frame_times.h"
#include "app/studio/main_window.h"
#include "app/studio/pages/training/compare_panel.h"
#include "app/studio/project_session.h"
#include "base/files.h"
#include "store/project.h"
#include "store/run_folder.h"
#include "widgets/charts/curve_chart.h"
#include "widgets/common/format.h"

#include <QApplication>
#include <QListView>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace clipscope::studio {

namespace {

constexpr std::size_t framesOfAKind = 120;
constexpr int evaluateEvery = 1000;
constexpr std::chrono::milliseconds lookInterval{ 20 };
constexpr int decimals = 1;

/// A loss that falls, with noise that no thinning may lose.
Status writeRun(const store::RunFolder& run, int number, int points)
{
    store::RunState state;
    state.verb = "pretrain";
    state.phase = store::RunPhase::Finished;
    state.startedAt = 1.7e9 + number;
    state.progress = { "train", points, points, "steps", 0.0, "" };
    CLIP_TRY(run.writeState(state));
    CLIP_TRY(writeFileAtomically(run.configFile(),
        "train.seed = " + std::to_string(number)
            + " # flag\ntrain.steps = " + std::to_string(points) + " # flag\n"));
    std::string text;
    text.reserve(static_cast<std::size_t>(points) * 64);
    std::uint32_t random = static_cast<std::uint32_t>(number) * 7919u + 1u;
    for (int step = 1; step <= points; ++step) {
        random = random * 1664525u + 1013904223u;
        const double noise = static_cast<double>(random >> 8U) / (1U << 24U) - 0.5;
        const double loss = 1.0 + 0.01 * number + 6.0 * std::exp(-8.0 * step / points) + noise;
        char line[160];
        int size = std::snprintf(line, sizeof line,
            "{\"step\":%d,\"loss\":%.5f,\"gradient-norm\":%.4f", step, loss, 2.0 + noise);
        text.append(line, static_cast<std::size_t>(size));
        if (step % evaluateEvery == 0) {
            size = std::snprintf(line, sizeof line, ",\"recall-1\":%.4f,\"validation-loss\":%.5f",
                1.0 - std::exp(-3.0 * step / points), loss + 0.2);
            text.append(line, static_cast<std::size_t>(size));
        }
        text += "}\n";
    }
    return writeFileAtomically(run.metricsFile(), text);
}

Status writeRuns(const std::filesystem::path& folder, int runs, int points)
{
    CLIP_TRY_ASSIGN(const auto project, store::Project::create(folder));
    for (int number = 1; number <= runs; ++number) {
        CLIP_TRY_ASSIGN(const auto run,
            store::RunFolder::create(project.runsFolder(), "run-" + std::to_string(number)));
        CLIP_TRY(writeRun(run, number, points));
    }
    return {};
}

} // namespace

CurvesProbe::CurvesProbe(MainWindow& window, ProjectSession& project, int runs, int points)
    : m_window(window)
    , m_runs(runs)
    , m_points(points)
    , m_kinds(
          { { QStringLiteral("pan") }, { QStringLiteral("zoom") }, { QStringLiteral("cursor") } })
{
    const std::filesystem::path folder
        = widgets::toPath(m_folder.filePath(QStringLiteral("probe.clipscope")));
    if (const Status written = writeRuns(folder, runs, points); !written) {
        m_problem = widgets::fromUtf8(written.error().toString());
        return;
    }
    m_window.showPage(PageId::Training);
    connect(&m_look, &QTimer::timeout, this, &CurvesProbe::select);
    m_look.start(lookInterval);
    project.open(folder);
}

CurvesProbe::~CurvesProbe() = default;

void CurvesProbe::select()
{
    auto* list = m_window.findChild<QListView*>(QStringLiteral("runList"));
    if (!m_window.isSettled() || list->model()->rowCount() < m_runs)
        return;
    disconnect(&m_look, nullptr, this, nullptr);
    connect(&m_look, &QTimer::timeout, this, &CurvesProbe::begin);
    m_clock.start();
    list->selectAll();
}

void CurvesProbe::begin()
{
    auto* panel = m_window.findChild<ComparePanel*>(QStringLiteral("comparePanel"));
    if (!m_window.isSettled() || !panel->isVisible() || panel->curves()->charts().empty())
        return;
    m_look.stop();
    m_readSeconds = static_cast<double>(m_clock.elapsed()) / 1000.0;
    m_chart = panel->curves()->charts().front();
    for (QWidget* child : m_chart->findChildren<QWidget*>())
        if (child->inherits("QCustomPlot"))
            m_plot = child;
    m_plot->installEventFilter(this);
    wish();
}

void CurvesProbe::wish()
{
    if (m_kind == m_kinds.size()) {
        m_plot->removeEventFilter(this);
        Q_EMIT finished();
        return;
    }
    // Another place and width with every frame, so that nothing is drawn twice.
    const auto frame = static_cast<double>(m_kinds[m_kind].milliseconds.size());
    const double share = frame / framesOfAKind, all = m_points;
    m_waiting = true;
    m_processorBefore = processorMilliseconds();
    m_clock.start();
    if (m_kind == 0)
        m_chart->showSteps(0.5 * share * all, 0.5 * (share + 1.0) * all);
    else if (m_kind == 1)
        m_chart->showSteps(0.45 * share * all, (1.0 - 0.45 * share) * all);
    else
        m_chart->setCursor(all * (0.45 + 0.1 * share));
    m_plot->update(); // a cursor is drawn at once, and painted with the next event
}

bool CurvesProbe::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != m_plot || event->type() != QEvent::Paint || !m_waiting)
        return QObject::eventFilter(watched, event);
    m_plot->removeEventFilter(this);
    QApplication::sendEvent(m_plot, event); // now, so that its end is seen
    m_plot->installEventFilter(this);
    Kind& kind = m_kinds[m_kind];
    kind.milliseconds.push_back(static_cast<double>(m_clock.nsecsElapsed()) / 1e6);
    kind.processor.push_back(processorMilliseconds() - m_processorBefore);
    m_waiting = false;
    if (kind.milliseconds.size() == framesOfAKind)
        ++m_kind;
    QTimer::singleShot(0, this, &CurvesProbe::wish);
    return true;
}

QString CurvesProbe::report() const
{
    QString text = QStringLiteral("%1 runs of %2 points read and drawn in %3 s\n")
                       .arg(m_runs)
                       .arg(m_points)
                       .arg(m_readSeconds, 0, 'f', 1);
    for (const Kind& kind : m_kinds)
        text += kind.name + QStringLiteral(": ") + frameTimesText(kind.milliseconds, decimals)
            + QStringLiteral("; processor ") + frameTimesText(kind.processor, decimals)
            + QLatin1Char('\n');
    return text;
}

} // namespace clipscope::studio
