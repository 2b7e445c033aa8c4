#include "app/studio/pages/evaluate/evaluation_detail.h"

#include "app/studio/navigator.h"
#include "app/studio/pages/evaluate/evaluation_tables.h"
#include "app/studio/pages/evaluate/evaluation_text.h"
#include "app/studio/project_session.h"
#include "base/files.h"
#include "widgets/common/chip.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"
#include "widgets/common/menu_button.h"
#include "widgets/common/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QStyle>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace clipscope::studio {

using namespace widgets;
using benchmarks::Evaluation;

namespace {

constexpr int numberWidth = 64, videoWidth = 150, passageWidth = 104, resultWidth = 104;
constexpr int figureWidth = 120;
constexpr std::size_t missingShown = 12;
const ClipTileGeometry answerTile{ true, 2 };

QLabel* heading(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    label->setFont(typeface(TypeSize::Base, true));
    return label;
}

QLabel* wrappingLabel(const QString& objectName, QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setObjectName(objectName);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setProperty("role", QStringLiteral("secondary"));
    return label;
}

void setRole(QLabel& label, const QString& role)
{
    if (label.property("role") == role)
        return;
    label.setProperty("role", role);
    label.style()->unpolish(&label);
    label.style()->polish(&label);
}

} // namespace

EvaluationDetail::EvaluationDetail(Services& services, QWidget* parent)
    : QWidget(parent)
    , m_services(services)
    , m_filter(m_items)
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(Icon::Evaluate, {}, {}, this))
    , m_splitter(new QSplitter(this))
    , m_read(this)
    , m_tiles(this)
    , m_write(this)
{
    setObjectName(QStringLiteral("evaluationDetail"));
    m_splitter->addWidget(buildTables());
    m_splitter->addWidget(buildSide());
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setSizes({ 780, 420 });
    m_splitter->setChildrenCollapsible(false);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_splitter);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildHead());
    column->addWidget(m_stack, 1);
}

EvaluationDetail::~EvaluationDetail() = default;

QWidget* EvaluationDetail::buildHead()
{
    auto* head = new QWidget(this);
    m_back = new QToolButton(head);
    m_back->setObjectName(QStringLiteral("backToBenchmarks"));
    m_back->setText(tr("All benchmarks"));
    m_back->setToolTip(tr("All benchmarks (Escape)"));
    auto* step = new QLabel(QStringLiteral("\u203A"), head);
    step->setProperty("role", QStringLiteral("secondary"));
    m_title = new QLabel(head);
    m_title->setObjectName(QStringLiteral("benchmarkTitle"));
    m_title->setFont(typeface(TypeSize::Section, true));
    m_state = new Chip({}, Tone::Neutral, head);
    m_annotations = new ElidedLabel({}, head);
    m_annotations->setObjectName(QStringLiteral("annotationsPath"));
    m_annotations->setProperty("role", QStringLiteral("secondary"));
    m_annotations->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_change = new QPushButton(tr("Annotations..."), head);
    m_change->setObjectName(QStringLiteral("chooseAnnotations"));
    m_run = new QPushButton(tr("Run"), head);
    m_run->setObjectName(QStringLiteral("runBenchmark"));
    m_save = menuButton(QStringLiteral("saveEvaluation"), head);
    m_save->setText(tr("Save as CSV"));
    m_save->menu()->addAction(tr("Items as Shown..."), this, [this] {
        save(tr("Save Items"), QStringLiteral("items.csv"),
            itemRows(*m_evaluation, m_filter.shown()));
    });
    m_save->menu()->addAction(tr("Figures..."), this, [this] {
        save(tr("Save Figures"), QStringLiteral("figures.csv"), figureRows(*m_evaluation));
    });
    m_protocol = wrappingLabel(QStringLiteral("benchmarkProtocol"), head);
    m_note = wrappingLabel(QStringLiteral("evaluationNote"), head);
    auto* row = new QHBoxLayout;
    row->setSpacing(space::s);
    row->addWidget(m_back);
    row->addWidget(step);
    row->addWidget(m_title);
    row->addWidget(m_state);
    row->addWidget(m_annotations, 1);
    row->addWidget(m_change);
    row->addWidget(m_run);
    row->addWidget(m_save);
    auto* column = new QVBoxLayout(head);
    column->setContentsMargins(space::l, space::m, space::l, space::m);
    column->setSpacing(space::xs);
    column->addLayout(row);
    column->addWidget(m_protocol);
    column->addWidget(m_note);
    connect(m_back, &QToolButton::clicked, this, &EvaluationDetail::closed);
    connect(m_run, &QPushButton::clicked, this, &EvaluationDetail::runRequested);
    connect(m_change, &QPushButton::clicked, this, &EvaluationDetail::annotationsRequested);
    return head;
}

