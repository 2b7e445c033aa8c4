#include "app/studio/actions.h"

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
        action->setShortcutContext(Qt::WindowShortcut);
        if (row.icon)
            action->setIcon(widgets::icon(*row.icon));
        QObject::connect(action, &QAction::triggered, owner, [row] {
            // The space bar belongs to a button that has the focus.
            if (auto* button = qobject_cast<QAbstractButton*>(QApplication::focusWidget());
                button && row.key == QKeySequence(Qt::Key_Space))
                button->click();
            // A text field takes letters through ShortcutOverride; the second line of defence.
            else if (row.run && !(row.singleKey() && isTyping()))
                row.run();
        });
        owner->addAction(action);
        result.push_back(action);
    }
    return result;
}

} // namespace clipscope::studio
