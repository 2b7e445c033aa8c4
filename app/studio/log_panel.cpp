#include "app/studio/log_panel.h"

#include "app/studio/log_view.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QShortcut>
#include <QVBoxLayout>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int wordsWidth = 280;
constexpr int mostMarks = 2000; ///< more are counted, but not marked

} // namespace

LogPanel::LogPanel(QWidget* parent)
    : QWidget(parent)
    , m_words(new QLineEdit(this))
    , m_found(new QLabel(this))
    , m_log(new LogView(this))
{
    m_words->setObjectName(QStringLiteral("logWords"));
    m_words->setAccessibleName(tr("Search in the log"));
    m_words->setPlaceholderText(tr("Search in the log"));
    m_words->setClearButtonEnabled(true);
    m_words->setFixedWidth(wordsWidth);
    m_found->setObjectName(QStringLiteral("logFound"));
    m_found->setProperty("role", QStringLiteral("secondary"));
    auto* end = new QPushButton(tr("Go to End"), this);
    end->setObjectName(QStringLiteral("logEnd"));
    end->setToolTip(tr("The log follows as long as its end is in view."));
    auto* row = new QHBoxLayout;
    row->setContentsMargins(space::l, space::m, space::l, 0);
    row->setSpacing(space::s);
    row->addWidget(m_words);
    row->addWidget(m_found);
    row->addStretch(1);
    row->addWidget(end);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(space::s);
    column->addLayout(row);
    column->addWidget(m_log, 1);
    connect(m_words, &QLineEdit::textChanged, this, &LogPanel::mark);
    connect(m_words, &QLineEdit::returnPressed, this, [this] { find(false); });
    auto* back = new QShortcut(QKeySequence(Qt::SHIFT | Qt::Key_Return), m_words);
    back->setContext(Qt::WidgetShortcut);
    connect(back, &QShortcut::activated, this, [this] { find(true); });
    connect(m_log, &LogView::textChanged, this, &LogPanel::mark);
    connect(end, &QPushButton::clicked, this,
        [this] { m_log->verticalScrollBar()->setValue(m_log->verticalScrollBar()->maximum()); });
}

void LogPanel::setFile(const std::filesystem::path& file)
{
    m_log->setFile(file);
}

void LogPanel::find(bool backwards)
{
    const QTextDocument::FindFlags flags
        = backwards ? QTextDocument::FindBackward : QTextDocument::FindFlags();
    if (m_words->text().isEmpty() || m_log->find(m_words->text(), flags))
        return;
    QTextCursor cursor = m_log->textCursor(); // round the end
    cursor.movePosition(backwards ? QTextCursor::End : QTextCursor::Start);
    m_log->setTextCursor(cursor);
    m_log->find(m_words->text(), flags);
}

void LogPanel::mark()
{
    const QString words = m_words->text();
    QList<QTextEdit::ExtraSelection> marks;
    QTextCursor at(m_log->document());
    QTextCharFormat format;
    format.setBackground(tokens(this).accentTint);
    format.setForeground(tokens(this).text);
    while (!words.isEmpty() && marks.size() < mostMarks) {
        at = m_log->document()->find(words, at);
        if (at.isNull())
            break;
        marks.append({ at, format });
    }
    m_log->setExtraSelections(marks);
    m_found->setText(words.isEmpty()    ? QString()
            : marks.isEmpty()           ? tr("not found")
            : marks.size() == mostMarks ? tr("more than %1 places").arg(count(mostMarks))
                                        : counted(marks.size(), tr("place"), tr("places")));
}

} // namespace clipscope::studio
