#include "widgets/player/control_row.h"

#include "widgets/common/theme.h"

#include <QLabel>

#include <algorithm>

namespace clipscope::widgets {

namespace {

/// Texts are measured at their longest, so that nothing comes and goes while a video plays.
int roomFor(const QWidget* control)
{
    int width = control->sizeHint().width();
    if (const auto* label = qobject_cast<const QLabel*>(control))
        width = std::max(
            width, label->fontMetrics().horizontalAdvance(QStringLiteral("frame 000000")));
    return width + space::s;
}

} // namespace

ControlRow::ControlRow()
{
    setContentsMargins(space::s, 0, space::s, space::s);
    setSpacing(space::xs);
}

void ControlRow::addAlways(QWidget* control)
{
    addWidget(control);
    m_always.push_back(control);
}

void ControlRow::addWhenRoom(QWidget* control)
{
    addWidget(control);
    m_optional.push_back(control);
}

int ControlRow::narrowestWidth() const
{
    int width = 2 * space::s;
    for (const QWidget* each : m_always)
        width += roomFor(each);
    return width;
}

void ControlRow::fit(int width)
{
    int room = width - narrowestWidth();
    for (QWidget* each : m_optional) {
        room -= roomFor(each);
        each->setVisible(room >= 0);
    }
}

} // namespace clipscope::widgets
