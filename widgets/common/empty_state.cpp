#include "widgets/common/empty_state.h"

#include "widgets/common/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

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
    , m_buttons(new QHBoxLayout)
{
    m_title->setFont(typeface(TypeSize::Section, true));
    m_title->setAlignment(Qt::AlignCenter);
    m_sentence->setProperty("role", QStringLiteral("secondary"));
    m_sentence->setAlignment(Qt::AlignCenter);
    m_sentence->setWordWrap(true);
    m_sentence->setFixedWidth(textWidth);
    m_buttons->setSpacing(space::s);
    m_buttons->addStretch(1);
    m_buttons->addStretch(1);
    auto* column = new QVBoxLayout(this);
    column->setSpacing(space::s);
    column->addStretch(2);
    column->addSpacing(drawingSize + space::m);
    column->addWidget(m_title, 0, Qt::AlignHCenter);
    column->addWidget(m_sentence, 0, Qt::AlignHCenter);
    column->addSpacing(space::s);
    column->addLayout(m_buttons);
    column->addStretch(3);
    setText(title, sentence);
}

void EmptyState::setText(const QString& title, const QString& sentence)
{
    m_title->setText(title);
    m_sentence->setText(sentence);
    // A centred label is not asked for its height at this width.
    m_sentence->setMinimumHeight(std::max(0, m_sentence->heightForWidth(textWidth)));
    setAccessibleName(title);
    setAccessibleDescription(sentence);
}

QPushButton* EmptyState::addButton(const QString& text)
{
    auto* button = new QPushButton(text, this);
    const int place = m_buttons->count() - 1; // before the last stretch
    button->setProperty("primary", place == 1);
    m_buttons->insertWidget(place, button);
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
