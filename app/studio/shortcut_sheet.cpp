#include "app/studio/shortcut_sheet.h"

#include "app/studio/actions.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

namespace clipscope::studio {

using namespace widgets;

ShortcutSheet::ShortcutSheet(const std::vector<Group>& groups, QWidget* parent)
    : QDialog(parent)
    , m_search(new QLineEdit(this))
    , m_table(new QTableWidget(0, 3, this))
{
    setObjectName(QStringLiteral("shortcutSheet"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Actions and Keys"));
    resize(600, 520);
    m_search->setPlaceholderText(tr("Type to find an action, Enter does it"));
    m_search->setAccessibleName(tr("Find an action"));
    m_search->addAction(icon(Icon::Search), QLineEdit::LeadingPosition);
    m_search->installEventFilter(this);
    m_table->setAccessibleName(tr("Actions"));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setShowGrid(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(28);
    m_table->horizontalHeader()->hide();
    m_table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_table->setColumnWidth(1, 130);
    m_table->setColumnWidth(2, 130);
    QPixmap blank(m_table->iconSize().expandedTo({ 16, 16 }));
    blank.fill(Qt::transparent); // actions without an icon line up with the others
    for (const Group& group : groups)
        for (QAction* action : group.actions) {
            const int row = m_table->rowCount();
            m_table->insertRow(row);
            m_table->setItem(row, 0,
                new QTableWidgetItem(
                    action->icon().isNull() ? QIcon(blank) : action->icon(), action->text()));
            m_table->setItem(row, 1, new QTableWidgetItem(group.title));
            m_table->setItem(row, 2,
                new QTableWidgetItem(action->shortcut().toString(QKeySequence::NativeText)));
            m_table->item(row, 1)->setForeground(tokens(this).secondary);
            m_actions += action;
        }
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(space::m, space::m, space::m, space::m);
    column->setSpacing(space::s);
    column->addWidget(m_search);
    column->addWidget(m_table, 1);
    column->addWidget(buildKeyRow());
    connect(m_table, &QTableWidget::currentCellChanged, this, &ShortcutSheet::showKey);
    connect(m_search, &QLineEdit::textChanged, this, &ShortcutSheet::filter);
    connect(m_search, &QLineEdit::returnPressed, this, &ShortcutSheet::run);
    connect(m_table, &QTableWidget::activated, this, &ShortcutSheet::run);
    m_search->setFocus();
    filter({});
}

bool ShortcutSheet::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_search && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Down || key == Qt::Key_Up) {
            const int step = key == Qt::Key_Down ? 1 : -1;
            for (int row = m_table->currentRow() + step; row >= 0 && row < m_table->rowCount();
                 row += step)
                if (!m_table->isRowHidden(row)) {
                    m_table->selectRow(row);
                    break;
                }
            return true;
        }
    }
    if (watched == m_key && event->type() == QEvent::KeyPress
        && static_cast<QKeyEvent*>(event)->matches(QKeySequence::Cancel)) {
        reject(); // no action's key: the way out, as everywhere
        return true;
    }
    return QDialog::eventFilter(watched, event);
}

QWidget* ShortcutSheet::buildKeyRow()
{
    auto* row = new QWidget(this);
    m_key = new QKeySequenceEdit(row);
    m_key->setObjectName(QStringLiteral("actionKey"));
    m_key->setAccessibleName(tr("Key of the chosen action"));
    m_key->installEventFilter(this);
    m_refusal = new QLabel(row);
    m_refusal->setObjectName(QStringLiteral("keyRefusal"));
    m_refusal->setTextFormat(Qt::PlainText);
    auto* none = new QPushButton(tr("No Key"), row);
    auto* standard = new QPushButton(tr("Default"), row);
    standard->setObjectName(QStringLiteral("defaultKey"));
    for (QPushButton* button : { none, standard })
        button->setAutoDefault(false);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::s);
    layout->addWidget(new QLabel(tr("Key"), row));
    layout->addWidget(m_key);
    layout->addWidget(none);
    layout->addWidget(standard);
    layout->addWidget(m_refusal, 1);
    connect(m_key, &QKeySequenceEdit::editingFinished, this, [this] {
        const QKeySequence typed = m_key->keySequence();
        changeKey(typed.isEmpty() ? typed : QKeySequence(typed[0])); // one stroke each
    });
    connect(none, &QPushButton::clicked, this, [this] { changeKey({}); });
    connect(standard, &QPushButton::clicked, this, [this] {
        if (const int at = m_table->currentRow(); at >= 0)
            changeKey(defaultKeyOf(*m_actions.at(at)));
    });
    return row;
}

void ShortcutSheet::showKey()
{
    const int row = m_table->currentRow();
    m_refusal->clear();
    m_key->setKeySequence(row < 0 ? QKeySequence() : m_actions.at(row)->shortcut());
}

void ShortcutSheet::changeKey(const QKeySequence& key)
{
    const int row = m_table->currentRow();
    if (row < 0 || m_actions.at(row)->shortcut() == key)
        return;
    for (const QAction* other : std::as_const(m_actions))
        if (!key.isEmpty() && other != m_actions.at(row) && other->shortcut() == key) {
            showKey();
            m_refusal->setText(tr("%1 is taken by %2.")
                                   .arg(key.toString(QKeySequence::NativeText), other->text()));
            return;
        }
    QAction* action = m_actions.at(row);
    action->setShortcut(key);
    m_table->item(row, 2)->setText(key.toString(QKeySequence::NativeText));
    showKey();
    Q_EMIT keyChanged(action);
}

void ShortcutSheet::filter(const QString& text)
{
    int first = -1;
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const bool shown = m_table->item(row, 0)->text().contains(text, Qt::CaseInsensitive)
            || m_table->item(row, 2)->text().contains(text, Qt::CaseInsensitive);
        m_table->setRowHidden(row, !shown);
        if (shown && first < 0)
            first = row;
    }
    m_table->selectRow(first);
}

void ShortcutSheet::run()
{
    const int row = m_table->currentRow();
    if (row < 0 || m_table->isRowHidden(row))
        return;
    QAction* action = m_actions.at(row);
    accept();
    action->trigger();
}

} // namespace clipscope::studio
