#include "app/studio/pages/training/run_panel.h"

#include "app/studio/log_view.h"
#include "app/studio/pages/training/curve_grid.h"
#include "app/studio/pages/training/run_overview.h"
#include "widgets/common/chip.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QTabWidget>
#include <QVBoxLayout>

namespace clipscope::studio {

using namespace widgets;
using store::Control;
using store::RunPhase;

namespace {

Tone toneOf(const RunInfo& run)
{
    if (run.state.crashed || run.state.phase == RunPhase::Failed)
        return Tone::Bad;
    if (run.isActive())
        return Tone::Accent;
    return run.state.phase == RunPhase::Finished ? Tone::Good : Tone::Warning;
}

} // namespace

RunPanel::RunPanel(QWidget* parent)
    : QWidget(parent)
    , m_name(new QLabel(this))
    , m_facts(new QLabel(this))
    , m_problem(new QLabel(this))
    , m_phase(new Chip({}, Tone::Neutral, this))
    , m_pause(new QPushButton(tr("Pause"), this))
    , m_resume(new QPushButton(tr("Resume"), this))
    , m_stop(new QPushButton(tr("Stop"), this))
    , m_tabs(new QTabWidget(this))
    , m_overview(new RunOverview(this))
    , m_curves(new CurveGrid(this))
    , m_log(new LogView(this))
{
    setObjectName(QStringLiteral("runPanel"));
    m_pause->setObjectName(QStringLiteral("pauseRun"));
    m_resume->setObjectName(QStringLiteral("resumeRun"));
    m_stop->setObjectName(QStringLiteral("stopRun"));
    decorate(*m_pause, Icon::Pause);
    decorate(*m_resume, Icon::Resume);
    decorate(*m_stop, Icon::Stop);
    m_name->setFont(typeface(TypeSize::Section, true));
    m_facts->setProperty("role", QStringLiteral("secondary"));
    m_problem->setProperty("role", QStringLiteral("bad"));
    m_problem->setWordWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_tabs->addTab(m_overview, tr("Overview"));
    m_tabs->addTab(m_curves, tr("Curves"));
    m_tabs->addTab(m_log, tr("Log"));
    m_tabs->setCurrentWidget(m_curves);
    m_tabs->setDocumentMode(true);

    auto* line = new QHBoxLayout;
    line->setSpacing(space::s);
    line->addWidget(m_name);
    line->addWidget(m_phase);
    line->addWidget(m_facts);
    line->addStretch(1);
    line->addWidget(m_pause);
    line->addWidget(m_resume);
    line->addWidget(m_stop);
    auto* head = new QVBoxLayout;
    head->setContentsMargins(space::l, space::m, space::l, space::xs);
    head->addLayout(line);
    head->addWidget(m_problem);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(space::xs);
    column->addLayout(head);
    column->addWidget(m_tabs, 1);

    connect(m_curves, &CurveGrid::failed, this, &RunPanel::failed);
    connect(m_pause, &QPushButton::clicked, this,
        [this] { Q_EMIT controlRequested(m_run, Control::Pause); });
    connect(m_stop, &QPushButton::clicked, this,
        [this] { Q_EMIT controlRequested(m_run, Control::Stop); });
    connect(m_resume, &QPushButton::clicked, this, [this] { Q_EMIT resumeRequested(m_run); });
}

void RunPanel::show(const RunInfo& run, const QString& whyNot)
{
    m_run = run.name;
    m_name->setText(run.name);
    m_phase->set(run.phaseText(), toneOf(run));
    const Progress& progress = run.state.progress;
    QString facts = progress.total > 0
        ? tr("step %1 of %2").arg(count(run.step()), count(progress.total))
        : tr("step %1").arg(count(run.step()));
    if (const QString left = run.remainingText(); !left.isEmpty())
        facts += QStringLiteral(", ") + left;
    m_facts->setText(facts);
    m_problem->setVisible(run.state.error.has_value());
    if (run.state.error)
        m_problem->setText(fromUtf8(run.state.error->toString()));
    m_curves->setCurves(run.curves);
    m_overview->show(run);
    m_log->setFile(run.folder / "log.txt");
    refreshButtons(run, whyNot);
}

void RunPanel::refreshButtons(const RunInfo& run, const QString& whyNot)
{
    const auto set
        = [&whyNot](QPushButton* button, bool can, const QString& does, const QString& reason) {
              button->setEnabled(can && whyNot.isEmpty());
              button->setToolTip(!whyNot.isEmpty() ? whyNot : can ? does : reason);
          };
    const bool asked = run.asked != Control::None;
    const QString notRunning = run.isActive()
        ? tr("It has been asked and saves a checkpoint.")
        : tr("This run is not running: %1.").arg(run.phaseText());
    set(m_pause, run.isActive() && !asked, tr("Write a checkpoint and wait"), notRunning);
    set(m_stop, run.isActive() && run.asked != Control::Stop,
        tr("Write a checkpoint and end the run"), notRunning);
    set(m_resume, run.canResume(), tr("Go on from the last checkpoint"),
        run.isActive() ? tr("This run is running.") : tr("This run is finished."));
}

} // namespace clipscope::studio
