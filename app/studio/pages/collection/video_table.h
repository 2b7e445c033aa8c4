#pragma once

#include "app/studio/pages/collection/collection_reader.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

namespace clipscope::studio {

/// The collection as rows and columns. Pictures are the delegate's business.
/// Threads: GUI thread only.
class VideoTable final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Name, Duration, Captions, Labels, Features, Problems, ColumnCount };
    /// Qt::UserRole: a number or text to sort by.
    static constexpr int sortRole = Qt::UserRole;

    using QAbstractTableModel::QAbstractTableModel;

    /// Changes only what is different, so that selection and scroll position survive.
    void setRows(std::vector<CollectionRow> rows);
    const CollectionRow* at(int row) const;
    const std::vector<CollectionRow>& rows() const { return m_rows; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QVariant display(const CollectionRow& row, int column) const;
    QVariant sortKey(const CollectionRow& row, int column) const;
    std::vector<CollectionRow> m_rows;
};

/// "Searchable", "Features ready", "Waiting", "Not imported".
QString featuresText(const CollectionRow& row);

enum class RowFilter { All, Problems };

/// Sorting and filtering of a VideoTable.
/// Threads: GUI thread only.
class VideoFilter final : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    explicit VideoFilter(VideoTable& table, QObject* parent = nullptr);
    void setText(const QString& text);
    void setFilter(RowFilter filter);
    const CollectionRow* at(const QModelIndex& index) const;

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    VideoTable& m_table;
    QString m_text;
    RowFilter m_filter = RowFilter::All;
};

} // namespace clipscope::studio
