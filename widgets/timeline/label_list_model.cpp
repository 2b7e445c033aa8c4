#include "widgets/timeline/label_list_model.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QApplication>
#include <QMimeData>

#include <algorithm>

namespace clipscope::widgets {

namespace {

/// Names of the labels that `label` is part of, the nearest first; a circle is cut.
std::vector<std::string> ancestorsOf(const labels::LabelSet& set, const labels::Label& label)
{
    std::vector<std::string> names;
    for (const labels::Label* above = set.label(label.parent);
         above && names.size() < set.labels.size(); above = set.label(above->parent))
        names.push_back(above->name);
    return names;
}

const QString rowMime = QStringLiteral("application/x-clipscope-label-row");

QString joined(const std::vector<std::string>& wordings)
{
    QStringList all;
    for (const std::string& each : wordings)
        all.push_back(fromUtf8(each));
    return all.join(QStringLiteral(" | "));
}

std::vector<std::string> parted(const QString& text)
{
    std::vector<std::string> all;
    for (const QString& part : text.split(QLatin1Char('|')))
        if (const std::string each = toUtf8(part.simplified());
            !each.empty() && std::ranges::find(all, each) == all.end())
            all.push_back(each);
    return all;
}

} // namespace

QString keyOf(const labels::LabelSet& set, std::size_t index)
{
    if (!set.labels[index].key.empty())
        return fromUtf8(set.labels[index].key);
    if (index > 9)
        return {};
    // A digit that another label took for itself is not given twice.
    const QString digit = QString::number((index + 1) % 10);
    const bool taken = std::ranges::any_of(
        set.labels, [&](const labels::Label& each) { return fromUtf8(each.key) == digit; });
    return taken ? QString() : digit;
}

void LabelListModel::setLabelSet(const labels::LabelSet& set)
{
    if (set == m_set)
        return;
    const bool sameRows = std::ranges::equal(
        set.labels, m_set.labels, {}, &labels::Label::name, &labels::Label::name);
    if (!sameRows)
        beginResetModel();
    m_set = set;
    m_colours = LabelColours(m_set);
    if (!sameRows)
        endResetModel();
    else if (!m_set.labels.empty())
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

void LabelListModel::setSeconds(QHash<QString, double> seconds)
{
    m_seconds = std::move(seconds);
    if (!m_set.labels.empty())
        Q_EMIT dataChanged(index(0, Seconds), index(rowCount() - 1, Seconds));
}

void LabelListModel::setThresholds(std::optional<LabelList::Thresholds> thresholds)
{
    m_thresholds = thresholds;
    if (!m_set.labels.empty())
        Q_EMIT dataChanged(index(0, Threshold), index(rowCount() - 1, Threshold));
}

int LabelListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_set.labels.size());
}

int LabelListModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QStringList LabelListModel::possibleParents(int row) const
{
    const labels::Label& label = m_set.labels[static_cast<std::size_t>(row)];
    QStringList names;
    for (const labels::Label& other : m_set.labels) {
        const std::vector<std::string> above = ancestorsOf(m_set, other);
        if (other.name != label.name && std::ranges::find(above, label.name) == above.end())
            names += fromUtf8(other.name);
    }
    return names;
}

void LabelListModel::setParentLabel(int row, const QString& name)
{
    labels::Label& label = m_set.labels[static_cast<std::size_t>(row)];
    if (label.parent == toUtf8(name))
        return;
    label.parent = toUtf8(name);
    tell(row);
}

QString LabelListModel::textOf(std::size_t row, int column) const
{
    const labels::Label& label = m_set.labels[row];
    switch (column) {
    case Name:
        return fromUtf8(label.name);
    case Wordings:
        return joined(label.wordings);
    case Key:
        return keyOf(m_set, row);
    case Seconds: {
        const auto found = m_seconds.constFind(fromUtf8(label.name));
        return found == m_seconds.constEnd() || *found <= 0.0 ? QString() : shortDuration(*found);
    }
    case Threshold: {
        const double common = m_thresholds ? m_thresholds->common : 0.0;
        return figure(label.threshold.value_or(common));
    }
    default:
        return {};
    }
}

