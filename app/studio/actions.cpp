#include "app/studio/actions.h"

#include "app/studio/preferences.h"

#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTextEdit>
#include <QWidget>

namespace clipscope::studio {

namespace {

constexpr const char* defaultKeyProperty = "defaultKey";

bool isTyping()
{
    QWidget* focus = QApplication::focusWidget();
    if (const auto* line = qobject_cast<QLineEdit*>(focus))
        return !line->isReadOnly();
    return qobject_cast<QPlainTextEdit*>(focus) || qobject_cast<QTextEdit*>(focus);
}

/// A letter, digit or the space bar: off while a text field has the focus.
bool isSingleKey(const QKeySequence& key)
{
    if (key.count() != 1)
        return false;
    const QKeyCombination first = key[0];
    return (first.keyboardModifiers() & ~Qt::ShiftModifier) == Qt::NoModifier
        && first.key() >= Qt::Key_Space && first.key() <= Qt::Key_AsciiTilde;
}

} // namespace

QKeySequence defaultKeyOf(const QAction& action)
{
    return action.property(defaultKeyProperty).value<QKeySequence>();
}

std::vector<QAction*> addActions(
    QWidget* owner, const std::vector<ActionRow>& rows, const Preferences& preferences)
{
    std::vector<QAction*> result;
    for (const ActionRow& row : rows) {
        auto* action = new QAction(row.text, owner);
        action->setObjectName(row.id);
        action->setShortcut(preferences.key(row.id).value_or(row.key));
        action->setProperty(defaultKeyProperty, row.key);
        action->setShortcutContext(row.scope ? Qt::WidgetWithChildrenShortcut : Qt::WindowShortcut);
        if (row.icon)
            action->setIcon(widgets::icon(*row.icon));
        QObject::connect(action, &QAction::triggered, owner, [row, action] {
            // The space bar belongs to a button that has the focus.
            if (auto* button = qobject_cast<QAbstractButton*>(QApplication::focusWidget());
                button && action->shortcut() == QKeySequence(Qt::Key_Space))
                button->click();
            // A text field takes letters through ShortcutOverride; the second line of defence.
            else if (row.run && !(isSingleKey(action->shortcut()) && isTyping()))
                row.run();
        });
        (row.scope ? row.scope : owner)->addAction(action);
        result.push_back(action);
    }
    return result;
}

} // namespace clipscope::studio
