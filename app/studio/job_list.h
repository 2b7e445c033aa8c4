#pragma once

#include "app/studio/job_service.h"

#include <QAbstractListModel>
#include <QStyledItemDelegate>

namespace clipscope::studio {

/// The jobs of the window as rows.
/// Threads: GUI thread only.
class JobList final : public QAbstractListModel
{
    Q_OBJECT

public:
    using QAbstractListModel::QAbstractListModel;
    /// Keeps rows, and with them the selection, while the same jobs stand in the same order.
    void setJobs(const std::vector<JobInfo>& jobs);
    const JobInfo* at(const QModelIndex& index) const;
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    std::vector<JobInfo> m_jobs;
};

/// Share of a job that is done; negative when it is not known.
/// Range: [0, 1].
double fractionOf(const JobInfo& job);

/// Title, bar and text of a job in one line.
class JobDelegate final : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

} // namespace clipscope::studio
