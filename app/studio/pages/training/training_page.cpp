#include "app/studio/pages/training/training_page.h"

#include "app/studio/job_service.h"
#include "app/studio/navigator.h"
#include "app/studio/pages/training/compare_panel.h"
#include "app/studio/pages/training/new_run_form.h"
#include "app/studio/pages/training/run_panel.h"
#include "app/studio/pages/training/watch_dialog.h"
#include "app/studio/project_session.h"
#include "store/project.h"
#include "tasks/checkpoints.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QSet>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

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
    , m_filter(m_list)
    , m_look(this)
{
    setObjectName(QStringLiteral("trainingPage"));
    m_panel = new RunPanel(this);
    m_compare = new ComparePanel(this);
    m_form = new NewRunForm(this);
    m_empty = new EmptyState(Icon::Training, {}, {}, this);
    m_first = m_empty->addButton(tr("New Run"));
    connect(m_first, &QPushButton::clicked, this, &TrainingPage::showNewRunForm);
    m_right = new QStackedWidget(this);
    for (QWidget* widget : std::initializer_list<QWidget*>{ m_empty, m_panel, m_compare, m_form })
        m_right->addWidget(widget);
    m_splitter = new QSplitter(this);
    m_splitter->addWidget(buildList());
    m_splitter->addWidget(m_right);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({ 320, 900 });
    m_splitter->setChildrenCollapsible(false);

    assemble(buildHeader(), m_splitter);

    connectPanels();
    connect(&services.jobs, &JobService::jobFinished, this, [this](const JobInfo& job) {
        // The banner says why; the form still holds what was asked for.
        if (m_starting && job.state.error
            && (job.state.verb == "pretrain" || job.state.verb == "runs")) {
            m_starting = false;
            m_right->setCurrentWidget(m_form);
        }
    });
    connect(&services.project, &ProjectSession::changed, this, &TrainingPage::onProjectChanged);
    connect(&services.project, &ProjectSession::contentsChanged, this, [this] { lookForMeans(); });
    onProjectChanged();
}

QWidget* TrainingPage::buildHeader()
{
    auto* header = new QWidget(this);
    m_notice = new QLabel(header);
    m_notice->setObjectName(QStringLiteral("trainingNotice"));
    m_notice->setProperty("role", QStringLiteral("secondary"));
    m_notice->setWordWrap(true);
    m_new = new QPushButton(tr("New Run"), header);
    decorate(*m_new, Icon::Add);
    m_new->setObjectName(QStringLiteral("newRun"));
    connect(m_new, &QPushButton::clicked, this, &TrainingPage::showNewRunForm);
    m_watch = new QPushButton(tr("Watch List"), header);
    decorate(*m_watch, Icon::Pin);
    m_watch->setObjectName(QStringLiteral("watchList"));
    connect(m_watch, &QPushButton::clicked, this, &TrainingPage::editWatchList);
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(space::l, space::m, space::l, space::m);
    row->setSpacing(space::l);
    row->addWidget(titleLabel(header));
    row->addWidget(m_notice, 1);
    row->addWidget(m_watch);
    row->addWidget(m_new);
    return header;
}

void TrainingPage::connectPanels()
{
    Navigator& navigator = m_services.navigator;
    connect(&m_runs, &RunFollower::changed, this, &TrainingPage::refresh);
    connect(&m_runs, &RunFollower::failed, &navigator, &Navigator::report);
    connect(&m_keeper, &RunKeeper::failed, &navigator, &Navigator::report);
    connect(&m_keeper, &RunKeeper::moved, &m_runs, &RunFollower::refresh);
    connect(m_panel, &RunPanel::failed, &navigator, &Navigator::report);
    connect(m_panel, &RunPanel::controlRequested, &m_runs, &RunFollower::request);
    connect(m_panel, &RunPanel::resumeRequested, this, &TrainingPage::resumeRun);
    connect(m_panel, &RunPanel::forkRequested, this, &TrainingPage::forkRun);
    connect(m_panel, &RunPanel::archiveRequested, this, &TrainingPage::archiveRun);
    connect(m_panel, &RunPanel::trashRequested, this, &TrainingPage::trashRun);
    connect(m_panel, &RunPanel::clipChosen, &navigator, &Navigator::openVideo);
    connect(m_compare, &ComparePanel::failed, &navigator, &Navigator::report);
    connect(m_compare, &ComparePanel::groupingChanged, this, &TrainingPage::refresh);
    connect(m_form, &NewRunForm::startRequested, this, &TrainingPage::startRun);
    connect(m_form, &NewRunForm::cancelled, this, [this] {
        m_right->setCurrentWidget(m_empty);
        select(m_shown);
        refresh();
        takeFocus();
    });
}

TrainingPage::~TrainingPage() = default;

