#include "app/studio/pages/training/watch_model.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QApplication>

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;

WatchModel::WatchModel(store::WatchList list, const Titles& titles, QObject* parent)
    : QAbstractTableModel(parent)
    , m_nextId(list.nextId)
    , m_titles(titles)
{
    for (store::WatchedQuery& query : list.queries) {
        const QString title
            = titles.key(query.videoId, tr("video %1, which is gone").arg(query.videoId));
        m_rows.push_back({ std::move(query), title });
    }
}

store::WatchList WatchModel::list() const
{
    store::WatchList list;
    list.nextId = m_nextId;
    for (const Row& row : m_rows) {
        if (row.query.query.empty())
            continue;
        if (row.query.id > 0)
            list.queries.push_back(row.query);
        else
            list.add(row.query);
    }
    return list;
}

QString WatchModel::problemOf(int row) const
{
    const Row& at = m_rows[static_cast<std::size_t>(row)];
    if (at.query.query.empty())
        return {}; // will be left out
    if (at.title.isEmpty())
        return tr("Type the name of the video that \"%1\" should find.")
            .arg(QString::fromStdString(at.query.query));
    if (!m_titles.contains(at.title))
        return tr("No video of this project is called \"%1\".").arg(at.title);
    if (!(at.query.startSeconds >= 0.0 && at.query.stopSeconds > at.query.startSeconds))
        return tr("The moment must stop after its start.");
    return {};
}

bool WatchModel::isValid() const
{
    for (int row = 0; row < rowCount(); ++row)
        if (!problemOf(row).isEmpty())
            return false;
    return true;
}

void WatchModel::addRow()
{
    beginInsertRows({}, rowCount(), rowCount());
    Row row;
    row.query.stopSeconds = 5.0;
    m_rows.push_back(std::move(row));
    endInsertRows();
    Q_EMIT edited();
}

void WatchModel::removeRow(int row)
{
    beginRemoveRows({}, row, row);
    m_rows.erase(m_rows.begin() + row);
    endRemoveRows();
    Q_EMIT edited();
}

int WatchModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int WatchModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant WatchModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    if (role == Qt::DisplayRole || role == Qt::EditRole) {
        switch (index.column()) {
        case Query:
            return fromUtf8(row.query.query);
        case Video:
            return row.title;
        case Start:
            return row.query.startSeconds;
        default:
            return row.query.stopSeconds;
        }
    }
    if (role == Qt::ToolTipRole)
        return problemOf(index.row());
    if (role == Qt::ForegroundRole && index.column() != Query && !problemOf(index.row()).isEmpty())
        return tokens(QApplication::palette()).bad;
    if (role == Qt::TextAlignmentRole && index.column() >= Start)
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    return {};
}

QVariant WatchModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant((section < Start ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const QString names[] = { tr("Query"), tr("Expected video"), tr("From, s"), tr("To, s") };
    return names[section];
}

bool WatchModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (!index.isValid() || role != Qt::EditRole || value == data(index, Qt::EditRole))
        return false;
    Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (index.column()) {
    case Query:
        row.query.query = toUtf8(value.toString().trimmed());
        break;
    case Video:
        row.title = value.toString().trimmed();
        row.query.videoId = m_titles.value(row.title, 0);
        break;
    case Start:
        row.query.startSeconds = value.toDouble();
        break;
    default:
        row.query.stopSeconds = value.toDouble();
    }
    row.query.id = 0;
    Q_EMIT dataChanged(index.siblingAtColumn(0), index.siblingAtColumn(ColumnCount - 1));
    Q_EMIT edited();
    return true;
}

Qt::ItemFlags WatchModel::flags(const QModelIndex& index) const
{
    const Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    return index.isValid() ? flags | Qt::ItemIsEditable : flags;
}

} // namespace clipscope::studio
