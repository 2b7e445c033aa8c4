#pragma once

#include <QString>

class QToolButton;
class QWidget;

namespace clipscope::widgets {

/// A flat button that opens its menu() at once; a chevron stands behind the text.
/// Threads: GUI thread only.
QToolButton* menuButton(const QString& objectName, QWidget* parent);

} // namespace clipscope::widgets
