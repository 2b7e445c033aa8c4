#pragma once

#include "store/watch_list.h"

#include <QAbstractTableModel>
#include <QHash>
#include <QStringList>

namespace clipscope::studio {

/// The watch list as an editable table. A query whose words or moment are changed is another one
/// and gets an id of its own, since its curve measures something else.
/// Threads: GUI thread only.
class WatchModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Query, Video, Start, Stop, ColumnCount };
    using Titles = QHash<QString, qint64>; ///< of the project's videos, to their ids

    WatchModel(store::WatchList list, const Titles& titles, QObject* parent = nullptr);
    /// What is to be saved; empty rows are left out.
    store::WatchList list() const;
    /// Why a row cannot be saved; empty when it can.
    QString problemOf(int row) const;
    bool isValid() const;
    void addRow();
    void removeRow(int row);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

Q_SIGNALS:
    void edited();

private:
    struct Row
    {
        store::WatchedQuery query; ///< id 0: new
        QString title; ///< of its video, as typed
    };
    std::vector<Row> m_rows;
    std::int64_t m_nextId;
    Titles m_titles;
};

} // namespace clipscope::studio