QWidget* TrainingPage::buildList()
{
    auto* side = new QWidget(this);
    side->setMinimumWidth(240);
    m_words = new QLineEdit(side);
    m_words->setObjectName(QStringLiteral("runWords"));
    m_words->setAccessibleName(tr("Filter runs"));
    m_words->setPlaceholderText(tr("Filter: name, state, seed=2"));
    m_words->setClearButtonEnabled(true);
    m_order = new QComboBox(side);
    m_order->setObjectName(QStringLiteral("runOrder"));
    m_order->setAccessibleName(tr("Order of the runs"));
    m_order->addItems({ tr("Newest first"), tr("Name"), tr("State"), tr("Best recall"), tr("Loss"),
        tr("Progress") }); // as RunOrder
    m_archive = new QCheckBox(tr("Archived"), side);
    m_archive->setObjectName(QStringLiteral("showArchive"));
    m_archive->setToolTip(tr("Also show runs that were archived"));
    m_view = new QListView(side);
    m_view->setObjectName(QStringLiteral("runList"));
    m_view->setAccessibleName(tr("Runs"));
    m_view->setModel(&m_filter);
    m_view->setItemDelegate(new RunDelegate(m_view));
    m_view->setUniformItemSizes(true);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    auto* line = new QHBoxLayout;
    line->setSpacing(space::s);
    line->addWidget(m_order, 1);
    line->addWidget(m_archive);
    auto* head = new QVBoxLayout;
    head->setContentsMargins(space::m, space::s, space::m, space::s);
    head->setSpacing(space::s);
    head->addWidget(m_words);
    head->addLayout(line);
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(head);
    column->addWidget(m_view, 1);
    connect(m_words, &QLineEdit::textChanged, &m_filter, &RunFilter::setWords);
    connect(m_order, &QComboBox::currentIndexChanged, this,
        [this](int order) { m_filter.setOrder(static_cast<RunOrder>(order)); });
    connect(m_archive, &QCheckBox::toggled, &m_runs, &RunFollower::setArchiveShown);
    connect(m_view, &QWidget::customContextMenuRequested, this, &TrainingPage::showMenu);
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this,
        &TrainingPage::onSelectionChanged);
    return side;
}

QStringList TrainingPage::selectedRuns() const
{
    QModelIndexList rows = m_view->selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    QStringList names;
    for (const QModelIndex& row : rows)
        if (const RunInfo* run = m_filter.at(row))
            names += run->name;
    return names;
}

void TrainingPage::select(const QString& name)
{
    if (const QModelIndex row = m_filter.indexOf(name); row.isValid())
        m_view->selectionModel()->setCurrentIndex(row, QItemSelectionModel::ClearAndSelect);
}

void TrainingPage::onSelectionChanged()
{
    const QStringList names = selectedRuns();
    refreshColours(names);
    m_runs.setShown(names);
    if (names.isEmpty())
        return;
    if (names.size() == 1)
        m_shown = names.front();
    if (m_right->currentWidget() == m_form || m_right->currentWidget() == m_empty)
        m_right->setCurrentWidget(m_panel);
    refresh();
}

void TrainingPage::refreshColours(const QStringList& selected)
{
    // A run keeps its colour as long as it stays; one that joins takes the first that is free.
    QHash<QString, int> colours;
    if (selected.size() > 1) {
        QSet<int> taken;
        for (const QString& name : selected)
            if (m_colours.contains(name)) {
                colours[name] = m_colours.value(name);
                taken += m_colours.value(name);
            }
        int next = 0;
        for (const QString& name : selected)
            if (!colours.contains(name)) {
                while (taken.contains(next))
                    ++next;
                colours[name] = next++;
            }
    }
    m_colours = colours;
    m_list.setColours(colours);
}

void TrainingPage::showMenu(const QPoint& position)
{
    const RunInfo* run = m_filter.at(m_view->indexAt(position));
    if (!run)
        return;
    select(run->name);
    QMenu* menu = m_panel->makeMenu(this);
    menu->popup(m_view->viewport()->mapToGlobal(position));
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
        { QStringLiteral("training.fork"), tr("Fork Run"), QKeySequence(Qt::Key_F), Icon::Add,
            button(QStringLiteral("forkRun")) },
        { QStringLiteral("training.watch"), tr("Edit Watch List"), QKeySequence(Qt::Key_W),
            Icon::Pin, [this] { m_watch->click(); } },
        { QStringLiteral("training.filter"), tr("Filter Runs"), QKeySequence::Find, Icon::Search,
            [this] { m_words->setFocus(); } },
    };
}

bool TrainingPage::isSettled() const
{
    return !m_services.project.isOpen()
        || (m_runs.isLoaded() && m_runs.areCurvesLoaded() && !m_look.isBusy());
}

void TrainingPage::takeFocus()
{
    m_view->setFocus();
}

QJsonObject TrainingPage::saveState() const
{
    return { { QStringLiteral("splitter"),
                 QString::fromLatin1(m_splitter->saveState().toBase64()) },
        { QStringLiteral("run"), m_shown }, { QStringLiteral("tab"), m_panel->tab() } };
}