QVariant LabelListModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const auto row = static_cast<std::size_t>(index.row());
    const labels::Label& label = m_set.labels[row];
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
        if (column == Threshold && role == Qt::EditRole)
            return data(index, ThresholdRole);
        return textOf(row, column);
    case Qt::DecorationRole:
        if (column == Colour)
            return m_colours.colour(index.row(), tokens(QApplication::palette()).dark);
        return {};
    case Qt::AccessibleTextRole:
        if (column == Colour)
            return tr("Colour of %1").arg(fromUtf8(label.name));
        return textOf(row, column);
    case DepthRole:
        return static_cast<int>(ancestorsOf(m_set, label).size());
    case Qt::ToolTipRole:
        if (column == Name && !label.parent.empty())
            return tr("Part of %1").arg(fromUtf8(label.parent));
        if (column == Wordings)
            return label.wordings.empty()
                ? tr("The model is asked for the name. Several wordings are parted by |; their "
                     "scores are averaged.")
                : textOf(row, column);
        if (column == Threshold)
            return label.threshold
                ? tr("This label's own threshold. Delete goes back to the common one.")
                : tr("The common threshold. Drag to give this label its own.");
        return {};
    case Qt::TextAlignmentRole:
        return QVariant(Qt::AlignVCenter
            | (column == Seconds || column == Threshold ? Qt::AlignRight : Qt::AlignLeft));
    case ThresholdRole:
        return label.threshold.value_or(m_thresholds ? m_thresholds->common : 0.0);
    case OwnThresholdRole:
        return label.threshold.has_value();
    default:
        return {};
    }
}

QVariant LabelListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::AlignVCenter | (section == Seconds ? Qt::AlignRight : Qt::AlignLeft));
    if (role != Qt::DisplayRole && role != Qt::AccessibleTextRole)
        return {};
    switch (section) {
    case Colour:
        return role == Qt::DisplayRole ? QString() : tr("Colour");
    case Name:
        return tr("Label");
    case Wordings:
        return tr("Wordings");
    case Key:
        return tr("Key");
    case Seconds:
        return tr("Time");
    case Threshold:
        return tr("Threshold");
    default:
        return {};
    }
}

Qt::ItemFlags LabelListModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return Qt::ItemIsDropEnabled; // between rows only
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled
        | Qt::ItemNeverHasChildren;
    const int column = index.column();
    if (column == Name || column == Wordings || column == Key
        || (column == Threshold && m_thresholds))
        flags |= Qt::ItemIsEditable;
    return flags;
}

void LabelListModel::tell(int row)
{
    m_colours = LabelColours(m_set);
    // A key by position may have come or gone elsewhere.
    if (row >= 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    Q_EMIT edited(labels::LabelSet(m_set)); // a copy: the set may be replaced while it is told
}

bool LabelListModel::rename(labels::Label& label, const QString& name)
{
    const std::string wanted = toUtf8(name.simplified());
    if (wanted == label.name)
        return true;
    if (wanted.empty()) {
        Q_EMIT refused(tr("A label needs a name."));
        return false;
    }
    if (m_set.label(wanted)) {
        Q_EMIT refused(tr("Another label is called \"%1\".").arg(fromUtf8(wanted)));
        return false;
    }
    const std::string before = label.name;
    label.name = wanted;
    for (labels::Label& each : m_set.labels)
        if (each.parent == before)
            each.parent = wanted;
    return true;
}

bool LabelListModel::setKey(std::size_t row, const QString& key)
{
    const QString wanted = key.trimmed().toLower();
    if (wanted.size() > 1 || (!wanted.isEmpty() && !wanted.front().isLetterOrNumber())) {
        Q_EMIT refused(tr("A key is one letter or digit."));
        return false;
    }
    for (std::size_t i = 0; i < m_set.labels.size(); ++i)
        if (i != row && !wanted.isEmpty() && fromUtf8(m_set.labels[i].key) == wanted) {
            Q_EMIT refused(
                tr("The key %1 gives \"%2\" already.").arg(wanted, fromUtf8(m_set.labels[i].name)));
            return false;
        }
    m_set.labels[row].key = toUtf8(wanted);
    return true;
}

bool LabelListModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::EditRole || !(flags(index) & Qt::ItemIsEditable))
        return false;
    const labels::LabelSet before = m_set;
    const auto row = static_cast<std::size_t>(index.row());
    labels::Label& label = m_set.labels[row];
    bool done = true;
    switch (index.column()) {
    case Name:
        done = rename(label, value.toString());
        break;
    case Wordings:
        label.wordings = parted(value.toString());
        if (label.wordings == std::vector{ label.name })
            label.wordings.clear();
        break;
    case Key:
        // The one by position, typed again, stays one by position.
        if (value.toString() != keyOf(m_set, row))
            done = setKey(row, value.toString());
        break;
    case Threshold:
        label.threshold = value.toDouble();
        break;
    default:
        return false;
    }
    if (done && m_set != before)
        tell(index.row());
    return done;
}

