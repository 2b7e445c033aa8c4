#pragma once

#include <QDialog>

class QAction;
class QLineEdit;
class QTableWidget;

namespace clipscope::studio {

/// The searchable list of what can be done and with which key, made from the action tables; Enter
/// does the chosen thing, so it is the command palette as well.
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

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter(const QString& text);
    void run();

    QLineEdit* m_search;
    QTableWidget* m_table;
    QList<QAction*> m_actions; ///< by row
};

} // namespace clipscope::studio
