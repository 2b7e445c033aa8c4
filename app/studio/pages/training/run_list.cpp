#include "app/studio/pages/training/run_list.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QCollator>
#include <QPainter>

#include <algorithm>
#include <limits>

namespace clipscope::studio {

using namespace widgets;
using store::RunPhase;

namespace {

QColor dotColour(const RunInfo& run, const Tokens& theme)
{
    if (run.state.crashed || run.state.phase == RunPhase::Failed)
        return theme.bad;
    if (run.isActive())
        return theme.accent;
    return run.state.phase == RunPhase::Finished ? theme.good : theme.warning;
}

/// One text at each end of a line; the left one gives way.
void drawEnds(QPainter& painter, const QRect& line, const QString& left, const QString& right)
{
    const int taken = painter.fontMetrics().horizontalAdvance(right);
    const int room = line.width() - taken - (right.isEmpty() ? 0 : space::s);
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, right);
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
        painter.fontMetrics().elidedText(left, Qt::ElideRight, room));
}

QString stepText(const RunInfo& run)
{
    return run.state.progress.total > 0
        ? RunDelegate::tr("%1 of %2").arg(count(run.step()), count(run.state.progress.total))
        : count(run.step());
}

QString percent(double share)
{
    return QLocale().toString(100.0 * share, 'f', 1);
}

/// What the sorting compares; the higher the further up.
double rankOf(const RunInfo& run, RunOrder order)
{
    constexpr double last = -std::numeric_limits<double>::infinity();
    switch (order) {
    case RunOrder::BestRecall:
        return run.figures.bestRecall.value_or(last);
    case RunOrder::Loss:
        return run.figures.loss ? -*run.figures.loss : last;
    case RunOrder::Progress:
        return run.doneShare().value_or(last);
    case RunOrder::State: // what wants attention, what works, what waits, what is over
        return run.state.crashed || run.state.phase == RunPhase::Failed ? 3
            : run.isActive()                                            ? 2
            : run.canResume()                                           ? 1
                                                                        : 0;
    case RunOrder::Newest:
    case RunOrder::Name:
        break;
    }
    return run.state.startedAt;
}

/// "run-2" before "run-10". The C locale knows no such order.
const QCollator& naturalOrder()
{
    static const QCollator order = [] {
        const QLocale user;
        QCollator made(user.language() == QLocale::C ? QLocale(QLocale::English) : user);
        made.setNumericMode(true);
        return made;
    }();
    return order;
}

} // namespace

RunList::RunList(const RunFollower& runs, QObject* parent)
    : QAbstractListModel(parent)
    , m_runs(runs)
{
    connect(&runs, &RunFollower::changed, this, &RunList::refresh);
    refresh();
}

void RunList::refresh()
{
    QStringList names;
    for (const RunInfo& run : m_runs.runs())
        names += run.name;
    for (int row = static_cast<int>(m_names.size()) - 1; row >= 0; --row)
        if (!names.contains(m_names.at(row))) {
            beginRemoveRows({}, row, row);
            m_names.removeAt(row);
            endRemoveRows();
        }
    QStringList fresh;
    for (const QString& name : names)
        if (!m_names.contains(name))
            fresh += name;
    if (!m_names.isEmpty())
        Q_EMIT dataChanged(index(0), index(static_cast<int>(m_names.size()) - 1));
    if (!fresh.isEmpty()) {
        const int first = static_cast<int>(m_names.size());
        beginInsertRows({}, first, first + static_cast<int>(fresh.size()) - 1);
        m_names += fresh;
        endInsertRows();
    }
}

void RunList::setColours(const QHash<QString, int>& colours)
{
    if (colours == m_colours)
        return;
    m_colours = colours;
    if (!m_names.isEmpty())
        Q_EMIT dataChanged(index(0), index(static_cast<int>(m_names.size()) - 1), { ColourRole });
}

const RunInfo* RunList::at(const QModelIndex& index) const
{
    return index.isValid() ? m_runs.find(m_names.value(index.row())) : nullptr;
}

QModelIndex RunList::indexOf(const QString& name) const
{
    return index(static_cast<int>(m_names.indexOf(name)));
}

int RunList::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_names.size());
}

QVariant RunList::data(const QModelIndex& index, int role) const
{
    const RunInfo* run = at(index);
    if (!run)
        return {};
    if (role == Qt::DisplayRole)
        return run->name;
    if (role == ColourRole)
        return m_colours.contains(run->name) ? QVariant(m_colours.value(run->name)) : QVariant();
    if (role == Qt::ToolTipRole || role == Qt::AccessibleTextRole) {
        QString text = tr("%1: %2, step %3").arg(run->name, run->phaseText(), stepText(*run));
        if (const QString left = run->remainingText(); !left.isEmpty())
            text += QStringLiteral(", ") + left;
        if (run->figures.bestRecall)
            text += tr(", best recall at 1 %1 %").arg(percent(*run->figures.bestRecall));
        if (const QString device = run->deviceText(); !device.isEmpty())
            text += tr(", device %1").arg(device);
        return text;
    }
    return {};
}

