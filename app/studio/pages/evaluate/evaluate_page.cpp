#include "app/studio/pages/evaluate/evaluate_page.h"

#include "app/studio/job_service.h"
#include "app/studio/model_service.h"
#include "app/studio/navigator.h"
#include "app/studio/pages/evaluate/evaluation_detail.h"
#include "app/studio/pages/evaluate/evaluation_tables.h"
#include "app/studio/pages/evaluate/evaluation_text.h"
#include "app/studio/preferences.h"
#include "app/studio/project_session.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;
using benchmarks::Benchmark;
using benchmarks::BenchmarkFacts;

namespace {

constexpr int lookMilliseconds = 2000;
constexpr int checkpointWidth = 240;
const QString verb = QStringLiteral("evaluate");

bool hasNews(
    const std::vector<EvaluationSummary>& before, const std::vector<EvaluationSummary>& now)
{
    return !std::equal(before.begin(), before.end(), now.begin(), now.end(),
        [](const EvaluationSummary& a, const EvaluationSummary& b) { return a.sameAs(b); });
}

} // namespace

EvaluatePage::EvaluatePage(Services& services, QWidget* parent)
    : Page(parent)
    , m_services(services)
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(Icon::Evaluate, {}, {}, this))
    , m_detail(new EvaluationDetail(services, this))
    , m_look(this)
{
    setObjectName(QStringLiteral("evaluatePage"));
    m_stack->addWidget(m_empty);
    m_stack->addWidget(buildOverview());
    m_stack->addWidget(m_detail);
    assemble(buildHeader(), m_stack);

    connect(m_cards, &BenchmarkCards::runRequested, this, &EvaluatePage::run);
    connect(m_cards, &BenchmarkCards::detailsRequested, this, &EvaluatePage::showDetail);
    connect(m_cards, &BenchmarkCards::annotationsRequested, this,
        [this](Benchmark benchmark) { chooseAnnotations(benchmark, false); });
    connect(m_cards, &QWidget::customContextMenuRequested, this, &EvaluatePage::showMenu);
    connect(m_cards->selectionModel(), &QItemSelectionModel::currentChanged, this,
        [this](const QModelIndex& current, const QModelIndex& before) {
            if (!before.isValid())
                return; // the first one, when nothing has its place yet
            const QRect card = m_cards->visualRect(current).translated(m_cards->pos());
            m_overview->ensureVisible(card.center().x(), card.top(), 0, space::l);
            m_overview->ensureVisible(card.center().x(), card.bottom(), 0, space::s);
        });
    connect(m_detail, &EvaluationDetail::closed, this, &EvaluatePage::showOverview);
    connect(m_detail, &EvaluationDetail::runRequested, this, [this] { run(*m_shown); });
    connect(m_detail, &EvaluationDetail::annotationsRequested, this,
        [this] { chooseAnnotations(*m_shown, false); });
    connect(&m_timer, &QTimer::timeout, this, &EvaluatePage::look);
    m_timer.setInterval(lookMilliseconds);
    connectServices();
    onProjectChanged();
}

EvaluatePage::~EvaluatePage() = default;

QWidget* EvaluatePage::buildHeader()
{
    auto* header = new QWidget(this);
    m_facts = new QLabel(header);
    m_facts->setObjectName(QStringLiteral("evaluateFacts"));
    m_facts->setProperty("role", QStringLiteral("secondary"));
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(space::l, space::m, space::l, space::m);
    row->setSpacing(space::l);
    row->addWidget(titleLabel(header));
    row->addWidget(m_facts, 1);
    return header;
}

QWidget* EvaluatePage::buildOverview()
{
    m_overview = new QScrollArea(this);
    m_overview->setWidgetResizable(true);
    m_overview->setFrameShape(QFrame::NoFrame);
    m_overview->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_overview->setFocusPolicy(Qt::NoFocus);
    auto* content = new QWidget(m_overview);
    m_cards = new BenchmarkCards(content);
    m_cards->setContextMenuPolicy(Qt::CustomContextMenu);
    m_compared = new QWidget(content);
    auto* heading = new QLabel(tr("Checkpoints compared"), m_compared);
    heading->setFont(typeface(TypeSize::Section, true));
    m_partNote = new QLabel(tr("* of a part of the benchmark only"), m_compared);
    m_partNote->setObjectName(QStringLiteral("partNote"));
    m_partNote->setProperty("role", QStringLiteral("secondary"));
    m_table = makeEvaluationTable(
        m_comparison, QStringLiteral("comparison"), tr("Checkpoints compared"), m_compared);
    QHeaderView* header = m_table->horizontalHeader();
    header->setSectionResizeMode(0, QHeaderView::Interactive);
    header->resizeSection(0, checkpointWidth);
    auto* line = new QHBoxLayout;
    line->addWidget(heading);
    line->addStretch(1);
    line->addWidget(m_partNote);
    auto* below = new QVBoxLayout(m_compared);
    below->setContentsMargins(0, space::m, space::m, 0);
    below->setSpacing(space::s);
    below->addLayout(line);
    below->addWidget(m_table);
    auto* column = new QVBoxLayout(content);
    // Cards have their gap to the right and below.
    column->setContentsMargins(space::l, space::l, space::xs, space::l);
    column->setSpacing(0);
    column->addWidget(m_cards);
    column->addWidget(m_compared);
    column->addStretch(1);
    m_overview->setWidget(content);
    return m_overview;
}

