#include "app/studio/pages/training/training_page.h"

#include "app/studio/job_service.h"
#include "app/studio/navigator.h"
#include "app/studio/pages/training/new_run_form.h"
#include "app/studio/pages/training/run_panel.h"
#include "app/studio/project_session.h"
#include "store/project.h"
#include "tasks/checkpoints.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace clipscope::studio {

using namespace widgets;

namespace {

/// Below this many captioned videos a run teaches nothing that holds elsewhere.
constexpr std::int64_t manyVideos = 1000;

} // namespace

TrainingPage::TrainingPage(Services& services, QWidget* parent)
    : Page(parent)
    , m_services(services)
    , m_list(m_runs)
    , m_look(this)
{
    setObjectName(QStringLiteral("trainingPage"));
    m_panel = new RunPanel(this);
    m_form = new NewRunForm(this);
    m_empty = new EmptyState(Icon::Training, {}, {}, this);
    m_first = m_empty->addButton(tr("New Run"));
    connect(m_first, &QPushButton::clicked, this, &TrainingPage::showNewRunForm);
    m_right = new QStackedWidget(this);
    for (QWidget* widget : std::initializer_list<QWidget*>{ m_empty, m_panel, m_form })
        m_right->addWidget(widget);
    m_splitter = new QSplitter(this);
    m_splitter->addWidget(buildList());
    m_splitter->addWidget(m_right);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({ 320, 900 });
    m_splitter->setChildrenCollapsible(false);

    auto* title = new QLabel(this->title(), this);
    title->setFont(typeface(TypeSize::PageTitle, true));
    m_notice = new QLabel(this);
    m_notice->setObjectName(QStringLiteral("trainingNotice"));
    m_notice->setProperty("role", QStringLiteral("secondary"));
    m_notice->setWordWrap(true);
    m_new = new QPushButton(tr("New Run"), this);
    decorate(*m_new, Icon::Add);
    m_new->setObjectName(QStringLiteral("newRun"));
    auto* header = new QHBoxLayout;
    header->setContentsMargins(space::l, space::m, space::l, space::m);
    header->setSpacing(space::l);
    header->addWidget(title);
    header->addWidget(m_notice, 1);
    header->addWidget(m_new);
    auto* rule = new QFrame(this);
    rule->setProperty("part", QStringLiteral("rule"));
    rule->setFixedHeight(1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(header);
    column->addWidget(rule);
    column->addWidget(m_splitter, 1);

    connect(m_new, &QPushButton::clicked, this, &TrainingPage::showNewRunForm);
    connect(&m_runs, &RunFollower::changed, this, &TrainingPage::refresh);
    connect(&m_runs, &RunFollower::failed, &services.navigator, &Navigator::report);
    connect(m_panel, &RunPanel::failed, &services.navigator, &Navigator::report);
    connect(m_panel, &RunPanel::controlRequested, &m_runs, &RunFollower::request);
    connect(m_panel, &RunPanel::resumeRequested, this, &TrainingPage::resumeRun);
    connect(m_form, &NewRunForm::startRequested, this, &TrainingPage::startRun);
    connect(m_form, &NewRunForm::cancelled, this, [this] {
        m_shown.clear();
        m_right->setCurrentWidget(m_empty);
        refresh();
        takeFocus();
    });
    connect(&services.jobs, &JobService::jobFinished, this, [this](const JobInfo& job) {
        // The banner says why; the form still holds what was asked for.
        if (m_starting && job.state.verb == "pretrain" && job.state.error) {
            m_starting = false;
            m_right->setCurrentWidget(m_form);
        }
    });
    connect(&services.project, &ProjectSession::changed, this, &TrainingPage::onProjectChanged);
    connect(&services.project, &ProjectSession::contentsChanged, this, [this] { lookForMeans(); });
    onProjectChanged();
}

TrainingPage::~TrainingPage() = default;

QWidget* TrainingPage::buildList()
{
    m_view = new QListView(this);
    m_view->setObjectName(QStringLiteral("runList"));
    m_view->setAccessibleName(tr("Runs"));
    m_view->setModel(&m_list);
    m_view->setItemDelegate(new RunDelegate(m_view));
    m_view->setUniformItemSizes(true);
    m_view->setMinimumWidth(220);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this,
        [this](const QModelIndex& current) {
            if (const RunInfo* run = m_list.at(current)) {
                m_shown = run->name;
                m_right->setCurrentWidget(m_panel);
                refresh();
            }
        });
    return m_view;
}

std::vector<ActionRow> TrainingPage::actionRows()
{
    const auto button = [this](const QString& name) {
        return [this, name] {
            if (auto* found = m_panel->findChild<QPushButton*>(name); found && found->isEnabled())
                found->click();
        };
    };
    return {
        { QStringLiteral("training.new"), tr("New Run"), QKeySequence(Qt::CTRL | Qt::Key_R),
            Icon::Add, [this] { showNewRunForm(); } },
        { QStringLiteral("training.pause"), tr("Pause Run"), QKeySequence(Qt::Key_P), Icon::Pause,
            button(QStringLiteral("pauseRun")) },
        { QStringLiteral("training.resume"), tr("Resume Run"), QKeySequence(Qt::Key_R),
            Icon::Resume, button(QStringLiteral("resumeRun")) },
        { QStringLiteral("training.stop"), tr("Stop Run"), QKeySequence(Qt::Key_S), Icon::Stop,
            button(QStringLiteral("stopRun")) },
    };
}

bool TrainingPage::isSettled() const
{
    return !m_services.project.isOpen() || (m_runs.isLoaded() && !m_look.isBusy());
}

