#include "app/studio/pages/timeline/review_tabs.h"

#include <QHeaderView>
#include <QTableView>

namespace clipscope::studio {

namespace {

constexpr int rowHeight = 26;
constexpr int figureWidth = 56;
constexpr int stateWidth = 84;
constexpr int timeWidth = 96;
constexpr int tierWidth = 72;

} // namespace

ReviewTabs::ReviewTabs(QWidget& labels, QWidget* parent)
    : QTabWidget(parent)
{
    setObjectName(QStringLiteral("timelineTabs"));
    setDocumentMode(true);
    addTab(&labels, tr("Labels"));
    m_sortedSegments.setSourceModel(&m_segments);
    m_sortedSegments.setSortRole(widgets::SegmentsModel::SortRole);
    m_sortedQueue.setSourceModel(&m_queue);
    m_sortedQueue.setSortRole(QueueModel::SortRole);
    m_segmentTable = addTable(
        QStringLiteral("segmentTable"), tr("Segments"), tr("Segments"), &m_sortedSegments);
    m_segmentTable->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_segmentTable->setSortingEnabled(true);
    m_segmentTable->sortByColumn(widgets::SegmentsModel::Start, Qt::AscendingOrder);
    m_segmentTable->setColumnWidth(widgets::SegmentsModel::Tier, tierWidth);
    for (const int column : { widgets::SegmentsModel::Start, widgets::SegmentsModel::Stop })
        m_segmentTable->setColumnWidth(column, timeWidth);
    m_doubtTable
        = addTable(QStringLiteral("doubtTable"), tr("Doubts"), tr("Places in doubt"), &m_doubts);
    m_doubtTable->horizontalHeader()->setSectionResizeMode(
        DoubtsModel::Reason, QHeaderView::Stretch);
    m_queueTable
        = addTable(QStringLiteral("queueTable"), tr("Videos"), tr("Videos"), &m_sortedQueue);
    m_queueTable->setSortingEnabled(true);
    m_queueTable->sortByColumn(-1, Qt::AscendingOrder);
    m_queueTable->horizontalHeader()->setSectionResizeMode(QueueModel::Video, QHeaderView::Stretch);
    for (const int column : { QueueModel::Hand, QueueModel::Open, QueueModel::Spent })
        m_queueTable->setColumnWidth(column, figureWidth);
    m_queueTable->setColumnWidth(QueueModel::State, stateWidth);

    connect(m_segmentTable->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        [this](const QModelIndex& current) {
            if (current.isValid() && m_segmentTable->hasFocus()) // else the timeline led the way
                Q_EMIT segmentChosen(
                    m_segments.segmentId(m_sortedSegments.mapToSource(current).row()));
        });
    connect(m_doubtTable->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        [this](const QModelIndex& current) {
            if (current.isValid())
                Q_EMIT doubtChosen(m_doubts.doubts().at(static_cast<std::size_t>(current.row())));
        });
    for (const auto signal : { &QTableView::activated, &QTableView::clicked })
        connect(m_queueTable, signal, this, [this](const QModelIndex& index) {
            Q_EMIT filmChosen(index.data(QueueModel::VideoIdRole).toLongLong());
        });
}

QTableView* ReviewTabs::addTable(
    const QString& name, const QString& title, const QString& spoken, QAbstractItemModel* model)
{
    auto* view = new QTableView(this);
    view->setObjectName(name);
    view->setAccessibleName(spoken);
    view->setModel(model);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setSelectionMode(QAbstractItemView::SingleSelection);
    view->setShowGrid(false);
    view->setWordWrap(false);
    view->setFrameShape(QFrame::NoFrame);
    view->verticalHeader()->hide();
    view->verticalHeader()->setDefaultSectionSize(rowHeight);
    view->horizontalHeader()->setHighlightSections(false);
    view->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    addTab(view, title);
    return view;
}

void ReviewTabs::setDoubts(std::vector<labels::Doubt> doubts)
{
    m_doubts.setDoubts(std::move(doubts));
    setTabText(indexOf(m_doubtTable),
        m_doubts.rowCount({}) == 0 ? tr("Doubts") : tr("Doubts (%1)").arg(m_doubts.rowCount({})));
}

void ReviewTabs::showFilm(qint64 videoId)
{
    const int row = m_queue.rowOf(videoId);
    if (row >= 0)
        m_queueTable->selectRow(m_sortedQueue.mapFromSource(m_queue.index(row, 0)).row());
}

bool ReviewTabs::stepDoubt(int step)
{
    const int count = m_doubts.rowCount({});
    if (count == 0)
        return false;
    const QModelIndex current = m_doubtTable->currentIndex();
    const int from = current.isValid() ? current.row() : step > 0 ? -1 : count;
    m_doubtTable->selectRow((from + step + count) % count);
    return true;
}

void ReviewTabs::stepFilm(int step)
{
    const QModelIndex next
        = m_sortedQueue.index(m_queueTable->currentIndex().row() + step, QueueModel::Video);
    if (next.isValid())
        Q_EMIT filmChosen(next.data(QueueModel::VideoIdRole).toLongLong());
}

} // namespace clipscope::studio
