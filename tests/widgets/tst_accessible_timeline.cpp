#include "widgets/timeline/accessible_timeline.h"

#include "support/gui.h"
#include "support/made_up_timeline.h"
#include "widgets/timeline/timeline_scene.h"

#include <QAccessible>
#include <QSignalSpy>

using namespace clipscope;
using namespace clipscope::widgets;

/// What a screen reader sees of a timeline.
class TestAccessibleTimeline : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void speaksTiersAndSegments();
    void segmentsLieWhereTheyAreDrawn();
    void focusFollowsTheCurrentSegment();
    void segmentsCanBeFocusedSelectedAndActivated();
    void segmentsThatAreGoneAreNotValid();
    void outlivesNothingOfTheView();
    void tellsScreenReadersWhatChanges();

private:
    QAccessibleInterface* root() { return QAccessible::queryAccessibleInterface(m_view.get()); }
    static QAccessibleActionInterface* actions(QAccessibleInterface* of)
    {
        return static_cast<QAccessibleActionInterface*>(
            of->interface_cast(QAccessible::ActionInterface));
    }

    std::unique_ptr<TimelineView> m_view;
    std::shared_ptr<labels::Annotation> m_annotation;
};

namespace {

std::vector<std::pair<QAccessible::Event, QString>> events;

void collect(QAccessibleEvent* event)
{
    const QAccessibleInterface* about = event->accessibleInterface();
    events.emplace_back(event->type(), about ? about->text(QAccessible::Name) : QString());
}

} // namespace

void TestAccessibleTimeline::init()
{
    test::failOnAnyWarningOfOurs();
    m_annotation = std::make_shared<labels::Annotation>();
    m_annotation->tiers = {
        { 1, "Starter", labels::Source::Model, {},
            { { 1, 4.2, 7.0, "cut", 0.4, labels::Source::Model, labels::Verdict::Rejected, {} } } },
        { 2, "Steps", labels::Source::Hand, {},
            { { 2, 4.2, 7.0, "cut", {}, labels::Source::Hand, labels::Verdict::Accepted,
                  "blurred" },
                { 3, 61.5, 75.0, "", {}, labels::Source::Hand, labels::Verdict::Accepted, {} } } },
    };
    m_view = std::make_unique<TimelineView>();
    m_view->resize(1168, 420);
    m_view->setVideo(test::madeUpVideo(100.0));
    m_view->setAnnotation(m_annotation);
    m_view->show();
    QVERIFY(QTest::qWaitForWindowActive(m_view.get()));
    m_view->setFocus();
    events.clear();
    QAccessible::installUpdateHandler(collect);
}

void TestAccessibleTimeline::cleanup()
{
    QAccessible::installUpdateHandler(nullptr);
    m_view.reset();
}

void TestAccessibleTimeline::speaksTiersAndSegments()
{
    QCOMPARE(root()->role(), QAccessible::Tree);
    QCOMPARE(root()->text(QAccessible::Name), QStringLiteral("Timeline"));
    m_view->setPosition(4.2);
    QCOMPARE(root()->text(QAccessible::Value), QStringLiteral("0:04.200 of 1:40.000"));
    QCOMPARE(root()->childCount(), 2);
    QAccessibleInterface* hand = root()->child(1);
    QCOMPARE(hand->role(), QAccessible::List);
    QCOMPARE(hand->parent(), root());
    QCOMPARE(root()->indexOfChild(hand), 1);
    QCOMPARE(hand->text(QAccessible::Name), QStringLiteral("Steps, hand, 2 segments"));
    QCOMPARE(hand->childCount(), 2);
    QAccessibleInterface* cut = hand->child(0);
    QCOMPARE(cut->role(), QAccessible::ListItem);
    QCOMPARE(
        cut->text(QAccessible::Name), QStringLiteral("cut, 0:04.200 to 0:07.000, hand, accepted"));
    QCOMPARE(cut->text(QAccessible::Description), QStringLiteral("blurred"));
    QCOMPARE(cut->parent(), hand);
    QCOMPARE(hand->indexOfChild(cut), 0);
    QCOMPARE(hand->child(0), cut); // the same interface again
    QCOMPARE(hand->child(1)->text(QAccessible::Name),
        QStringLiteral("no label, 1:01.500 to 1:15.000, hand, accepted"));
    QCOMPARE(root()->child(0)->child(0)->text(QAccessible::Name),
        QStringLiteral("cut, 0:04.200 to 0:07.000, model, rejected"));
    QCOMPARE(root()->child(2), nullptr);
    QCOMPARE(hand->child(-1), nullptr);
}

