#include "widgets/common/chip.h"

#include "widgets/common/theme.h"

#include <QPainter>

namespace clipscope::widgets {

namespace {

constexpr int chipHeight = 18;

QColor toneColour(Tone tone, const Tokens& theme)
{
    switch (tone) {
    case Tone::Neutral:
        return theme.secondary;
    case Tone::Accent:
        return theme.accent;
    case Tone::Good:
        return theme.good;
    case Tone::Warning:
        return theme.warning;
    case Tone::Bad:
        return theme.bad;
    }
    return theme.secondary;
}

int chipWidth(const QString& text)
{
    return QFontMetrics(typeface(TypeSize::Secondary)).horizontalAdvance(text) + 2 * space::s - 2;
}

} // namespace

int paintChip(
    QPainter& painter, const QRect& area, const QString& text, Tone tone, const QPalette& palette)
{
    const QColor colour = toneColour(tone, tokens(palette));
    const int width = std::min(chipWidth(text), area.width());
    const int top = area.top() + (area.height() - chipHeight) / 2;
    const QRectF frame(area.left() + 0.5, top + 0.5, width - 1, chipHeight - 1);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    QColor fill = colour;
    fill.setAlphaF(0.10f);
    QColor line = colour;
    line.setAlphaF(0.38f);
    painter.setBrush(fill);
    painter.setPen(QPen(line, 1.0));
    painter.drawRoundedRect(frame, chipRadius, chipRadius);
    painter.setFont(typeface(TypeSize::Secondary));
    painter.setPen(colour);
    painter.drawText(frame, Qt::AlignCenter,
        painter.fontMetrics().elidedText(text, Qt::ElideRight, width - space::s));
    painter.restore();
    return width;
}

Chip::Chip(const QString& text, Tone tone, QWidget* parent)
    : QWidget(parent)
    , m_tone(tone)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    set(text, tone);
}

void Chip::set(const QString& text, Tone tone)
{
    m_text = text;
    m_tone = tone;
    setAccessibleName(text);
    updateGeometry();
    update();
}

QSize Chip::sizeHint() const
{
    return { chipWidth(m_text), chipHeight };
}

void Chip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintChip(painter, rect(), m_text, m_tone, palette());
}

} // namespace clipscope::widgets
