#pragma once

#include "app/studio/pages/training/run_follower.h"

#include <QAbstractListModel>
#include <QStyledItemDelegate>

namespace clipscope::studio {

/// The runs of a project as rows.
/// Threads: GUI thread only.
class RunList final : public QAbstractListModel
{
    Q_OBJECT

public:
    explicit RunList(const RunFollower& runs, QObject* parent = nullptr);
    const RunInfo* at(const QModelIndex& index) const;
    QModelIndex indexOf(const QString& name) const;
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    void refresh();

    const RunFollower& m_runs;
    QStringList m_names; ///< as shown
};

/// State dot, name and phase; step, loss and best recall on the right.
/// Threads: GUI thread only.
class RunDelegate final : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

} // namespace clipscope::studio
