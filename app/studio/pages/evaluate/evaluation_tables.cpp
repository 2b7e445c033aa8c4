#include "app/studio/pages/evaluate/evaluation_tables.h"

#include <QHeaderView>
#include <QTableView>

namespace clipscope::studio {

namespace {

constexpr int rowHeight = 28;

} // namespace

QTableView* makeEvaluationTable(
    QAbstractItemModel& model, const QString& objectName, const QString& name, QWidget* parent)
{
    auto* table = new QTableView(parent);
    table->setObjectName(objectName);
    table->setAccessibleName(name);
    table->setModel(&model);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->setContextMenuPolicy(Qt::ActionsContextMenu);
    table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(rowHeight);
    QHeaderView* header = table->horizontalHeader();
    header->setHighlightSections(false);
    header->setSectionResizeMode(QHeaderView::Stretch);
    return table;
}

void fitToRows(QTableView& table)
{
    table.setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    table.setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    table.setFixedHeight(table.horizontalHeader()->sizeHint().height()
        + table.model()->rowCount() * rowHeight + 2 * table.frameWidth());
}

} // namespace clipscope::studio
