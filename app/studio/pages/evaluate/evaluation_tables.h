#pragma once

#include <QString>

class QAbstractItemModel;
class QTableView;
class QWidget;

namespace clipscope::studio {

// How tables of the Evaluate page look. Threads: GUI thread only.

/// Rows are selected as a whole; its actions are its context menu.
QTableView* makeEvaluationTable(
    QAbstractItemModel& model, const QString& objectName, const QString& name, QWidget* parent);
/// As high as its rows, and no scroll bar.
void fitToRows(QTableView& table);

} // namespace clipscope::studio
