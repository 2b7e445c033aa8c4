#include "widgets/common/empty_state.h"

#include "widgets/common/theme.h"

#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace clipscope::widgets {

namespace {

constexpr int drawingSize = 48;
constexpr int textWidth = 440;

} // namespace

EmptyState::EmptyState(Icon icon, const QString& title, const QString& sentence, QWidget* parent)
    : QWidget(parent)
    , m_icon(icon)
    , m_title(new QLabel(this))
    , m_sentence(new QLabel(this))
    , m_layout(new QVBoxLayout(this))
{
    m_title->setFont(typeface(TypeSize::Section, true));
    m_title->setAlignment(Qt::AlignCenter);
    m_sentence->setProperty("role", QStringLiteral("secondary"));
    m_sentence->setAlignment(Qt::AlignCenter);
    m_sentence->setWordWrap(true);
    m_sentence->setFixedWidth(textWidth);
    m_layout->setSpacing(space::s);
    m_layout->addStretch(2);
    m_layout->addSpacing(drawingSize + space::m);
    m_layout->addWidget(m_title, 0, Qt::AlignHCenter);
    m_layout->addWidget(m_sentence, 0, Qt::AlignHCenter);
    m_layout->addSpacing(space::s);
    m_layout->addStretch(3);
    setText(title, sentence);
}

void EmptyState::setText(const QString& title, const QString& sentence)
{
    m_title->setText(title);
    m_sentence->setText(sentence);
    setAccessibleName(title);
    setAccessibleDescription(sentence);
}

QPushButton* EmptyState::addButton(const QString& text)
{
    auto* button = new QPushButton(text, this);
    button->setProperty("primary", m_buttons == 0);
    m_layout->insertWidget(m_layout->count() - 1, button, 0, Qt::AlignHCenter);
    ++m_buttons;
    return button;
}

void EmptyState::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const QPixmap drawing
        = iconPixmap(m_icon, tokens(this).disabled, drawingSize, devicePixelRatioF());
    painter.drawPixmap(
        QPoint((width() - drawingSize) / 2, m_title->y() - drawingSize - space::m), drawing);
}

} // namespace clipscope::widgets
