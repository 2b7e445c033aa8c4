#pragma once

#include "labels/annotation.h"
#include "widgets/timeline/label_colours.h"
#include "widgets/timeline/timeline_values.h"

#include <QAbstractTableModel>
#include <QHash>

#include <memory>
#include <vector>

namespace clipscope::widgets {

/// The segments of all tiers as a table, by start: what the timeline shows, for screen readers,
/// for sorting and for typing exact values.
///
/// Editing a cell changes nothing here; it emits what the user wants, and the new annotation comes
/// by setAnnotation(). Only what differs is told to views, so that selection and scroll stay.
/// Errors:  a text that is no time, or a start after its stop, is refused: setData() is false.
/// Threads: GUI thread only.
class SegmentsModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Tier, Label, Start, Stop, Duration, Score, Source, Verdict, Note, ColumnCount };
    enum Role {
        SortRole = Qt::UserRole, ///< number or text by which a column sorts
        SegmentIdRole,
    };

    using QAbstractTableModel::QAbstractTableModel;

    void setAnnotation(std::shared_ptr<const labels::Annotation> annotation);
    void setColours(LabelColours colours);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

    qint64 segmentId(int row) const;
    int rowOf(qint64 segmentId) const; ///< -1 when it is gone
    const labels::Segment& segment(int row) const;

Q_SIGNALS:
    void labelWanted(qint64 segmentId, const QString& label);
    void rangeWanted(qint64 segmentId, const clipscope::widgets::TimeRange& range);
    void verdictWanted(qint64 segmentId, clipscope::labels::Verdict verdict);
    void noteWanted(qint64 segmentId, const QString& note);

private:
    struct Row
    {
        const labels::Tier* tier = nullptr;
        const labels::Segment* segment = nullptr;
        bool operator==(const Row& other) const;
    };
    QString textOf(const Row& row, int column) const;
    QVariant sortValue(const Row& row, int column) const;
    void replaceRows(std::size_t kept, std::size_t removed, const std::vector<Row>& rows);

    std::shared_ptr<const labels::Annotation> m_annotation;
    std::vector<Row> m_rows;
    QHash<qint64, int> m_rowOf;
    LabelColours m_colours;
};

/// "1:02:03.250", "2:03.25", "123.25" or "123,25" to seconds; nothing for anything else.
std::optional<double> secondsFromText(QStringView text);

} // namespace clipscope::widgets
