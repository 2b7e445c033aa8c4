#include "app/studio/job_list.h"

#include "widgets/common/theme.h"

#include <QPainter>

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;

double fractionOf(const JobInfo& job)
{
    const Progress& progress = job.state.progress;
    if (job.state.phase == store::RunPhase::Finished)
        return 1.0;
    if (progress.total <= 0)
        return -1.0;
    return std::clamp(
        static_cast<double>(progress.done) / static_cast<double>(progress.total), 0.0, 1.0);
}

void JobList::setJobs(const std::vector<JobInfo>& jobs)
{
    const bool same = std::equal(jobs.begin(), jobs.end(), m_jobs.begin(), m_jobs.end(),
        [](const JobInfo& a, const JobInfo& b) { return a.id == b.id; });
    if (same) {
        m_jobs = jobs;
        if (!m_jobs.empty())
            Q_EMIT dataChanged(index(0), index(static_cast<int>(m_jobs.size()) - 1));
        return;
    }
    beginResetModel();
    m_jobs = jobs;
    endResetModel();
}

const JobInfo* JobList::at(const QModelIndex& index) const
{
    const auto row = static_cast<std::size_t>(index.row());
    return index.isValid() && row < m_jobs.size() ? &m_jobs[row] : nullptr;
}

int JobList::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_jobs.size());
}

QVariant JobList::data(const QModelIndex& index, int role) const
{
    const JobInfo* job = at(index);
    if (!job)
        return {};
    if (role == Qt::DisplayRole)
        return job->title();
    if (role == Qt::ToolTipRole)
        return job->progressText();
    if (role == Qt::AccessibleTextRole)
        return QStringLiteral("%1: %2").arg(job->title(), job->progressText());
    return {};
}

void JobDelegate::paint(
    QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto* list = qobject_cast<const JobList*>(index.model());
    const JobInfo* job = list ? list->at(index) : nullptr;
    if (!job)
        return;
    const Tokens& theme = tokens(option.palette);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (option.state & QStyle::State_Selected)
        painter->fillRect(option.rect, theme.accentTint);
    const QRect area = option.rect.adjusted(space::l, 0, -space::m, 0);
    constexpr int titleWidth = 180, barWidth = 160, barHeight = 6;
    painter->setFont(typeface(TypeSize::Base));
    painter->setPen(theme.text);
    painter->drawText(QRect(area.left(), area.top(), titleWidth, area.height()),
        Qt::AlignVCenter | Qt::AlignLeft, job->title());

    const QRectF bar(area.left() + titleWidth + space::m, area.center().y() - barHeight / 2.0 + 1,
        barWidth, barHeight);
    painter->setPen(Qt::NoPen);
    painter->setBrush(theme.border);
    painter->drawRoundedRect(bar, 3, 3);
    if (const double fraction = fractionOf(*job); fraction > 0.0) {
        painter->setBrush(job->needsAttention() ? theme.bad
                : job->isActive()               ? theme.accent
                                                : theme.good);
        painter->drawRoundedRect(
            QRectF(bar.topLeft(), QSizeF(bar.width() * fraction, barHeight)), 3, 3);
    }
    const QRect text = area.adjusted(titleWidth + barWidth + 2 * space::m, 0, 0, 0);
    painter->setPen(job->needsAttention() ? theme.bad : theme.secondary);
    painter->drawText(text, Qt::AlignVCenter | Qt::AlignLeft,
        painter->fontMetrics().elidedText(job->progressText(), Qt::ElideRight, text.width()));
    painter->restore();
}

QSize JobDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const
{
    return { 400, 32 };
}

} // namespace clipscope::studio
