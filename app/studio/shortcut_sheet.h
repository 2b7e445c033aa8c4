#pragma once

#include <QDialog>
#include <QKeySequence>

class QAction;
class QKeySequenceEdit;
class QLabel;
class QLineEdit;
class QTableWidget;

namespace clipscope::studio {

/// The searchable list of what can be done and with which key, made from the action tables; Enter
/// does the chosen thing, so it is the command palette as well. At its foot the key of the chosen
/// action is changed; a key that another action of the same page or of the window has is refused.
/// Threads: GUI thread only.
class ShortcutSheet final : public QDialog
{
    Q_OBJECT

public:
    struct Group
    {
        QString title;
        QList<QAction*> actions;
    };
    ShortcutSheet(const std::vector<Group>& groups, QWidget* parent);

Q_SIGNALS:
    /// Of an action whose shortcut() is the new one already.
    void keyChanged(QAction* action);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter(const QString& text);
    void run();
    QWidget* buildKeyRow();
    void showKey();
    void changeKey(const QKeySequence& key);

    QLineEdit* m_search;
    QTableWidget* m_table;
    QKeySequenceEdit* m_key = nullptr;
    QLabel* m_refusal = nullptr;
    QList<QAction*> m_actions; ///< by row
};

} // namespace clipscope::studio
