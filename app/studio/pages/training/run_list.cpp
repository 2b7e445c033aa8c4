#include "app/studio/pages/training/run_list.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QPainter>

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
    if (names == m_names) {
        if (!names.isEmpty())
            Q_EMIT dataChanged(index(0), index(static_cast<int>(names.size()) - 1));
        return;
    }
    beginResetModel();
    m_names = names;
    endResetModel();
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
    if (role == Qt::ToolTipRole || role == Qt::AccessibleTextRole)
        return QStringLiteral("%1: %2").arg(run->name, run->phaseText());
    return {};
}

void RunDelegate::paint(
    QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto* list = qobject_cast<const RunList*>(index.model());
    const RunInfo* run = list ? list->at(index) : nullptr;
    if (!run)
        return;
    const Tokens& theme = tokens(option.palette);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (option.state & QStyle::State_Selected)
        painter->fillRect(option.rect, theme.accentTint);
    painter->fillRect(
        QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), theme.border);
    const QRect area = option.rect.adjusted(space::l, 0, -space::m, 0);
    const QRect upper(area.left() + space::l, area.top() + 9, area.width() - space::l, 18);
    const QRect lower(upper.left(), upper.bottom() + 2, upper.width(), 16);

    painter->setPen(Qt::NoPen);
    painter->setBrush(dotColour(*run, theme));
    painter->drawEllipse(QRectF(area.left(), upper.center().y() - 3.5, 8, 8));

    const auto loss = run->latest(QStringLiteral("loss"));
    const auto recall = run->best(QStringLiteral("recall-1"));
    const QString right = loss ? RunDelegate::tr("loss %1").arg(figure(*loss)) : QString();
    const QString below = recall
        ? RunDelegate::tr("best recall %1 %").arg(QLocale().toString(100.0 * *recall, 'f', 1))
        : QString();
    const QString left = run->remainingText();
    painter->setFont(typeface(TypeSize::Base));
    painter->setPen(theme.text);
    drawEnds(*painter, upper, run->name, right);
    painter->setFont(typeface(TypeSize::Secondary));
    painter->setPen(theme.secondary);
    drawEnds(*painter, lower,
        tr("step %1, %2").arg(count(run->step()), left.isEmpty() ? run->phaseText() : left), below);
    painter->restore();
}

QSize RunDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const
{
    return { 200, 56 }; // the list gives every row its whole width
}

} // namespace clipscope::studio