void TrainingPage::takeFocus()
{
    m_view->setFocus();
}

QJsonObject TrainingPage::saveState() const
{
    return { { QStringLiteral("splitter"),
                 QString::fromLatin1(m_splitter->saveState().toBase64()) },
        { QStringLiteral("run"), m_shown } };
}

void TrainingPage::restoreState(const QJsonObject& state)
{
    if (state.contains(QLatin1String("splitter")))
        m_splitter->restoreState(
            QByteArray::fromBase64(state.value(QLatin1String("splitter")).toString().toLatin1()));
    m_shown = state.value(QLatin1String("run")).toString();
}

QString TrainingPage::currentRun() const
{
    return m_right->currentWidget() == m_panel ? m_shown : QString();
}

void TrainingPage::showNewRunForm()
{
    if (!whyNot().isEmpty())
        return;
    lookForMeans(); // runs that ended meanwhile have checkpoints now
    m_right->setCurrentWidget(m_form);
    m_view->clearSelection();
    m_view->setCurrentIndex({});
    m_form->setFocus();
}

void TrainingPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_runs.setWatched(true);
}

void TrainingPage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    m_runs.setWatched(false);
}

void TrainingPage::onProjectChanged()
{
    const ProjectSession& project = m_services.project;
    m_captioned = -1;
    m_starting = false;
    m_right->setCurrentWidget(m_empty);
    m_form->setProject(fromPath(project.folder()));
    m_runs.setFolder(project.isOpen() ? project.folder() / "runs" : std::filesystem::path());
    lookForMeans();
}

void TrainingPage::lookForMeans()
{
    if (!m_services.project.isOpen())
        return;
    m_look.run(
        [folder = m_services.project.folder()](std::stop_token) -> Result<Means> {
            CLIP_TRY_ASSIGN(const store::Project project,
                store::Project::open(folder, store::Access::ReadOnly));
            CLIP_TRY_ASSIGN(const auto counts, project.catalogue().captionCounts());
            CLIP_TRY_ASSIGN(const auto checkpoints, tasks::listCheckpoints(project));
            Means means{ static_cast<std::int64_t>(counts.size()), {} };
            for (const tasks::CheckpointInfo& each : checkpoints)
                if (each.kind == tasks::CheckpointKind::VideoClip)
                    means.beginnings.append({ fromUtf8(each.name), fromUtf8(each.title) });
            return means;
        },
        [this](Result<Means> means) {
            m_captioned = means ? means->captioned : -1;
            if (means)
                m_form->setBeginnings(means->beginnings);
            refresh();
        });
}

QString TrainingPage::whyNot() const
{
    if (m_services.project.isReadOnly())
        return tr("This project is read-only.");
    if (m_captioned == 0)
        return tr("No video of this project has captions, and training learns from captions.");
    return {};
}

void TrainingPage::refresh()
{
    const QString reason = whyNot();
    m_new->setEnabled(reason.isEmpty());
    m_new->setToolTip(reason);
    m_first->setVisible(!m_starting);
    m_first->setEnabled(reason.isEmpty());
    m_first->setToolTip(reason);
    m_notice->setText(m_captioned < 0 ? QString()
            : m_captioned == 0        ? reason
            : m_captioned < manyVideos
            ? tr("%1 with captions. So few only show that training works; they do not make a model "
                 "that finds things elsewhere.")
                  .arg(counted(m_captioned, tr("video"), tr("videos")))
            : QString());

    const std::vector<RunInfo>& runs = m_runs.runs();
    QStringList names;
    for (const RunInfo& run : runs)
        names += run.name;
    m_form->setRuns(names);
    for (const RunInfo& run : runs)
        if (m_starting && !m_before.contains(run.name)) {
            m_starting = false;
            m_shown = run.name;
            m_right->setCurrentWidget(m_panel);
        }
    if (m_starting || m_right->currentWidget() == m_form)
        return;
    m_empty->setText(tr("No runs yet"),
        tr("A run trains the two towers on the captioned videos of this project, in a process of "
           "its own."));
    if (!m_runs.find(m_shown) && !runs.empty())
        m_shown = runs.front().name;
    const RunInfo* run = m_runs.find(m_shown);
    if (!run)
        return;
    if (m_view->currentIndex() != m_list.indexOf(m_shown))
        m_view->setCurrentIndex(m_list.indexOf(m_shown));
    m_right->setCurrentWidget(m_panel);
    m_panel->show(*run, reason == tr("This project is read-only.") ? reason : QString());
}

void TrainingPage::startRun(const QStringList& arguments)
{
    m_before.clear();
    for (const RunInfo& run : m_runs.runs())
        m_before += run.name;
    m_starting = true;
    m_first->hide();
    m_empty->setText(tr("Starting"),
        tr("The run appears here as soon as its process has read captions and features."));
    m_right->setCurrentWidget(m_empty);
    takeFocus();
    m_services.jobs.start(QStringLiteral("pretrain"),
        QStringList{ fromPath(m_services.project.folder()) } + arguments);
}

void TrainingPage::resumeRun(const QString& name)
{
    // What became of the process before this one is of no interest any more.
    QStringList over;
    for (const JobInfo& job : m_services.jobs.jobs())
        if (job.state.verb == "pretrain" && job.needsAttention())
            over += job.id;
    for (const QString& id : over)
        m_services.jobs.dismiss(id);
    m_services.jobs.start(QStringLiteral("pretrain"),
        { fromPath(m_services.project.folder()), QStringLiteral("--resume"), name });
}

} // namespace clipscope::studio
