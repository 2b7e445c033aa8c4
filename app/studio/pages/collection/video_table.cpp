#include "app/studio/pages/collection/video_table.h"

#include "widgets/common/format.h"

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;

namespace {

bool isFigure(int column)
{
    return column == VideoTable::Duration || column == VideoTable::Captions
        || column == VideoTable::Labels;
}

} // namespace

QString featuresText(const CollectionRow& row)
{
    if (!row.isImported())
        return VideoTable::tr("Not imported");
    if (row.isSearchable)
        return VideoTable::tr("Searchable");
    return row.hasFeatures ? VideoTable::tr("Features ready") : VideoTable::tr("Waiting");
}

void VideoTable::setRows(std::vector<CollectionRow> rows)
{
    const std::size_t common = std::min(rows.size(), m_rows.size());
    std::size_t same = 0;
    while (same < common && rows[same].video.path == m_rows[same].video.path
        && rows[same].video.id == m_rows[same].video.id)
        ++same;
    if (same < m_rows.size()) {
        beginRemoveRows({}, static_cast<int>(same), static_cast<int>(m_rows.size()) - 1);
        m_rows.resize(same);
        endRemoveRows();
    }
    for (std::size_t i = 0; i < same; ++i) {
        if (m_rows[i] == rows[i])
            continue;
        m_rows[i] = std::move(rows[i]);
        Q_EMIT dataChanged(
            index(static_cast<int>(i), 0), index(static_cast<int>(i), ColumnCount - 1));
    }
    if (rows.size() > same) {
        beginInsertRows({}, static_cast<int>(same), static_cast<int>(rows.size()) - 1);
        m_rows.insert(m_rows.end(),
            std::make_move_iterator(rows.begin() + static_cast<std::ptrdiff_t>(same)),
            std::make_move_iterator(rows.end()));
        endInsertRows();
    }
}

const CollectionRow* VideoTable::at(int row) const
{
    return row >= 0 && static_cast<std::size_t>(row) < m_rows.size()
        ? &m_rows[static_cast<std::size_t>(row)]
        : nullptr;
}

int VideoTable::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int VideoTable::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant VideoTable::display(const CollectionRow& row, int column) const
{
    switch (column) {
    case Name:
        return fromPath(row.video.path.filename());
    case Duration:
        return row.isImported() ? shortDuration(row.video.durationSeconds) : QString();
    case Captions:
        return row.captions > 0 ? count(row.captions) : QString();
    case Labels:
        return row.labels > 0 ? count(row.labels) : QString();
    case Features:
        return featuresText(row);
    case Problems:
        return row.problems.empty() ? QString() : fromUtf8(row.problems.front().reason);
    default:
        return {};
    }
}

QVariant VideoTable::sortKey(const CollectionRow& row, int column) const
{
    switch (column) {
    case Duration:
        return row.video.durationSeconds;
    case Captions:
        return static_cast<qlonglong>(row.captions);
    case Labels:
        return static_cast<qlonglong>(row.labels);
    case Features:
        return row.isImported() + row.hasFeatures + row.isSearchable;
    case Problems:
        return static_cast<qlonglong>(row.problems.size());
    default:
        return display(row, column);
    }
}

QVariant VideoTable::data(const QModelIndex& index, int role) const
{
    const CollectionRow* row = index.isValid() ? at(index.row()) : nullptr;
    if (!row)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return display(*row, index.column());
    case sortRole:
        return sortKey(*row, index.column());
    case Qt::TextAlignmentRole:
        return isFigure(index.column()) ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                        : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ToolTipRole:
        if (index.column() == Name)
            return fromPath(row->video.path);
        if (index.column() == Problems) {
            QStringList reasons;
            for (const store::ProblemRecord& problem : row->problems)
                reasons += fromUtf8(problem.reason);
            return reasons.join(QLatin1Char('\n'));
        }
        return {};
    default:
        return {};
    }
}

QVariant VideoTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return isFigure(section) ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                 : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Name");
    case Duration:
        return tr("Duration");
    case Captions:
        return tr("Captions");
    case Labels:
        return tr("Labels");
    case Features:
        return tr("Features");
    case Problems:
        return tr("Problems");
    default:
        return {};
    }
}

VideoFilter::VideoFilter(VideoTable& table, QObject* parent)
    : QSortFilterProxyModel(parent)
    , m_table(table)
{
    setSourceModel(&table);
    setSortRole(VideoTable::sortRole);
    setSortCaseSensitivity(Qt::CaseInsensitive);
    setSortLocaleAware(true);
    setDynamicSortFilter(true);
}

void VideoFilter::setText(const QString& text)
{
    m_text = text.trimmed();
    invalidateFilter();
}

void VideoFilter::setFilter(RowFilter filter)
{
    m_filter = filter;
    invalidateFilter();
}

const CollectionRow* VideoFilter::at(const QModelIndex& index) const
{
    return index.isValid() ? m_table.at(mapToSource(index).row()) : nullptr;
}

bool VideoFilter::filterAcceptsRow(int row, const QModelIndex&) const
{
    const CollectionRow* entry = m_table.at(row);
    if (!entry || (m_filter == RowFilter::Problems && entry->problems.empty()))
        return false;
    return m_text.isEmpty() || fromPath(entry->video.path).contains(m_text, Qt::CaseInsensitive);
}

} // namespace clipscope::studio
