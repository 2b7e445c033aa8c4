#pragma once

#include "app/studio/pages/training/run_follower.h"

#include <QAbstractListModel>
#include <QHash>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>

namespace clipscope::studio {

/// The runs of a project as rows; a row keeps its place while others come and go.
/// Threads: GUI thread only.
class RunList final : public QAbstractListModel
{
    Q_OBJECT

public:
    /// Place in the series colours of a run that shares its charts with others.
    static constexpr int ColourRole = Qt::UserRole;

    explicit RunList(const RunFollower& runs, QObject* parent = nullptr);
    const RunInfo* at(const QModelIndex& index) const;
    QModelIndex indexOf(const QString& name) const;
    void setColours(const QHash<QString, int>& colours);
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    void refresh();

    const RunFollower& m_runs;
    QStringList m_names; ///< as shown
    QHash<QString, int> m_colours;
};

enum class RunOrder { Newest, Name, State, BestRecall, Loss, Progress };

/// The rows that match all words of a filter, in an order. A word is looked for in the name, the
/// state and the settings ("seed=2").
/// Threads: GUI thread only.
class RunFilter final : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    explicit RunFilter(RunList& runs, QObject* parent = nullptr);
    void setOrder(RunOrder order);
    void setWords(const QString& words);
    const RunInfo* at(const QModelIndex& index) const { return m_runs.at(mapToSource(index)); }
    QModelIndex indexOf(const QString& name) const { return mapFromSource(m_runs.indexOf(name)); }

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    bool lessThan(const QModelIndex& a, const QModelIndex& b) const override;

private:
    RunList& m_runs;
    RunOrder m_order = RunOrder::Newest;
    QStringList m_words;
};

/// Where the parts of a row lie, apart from painting.
/// Units: logical pixels.
struct RunRowGeometry
{
    static constexpr int height = 64;
    explicit RunRowGeometry(const QRect& row);

    QRect dot, upper, lower, progress;
};

/// State dot or colour, name, best recall; state, step and time left, device; how far it is.
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
