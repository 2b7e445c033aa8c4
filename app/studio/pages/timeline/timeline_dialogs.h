#pragma once

#include "widgets/timeline/timeline_values.h"

#include <QPoint>
#include <QString>

class QWidget;

namespace clipscope::studio {

struct TimelineTable;

/// What the Timeline page asks in menus and small dialogs.
/// Threads: GUI thread only.
class TimelineDialogs final
{
public:
    /// Both outlive this.
    TimelineDialogs(QWidget& page, TimelineTable& table)
        : m_page(page)
        , m_table(table)
    {
    }

    void chooseLabel();
    void askTime();
    void askAccept();
    void showContextMenu(const widgets::TimelinePlace& place, const QPoint& where);

private:
    /// Trimmed; empty when it was cancelled.
    QString ask(const QString& title, const QString& question, const QString& proposal = {});

    QWidget& m_page;
    TimelineTable& m_table;
};

} // namespace clipscope::studio
