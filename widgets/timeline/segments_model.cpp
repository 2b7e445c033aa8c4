#include "widgets/timeline/segments_model.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QApplication>
#include <QLocale>
#include <QPainter>
#include <QPixmap>

#include <algorithm>
#include <cmath>

namespace clipscope::widgets {

namespace {

QString shownName(labels::Source source)
{
    return source == labels::Source::Hand ? SegmentsModel::tr("hand") : SegmentsModel::tr("model");
}

QString shownName(labels::Verdict verdict)
{
    switch (verdict) {
    case labels::Verdict::Open:
        return SegmentsModel::tr("open");
    case labels::Verdict::Accepted:
        return SegmentsModel::tr("accepted");
    case labels::Verdict::Rejected:
        return SegmentsModel::tr("rejected");
    }
    return {};
}

std::optional<labels::Verdict> verdictOf(const QString& text)
{
    for (const labels::Verdict each :
        { labels::Verdict::Open, labels::Verdict::Accepted, labels::Verdict::Rejected })
        if (text.compare(shownName(each), Qt::CaseInsensitive) == 0)
            return each;
    return labels::verdictOf(toUtf8(text.toLower()));
}

QPixmap swatch(const QColor& colour)
{
    constexpr int size = 10;
    const qreal ratio = qApp->devicePixelRatio();
    QPixmap pixmap(QSize(size, size) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    painter.drawRoundedRect(0, 0, size, size, 2.0, 2.0);
    return pixmap;
}

} // namespace

std::optional<double> secondsFromText(QStringView text)
{
    QString plain = text.trimmed().toString();
    plain.replace(QLatin1Char(','), QLatin1Char('.'));
    const QStringList parts = plain.split(QLatin1Char(':'));
    if (plain.isEmpty() || parts.size() > 3)
        return std::nullopt;
    double seconds = 0.0;
    for (qsizetype i = 0; i < parts.size(); ++i) {
        const bool last = i + 1 == parts.size();
        for (const QChar letter : parts[i]) // no signs, no exponents, no other digits
            if (!(letter >= u'0' && letter <= u'9') && !(last && letter == u'.'))
                return std::nullopt;
        bool ok = false;
        const double part = parts[i].toDouble(&ok);
        if (!ok || (i > 0 && part >= 60.0))
            return std::nullopt;
        seconds = seconds * 60.0 + part;
    }
    return seconds;
}

bool SegmentsModel::Row::operator==(const Row& other) const
{
    return *segment == *other.segment && tier->id == other.tier->id
        && tier->name == other.tier->name;
}

void SegmentsModel::setAnnotation(std::shared_ptr<const labels::Annotation> annotation)
{
    std::vector<Row> rows;
    if (annotation)
        for (const labels::Tier& tier : annotation->tiers)
            for (const labels::Segment& segment : tier.segments)
                rows.push_back({ &tier, &segment });
    std::ranges::stable_sort(rows,
        [](const Row& a, const Row& b) { return labels::inTierOrder(*a.segment, *b.segment); });
    // What is alike at both ends stays; most edits touch a row or two in between.
    const auto same = [](const Row& a, const Row& b) { return a.segment->id == b.segment->id; };
    const auto front = std::mismatch(m_rows.begin(), m_rows.end(), rows.begin(), rows.end(), same);
    const auto kept = static_cast<std::size_t>(front.first - m_rows.begin());
    std::size_t tail = 0;
    while (tail < std::min(m_rows.size(), rows.size()) - kept
        && same(m_rows[m_rows.size() - 1 - tail], rows[rows.size() - 1 - tail]))
        ++tail;
    std::vector<bool> changed(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i < kept)
            changed[i] = !(m_rows[i] == rows[i]);
        else if (i >= rows.size() - tail)
            changed[i] = !(m_rows[m_rows.size() - (rows.size() - i)] == rows[i]);
    }
    // The old annotation lives on until nobody looks at its rows.
    const std::shared_ptr<const labels::Annotation> old = std::move(m_annotation);
    m_annotation = std::move(annotation);
    replaceRows(kept, m_rows.size() - tail - kept, rows);
    for (std::size_t i = 0; i < changed.size(); ++i)
        if (changed[i])
            Q_EMIT dataChanged(
                index(static_cast<int>(i), 0), index(static_cast<int>(i), ColumnCount - 1));
}

void SegmentsModel::replaceRows(std::size_t kept, std::size_t removed, const std::vector<Row>& rows)
{
    const std::size_t tail = m_rows.size() - kept - removed;
    const std::size_t added = rows.size() - kept - tail;
    const auto first = static_cast<int>(kept);
    const auto renumber = [this] {
        m_rowOf.clear();
        for (std::size_t i = 0; i < m_rows.size(); ++i)
            m_rowOf.insert(m_rows[i].segment->id, static_cast<int>(i));
    };
    if (removed > 0) {
        beginRemoveRows({}, first, first + static_cast<int>(removed) - 1);
        const auto from = m_rows.begin() + static_cast<std::ptrdiff_t>(kept);
        m_rows.erase(from, from + static_cast<std::ptrdiff_t>(removed));
        renumber();
        endRemoveRows();
    }
    if (added > 0)
        beginInsertRows({}, first, first + static_cast<int>(added) - 1);
    m_rows = rows;
    renumber();
    if (added > 0)
        endInsertRows();
}

void SegmentsModel::setColours(LabelColours colours)
{
    m_colours = std::move(colours);
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, Label), index(rowCount() - 1, Label), { Qt::DecorationRole });
}

int SegmentsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int SegmentsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString SegmentsModel::textOf(const Row& row, int column) const
{
    const labels::Segment& segment = *row.segment;
    switch (column) {
    case Tier:
        return fromUtf8(row.tier->name);
    case Label:
        return fromUtf8(segment.label);
    case Start:
        return preciseTime(segment.startSeconds);
    case Stop:
        return preciseTime(segment.stopSeconds);
    case Duration:
        return QLocale().toString(segment.seconds(), 'f', 3);
    case Score:
        return segment.score ? figure(*segment.score) : QString();
    case Source:
        return shownName(segment.source);
    case Verdict:
        return shownName(segment.verdict);
    case Note:
        return fromUtf8(segment.note);
    default:
        return {};
    }
}

QVariant SegmentsModel::sortValue(const Row& row, int column) const
{
    switch (column) {
    case Start:
        return row.segment->startSeconds;
    case Stop:
        return row.segment->stopSeconds;
    case Duration:
        return row.segment->seconds();
    case Score:
        return row.segment->score.value_or(-std::numeric_limits<double>::infinity());
    default:
        return textOf(row, column);
    }
}

QVariant SegmentsModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return textOf(row, column);
    case Qt::EditRole:
        return column == Duration ? QString::number(row.segment->seconds(), 'f', 3)
                                  : textOf(row, column);
    case Qt::DecorationRole:
        if (column == Label)
            return swatch(
                m_colours.colour(row.segment->label, tokens(QApplication::palette()).dark));
        return {};
    case Qt::TextAlignmentRole:
        if (column >= Start && column <= Score)
            return QVariant(Qt::AlignVCenter | Qt::AlignRight);
        return QVariant(Qt::AlignVCenter | Qt::AlignLeft);
    case SortRole:
        return sortValue(row, column);
    case SegmentIdRole:
        return QVariant::fromValue<qint64>(row.segment->id);
    default:
        return {};
    }
}

QVariant SegmentsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::AlignVCenter
            | (section >= Start && section <= Score ? Qt::AlignRight : Qt::AlignLeft));
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Tier:
        return tr("Tier");
    case Label:
        return tr("Label");
    case Start:
        return tr("Start");
    case Stop:
        return tr("End");
    case Duration:
        return tr("Seconds");
    case Score:
        return tr("Score");
    case Source:
        return tr("From");
    case Verdict:
        return tr("State");
    case Note:
        return tr("Note");
    default:
        return {};
    }
}

Qt::ItemFlags SegmentsModel::flags(const QModelIndex& index) const
{
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (!index.isValid())
        return flags;
    const bool hand
        = m_rows[static_cast<std::size_t>(index.row())].tier->source == labels::Source::Hand;
    const int column = index.column();
    const bool range = column == Label || column == Start || column == Stop || column == Duration;
    if ((range && hand) || column == Verdict || column == Note)
        flags |= Qt::ItemIsEditable;
    return flags | Qt::ItemNeverHasChildren;
}

bool SegmentsModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::EditRole || !(flags(index) & Qt::ItemIsEditable))
        return false;
    const labels::Segment segment = *m_rows[static_cast<std::size_t>(index.row())].segment;
    const QString text = value.toString();
    if (index.column() == Label) {
        if (text != fromUtf8(segment.label))
            Q_EMIT labelWanted(segment.id, text);
        return true;
    }
    if (index.column() == Note) {
        if (text != fromUtf8(segment.note))
            Q_EMIT noteWanted(segment.id, text);
        return true;
    }
    if (index.column() == Verdict) {
        const auto wanted = verdictOf(text);
        if (wanted && *wanted != segment.verdict)
            Q_EMIT verdictWanted(segment.id, *wanted);
        return wanted.has_value();
    }
    const auto seconds = secondsFromText(text);
    if (!seconds)
        return false;
    if (text == data(index, Qt::EditRole).toString())
        return true; // shown to the thousandth only: nothing was typed
    TimeRange range{ segment.startSeconds, segment.stopSeconds };
    if (index.column() == Start)
        range.startSeconds = *seconds;
    else
        range.stopSeconds = index.column() == Stop ? *seconds : range.startSeconds + *seconds;
    if (range.stopSeconds < range.startSeconds)
        return false;
    Q_EMIT rangeWanted(segment.id, range);
    return true;
}

qint64 SegmentsModel::segmentId(int row) const
{
    return m_rows[static_cast<std::size_t>(row)].segment->id;
}

int SegmentsModel::rowOf(qint64 segmentId) const
{
    return m_rowOf.value(segmentId, -1);
}

const labels::Segment& SegmentsModel::segment(int row) const
{
    return *m_rows[static_cast<std::size_t>(row)].segment;
}

} // namespace clipscope::widgets
