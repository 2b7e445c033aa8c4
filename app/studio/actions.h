#pragma once

#include "widgets/common/icons.h"

#include <QKeySequence>
#include <QString>

#include <functional>
#include <optional>
#include <vector>

class QAction;
class QWidget;

namespace clipscope::studio {

/// One action, declared once: the key, the menu, the shortcut sheet read this row.
struct ActionRow
{
    QString id; ///< "search.next-moment"
    QString text; ///< title case, "Next Moment"
    QKeySequence key;
    std::optional<widgets::Icon> icon;
    std::function<void()> run;
    /// A key that is also a letter or digit, or the space bar, is off while a text field has
    /// the focus.
    bool singleKey() const;
};

/// Makes the actions of a table and adds them to `owner`; their keys work anywhere in the window
/// while `owner` is on screen.
std::vector<QAction*> addActions(QWidget* owner, const std::vector<ActionRow>& rows);

} // namespace clipscope::studio
