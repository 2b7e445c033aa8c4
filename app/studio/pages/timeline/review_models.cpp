#include "app/studio/pages/timeline/review_models.h"

#include "widgets/common/format.h"

#include <algorithm>

namespace clipscope::studio {

using widgets::fromUtf8;

namespace {

constexpr int alignRight = Qt::AlignRight | Qt::AlignVCenter;

QString countOrNothing(std::int64_t value)
{
    return value > 0 ? widgets::count(value) : QString();
}

QString labelText(const std::string& label)
{
    return label.empty() ? DoubtsModel::tr("nothing") : fromUtf8(label);
}

} // namespace

void DoubtsModel::setDoubts(std::vector<labels::Doubt> doubts)
{
    if (doubts == m_doubts)
        return;
    beginResetModel();
    m_doubts = std::move(doubts);
    endResetModel();
}

QString DoubtsModel::sentence(const labels::Doubt& doubt)
{
    if (doubt.kind == labels::Doubt::Kind::Disagreement)
        return tr("Hand: %1. Model: %2").arg(labelText(doubt.hand), labelText(doubt.model));
    return tr("Close call, model: %1").arg(labelText(doubt.model));
}

int DoubtsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_doubts.size());
}

int DoubtsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant DoubtsModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const labels::Doubt& doubt = m_doubts.at(static_cast<std::size_t>(index.row()));
    if (role == Qt::TextAlignmentRole && index.column() == Margin)
        return alignRight;
    if (role == Qt::ToolTipRole)
        return sentence(doubt);
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Time:
        return QStringLiteral("%1 - %2").arg(
            widgets::shortTime(static_cast<double>(doubt.startSecond)),
            widgets::shortTime(static_cast<double>(doubt.stopSecond)));
    case Reason:
        return sentence(doubt);
    default:
        return widgets::figure(doubt.margin);
    }
}

QVariant DoubtsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole && section == Margin)
        return alignRight;
    if (role != Qt::DisplayRole)
        return {};
    const QString titles[] = { tr("Time"), tr("Why"), tr("Margin") };
    return titles[section];
}

void QueueModel::setRows(std::vector<QueueRow> rows)
{
    if (rows == m_rows)
        return;
    if (std::ranges::equal(rows, m_rows, {}, &QueueRow::videoId, &QueueRow::videoId)) {
        m_rows = std::move(rows);
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

int QueueModel::rowOf(qint64 videoId) const
{
    const auto found = std::ranges::find(m_rows, videoId, &QueueRow::videoId);
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

QString QueueModel::stateText(store::ReviewState state)
{
    switch (state) {
    case store::ReviewState::Started:
        return tr("Begun");
    case store::ReviewState::Done:
        return tr("Done");
    default:
        return tr("Not begun");
    }
}

int QueueModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int QueueModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant QueueModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const QueueRow& row = m_rows.at(static_cast<std::size_t>(index.row()));
    if (role == VideoIdRole)
        return row.videoId;
    if (role == Qt::TextAlignmentRole && index.column() >= Hand)
        return alignRight;
    if (role == Qt::ToolTipRole && index.column() == Video)
        return row.title;
    if (role != Qt::DisplayRole && role != SortRole)
        return {};
    const bool shown = role == Qt::DisplayRole;
    switch (index.column()) {
    case Video:
        return row.title;
    case State:
        return shown ? QVariant(stateText(row.labels.review))
                     : QVariant(static_cast<int>(row.labels.review));
    case Hand:
        return shown ? QVariant(countOrNothing(row.labels.handSegments))
                     : QVariant(static_cast<qint64>(row.labels.handSegments));
    case Open:
        return shown ? QVariant(countOrNothing(row.labels.openSuggestions))
                     : QVariant(static_cast<qint64>(row.labels.openSuggestions));
    default:
        return shown ? QVariant(row.labels.secondsSpent > 0.0
                       ? widgets::shortDuration(row.labels.secondsSpent)
                       : QString())
                     : QVariant(row.labels.secondsSpent);
    }
}

QVariant QueueModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole && section >= Hand)
        return alignRight;
    if (role == Qt::ToolTipRole) {
        const QString tips[]
            = { tr("Video"), tr("How far the review is"), tr("Segments of the hand"),
                  tr("Suggestions nobody accepted or rejected yet"), tr("Time spent") };
        return tips[section];
    }
    if (role != Qt::DisplayRole)
        return {};
    const QString titles[] = { tr("Video"), tr("Review"), tr("Hand"), tr("Open"), tr("Spent") };
    return titles[section];
}

} // namespace clipscope::studio
