#pragma once

#include "app/studio/pages/timeline/timeline_reader.h"
#include "labels/doubts.h"

#include <QAbstractTableModel>

#include <vector>

namespace clipscope::studio {

/// Places in doubt as a list of reasons, the most worthwhile first.
/// Threads: GUI thread only.
class DoubtsModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Time, Reason, Margin, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    void setDoubts(std::vector<labels::Doubt> doubts);
    const std::vector<labels::Doubt>& doubts() const { return m_doubts; }
    /// "Hand says cut, model says stir": what is in doubt, one sentence.
    static QString sentence(const labels::Doubt& doubt);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<labels::Doubt> m_doubts;
};

/// The videos of the project with how far they are labelled.
/// Threads: GUI thread only.
class QueueModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Video, State, Hand, Open, Spent, ColumnCount };
    enum Role { SortRole = Qt::UserRole, VideoIdRole };

    using QAbstractTableModel::QAbstractTableModel;

    /// Selection stays where only figures changed.
    void setRows(std::vector<QueueRow> rows);
    const std::vector<QueueRow>& rows() const { return m_rows; }
    int rowOf(qint64 videoId) const; ///< -1 when it is gone
    static QString stateText(store::ReviewState state); ///< "Not begun", "Begun", "Done"

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<QueueRow> m_rows;
};

} // namespace clipscope::studio