void LabelListModel::setColour(int row, std::optional<std::uint32_t> colour)
{
    auto& own = m_set.labels[static_cast<std::size_t>(row)].colour;
    if (own == colour)
        return;
    own = colour;
    tell(row);
}

void LabelListModel::setThreshold(int row, std::optional<double> threshold)
{
    auto& own = m_set.labels[static_cast<std::size_t>(row)].threshold;
    if (own == threshold)
        return;
    own = threshold;
    tell(row);
}

int LabelListModel::addLabel()
{
    QString name = tr("New label");
    for (int number = 2; m_set.label(toUtf8(name)); ++number)
        name = tr("New label %1").arg(number);
    const int row = rowCount();
    beginInsertRows({}, row, row);
    m_set.labels.push_back({ toUtf8(name), {}, {}, {}, {}, 0, {} });
    m_colours = LabelColours(m_set);
    endInsertRows();
    tell(row);
    return row;
}

bool LabelListModel::removeRows(int row, int count, const QModelIndex& parent)
{
    if (parent.isValid() || row < 0 || count < 1 || row + count > rowCount())
        return false;
    beginRemoveRows({}, row, row + count - 1);
    const auto first = m_set.labels.begin() + row;
    for (auto gone = first; gone != first + count; ++gone)
        for (labels::Label& each : m_set.labels)
            if (each.parent == gone->name)
                each.parent = gone->parent;
    m_set.labels.erase(first, first + count);
    m_colours = LabelColours(m_set);
    endRemoveRows();
    tell(m_set.labels.empty() ? -1 : 0);
    return true;
}

bool LabelListModel::moveRows(
    const QModelIndex& from, int row, int count, const QModelIndex& to, int before)
{
    if (from.isValid() || to.isValid() || row < 0 || count < 1 || row + count > rowCount()
        || before < 0 || before > rowCount() || (before >= row && before <= row + count))
        return false;
    beginMoveRows({}, row, row + count - 1, {}, before);
    const auto all = m_set.labels.begin();
    if (before < row)
        std::rotate(all + before, all + row, all + row + count);
    else
        std::rotate(all + row, all + row + count, all + before);
    m_colours = LabelColours(m_set);
    endMoveRows();
    tell(row);
    return true;
}

QStringList LabelListModel::mimeTypes() const
{
    return { rowMime };
}

QMimeData* LabelListModel::mimeData(const QModelIndexList& indexes) const
{
    if (indexes.isEmpty())
        return nullptr;
    auto* data = new QMimeData;
    data->setData(rowMime, QByteArray::number(indexes.front().row()));
    return data;
}

bool LabelListModel::dropMimeData(
    const QMimeData* data, Qt::DropAction, int row, int, const QModelIndex& parent)
{
    if (!data->hasFormat(rowMime))
        return false;
    const int before = row >= 0 ? row : parent.isValid() ? parent.row() : rowCount();
    moveRows({}, data->data(rowMime).toInt(), 1, {}, before);
    return false; // the row has moved; were this true, the view would remove it
}

} // namespace clipscope::widgets
