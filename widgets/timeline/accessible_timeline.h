#pragma once

#include <QAccessibleWidget>
#include <QHash>

namespace clipscope::widgets {

class TimelineView;

/// A timeline for screen readers: a tree of tiers whose children are segments, such as
/// "cut, 0:04.200 to 0:07.000, hand, accepted". Segments can be focused, selected and activated.
/// Threads: GUI thread only.
class AccessibleTimeline final : public QAccessibleWidget
{
public:
    /// Called by every view; installs once.
    static void install();
    /// The current segment, or the view, has the focus now.
    static void tellCurrent(TimelineView& view);
    static void tellChanged(TimelineView& view); ///< other tiers or segments

    explicit AccessibleTimeline(TimelineView* view);
    ~AccessibleTimeline() override;

    QString text(QAccessible::Text kind) const override;
    int childCount() const override;
    QAccessibleInterface* child(int index) const override;
    QAccessibleInterface* childAt(int x, int y) const override;
    QAccessibleInterface* focusChild() const override;
    int indexOfChild(const QAccessibleInterface* child) const override;

    QAccessibleInterface* tier(qint64 tierId) const;
    QAccessibleInterface* segment(qint64 segmentId) const;

private:
    TimelineView* m_view;
    mutable QHash<qint64, QAccessible::Id> m_tiers, m_segments;
};

} // namespace clipscope::widgets
