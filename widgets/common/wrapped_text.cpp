#include "widgets/common/wrapped_text.h"

#include <QPainter>
#include <QTextLayout>

namespace clipscope::widgets {

void drawWrapped(QPainter& painter, const QRect& area, const QString& text)
{
    QTextLayout layout(text, painter.font());
    layout.beginLayout();
    for (int y = area.top(); y + wrappedLineHeight <= area.bottom() + 1; y += wrappedLineHeight) {
        QTextLine line = layout.createLine();
        if (!line.isValid())
            break;
        line.setLineWidth(area.width());
        const bool last = y + 2 * wrappedLineHeight > area.bottom() + 1;
        const QString words
            = last ? text.mid(line.textStart()) : text.mid(line.textStart(), line.textLength());
        painter.drawText(QRect(area.left(), y, area.width(), wrappedLineHeight),
            Qt::AlignLeft | Qt::AlignVCenter,
            last ? painter.fontMetrics().elidedText(words, Qt::ElideRight, area.width()) : words);
    }
    layout.endLayout();
}

} // namespace clipscope::widgets