RunFilter::RunFilter(RunList& runs, QObject* parent)
    : QSortFilterProxyModel(parent)
    , m_runs(runs)
{
    setSourceModel(&runs);
    setDynamicSortFilter(true);
    sort(0);
}

void RunFilter::setOrder(RunOrder order)
{
    m_order = order;
    invalidate();
}

void RunFilter::setWords(const QString& words)
{
    m_words = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    invalidateFilter();
}

bool RunFilter::filterAcceptsRow(int row, const QModelIndex&) const
{
    const RunInfo* run = m_runs.at(m_runs.index(row));
    if (!run)
        return false;
    return std::all_of(m_words.begin(), m_words.end(), [run](const QString& word) {
        if (run->name.contains(word, Qt::CaseInsensitive)
            || run->phaseText().contains(word, Qt::CaseInsensitive))
            return true;
        return word.contains(QLatin1Char('='))
            && std::any_of(run->origin.settings.begin(), run->origin.settings.end(),
                [&word](const RunSetting& setting) {
                    const QString whole = setting.key + QLatin1Char('=') + setting.value;
                    return whole.endsWith(word, Qt::CaseInsensitive);
                });
    });
}

bool RunFilter::lessThan(const QModelIndex& a, const QModelIndex& b) const
{
    const RunInfo *first = m_runs.at(a), *second = m_runs.at(b);
    if (!first || !second)
        return a.row() < b.row();
    if (m_order != RunOrder::Name) {
        const double x = rankOf(*first, m_order), y = rankOf(*second, m_order);
        if (x != y)
            return x > y;
    }
    return naturalOrder().compare(first->name, second->name) < 0;
}

RunRowGeometry::RunRowGeometry(const QRect& row)
{
    const QRect area = row.adjusted(space::l, 0, -space::m, 0);
    upper = { area.left() + space::l, area.top() + 8, area.width() - space::l, 18 };
    lower = { upper.left(), upper.bottom() + 3, upper.width(), 16 };
    progress = { upper.left(), lower.bottom() + 5, upper.width(), 3 };
    dot = { area.left(), upper.center().y() - 3, 8, 8 };
}

void RunDelegate::paint(
    QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto* filter = qobject_cast<const RunFilter*>(index.model());
    const RunInfo* run = filter ? filter->at(index) : nullptr;
    if (!run)
        return;
    const Tokens& theme = tokens(option.palette);
    const RunRowGeometry place(option.rect);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (option.state & QStyle::State_Selected)
        painter->fillRect(option.rect, theme.accentTint);
    painter->fillRect(
        QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), theme.border);
    if (option.state & QStyle::State_HasFocus) // the row that the keys are at
        painter->fillRect(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height() - 1),
            theme.accent);

    painter->setPen(Qt::NoPen);
    painter->setBrush(dotColour(*run, theme));
    painter->drawEllipse(place.dot);
    if (const QVariant colour = index.data(RunList::ColourRole); colour.isValid()) {
        painter->setBrush(seriesColour(colour.toInt(), theme.dark));
        painter->drawRoundedRect(
            QRect(place.dot.left() + 2, place.lower.top(), 4, place.lower.height()), 2, 2);
    }

    const QString recall = run->figures.bestRecall
        ? tr("R@1 %1 %").arg(percent(*run->figures.bestRecall))
        : QString();
    painter->setFont(typeface(TypeSize::Base));
    painter->setPen(run->archived ? theme.secondary : theme.text);
    drawEnds(*painter, place.upper, run->name, recall);
    QStringList facts{ run->phaseText(), stepText(*run) };
    if (const QString left = run->remainingText(); !left.isEmpty())
        facts[0] = left;
    QStringList right;
    if (const QString device = run->deviceText(); !device.isEmpty())
        right += device;
    if (run->figures.loss)
        right += tr("loss %1").arg(figure(*run->figures.loss));
    painter->setFont(typeface(TypeSize::Secondary));
    painter->setPen(theme.secondary);
    drawEnds(*painter, place.lower, facts.join(QStringLiteral(", ")),
        right.join(QStringLiteral(" \u00B7 ")));
    if (const auto done = run->doneShare(); done && *done < 1.0) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(theme.border);
        painter->drawRoundedRect(place.progress, 1.5, 1.5);
        QRectF filled = place.progress;
        filled.setWidth(std::max(3.0, filled.width() * *done));
        painter->setBrush(dotColour(*run, theme));
        painter->drawRoundedRect(filled, 1.5, 1.5);
    }
    painter->restore();
}

QSize RunDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const
{
    return { 200, RunRowGeometry::height }; // the list gives every row its whole width
}

} // namespace clipscope::studio
