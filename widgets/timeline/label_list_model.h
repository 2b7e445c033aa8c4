#pragma once

#include "labels/label_set.h"
#include "widgets/timeline/label_colours.h"
#include "widgets/timeline/label_list.h"

#include <QAbstractTableModel>

namespace clipscope::widgets {

/// The labels of a set as a table that can be edited and put in another order.
///
/// An edit is shown at once and told as a whole set.
/// Errors:  refused(), with a sentence for people; the set stays as it is.
/// Threads: GUI thread only.
class LabelListModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Colour, Name, Wordings, Key, Seconds, Threshold, ColumnCount };
    enum Role {
        ThresholdRole = Qt::UserRole, ///< double: the label's own, or else the common one
        OwnThresholdRole, ///< bool
        DepthRole, ///< int: how many labels it is part of, one inside the other
    };

    using QAbstractTableModel::QAbstractTableModel;

    const labels::LabelSet& labelSet() const { return m_set; }
    void setLabelSet(const labels::LabelSet& set);
    void setSeconds(QHash<QString, double> seconds);
    void setThresholds(std::optional<LabelList::Thresholds> thresholds);
    const std::optional<LabelList::Thresholds>& thresholds() const { return m_thresholds; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    bool moveRows(
        const QModelIndex& from, int row, int count, const QModelIndex& to, int before) override;
    bool removeRows(int row, int count, const QModelIndex& parent = {}) override;
    Qt::DropActions supportedDropActions() const override { return Qt::MoveAction; }
    QStringList mimeTypes() const override;
    QMimeData* mimeData(const QModelIndexList& indexes) const override;
    bool dropMimeData(const QMimeData* data, Qt::DropAction action, int row, int column,
        const QModelIndex& parent) override;

    /// Adds a label with a name no other one has; the row.
    int addLabel();
    /// Nothing: by position.
    void setColour(int row, std::optional<std::uint32_t> colour);
    void setThreshold(int row, std::optional<double> threshold);
    /// The names of those it may become part of: neither itself nor what is part of it.
    QStringList possibleParents(int row) const;
    void setParentLabel(int row, const QString& name); ///< empty: none

Q_SIGNALS:
    void edited(const clipscope::labels::LabelSet& set);
    void refused(const QString& why);

private:
    bool rename(labels::Label& label, const QString& name);
    bool setKey(std::size_t row, const QString& key);
    void tell(int row);
    QString textOf(std::size_t row, int column) const;

    labels::LabelSet m_set;
    LabelColours m_colours;
    QHash<QString, double> m_seconds;
    std::optional<LabelList::Thresholds> m_thresholds;
};

} // namespace clipscope::widgets