void EvaluatePage::connectServices()
{
    connect(&m_services.project, &ProjectSession::changed, this, &EvaluatePage::onProjectChanged);
    connect(&m_services.project, &ProjectSession::contentsChanged, this, &EvaluatePage::look);
    connect(&m_services.model, &ModelService::stateChanged, this, [this] {
        if (m_first != checkpoint())
            refreshComparison();
        refresh();
    });
    connect(&m_services.jobs, &JobService::jobsChanged, this, [this] {
        // While nothing is evaluated the jobs of others change nothing here.
        const bool any = std::ranges::any_of(m_services.jobs.jobs(),
            [](const JobInfo& job) { return fromUtf8(job.state.verb) == verb; });
        if (std::exchange(m_hasJobs, any) || any || !m_starting.isEmpty())
            refresh();
    });
    connect(&m_services.jobs, &JobService::jobFinished, this, [this](const JobInfo& job) {
        if (fromUtf8(job.state.verb) != verb)
            return;
        m_starting.remove(job.arguments.value(1));
        look();
        refresh();
    });
    connect(&m_services.jobs, &JobService::failed, this, [this] {
        m_starting.clear();
        refresh();
    });
}

std::vector<ActionRow> EvaluatePage::actionRows()
{
    std::vector<ActionRow> rows{
        { QStringLiteral("evaluate.run"), tr("Run the Benchmark"), QKeySequence(Qt::Key_R),
            Icon::Play,
            [this] {
                if (const auto benchmark = atHand())
                    run(*benchmark);
            } },
        { QStringLiteral("evaluate.annotations"), tr("Choose Annotations..."),
            QKeySequence(Qt::CTRL | Qt::Key_E), Icon::Folder,
            [this] {
                if (const auto benchmark = atHand())
                    chooseAnnotations(*benchmark, false);
            } },
        { QStringLiteral("evaluate.details"), tr("Show Figures and Items"),
            QKeySequence(Qt::Key_Return), Icon::Details,
            [this] {
                if (const BenchmarkCard* card = m_cards->current())
                    showDetail(card->benchmark);
            },
            m_cards },
        { QStringLiteral("evaluate.copy-comparison"), tr("Copy the Comparison"), QKeySequence::Copy,
            Icon::Copy, [this] { copyComparison(); }, m_table },
    };
    for (ActionRow& row : m_detail->actionRows())
        rows.push_back(std::move(row));
    return rows;
}

bool EvaluatePage::isSettled() const
{
    return !m_services.project.isOpen()
        || (m_looked && m_services.model.state().phase != ModelState::Phase::Loading
            && m_detail->isSettled());
}

void EvaluatePage::takeFocus()
{
    if (m_shown)
        m_detail->takeFocus();
    else if (m_stack->currentWidget() == m_overview)
        m_cards->setFocus();
    else
        setFocus();
}

QJsonObject EvaluatePage::saveState() const
{
    QJsonObject state = m_detail->saveState();
    const auto benchmark = m_shown ? m_shown : m_wanted;
    state[QStringLiteral("benchmark")]
        = benchmark ? fromUtf8(benchmarks::factsOf(*benchmark).name) : QString();
    if (const BenchmarkCard* card = m_cards->current())
        state[QStringLiteral("card")] = fromUtf8(benchmarks::factsOf(card->benchmark).name);
    return state;
}

void EvaluatePage::restoreState(const QJsonObject& state)
{
    m_detail->restoreState(state);
    if (const auto card
        = benchmarks::benchmarkOf(toUtf8(state.value(QLatin1String("card")).toString())))
        m_cards->setCurrent(*card);
    m_wanted = benchmarks::benchmarkOf(toUtf8(state.value(QLatin1String("benchmark")).toString()));
    if (m_wanted && m_services.project.isOpen())
        showDetail(*std::exchange(m_wanted, std::nullopt));
}

