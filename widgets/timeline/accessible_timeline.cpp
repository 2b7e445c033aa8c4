#include "widgets/timeline/accessible_timeline.h"

#include "widgets/common/format.h"
#include "widgets/timeline/timeline_scene.h"
#include "widgets/timeline/timeline_view.h"

#include <QPointer>

#include <cmath>

namespace clipscope::widgets {

namespace {

/// "0:04.200", "1:02:03.250": short, and exact to the thousandth.
QString spokenTime(double seconds)
{
    const auto thousandths = std::llround(std::max(seconds, 0.0) * 1000.0);
    const auto wholeSeconds = thousandths / 1000;
    return shortTime(static_cast<double>(wholeSeconds)) + QLatin1Char('.')
        + QString::number(thousandths % 1000).rightJustified(3, QLatin1Char('0'));
}

QString spoken(labels::Source source)
{
    return source == labels::Source::Hand ? TimelineView::tr("hand") : TimelineView::tr("model");
}

QString spoken(labels::Verdict verdict)
{
    switch (verdict) {
    case labels::Verdict::Open:
        return TimelineView::tr("open");
    case labels::Verdict::Accepted:
        return TimelineView::tr("accepted");
    case labels::Verdict::Rejected:
        return TimelineView::tr("rejected");
    }
    return {};
}

struct Found
{
    int tier = -1, segment = -1;
};

Found find(const TimelineView& view, qint64 segmentId)
{
    const auto& tiers = view.scene().tiers;
    for (std::size_t i = 0; i < tiers.size(); ++i)
        if (const auto at = tiers[i].indexOf(segmentId))
            return { static_cast<int>(i), static_cast<int>(*at) };
    return {};
}

AccessibleTimeline* interfaceOf(const TimelineView* view)
{
    return view ? static_cast<AccessibleTimeline*>(
               QAccessible::queryAccessibleInterface(const_cast<TimelineView*>(view)))
                : nullptr;
}

QRect onScreen(const TimelineView& view, const QRect& area)
{
    return area.isEmpty() ? QRect() : QRect(view.mapToGlobal(area.topLeft()), area.size());
}

/// A tier as a list of its segments.
class AccessibleTier final : public QAccessibleInterface
{
public:
    AccessibleTier(TimelineView* view, qint64 tierId)
        : m_view(view)
        , m_tierId(tierId)
    {
    }

    const TierSegments* tier() const
    {
        if (m_view)
            for (const TierSegments& each : m_view->scene().tiers)
                if (each.tier().id == m_tierId)
                    return &each;
        return nullptr;
    }
    bool isValid() const override { return tier() != nullptr; }
    QObject* object() const override { return nullptr; }
    QWindow* window() const override { return m_view ? m_view->window()->windowHandle() : nullptr; }
    QAccessibleInterface* parent() const override { return interfaceOf(m_view); }
    int childCount() const override { return tier() ? static_cast<int>(tier()->size()) : 0; }
    QAccessibleInterface* child(int index) const override
    {
        if (index < 0 || index >= childCount())
            return nullptr;
        return interfaceOf(m_view)->segment((*tier())[static_cast<std::size_t>(index)].id);
    }
    QAccessibleInterface* childAt(int x, int y) const override
    {
        if (const TierSegments* all = tier())
            for (std::size_t i = all->size(); i > 0; --i)
                if (onScreen(*m_view, m_view->areaOf((*all)[i - 1].id)).contains(x, y))
                    return child(static_cast<int>(i - 1));
        return nullptr;
    }
    int indexOfChild(const QAccessibleInterface* wanted) const override
    {
        for (int i = 0; i < childCount(); ++i)
            if (child(i) == wanted)
                return i;
        return -1;
    }
    QString text(QAccessible::Text kind) const override
    {
        const TierSegments* all = tier();
        if (!all || kind != QAccessible::Name)
            return {};
        return TimelineView::tr("%1, %2, %3")
            .arg(fromUtf8(all->tier().name), spoken(all->tier().source),
                counted(childCount(), TimelineView::tr("segment"), TimelineView::tr("segments")));
    }
    void setText(QAccessible::Text, const QString&) override { }
    QRect rect() const override
    {
        return m_view ? onScreen(*m_view, m_view->areaOfTier(m_tierId)) : QRect();
    }
    QAccessible::Role role() const override { return QAccessible::List; }
    QAccessible::State state() const override
    {
        QAccessible::State state;
        state.multiSelectable = true;
        state.active = m_view && m_view->currentTier() == m_tierId;
        state.offscreen = rect().isEmpty();
        return state;
    }

private:
    QPointer<TimelineView> m_view;
    qint64 m_tierId;
};

class AccessibleSegment final : public QAccessibleInterface, public QAccessibleActionInterface
{
public:
    AccessibleSegment(TimelineView* view, qint64 segmentId)
        : m_view(view)
        , m_segmentId(segmentId)
    {
    }

