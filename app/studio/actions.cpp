#include "app/studio/actions.h"

#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTextEdit>
#include <QWidget>

namespace clipscope::studio {

namespace {

bool isTyping()
{
    QWidget* focus = QApplication::focusWidget();
    if (const auto* line = qobject_cast<QLineEdit*>(focus))
        return !line->isReadOnly();
    return qobject_cast<QPlainTextEdit*>(focus) || qobject_cast<QTextEdit*>(focus);
}

} // namespace

bool ActionRow::singleKey() const
{
    if (key.count() != 1)
        return false;
    const QKeyCombination first = key[0];
    return (first.keyboardModifiers() & ~Qt::ShiftModifier) == Qt::NoModifier
        && first.key() >= Qt::Key_Space && first.key() <= Qt::Key_AsciiTilde;
}

std::vector<QAction*> addActions(QWidget* owner, const std::vector<ActionRow>& rows)
{
    std::vector<QAction*> result;
    for (const ActionRow& row : rows) {
        auto* action = new QAction(row.text, owner);
        action->setObjectName(row.id);
        action->setShortcut(row.key);
        action->setShortcutContext(
            owner->isWindow() ? Qt::WindowShortcut : Qt::WidgetWithChildrenShortcut);
        if (row.icon)
            action->setIcon(widgets::icon(*row.icon));
        // A text field takes letters through ShortcutOverride; this is the second line of defence.
        QObject::connect(action, &QAction::triggered, owner, [row] {
            if (row.run && !(row.singleKey() && isTyping()))
                row.run();
        });
        owner->addAction(action);
        result.push_back(action);
    }
    return result;
}

} // namespace clipscope::studio