void EvaluatePage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_timer.start();
    look();
}

void EvaluatePage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    m_timer.stop();
}

void EvaluatePage::onProjectChanged()
{
    m_look.cancel();
    m_looked = false;
    m_summaries.clear();
    m_starting.clear();
    m_detail->clear();
    m_shown = m_services.project.isOpen() ? std::exchange(m_wanted, std::nullopt) : std::nullopt;
    refreshComparison();
    refresh();
    look();
}

void EvaluatePage::look()
{
    if (!m_services.project.isOpen() || m_look.isBusy())
        return;
    m_look.run([project = m_services.project.folder(), known = m_summaries](
                   std::stop_token stop) { return readSummaries(project, known, stop); },
        [this](Result<std::vector<EvaluationSummary>> summaries) {
            const bool first = !std::exchange(m_looked, true);
            if (!summaries) {
                if (first)
                    m_services.navigator.report(summaries.error());
            } else if (first || hasNews(m_summaries, *summaries)) {
                m_summaries = std::move(*summaries);
                refreshComparison();
            } else {
                return;
            }
            refresh();
        });
}

QString EvaluatePage::checkpoint() const
{
    const QString current = m_services.model.state().checkpoint;
    return current.isEmpty() ? m_services.preferences.checkpoint(projectPath()) : current;
}

QString EvaluatePage::projectPath() const
{
    return fromPath(m_services.project.folder());
}

QString EvaluatePage::whyNotRun() const
{
    if (m_services.project.isReadOnly())
        return tr("This project is read-only.");
    switch (m_services.model.state().phase) {
    case ModelState::Phase::NoProject:
    case ModelState::Phase::NoModel:
        return tr("There is no checkpoint to evaluate.");
    case ModelState::Phase::Loading:
        return tr("The checkpoint is being loaded.");
    default:
        return {};
    }
}

const EvaluationSummary* EvaluatePage::summaryOf(Benchmark benchmark) const
{
    const std::string name = toUtf8(checkpoint());
    const auto found = std::ranges::find_if(m_summaries, [&](const EvaluationSummary& each) {
        return each.benchmark == benchmark && each.checkpoint == name;
    });
    return found == m_summaries.end() ? nullptr : &*found;
}

const JobInfo* EvaluatePage::jobOf(const BenchmarkFacts& facts) const
{
    const QString name = fromUtf8(facts.name), current = checkpoint();
    for (const JobInfo& job : m_services.jobs.jobs()) { // newest first
        if (fromUtf8(job.state.verb) != verb || job.arguments.value(1) != name)
            continue;
        const auto flag = job.arguments.indexOf(QLatin1String("--checkpoint"));
        if (flag < 0 || job.arguments.value(flag + 1) == current)
            return &job;
    }
    return nullptr;
}

BenchmarkCard EvaluatePage::cardOf(const BenchmarkFacts& facts) const
{
    const QString name = fromUtf8(facts.name);
    const JobInfo* job = jobOf(facts);
    BenchmarkCard card = makeCard(facts, summaryOf(facts.benchmark), job,
        m_services.preferences.annotations(projectPath(), name), whyNotRun());
    if (m_starting.contains(name) && card.state != BenchmarkCard::State::Running) {
        card.state = BenchmarkCard::State::Running;
        card.progress = tr("starting");
        card.whyNotRun = tr("It is being run.");
    }
    return card;
}

void EvaluatePage::refresh()
{
    const ModelState& model = m_services.model.state();
    if (!m_services.project.isOpen()) {
        m_empty->setText(tr("No project"), tr("Open a project to evaluate its checkpoints."));
        m_stack->setCurrentWidget(m_empty);
        return;
    }
    if (model.phase == ModelState::Phase::NoModel && m_summaries.empty()) {
        QString how = tr("Benchmarks measure a checkpoint.");
        if (model.error)
            how = fromUtf8(model.error->message + " " + model.error->hint);
        m_empty->setText(tr("No checkpoint"), how);
        m_stack->setCurrentWidget(m_empty);
        m_facts->clear();
        return;
    }
    std::vector<BenchmarkCard> cards;
    std::int64_t measured = 0;
    for (const BenchmarkFacts& facts : benchmarks::allBenchmarks()) {
        if (const JobInfo* job = jobOf(facts); job && job->isActive())
            m_starting.remove(fromUtf8(facts.name));
        cards.push_back(cardOf(facts));
        measured += cards.back().hasResult();
    }
    m_facts->setText(tr("%1: %2 of %3 benchmarks measured")
                         .arg(model.title.isEmpty() ? checkpoint() : model.title, count(measured),
                             count(static_cast<std::int64_t>(cards.size()))));
    if (m_shown) {
        if (m_looked) // else a result would be said to be missing
            m_detail->show(cards[static_cast<std::size_t>(*m_shown)], summaryOf(*m_shown));
        m_stack->setCurrentWidget(m_detail);
    } else {
        m_stack->setCurrentWidget(m_overview);
    }
    m_cards->setCards(std::move(cards));
}