void TestAccessibleTimeline::segmentsLieWhereTheyAreDrawn()
{
    QAccessibleInterface* late = root()->child(1)->child(1);
    const QRect place = late->rect();
    QCOMPARE(
        place, QRect(m_view->mapToGlobal(m_view->areaOf(3).topLeft()), m_view->areaOf(3).size()));
    QCOMPARE(place.width(), 135); // 13.5 s
    const QPoint middle = place.center();
    QCOMPARE(root()->childAt(middle.x(), middle.y()), late);
    QVERIFY(root()->child(1)->rect().contains(place));
    QVERIFY(!late->state().offscreen);
    m_view->setVisibleRange({ 0.0, 20.0 });
    QVERIFY(late->state().offscreen);
}

void TestAccessibleTimeline::focusFollowsTheCurrentSegment()
{
    QTest::keyClick(m_view.get(), Qt::Key_Down);
    QCOMPARE(m_view->selection().current, 2);
    QAccessibleInterface* cut = root()->child(1)->child(0);
    QCOMPARE(root()->focusChild(), cut);
    QVERIFY(cut->state().focused && cut->state().selected);
    QVERIFY(!root()->child(1)->child(1)->state().focused);
}

void TestAccessibleTimeline::segmentsCanBeFocusedSelectedAndActivated()
{
    QSignalSpy chosen(m_view.get(), &TimelineView::selectionChanged);
    QSignalSpy activated(m_view.get(), &TimelineView::activated);
    QAccessibleInterface* cut = root()->child(1)->child(0);
    QAccessibleInterface* late = root()->child(1)->child(1);
    m_view->setVisibleRange({ 0.0, 20.0 });
    actions(late)->doAction(QAccessibleActionInterface::setFocusAction());
    QCOMPARE(m_view->selection(), (TimelineSelection{ { 3 }, 3 }));
    QVERIFY(!late->state().offscreen); // it was brought into sight
    actions(cut)->doAction(QAccessibleActionInterface::toggleAction());
    QCOMPARE(m_view->selection(), (TimelineSelection{ { 2, 3 }, 2 }));
    QCOMPARE(chosen.size(), 2);
    actions(cut)->doAction(QAccessibleActionInterface::pressAction());
    QCOMPARE(activated.size(), 1);
    QCOMPARE(activated.first().first().toLongLong(), 2);
}

void TestAccessibleTimeline::segmentsThatAreGoneAreNotValid()
{
    QAccessibleInterface* cut = root()->child(1)->child(0);
    QAccessibleInterface* late = root()->child(1)->child(1);
    auto edited = std::make_shared<labels::Annotation>(*m_annotation);
    edited->tiers[1].segments.erase(edited->tiers[1].segments.begin());
    m_view->setAnnotation(edited);
    QVERIFY(!cut->isValid());
    QVERIFY(cut->text(QAccessible::Name).isEmpty());
    QCOMPARE(cut->parent(), nullptr);
    QVERIFY(cut->rect().isEmpty());
    QVERIFY(late->isValid());
    QCOMPARE(root()->child(1)->child(0), late);
}

void TestAccessibleTimeline::outlivesNothingOfTheView()
{
    QAccessibleInterface* cut = root()->child(1)->child(0);
    const QAccessible::Id id = QAccessible::uniqueId(cut);
    QVERIFY(id != 0);
    m_view.reset();
    QCOMPARE(QAccessible::accessibleInterface(id), nullptr);
}

void TestAccessibleTimeline::tellsScreenReadersWhatChanges()
{
    if (!QAccessible::isActive())
        QSKIP("accessibility is switched on by the desktop, and there is none");
    QTest::keyClick(m_view.get(), Qt::Key_Down);
    const std::pair wanted(
        QAccessible::Focus, QStringLiteral("cut, 0:04.200 to 0:07.000, hand, accepted"));
    QVERIFY(std::ranges::find(events, wanted) != events.end());
    m_view->setAnnotation(std::make_shared<labels::Annotation>());
    QVERIFY(std::ranges::any_of(
        events, [](const auto& each) { return each.first == QAccessible::ObjectReorder; }));
}

QTEST_MAIN(TestAccessibleTimeline)
#include "tst_accessible_timeline.moc"
