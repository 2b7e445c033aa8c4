// The events of a timeline, handed to its state.

#include "widgets/timeline/accessible_timeline.h"
#include "widgets/timeline/timeline_state.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>

namespace clipscope::widgets {

bool TimelineView::event(QEvent* event)
{
    // While dragging, Esc belongs to the drag and not to a shortcut of the page.
    if (event->type() == QEvent::ShortcutOverride && isDragging()
        && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        event->accept();
        return true;
    }
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QString text = isDragging() ? QString() : m_state->toolTipAt(help->pos());
        if (text.isEmpty())
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(), text, this);
        return true;
    }
    return QWidget::event(event);
}

void TimelineView::paintEvent(QPaintEvent* event)
{
    m_state->paint(event);
}

void TimelineView::resizeEvent(QResizeEvent*)
{
    m_state->layOut();
}

void TimelineView::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        m_state->touch();
    QWidget::changeEvent(event);
}

void TimelineView::wheelEvent(QWheelEvent* event)
{
    m_state->wheel(event);
}

void TimelineView::mousePressEvent(QMouseEvent* event)
{
    if (!isDragging())
        m_state->press(event);
}

void TimelineView::mouseMoveEvent(QMouseEvent* event)
{
    m_state->moveTo(event->position(), event->modifiers());
}

void TimelineView::mouseReleaseEvent(QMouseEvent* event)
{
    m_state->release(event);
}

void TimelineView::mouseDoubleClickEvent(QMouseEvent* event)
{
    const TimelinePlace place = m_state->placeAt(event->position());
    if (event->button() == Qt::LeftButton && place.segmentId != 0)
        Q_EMIT activated(place.segmentId);
    else
        mousePressEvent(event);
}

void TimelineView::keyPressEvent(QKeyEvent* event)
{
    if (!m_state->key(event))
        QWidget::keyPressEvent(event);
}

void TimelineView::keyReleaseEvent(QKeyEvent* event)
{
    const int key = event->key();
    if (isDragging() && (key == Qt::Key_Alt || key == Qt::Key_Control || key == Qt::Key_Shift))
        m_state->moveTo(m_state->lastAt, QApplication::keyboardModifiers());
    else
        QWidget::keyReleaseEvent(event);
}

void TimelineView::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    m_state->scene.hasFocus = true;
    m_state->touch();
    AccessibleTimeline::tellCurrent(*this);
}

void TimelineView::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    m_state->scene.hasFocus = false;
    m_state->touch();
}

void TimelineView::leaveEvent(QEvent* event)
{
    if (!isDragging())
        unsetCursor();
    QWidget::leaveEvent(event);
}

void TimelineView::contextMenuEvent(QContextMenuEvent* event)
{
    if (isDragging())
        return;
    TimelinePlace place = m_state->placeAt(event->pos());
    QPoint global = event->globalPos();
    const labels::Segment* current = m_state->segment(selection().current);
    if (event->reason() == QContextMenuEvent::Keyboard && current) {
        const auto where = m_state->placeOf(current->id);
        place = { current->startSeconds,
            m_state->scene.tiers[static_cast<std::size_t>(where->tier)].tier().id, current->id };
        const QRect area = areaOf(current->id);
        global = mapToGlobal(area.isEmpty() ? rect().center() : area.center());
    } else if (place.segmentId != 0 && !selection().segments.contains(place.segmentId)) {
        m_state->select({ { place.segmentId }, place.segmentId }, true);
    }
    if (place.tierId != 0)
        m_state->selectTier(place.tierId, true);
    Q_EMIT contextMenuRequested(place, global);
}

} // namespace clipscope::widgets