QWidget* EvaluationDetail::buildTables()
{
    auto* side = new QWidget(this);
    m_figuresTable = makeEvaluationTable(m_figures, QStringLiteral("figures"), tr("Figures"), side);
    m_itemsTable = makeEvaluationTable(m_filter, QStringLiteral("items"), tr("Items"), side);
    m_itemsTable->setSortingEnabled(true);
    m_itemsTable->sortByColumn(ItemsModel::Result, Qt::DescendingOrder); // the worst first
    m_itemsTable->setSelectionMode(QAbstractItemView::ExtendedSelection);
    QHeaderView* header = m_itemsTable->horizontalHeader();
    header->setSectionResizeMode(QHeaderView::Interactive);
    header->setSectionResizeMode(ItemsModel::Text, QHeaderView::Stretch);
    header->resizeSection(ItemsModel::Number, numberWidth);
    header->resizeSection(ItemsModel::Video, videoWidth);
    header->resizeSection(ItemsModel::Passage, passageWidth);
    header->resizeSection(ItemsModel::Result, resultWidth);
    m_words = new QLineEdit(side);
    m_words->setObjectName(QStringLiteral("itemWords"));
    m_words->setAccessibleName(tr("Filter items"));
    m_words->setPlaceholderText(tr("Filter: text or video"));
    m_words->setClearButtonEnabled(true);
    m_which = new QComboBox(side);
    m_which->setObjectName(QStringLiteral("itemFilter"));
    m_which->setAccessibleName(tr("Which items"));
    m_which->addItems({ tr("All items"), tr("Wrong ones"), tr("Right ones"),
        tr("Videos of this project") }); // as ItemFilter
    m_count = new QLabel(side);
    m_count->setObjectName(QStringLiteral("itemCount"));
    m_count->setProperty("role", QStringLiteral("secondary"));
    auto* line = new QHBoxLayout;
    line->setContentsMargins(0, space::m, 0, space::s);
    line->setSpacing(space::s);
    line->addWidget(m_words, 1);
    line->addWidget(m_which);
    line->addWidget(m_count);
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(space::l, 0, space::m, 0);
    column->setSpacing(0);
    column->addWidget(m_figuresTable);
    column->addLayout(line);
    column->addWidget(m_itemsTable, 1);
    connect(m_words, &QLineEdit::textChanged, &m_filter, &ItemsFilter::setWords);
    connect(m_which, &QComboBox::currentIndexChanged, this,
        [this](int which) { m_filter.setFilter(static_cast<ItemFilter>(which)); });
    for (const auto signal :
        { &QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved })
        connect(&m_filter, signal, this, &EvaluationDetail::showCount);
    connect(&m_filter, &QAbstractItemModel::modelReset, this, &EvaluationDetail::showCount);
    connect(m_itemsTable->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        &EvaluationDetail::loadItem);
    connect(m_itemsTable, &QTableView::doubleClicked, this, &EvaluationDetail::openTruth);
    return side;
}