void EvaluatePage::refreshComparison()
{
    m_first = checkpoint();
    m_comparison.setEvaluations(m_summaries, toUtf8(m_first));
    m_compared->setVisible(!m_comparison.isEmpty());
    m_partNote->setVisible(m_comparison.hasIncomplete());
    fitToRows(*m_table);
}

std::optional<Benchmark> EvaluatePage::atHand() const
{
    if (m_shown)
        return m_shown;
    const BenchmarkCard* card
        = m_stack->currentWidget() == m_overview ? m_cards->current() : nullptr;
    return card ? std::optional(card->benchmark) : std::nullopt;
}

void EvaluatePage::showDetail(Benchmark benchmark)
{
    m_shown = benchmark;
    m_cards->setCurrent(benchmark);
    refresh();
    m_detail->takeFocus();
}

void EvaluatePage::showOverview()
{
    m_shown.reset();
    refresh();
    takeFocus();
}

void EvaluatePage::showMenu(const QPoint& position)
{
    const BenchmarkCard* card = m_cards->cards().at(m_cards->indexAt(position));
    if (!card)
        return;
    const Benchmark benchmark = card->benchmark;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Details"), this, [this, benchmark] { showDetail(benchmark); });
    QAction* start = menu->addAction(card->runText(), this, [this, benchmark] { run(benchmark); });
    start->setEnabled(card->whyNotRun.isEmpty());
    menu->addAction(tr("Choose Annotations..."), this,
        [this, benchmark] { chooseAnnotations(benchmark, false); });
    menu->popup(m_cards->viewport()->mapToGlobal(position));
}

void EvaluatePage::run(Benchmark benchmark)
{
    const BenchmarkFacts& facts = benchmarks::factsOf(benchmark);
    if (!cardOf(facts).whyNotRun.isEmpty())
        return;
    const QString name = fromUtf8(facts.name);
    const QString annotations = m_services.preferences.annotations(projectPath(), name);
    if (annotations.isEmpty() || !QFileInfo::exists(annotations)) {
        chooseAnnotations(benchmark, true);
        return;
    }
    // What became of the process before this one is of no interest any more.
    if (const JobInfo* before = jobOf(facts); before && before->needsAttention())
        m_services.jobs.dismiss(QString(before->id));
    m_starting.insert(name);
    m_services.jobs.start(verb,
        { projectPath(), name, QStringLiteral("--annotations"), annotations,
            QStringLiteral("--checkpoint"), checkpoint() });
    refresh();
}

void EvaluatePage::chooseAnnotations(Benchmark benchmark, bool thenRun)
{
    const BenchmarkFacts& facts = benchmarks::factsOf(benchmark);
    const QString name = fromUtf8(facts.name);
    const QString before = m_services.preferences.annotations(projectPath(), name);
    auto* dialog = new QFileDialog(
        this, tr("Annotations of %1").arg(fromUtf8(facts.title)), QFileInfo(before).absolutePath());
    dialog->setObjectName(QStringLiteral("annotationsDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    if (benchmark == Benchmark::CrossTask) { // the release is a folder
        dialog->setFileMode(QFileDialog::Directory);
        dialog->setOption(QFileDialog::ShowDirsOnly);
    } else {
        dialog->setFileMode(QFileDialog::ExistingFile);
    }
    connect(dialog, &QFileDialog::fileSelected, this,
        [this, benchmark, name, thenRun, project = projectPath()](const QString& path) {
            m_services.preferences.setAnnotations(project, name, path);
            if (thenRun && project == projectPath())
                run(benchmark);
            refresh();
        });
    dialog->open();
}

void EvaluatePage::copyComparison()
{
    QApplication::clipboard()->setText(tableText(m_comparison.texts(), '\t'));
}

} // namespace clipscope::studio