    const labels::Segment* segment() const
    {
        if (!m_view)
            return nullptr;
        const Found at = find(*m_view, m_segmentId);
        return at.tier < 0
            ? nullptr
            : &m_view->scene()
                   .tiers[static_cast<std::size_t>(at.tier)][static_cast<std::size_t>(at.segment)];
    }
    bool isValid() const override { return segment() != nullptr; }
    QObject* object() const override { return nullptr; }
    QWindow* window() const override { return m_view ? m_view->window()->windowHandle() : nullptr; }
    QAccessibleInterface* parent() const override
    {
        const Found at = m_view ? find(*m_view, m_segmentId) : Found{};
        return at.tier < 0 ? nullptr
                           : interfaceOf(m_view)->tier(
                               m_view->scene().tiers[static_cast<std::size_t>(at.tier)].tier().id);
    }
    int childCount() const override { return 0; }
    QAccessibleInterface* child(int) const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QString text(QAccessible::Text kind) const override
    {
        const labels::Segment* own = segment();
        if (!own)
            return {};
        if (kind == QAccessible::Description)
            return fromUtf8(own->note);
        if (kind != QAccessible::Name)
            return {};
        return TimelineView::tr("%1, %2 to %3, %4, %5")
            .arg(own->label.empty() ? TimelineView::tr("no label") : fromUtf8(own->label),
                spokenTime(own->startSeconds), spokenTime(own->stopSeconds), spoken(own->source),
                spoken(own->verdict));
    }
    void setText(QAccessible::Text, const QString&) override { }
    QRect rect() const override
    {
        return m_view ? onScreen(*m_view, m_view->areaOf(m_segmentId)) : QRect();
    }
    QAccessible::Role role() const override { return QAccessible::ListItem; }
    QAccessible::State state() const override
    {
        QAccessible::State state;
        state.focusable = true;
        state.selectable = true;
        state.multiSelectable = true;
        if (!m_view)
            return state;
        const TimelineSelection& chosen = m_view->selection();
        state.selected = chosen.segments.contains(m_segmentId);
        state.focused = m_view->hasFocus() && chosen.current == m_segmentId;
        state.offscreen = rect().isEmpty();
        return state;
    }
    void* interface_cast(QAccessible::InterfaceType type) override
    {
        return type == QAccessible::ActionInterface ? static_cast<QAccessibleActionInterface*>(this)
                                                    : nullptr;
    }
    QStringList actionNames() const override
    {
        return { setFocusAction(), toggleAction(), pressAction() };
    }
    QStringList keyBindingsForAction(const QString&) const override { return {}; }
    void doAction(const QString& name) override
    {
        if (!isValid())
            return;
        TimelineSelection wanted{ { m_segmentId }, m_segmentId };
        if (name == toggleAction()) {
            wanted.segments = m_view->selection().segments;
            if (!wanted.segments.remove(m_segmentId))
                wanted.segments.insert(m_segmentId);
        } else if (name == pressAction()) {
            Q_EMIT m_view->activated(m_segmentId);
            return;
        } else {
            m_view->setFocus();
        }
        m_view->setSelection(std::move(wanted));
        Q_EMIT m_view->selectionChanged(m_view->selection());
        if (const labels::Segment* own = segment())
            m_view->reveal({ own->startSeconds, own->stopSeconds });
    }

private:
    QPointer<TimelineView> m_view;
    qint64 m_segmentId;
};

QAccessibleInterface* accessibleTimeline(const QString&, QObject* object)
{
    auto* view = qobject_cast<TimelineView*>(object);
    return view ? new AccessibleTimeline(view) : nullptr;
}

} // namespace

void AccessibleTimeline::install()
{
    static const bool installed = [] {
        QAccessible::installFactory(accessibleTimeline);
        return true;
    }();
    Q_UNUSED(installed)
}

AccessibleTimeline::AccessibleTimeline(TimelineView* view)
    : QAccessibleWidget(view, QAccessible::Tree)
    , m_view(view)
{
}

AccessibleTimeline::~AccessibleTimeline()
{
    for (const QAccessible::Id id : std::as_const(m_segments))
        QAccessible::deleteAccessibleInterface(id);
    for (const QAccessible::Id id : std::as_const(m_tiers))
        QAccessible::deleteAccessibleInterface(id);
}

QAccessibleInterface* AccessibleTimeline::tier(qint64 tierId) const
{
    if (!m_tiers.contains(tierId))
        m_tiers.insert(
            tierId, QAccessible::registerAccessibleInterface(new AccessibleTier(m_view, tierId)));
    return QAccessible::accessibleInterface(m_tiers.value(tierId));
}

QAccessibleInterface* AccessibleTimeline::segment(qint64 segmentId) const
{
    if (!m_segments.contains(segmentId))
        m_segments.insert(segmentId,
            QAccessible::registerAccessibleInterface(new AccessibleSegment(m_view, segmentId)));
    return QAccessible::accessibleInterface(m_segments.value(segmentId));
}

QString AccessibleTimeline::text(QAccessible::Text kind) const
{
    if (kind != QAccessible::Value)
        return QAccessibleWidget::text(kind);
    return TimelineView::tr("%1 of %2")
        .arg(spokenTime(m_view->position()), spokenTime(m_view->scene().video.durationSeconds));
}

int AccessibleTimeline::childCount() const
{
    return static_cast<int>(m_view->scene().tiers.size());
}

QAccessibleInterface* AccessibleTimeline::child(int index) const
{
    if (index < 0 || index >= childCount())
        return nullptr;
    return tier(m_view->scene().tiers[static_cast<std::size_t>(index)].tier().id);
}

QAccessibleInterface* AccessibleTimeline::childAt(int x, int y) const
{
    for (int i = 0; i < childCount(); ++i) {
        QAccessibleInterface* each = child(i);
        if (each->rect().contains(x, y)) {
            QAccessibleInterface* inner = each->childAt(x, y);
            return inner ? inner : each;
        }
    }
    return nullptr;
}

QAccessibleInterface* AccessibleTimeline::focusChild() const
{
    const qint64 current = m_view->selection().current;
    return m_view->hasFocus() && current != 0 ? segment(current) : nullptr;
}

int AccessibleTimeline::indexOfChild(const QAccessibleInterface* wanted) const
{
    for (int i = 0; i < childCount(); ++i)
        if (child(i) == wanted)
            return i;
    return -1;
}

void AccessibleTimeline::tellCurrent(TimelineView& view)
{
    if (!QAccessible::isActive() || !view.hasFocus())
        return;
    AccessibleTimeline* own = interfaceOf(&view);
    const qint64 current = view.selection().current;
    if (current == 0) {
        QAccessibleEvent event(&view, QAccessible::Focus);
        QAccessible::updateAccessibility(&event);
        return;
    }
    QAccessibleEvent event(own->segment(current), QAccessible::Focus);
    QAccessible::updateAccessibility(&event);
}

void AccessibleTimeline::tellChanged(TimelineView& view)
{
    if (!QAccessible::isActive())
        return;
    // Interfaces go by id: those of segments that are gone are not valid, and go with the view.
    QAccessibleEvent event(&view, QAccessible::ObjectReorder);
    QAccessible::updateAccessibility(&event);
}

} // namespace clipscope::widgets