QWidget* EvaluationDetail::buildSide()
{
    auto* side = new QWidget(this);
    side->setMinimumWidth(300);
    m_notes = new QWidget(side);
    m_notesText = wrappingLabel(QStringLiteral("evaluationNotes"), m_notes);
    m_missingTitle = heading({}, m_notes);
    m_missingTitle->setObjectName(QStringLiteral("missingTitle"));
    m_missing = wrappingLabel(QStringLiteral("missingVideos"), m_notes);
    m_copyMissing = new QPushButton(tr("Copy"), m_notes);
    m_copyMissing->setToolTip(tr("Copy the names of all of them"));
    m_copyMissing->setObjectName(QStringLiteral("copyMissing"));
    decorate(*m_copyMissing, Icon::Copy);
    auto* missingRow = new QHBoxLayout;
    missingRow->addWidget(m_missingTitle, 1);
    missingRow->addWidget(m_copyMissing);
    auto* notes = new QVBoxLayout(m_notes);
    notes->setContentsMargins(0, 0, space::l, space::m);
    notes->setSpacing(space::xs);
    notes->addWidget(m_notesText);
    notes->addLayout(missingRow);
    notes->addWidget(m_missing);
    m_truthTile = new ClipTiles(m_services.thumbnails, answerTile, side);
    m_truthTile->setObjectName(QStringLiteral("truth"));
    m_truthTile->setAccessibleName(tr("What is right"));
    m_truthTile->setFixedHeight(answerTile.size().height());
    m_truthTile->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_answers = new ClipTiles(m_services.thumbnails, answerTile, side);
    m_answers->setObjectName(QStringLiteral("answers"));
    m_answers->setAccessibleName(tr("Answers of the model"));
    m_answersTitle = heading(tr("The model's answers, best first"), side);
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(space::m, space::m, 0, 0);
    column->setSpacing(space::s);
    column->addWidget(m_notes);
    column->addWidget(heading(tr("What is right"), side));
    column->addWidget(m_truthTile);
    column->addWidget(m_answersTitle);
    column->addWidget(m_answers, 1);
    for (ClipTiles* tiles : { m_truthTile, m_answers })
        connect(tiles, &ClipTiles::chosen, this, &EvaluationDetail::openTile);
    connect(m_copyMissing, &QPushButton::clicked, this, &EvaluationDetail::copyMissing);
    return side;
}

std::vector<ActionRow> EvaluationDetail::actionRows()
{
    return {
        { QStringLiteral("evaluate.back"), tr("All Benchmarks"), QKeySequence(Qt::Key_Escape),
            std::nullopt, [this] { Q_EMIT closed(); }, this },
        { QStringLiteral("evaluate.play"), tr("Play What Is Right"), QKeySequence(Qt::Key_Return),
            Icon::Play, [this] { openTruth(); }, m_itemsTable },
        { QStringLiteral("evaluate.copy-items"), tr("Copy Items"), QKeySequence::Copy, Icon::Copy,
            [this] { copyItems(); }, m_itemsTable },
        { QStringLiteral("evaluate.copy-figures"), tr("Copy Figures"), QKeySequence::Copy,
            Icon::Copy, [this] { copyFigures(); }, m_figuresTable },
    };
}

bool EvaluationDetail::isSettled() const
{
    return !m_read.isBusy() && !m_tiles.isBusy() && !m_truthTile->awaitsPictures()
        && !m_answers->awaitsPictures();
}

void EvaluationDetail::takeFocus()
{
    m_wantsFocus = !m_evaluation;
    if (m_evaluation)
        m_itemsTable->setFocus();
    else if (m_run->isEnabled())
        m_run->setFocus();
    else
        m_back->setFocus();
}

void EvaluationDetail::say(const QString& title, const QString& sentence)
{
    m_empty->setText(title, sentence);
    m_stack->setCurrentWidget(m_empty);
}

void EvaluationDetail::clear()
{
    m_read.cancel();
    if (!m_loaded.file.empty()) // else it is what the last session had
        m_item = -1;
    m_loaded = {};
    take(nullptr);
}

void EvaluationDetail::show(const BenchmarkCard& card, const EvaluationSummary* summary)
{
    showHead(card);
    if (!summary) {
        m_read.cancel();
        m_loaded = {};
        take(nullptr);
        if (card.state == BenchmarkCard::State::Running)
            say(tr("Running"), tr("The result appears here as soon as it is there."));
        else
            say(tr("Not evaluated yet"),
                tr("Run it to see how often the checkpoint is right, and on which items it is "
                   "wrong. It reads: %1")
                    .arg(fromUtf8(benchmarks::factsOf(card.benchmark).files)));
        return;
    }
    if (!summary->sameAs(m_loaded))
        load(*summary);
}

void EvaluationDetail::showHead(const BenchmarkCard& card)
{
    m_title->setText(card.title);
    m_state->set(card.stateText(), card.tone());
    m_protocol->setText(fromUtf8(benchmarks::factsOf(card.benchmark).protocol));
    const QString note = card.noteText();
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
    setRole(*m_note,
        card.state == BenchmarkCard::State::Failed        ? QStringLiteral("bad")
            : card.state == BenchmarkCard::State::Running ? QStringLiteral("secondary")
                                                          : QStringLiteral("warning"));
    m_annotations->setFullText(card.annotations);
    m_run->setText(card.runText());
    if (!card.whyNotRun.isEmpty() && m_run->hasFocus())
        m_back->setFocus(); // else it would go anywhere
    m_run->setEnabled(card.whyNotRun.isEmpty());
    m_run->setToolTip(
        card.whyNotRun.isEmpty() ? tr("Evaluate the checkpoint (R)") : card.whyNotRun);
    m_save->setEnabled(m_evaluation != nullptr);
    m_save->setToolTip(m_evaluation ? QString() : tr("There is no result to save yet."));
}

