#pragma once

#include <QRect>
#include <QString>

class QPainter;

namespace clipscope::widgets {

/// Height of a line of secondary text in painted items, in logical pixels.
constexpr int wrappedLineHeight = 17;

/// Draws as many lines as fit into `area`, in the painter's font and pen; the last one ends in dots
/// when there is more.
/// Threads: GUI thread only.
void drawWrapped(QPainter& painter, const QRect& area, const QString& text);

} // namespace clipscope::widgets