void TrainingPage::restoreState(const QJsonObject& state)
{
    if (state.contains(QLatin1String("splitter")))
        m_splitter->restoreState(
            QByteArray::fromBase64(state.value(QLatin1String("splitter")).toString().toLatin1()));
    m_shown = state.value(QLatin1String("run")).toString();
    m_panel->setTab(state.value(QLatin1String("tab")).toString());
    const QJsonArray compared = state.value(QLatin1String("compare")).toArray();
    for (const auto& name : compared)
        m_wanted += name.toString();
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
    m_form->beginNew();
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
    m_colours.clear();
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
            Means means{ static_cast<std::int64_t>(counts.size()), {}, {} };
            // A damaged list is said by its dialog; curves only lose their words.
            if (const auto list = store::readWatchList(folder))
                for (const store::WatchedQuery& query : list->queries)
                    means.watched[static_cast<int>(query.id)] = fromUtf8(query.query);
            for (const tasks::CheckpointInfo& each : checkpoints)
                if (each.kind == tasks::CheckpointKind::VideoClip)
                    means.beginnings.append({ fromUtf8(each.name), fromUtf8(each.title) });
            return means;
        },
        [this](Result<Means> means) {
            m_captioned = means ? means->captioned : -1;
            if (means) {
                m_form->setBeginnings(means->beginnings);
                m_watched = means->watched;
            }
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
    const bool readOnly = m_services.project.isReadOnly();
    m_watch->setEnabled(!readOnly);
    m_watch->setToolTip(readOnly
            ? tr("This project is read-only.")
            : tr("Queries whose expected moments are looked for at each evaluation"));
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
            m_right->setCurrentWidget(m_panel);
            select(run.name);
        }
    if (m_starting || m_right->currentWidget() == m_form)
        return;
    m_empty->setText(tr("No runs yet"),
        tr("A run trains the two towers on the captioned videos of this project, in a process of "
           "its own."));
    if (m_runs.isLoaded() && !m_wanted.isEmpty()) {
        QItemSelection wanted;
        for (const QString& name : std::exchange(m_wanted, {}))
            wanted.select(m_filter.indexOf(name), m_filter.indexOf(name));
        m_view->selectionModel()->select(wanted, QItemSelectionModel::ClearAndSelect);
    }
    if (selectedRuns().isEmpty() && !runs.empty())
        select(m_runs.find(m_shown) ? m_shown : runs.front().name); // comes back here
    else
        showSelected(reason == tr("This project is read-only.") ? reason : QString());
}

void TrainingPage::showSelected(const QString& reason)
{
    const QStringList names = selectedRuns();
    std::vector<const RunInfo*> selected;
    for (const QString& name : names)
        if (const RunInfo* run = m_runs.find(name))
            selected.push_back(run);
    if (selected.empty()) {
        m_right->setCurrentWidget(m_empty);
    } else if (selected.size() == 1) {
        m_right->setCurrentWidget(m_panel);
        m_panel->show(
            *selected.front(), m_runs.runs(), m_watched, m_services.project.folder(), reason);
    } else {
        m_right->setCurrentWidget(m_compare);
        QStringList missing;
        if (!m_runs.areCurvesLoaded())
            missing += tr("reading curves...");
        if (m_runs.showsOnlyMainCurves())
            missing += tr("of so many runs losses, recalls and ranks only");
        m_compare->show(selected, m_colours, m_watched, missing.join(QStringLiteral(", ")));
    }
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
    m_services.jobs.start(m_form->verb(), arguments);
}

void TrainingPage::forkRun(const QString& name)
{
    const RunInfo* run = m_runs.find(name);
    if (!run)
        return;
    const QString forked = fromPath(run->folder.filename());
    m_form->beginFork(forked, run->origin.settings);
    m_right->setCurrentWidget(m_form);
    m_view->clearSelection();
    m_view->setCurrentIndex({});
    m_form->setFocus();
}

void TrainingPage::archiveRun(const QString& name)
{
    const RunInfo* run = m_runs.find(name);
    if (run && run->archived)
        m_keeper.unarchive(m_services.project.folder(), *run);
    else if (run)
        m_keeper.archive(m_services.project.folder(), *run);
}

void TrainingPage::editWatchList()
{
    auto* dialog = new WatchDialog(m_services.project.folder(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &WatchDialog::saved, this, [this] { lookForMeans(); });
    dialog->open();
}

void TrainingPage::trashRun(const QString& name)
{
    auto* question = new QMessageBox(QMessageBox::Question, tr("Move to Trash"),
        tr("Move the run \"%1\" with its checkpoints to the trash?").arg(name), QMessageBox::Cancel,
        this);
    question->setObjectName(QStringLiteral("trashQuestion"));
    question->setAttribute(Qt::WA_DeleteOnClose);
    QPushButton* yes = question->addButton(tr("Move to Trash"), QMessageBox::AcceptRole);
    question->setDefaultButton(QMessageBox::Cancel);
    connect(yes, &QPushButton::clicked, this, [this, name] {
        if (const RunInfo* run = m_runs.find(name))
            m_keeper.moveToTrash(*run);
    });
    question->open();
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
