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

/// One action, declared once: the key, the menu, the shortcut sheet read this row. A key that is
/// also a letter or digit, or the space bar, is off while a text field has the focus.
struct ActionRow
{
    QString id; ///< "search.next-moment"
    QString text; ///< title case, "Next Moment"
    QKeySequence key;
    std::optional<widgets::Icon> icon;
    std::function<void()> run;
    /// Where the key works; null: anywhere in the window while the page is on screen. Keys that
    /// lists and fields need (arrows, Home, Space) belong to one widget.
    QWidget* scope = nullptr;
};

class Preferences;

/// Makes the actions of a table and adds them to `owner`. Keys the user chose take the place of
/// those of the table.
std::vector<QAction*> addActions(
    QWidget* owner, const std::vector<ActionRow>& rows, const Preferences& preferences);
/// The key of the table.
QKeySequence defaultKeyOf(const QAction& action);

} // namespace clipscope::studio