void EvaluationDetail::load(const EvaluationSummary& summary)
{
    const bool another = summary.file != m_loaded.file;
    if (another && !m_loaded.file.empty())
        m_item = -1;
    m_loaded = summary;
    if (another) {
        take(nullptr);
        say(tr("Reading the result"), {});
    }
    m_read.run(
        [file = summary.file](
            std::stop_token) -> Result<std::shared_ptr<const benchmarks::Evaluation>> {
            CLIP_TRY_ASSIGN(Evaluation read, benchmarks::readEvaluation(file));
            return std::make_shared<const Evaluation>(std::move(read));
        },
        [this](Result<std::shared_ptr<const Evaluation>> read) {
            if (read) {
                take(std::move(*read));
                m_stack->setCurrentWidget(m_splitter);
                if (std::exchange(m_wantsFocus, false) && (m_run->hasFocus() || m_back->hasFocus()))
                    m_itemsTable->setFocus();
                return;
            }
            take(nullptr);
            say(tr("This result cannot be read"), fromUtf8(read.error().toString()));
        });
}

void EvaluationDetail::take(std::shared_ptr<const Evaluation> evaluation)
{
    m_hasRows = false;
    m_evaluation = evaluation;
    m_save->setEnabled(m_evaluation != nullptr);
    m_save->setToolTip(m_evaluation ? QString() : tr("There is no result to save yet."));
    m_figures.setEvaluation(evaluation);
    m_items.setEvaluation(std::move(evaluation));
    fitToRows(*m_figuresTable);
    showNotes();
    m_hasRows = m_evaluation != nullptr;
    restoreItem();
    loadItem();
}

void EvaluationDetail::showNotes()
{
    QStringList notes;
    std::size_t missing = 0;
    QStringList names;
    if (m_evaluation) {
        for (const std::string& note : m_evaluation->notes)
            notes += fromUtf8(note);
        missing = m_evaluation->missingVideos.size();
        for (std::size_t at = 0; at < std::min(missing, missingShown); ++at)
            names += fromUtf8(m_evaluation->missingVideos[at]);
    }
    m_notesText->setText(notes.join(QLatin1Char('\n')));
    m_notesText->setVisible(!notes.isEmpty());
    QString list = names.join(QStringLiteral(", "));
    if (missing > missingShown)
        list = tr("%1 and %2 more")
                   .arg(list, count(static_cast<std::int64_t>(missing - missingShown)));
    m_missingTitle->setText(
        tr("Not here: %1")
            .arg(counted(static_cast<std::int64_t>(missing), tr("video"), tr("videos"))));
    m_missing->setText(list);
    for (QWidget* each :
        std::initializer_list<QWidget*>{ m_missing, m_missingTitle, m_copyMissing })
        each->setVisible(missing > 0);
    m_notes->setVisible(missing > 0 || !notes.isEmpty());
}

void EvaluationDetail::restoreItem()
{
    if (!m_hasRows || m_filter.rowCount() == 0)
        return;
    QModelIndex wanted = m_filter.mapFromSource(m_items.index(m_item, 0));
    if (!wanted.isValid())
        wanted = m_filter.index(0, 0);
    m_itemsTable->setCurrentIndex(wanted);
    m_itemsTable->scrollTo(wanted);
}

void EvaluationDetail::loadItem()
{
    showCount();
    const QModelIndex current = m_itemsTable->currentIndex();
    const benchmarks::ItemResult* item = m_hasRows ? m_filter.at(current) : nullptr;
    if (!item) {
        m_tiles.cancel();
        m_truth = {};
        m_truthTile->setTiles({});
        m_answers->setTiles({});
        return;
    }
    m_item = m_filter.mapToSource(current).row();
    m_tiles.run([project = m_services.project.folder(), evaluation = m_evaluation, item](
                    std::stop_token stop) { return readItemTiles(project, *item, stop); },
        [this](Result<ItemTiles> tiles) {
            if (!tiles) {
                m_services.navigator.report(tiles.error());
                return;
            }
            m_truth = tiles->truth;
            m_truthTile->setTiles({ std::move(tiles->truth) });
            m_answersTitle->setText(tiles->answers.empty() ? tr("The model gave no answer")
                                                           : tr("The model's answers, best first"));
            m_answers->setTiles(std::move(tiles->answers));
        });
}

