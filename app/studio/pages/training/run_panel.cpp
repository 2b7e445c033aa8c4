#include "app/studio/pages/training/run_panel.h"

#include "app/studio/log_panel.h"
#include "app/studio/pages/training/batch_view.h"
#include "app/studio/pages/training/curve_grid.h"
#include "app/studio/pages/training/run_overview.h"
#include "app/studio/pages/training/run_settings.h"
#include "widgets/common/chip.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/menu_button.h"
#include "widgets/common/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QTabWidget>
#include <QToolButton>
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
    , m_fork(new QPushButton(tr("Fork"), this))
    , m_more(menuButton(QStringLiteral("moreOfRun"), this))
    , m_archive(m_more->menu()->addAction(tr("Archive")))
    , m_trash(m_more->menu()->addAction(tr("Move to Trash...")))
    , m_tabs(new QTabWidget(this))
    , m_overview(new RunOverview(this))
    , m_curves(new CurveGrid(this))
    , m_resources(new CurveGrid(this))
    , m_settings(new RunSettings(this))
    , m_batch(new BatchView(this))
    , m_log(new LogPanel(this))
{
    setObjectName(QStringLiteral("runPanel"));
    m_tabs->setObjectName(QStringLiteral("runTabs"));
    const auto add = [this](QWidget* page, const QString& title, const char* name) {
        page->setProperty("tab", QLatin1String(name));
        m_tabs->addTab(page, title);
    };
    add(m_overview, tr("Overview"), "overview");
    add(m_curves, tr("Curves"), "curves");
    add(m_batch, tr("Batch"), "batch");
    add(m_settings, tr("Settings"), "settings");
    add(m_log, tr("Log"), "log");
    add(m_resources, tr("Resources"), "resources");
    m_resources->setWaitingText(tr("This run has not said how its machine does."));
    m_resources->setObjectName(QStringLiteral("resources"));
    m_tabs->setCurrentWidget(m_curves);
    m_tabs->setDocumentMode(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(space::xs);
    column->addLayout(buildHead());
    column->addWidget(m_tabs, 1);

    connect(m_curves, &CurveGrid::failed, this, &RunPanel::failed);
    connect(m_resources, &CurveGrid::failed, this, &RunPanel::failed);
    connect(m_batch, &BatchView::clipChosen, this, &RunPanel::clipChosen);
    connect(m_pause, &QPushButton::clicked, this,
        [this] { Q_EMIT controlRequested(m_run, Control::Pause); });
    connect(m_stop, &QPushButton::clicked, this,
        [this] { Q_EMIT controlRequested(m_run, Control::Stop); });
    connect(m_resume, &QPushButton::clicked, this, [this] { Q_EMIT resumeRequested(m_run); });
    connect(m_fork, &QPushButton::clicked, this, [this] { Q_EMIT forkRequested(m_run); });
    connect(m_archive, &QAction::triggered, this, [this] { Q_EMIT archiveRequested(m_run); });
    connect(m_trash, &QAction::triggered, this, [this] { Q_EMIT trashRequested(m_run); });
}

QLayout* RunPanel::buildHead()
{
    m_pause->setObjectName(QStringLiteral("pauseRun"));
    m_resume->setObjectName(QStringLiteral("resumeRun"));
    m_stop->setObjectName(QStringLiteral("stopRun"));
    m_fork->setObjectName(QStringLiteral("forkRun"));
    m_archive->setObjectName(QStringLiteral("archiveRun"));
    m_trash->setObjectName(QStringLiteral("trashRun"));
    m_more->setText(tr("More"));
    m_more->menu()->setToolTipsVisible(true);
    decorate(*m_pause, Icon::Pause);
    decorate(*m_resume, Icon::Resume);
    decorate(*m_stop, Icon::Stop);
    m_name->setFont(typeface(TypeSize::Section, true));
    m_facts->setProperty("role", QStringLiteral("secondary"));
    m_problem->setProperty("role", QStringLiteral("bad"));
    m_problem->setWordWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* line = new QHBoxLayout;
    line->setSpacing(space::s);
    line->addWidget(m_name);
    line->addWidget(m_phase);
    line->addWidget(m_facts);
    line->addStretch(1);
    for (QWidget* button :
        std::initializer_list<QWidget*>{ m_pause, m_resume, m_stop, m_fork, m_more })
        line->addWidget(button);
    auto* head = new QVBoxLayout;
    head->setContentsMargins(space::l, space::m, space::l, space::xs);
    head->addLayout(line);
    head->addWidget(m_problem);
    return head;
}

QString RunPanel::tab() const
{
    return m_tabs->currentWidget()->property("tab").toString();
}

void RunPanel::setTab(const QString& name)
{
    for (int i = 0; i < m_tabs->count(); ++i)
        if (m_tabs->widget(i)->property("tab") == name)
            m_tabs->setCurrentIndex(i);
}

QMenu* RunPanel::makeMenu(QWidget* parent)
{
    auto* menu = new QMenu(parent);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setToolTipsVisible(true);
    for (QPushButton* button : { m_pause, m_resume, m_stop, m_fork }) {
        QAction* action = menu->addAction(button->icon(), button->text().trimmed());
        action->setEnabled(button->isEnabled());
        action->setToolTip(button->toolTip());
        connect(action, &QAction::triggered, button, &QPushButton::click);
    }
    menu->addSeparator();
    menu->addActions({ m_archive, m_trash });
    return menu;
}

void RunPanel::show(const RunInfo& run, const std::vector<RunInfo>& all, const WatchNames& watched,
    const std::filesystem::path& project, const QString& whyNot)
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
    m_curves->setCharts(chartsOf(run, watched));
    m_resources->setCharts(resourceChartsOf(run, m_derived));
    m_batch->show(run, project);
    m_settings->show(run, all);
    m_overview->show(run);
    m_log->setFile(run.folder / "log.txt");
    refreshButtons(run, whyNot);
}

void RunPanel::refreshButtons(const RunInfo& run, const QString& whyNot)
{
    const QString never = whyNot.isEmpty() && run.archived
        ? tr("This run is archived: unarchive it first.")
        : whyNot;
    const auto set
        = [&never](QPushButton* button, bool can, const QString& does, const QString& reason) {
              button->setEnabled(can && never.isEmpty());
              button->setToolTip(!never.isEmpty() ? never : can ? does : reason);
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
    set(m_fork, !run.origin.settings.empty(),
        tr("Go on from its last checkpoint as another run, with settings changed"),
        tr("This run has not written its settings yet."));

    const QString inUse = tr("A process works on this run: stop it first.");
    for (QAction* action : { m_archive, m_trash })
        action->setEnabled(!run.isActive() && whyNot.isEmpty());
    m_archive->setText(run.archived ? tr("Unarchive") : tr("Archive"));
    m_archive->setToolTip(!whyNot.isEmpty() ? whyNot
            : run.isActive()                ? inUse
            : run.archived                  ? tr("Put it back into the list")
                           : tr("Out of the list, and kept: shown with \"Archived\""));
    m_trash->setToolTip(!whyNot.isEmpty() ? whyNot
            : run.isActive()              ? inUse
                                          : tr("With its checkpoints, after a question"));
}

} // namespace clipscope::studio