void EvaluationDetail::showCount()
{
    const int all = m_items.rowCount(), shown = m_filter.rowCount();
    m_count->setText(shown == all
            ? counted(all, tr("item"), tr("items"))
            : tr("%1 of %2").arg(count(shown), counted(all, tr("item"), tr("items"))));
}

void EvaluationDetail::openTile(const ClipTile& tile)
{
    if (tile.videoId >= 0)
        m_services.navigator.openVideo(tile.videoId, tile.startSeconds);
}

void EvaluationDetail::openTruth()
{
    if (!m_tiles.isBusy())
        openTile(m_truth);
}

void EvaluationDetail::copyFigures()
{
    if (m_evaluation)
        QApplication::clipboard()->setText(tableText(figureRows(*m_evaluation), '\t'));
}

void EvaluationDetail::copyItems()
{
    if (!m_evaluation)
        return;
    QModelIndexList rows = m_itemsTable->selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    std::vector<std::size_t> items;
    for (const QModelIndex& row : rows)
        items.push_back(static_cast<std::size_t>(m_filter.mapToSource(row).row()));
    QApplication::clipboard()->setText(tableText(itemRows(*m_evaluation, items), '\t'));
}

void EvaluationDetail::copyMissing()
{
    QStringList names;
    for (const std::string& video : m_evaluation->missingVideos)
        names += fromUtf8(video);
    QApplication::clipboard()->setText(names.join(QLatin1Char('\n')) + QLatin1Char('\n'));
}

void EvaluationDetail::save(
    const QString& title, const QString& name, std::vector<QStringList> rows)
{
    const QString benchmark
        = fromUtf8(benchmarks::factsOf(m_evaluation->benchmark).name) + QLatin1Char('-');
    auto* dialog = new QFileDialog(this, title, {}, tr("Tables (*.csv)"));
    dialog->setObjectName(QStringLiteral("saveDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    dialog->selectFile(benchmark + name);
    connect(dialog, &QFileDialog::fileSelected, this,
        [this, rows = std::move(rows)](const QString& to) {
            m_write.run(
                [to, rows](std::stop_token) -> Result<std::monostate> {
                    CLIP_TRY(writeFileAtomically(toPath(to), toUtf8(tableText(rows, ','))));
                    return std::monostate{};
                },
                [this](Result<std::monostate> done) {
                    if (!done)
                        m_services.navigator.report(done.error());
                });
        });
    dialog->open();
}

QJsonObject EvaluationDetail::saveState() const
{
    const QHeaderView* header = m_itemsTable->horizontalHeader();
    return {
        { QStringLiteral("splitter"), QString::fromLatin1(m_splitter->saveState().toBase64()) },
        { QStringLiteral("sort"), header->sortIndicatorSection() },
        { QStringLiteral("descending"), header->sortIndicatorOrder() == Qt::DescendingOrder },
        { QStringLiteral("words"), m_words->text() },
        { QStringLiteral("which"), m_which->currentIndex() }, { QStringLiteral("item"), m_item + 1 }
    };
}

void EvaluationDetail::restoreState(const QJsonObject& state)
{
    if (state.contains(QLatin1String("splitter")))
        m_splitter->restoreState(
            QByteArray::fromBase64(state.value(QLatin1String("splitter")).toString().toLatin1()));
    const int item = state.value(QLatin1String("item")).toInt(0) - 1;
    m_itemsTable->sortByColumn(
        std::clamp(state.value(QLatin1String("sort")).toInt(ItemsModel::Result), 0,
            static_cast<int>(ItemsModel::ColumnCount) - 1),
        state.value(QLatin1String("descending")).toBool(true) ? Qt::DescendingOrder
                                                              : Qt::AscendingOrder);
    m_words->setText(state.value(QLatin1String("words")).toString());
    m_which->setCurrentIndex(
        std::clamp(state.value(QLatin1String("which")).toInt(0), 0, m_which->count() - 1));
    m_item = item;
    restoreItem();
}

} // namespace clipscope::studio
