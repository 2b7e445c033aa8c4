#include "widgets/timeline/timeline_view.h"

#include "support/gui.h"
#include "support/made_up_timeline.h"
#include "widgets/common/theme.h"
#include "widgets/timeline/timeline_scene.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QSignalSpy>
#include <QWheelEvent>

using namespace clipscope;
using namespace clipscope::widgets;

/// Mouse and keys on a video of 100 s with 10 pixels a second.
class TestTimelineView : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup() { m_view.reset(); }

    void drawsASegmentInAnEmptyPlace();
    void drawsUpToTheNeighbourOnly();
    void movesASegmentAndTellsOnceOnRelease();
    void movesAllChosenSegmentsOfTheTier();
    void resizesBothWays();
    void movesTheSharedBorderOfTwo();
    void resizesOneOfTwoThatTouchALittleInside();
    void shiftTakesTheSharedBorderAlsoALittleInside();
    void pushesNeighboursWithControl();
    void snapsToBordersAndTurnsThatOffWithAlt();
    void snapsToFramesWithoutAPlaceNearby();
    void escapeTakesADragBack();
    void aNewAnnotationEndsADrag();
    void leavesTiersOfTheModelAsTheyAre();
    void clickSelectsAndControlAndShiftAddTo();
    void clickInAnEmptyPlaceSeeksAndClearsTheSelection();
    void dragOnTheRulerSeeks();
    void wheelZoomsAroundThePointer();
    void wheelAndMiddleDragPan();
    void minimapMovesWhatIsInSight();
    void zoomsFromTheFilmToSingleFrames();
    void keysReachEverySegmentOfEveryTier();
    void keysLeaveTheOthersToThePage();
    void enterAndDoubleClickActivate();
    void menuKeyOpensAtTheCurrentSegment();
    void selectionSurvivesANewAnnotationById();
    void followsThePlayCursorByPages();
    void cursorMovesWithoutDrawingTheRowsAnew();
    void findsBordersOfTheCurrentTier();
    void forgetsThumbnailsThatGo();

private:
    QPoint at(int tier, double seconds) const;
    void drag(int tier, double from, double to, Qt::KeyboardModifiers modifiers = {});
    void dragPixels(const QPoint& from, const QPoint& to, Qt::KeyboardModifiers modifiers = {});
    void wheel(const QPoint& place, const QPoint& angle, Qt::KeyboardModifiers modifiers = {});
    const labels::Segment& segment(qint64 id) const;

    std::unique_ptr<TimelineView> m_view;
    std::shared_ptr<labels::Annotation> m_annotation;
};

namespace {

constexpr int model = 0, hand = 1, other = 2;

labels::Segment segmentOf(
    std::int64_t id, double start, double stop, labels::Source source = labels::Source::Hand)
{
    return { id, start, stop, id % 2 ? "boil water" : "stir", {}, source,
        source == labels::Source::Hand ? labels::Verdict::Accepted : labels::Verdict::Open, {} };
}

QVector<SegmentRange> rangesOf(const QSignalSpy& spy)
{
    return spy.isEmpty() ? QVector<SegmentRange>()
                         : spy.last().first().value<QVector<SegmentRange>>();
}

Gesture gestureOf(const QSignalSpy& spy)
{
    return spy.last().at(1).value<Gesture>();
}

} // namespace

void TestTimelineView::init()
{
    test::failOnAnyWarningOfOurs();
    m_annotation = std::make_shared<labels::Annotation>();
    m_annotation->tiers = {
        { 1, "Starter", labels::Source::Model, "Make tea",
            { segmentOf(1, 5.0, 15.0, labels::Source::Model),
                segmentOf(2, 33.0, 44.0, labels::Source::Model) } },
        { 2, "Steps", labels::Source::Hand, "Make tea",
            { segmentOf(11, 10.0, 20.0), segmentOf(12, 20.0, 30.0), segmentOf(13, 50.0, 60.0) } },
        { 3, "Remarks", labels::Source::Hand, {}, { segmentOf(21, 72.0, 76.0) } },
    };
    m_view = std::make_unique<TimelineView>();
    m_view->resize(1168, 420); // names take 168
    m_view->setVideo(test::madeUpVideo(100.0));
    m_view->setLabelSet(test::madeUpLabels());
    m_view->setAnnotation(m_annotation);
    m_view->show();
    QVERIFY(QTest::qWaitForWindowActive(m_view.get()));
    QCOMPARE(m_view->axis().pixelsPerSecond(), 10.0);
}

QPoint TestTimelineView::at(int tier, double seconds) const
{
    const TimelineRow* row = m_view->rows().tierRow(tier);
    return { qRound(m_view->axis().xOf(seconds)), qRound(row->top + row->height / 2.0) };
}

void TestTimelineView::dragPixels(
    const QPoint& from, const QPoint& to, Qt::KeyboardModifiers modifiers)
{
    QTest::mousePress(m_view.get(), Qt::LeftButton, modifiers, from);
    // Moves carry no modifiers of their own in QTest.
    for (const QPoint& each : { (from + to) / 2, to }) {
        QMouseEvent event(QEvent::MouseMove, QPointF(each), QPointF(m_view->mapToGlobal(each)),
            Qt::NoButton, Qt::LeftButton, modifiers);
        QApplication::sendEvent(m_view.get(), &event);
    }
    QTest::mouseRelease(m_view.get(), Qt::LeftButton, modifiers, to);
}

void TestTimelineView::drag(int tier, double from, double to, Qt::KeyboardModifiers modifiers)
{
    dragPixels(at(tier, from), at(tier, to), modifiers);
}

void TestTimelineView::wheel(
    const QPoint& place, const QPoint& angle, Qt::KeyboardModifiers modifiers)
{
    QWheelEvent event(place, m_view->mapToGlobal(place), {}, angle, Qt::NoButton, modifiers,
        Qt::NoScrollPhase, false);
    QApplication::sendEvent(m_view.get(), &event);
}

const labels::Segment& TestTimelineView::segment(qint64 id) const
{
    for (const labels::Tier& tier : m_annotation->tiers)
        for (const labels::Segment& each : tier.segments)
            if (each.id == id)
                return each;
    qFatal("no such segment");
}

void TestTimelineView::drawsASegmentInAnEmptyPlace()
{
    QSignalSpy drawn(m_view.get(), &TimelineView::segmentDrawn);
    drag(hand, 35.0, 41.0);
    QCOMPARE(drawn.size(), 1);
    QCOMPARE(drawn.first().at(0).toLongLong(), 2);
    QCOMPARE(drawn.first().at(1).value<TimeRange>(), (TimeRange{ 35.0, 41.0 }));
    drag(other, 41.0, 35.0, Qt::AltModifier); // backwards
    QCOMPARE(drawn.last().at(0).toLongLong(), 3);
    QCOMPARE(drawn.last().at(1).value<TimeRange>(), (TimeRange{ 35.0, 41.0 }));
    QCOMPARE(m_view->currentTier(), 3);
}

void TestTimelineView::drawsUpToTheNeighbourOnly()
{
    QSignalSpy drawn(m_view.get(), &TimelineView::segmentDrawn);
    drag(hand, 35.0, 57.0);
    QCOMPARE(drawn.last().at(1).value<TimeRange>(), (TimeRange{ 35.0, 50.0 }));
}

void TestTimelineView::movesASegmentAndTellsOnceOnRelease()
{
    QSignalSpy changed(m_view.get(), &TimelineView::rangesChanged);
    QTest::mousePress(m_view.get(), Qt::LeftButton, {}, at(hand, 55.0));
    QTest::mouseMove(m_view.get(), at(hand, 60.0));
    QTest::mouseMove(m_view.get(), at(hand, 65.0));
    QCOMPARE(changed.size(), 0);
    QCOMPARE(m_view->scene().preview.value(13), (TimeRange{ 60.0, 70.0 })); // shown meanwhile
    QTest::mouseRelease(m_view.get(), Qt::LeftButton, {}, at(hand, 65.0));
    QCOMPARE(changed.size(), 1);
    QCOMPARE(rangesOf(changed), (QVector<SegmentRange>{ { 13, { 60.0, 70.0 } } }));
    QCOMPARE(gestureOf(changed), Gesture::Move);
    QVERIFY(m_view->scene().preview.isEmpty());
    QCOMPARE(segment(13).startSeconds, 50.0); // the annotation is not ours
}

void TestTimelineView::movesAllChosenSegmentsOfTheTier()
{
    QSignalSpy changed(m_view.get(), &TimelineView::rangesChanged);
    m_view->setSelection({ { 11, 12, 13, 21 }, 12 });
    drag(hand, 25.0, 30.0);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(rangesOf(changed),
        (QVector<SegmentRange>{
            { 11, { 15.0, 25.0 } }, { 12, { 25.0, 35.0 } }, { 13, { 55.0, 65.0 } } }));
    QCOMPARE(m_view->selection().segments.size(), 4);
}

void TestTimelineView::resizesBothWays()
{
    QSignalSpy changed(m_view.get(), &TimelineView::rangesChanged);
    dragPixels(at(hand, 50.0) + QPoint(2, 0), at(hand, 46.0) + QPoint(2, 0));
    QCOMPARE(rangesOf(changed), (QVector<SegmentRange>{ { 13, { 46.0, 60.0 } } }));
    QCOMPARE(gestureOf(changed), Gesture::Resize);
    dragPixels(at(hand, 60.0) - QPoint(2, 0), at(hand, 64.0) - QPoint(2, 0));
    QCOMPARE(rangesOf(changed), (QVector<SegmentRange>{ { 13, { 50.0, 64.0 } } }));
}

void TestTimelineView::movesTheSharedBorderOfTwo()
{
    QSignalSpy changed(m_view.get(), &TimelineView::rangesChanged);
    drag(hand, 20.0, 23.0);
    QCOMPARE(rangesOf(changed),
        (QVector<SegmentRange>{ { 11, { 10.0, 23.0 } }, { 12, { 23.0, 30.0 } } }));
    QCOMPARE(gestureOf(changed), Gesture::MoveBorder);
}

void TestTimelineView::resizesOneOfTwoThatTouchALittleInside()
{
    QSignalSpy changed(m_view.get(), &TimelineView::rangesChanged);
    dragPixels(at(hand, 20.0) + QPoint(5, 0), at(hand, 24.0) + QPoint(5, 0));
    QCOMPARE(rangesOf(changed), (QVector<SegmentRange>{ { 12, { 24.0, 30.0 } } }));
    QCOMPARE(gestureOf(changed), Gesture::Resize);
}

void TestTimelineView::shiftTakesTheSharedBorderAlsoALittleInside()
{
    QSignalSpy changed(m_view.get(), &TimelineView::rangesChanged);
    dragPixels(at(hand, 20.0) + QPoint(5, 0), at(hand, 24.0) + QPoint(5, 0), Qt::ShiftModifier);
    QCOMPARE(rangesOf(changed),
        (QVector<SegmentRange>{ { 11, { 10.0, 24.0 } }, { 12, { 24.0, 30.0 } } }));
}

void TestTimelineView::pushesNeighboursWithControl()
{
    QSignalSpy changed(m_view.get(), &TimelineView::rangesChanged);
    drag(hand, 15.0, 21.0, Qt::ControlModifier);
    QCOMPARE(rangesOf(changed),
        (QVector<SegmentRange>{ { 11, { 16.0, 26.0 } }, { 12, { 26.0, 36.0 } } }));
    QCOMPARE(gestureOf(changed), Gesture::Push);
}

void TestTimelineView::snapsToBordersAndTurnsThatOffWithAlt()
{
    QSignalSpy changed(m_view.get(), &TimelineView::rangesChanged);
    // 60 to 71.6: the segment of the tier below starts at 72, four pixels farther.
    const QPoint from = at(hand, 60.0) - QPoint(2, 0), to = at(hand, 71.6) - QPoint(2, 0);
    dragPixels(from, to);
    QCOMPARE(rangesOf(changed).first().range.stopSeconds, 72.0);
    dragPixels(from, to, Qt::AltModifier);
    QCOMPARE(rangesOf(changed).first().range.stopSeconds, 71.6);
    m_view->setSnapping(false);
    dragPixels(from, to);
    QCOMPARE(rangesOf(changed).first().range.stopSeconds, 71.6);
    dragPixels(from, to, Qt::AltModifier);
    QCOMPARE(rangesOf(changed).first().range.stopSeconds, 72.0);
    m_view->setSnapping(true);
    // Change points of the model and the play cursor as well.
    m_view->setChangePoints({ 66.3 });
    dragPixels(from, at(hand, 66.0) - QPoint(2, 0));
    QCOMPARE(rangesOf(changed).first().range.stopSeconds, 66.3);
    m_view->setPosition(80.12);
    dragPixels(from, at(hand, 80.5) - QPoint(2, 0));
    QCOMPARE(rangesOf(changed).first().range.stopSeconds, 80.12);
}

void TestTimelineView::snapsToFramesWithoutAPlaceNearby()
{
    QSignalSpy changed(m_view.get(), &TimelineView::rangesChanged);
    m_view->setVideo(test::madeUpVideo(100.0, true)); // frames at 0, 80, 110, 140, 220, ... ms
    m_view->setAnnotation(m_annotation);
    m_view->setVisibleRange({ 59.5, 60.5 }); // 1000 pixels a second
    const double border = m_view->axis().xOf(60.0);
    dragPixels(
        { qRound(border) - 2, at(hand, 60.0).y() }, { qRound(border) + 120, at(hand, 60.0).y() });
    const double stop = rangesOf(changed).first().range.stopSeconds;
    const media::VideoIndex& index = *m_view->scene().video.index;
    QCOMPARE(index.secondsOf(index.frameAt(stop)), stop);
    QVERIFY(std::abs(stop - 60.122) < 0.04);
}

void TestTimelineView::escapeTakesADragBack()
{
    QSignalSpy changed(m_view.get(), &TimelineView::rangesChanged);
    QSignalSpy drawn(m_view.get(), &TimelineView::segmentDrawn);
    for (const double from : { 55.0, 50.2, 20.0, 35.0 }) {
        QTest::mousePress(m_view.get(), Qt::LeftButton, {}, at(hand, from));
        QTest::mouseMove(m_view.get(), at(hand, from + 4.0));
        QVERIFY(m_view->isDragging());
        QVERIFY(!m_view->scene().preview.isEmpty() || m_view->scene().drawing);
        QTest::keyClick(m_view.get(), Qt::Key_Escape);
        QVERIFY(!m_view->isDragging());
        QVERIFY(m_view->scene().preview.isEmpty() && !m_view->scene().drawing);
        QTest::mouseRelease(m_view.get(), Qt::LeftButton, {}, at(hand, from + 4.0));
    }
    QCOMPARE(changed.size() + drawn.size(), 0);
    // A pan goes back where it came from.
    m_view->setVisibleRange({ 20.0, 40.0 });
    QTest::mousePress(m_view.get(), Qt::MiddleButton, {}, at(hand, 30.0));
    QTest::mouseMove(m_view.get(), at(hand, 25.0));
    QVERIFY(m_view->visibleRange() != (TimeRange{ 20.0, 40.0 }));
    QTest::keyClick(m_view.get(), Qt::Key_Escape);
    QCOMPARE(m_view->visibleRange(), (TimeRange{ 20.0, 40.0 }));
}

void TestTimelineView::aNewAnnotationEndsADrag()
{
    QSignalSpy changed(m_view.get(), &TimelineView::rangesChanged);
    QTest::mousePress(m_view.get(), Qt::LeftButton, {}, at(hand, 55.0));
    QTest::mouseMove(m_view.get(), at(hand, 65.0));
    m_view->setAnnotation(std::make_shared<labels::Annotation>());
    QVERIFY(!m_view->isDragging());
    QTest::mouseRelease(m_view.get(), Qt::LeftButton, {}, QPoint(500, 200));
    QCOMPARE(changed.size(), 0);
    QCOMPARE(m_view->currentTier(), 0);
    QVERIFY(m_view->selection().segments.isEmpty());
}

void TestTimelineView::leavesTiersOfTheModelAsTheyAre()
{
    QSignalSpy changed(m_view.get(), &TimelineView::rangesChanged);
    QSignalSpy drawn(m_view.get(), &TimelineView::segmentDrawn);
    QSignalSpy sought(m_view.get(), &TimelineView::seekFinished);
    drag(model, 10.0, 20.0);
    QCOMPARE(m_view->selection().current, 1);
    drag(model, 60.0, 70.0);
    QCOMPARE(changed.size() + drawn.size(), 0);
    QCOMPARE(sought.size(), 1);
    QCOMPARE(m_view->currentTier(), 1);
}

void TestTimelineView::clickSelectsAndControlAndShiftAddTo()
{
    QSignalSpy chosen(m_view.get(), &TimelineView::selectionChanged);
    const auto click = [&](double seconds, Qt::KeyboardModifiers modifiers = {}) {
        QTest::mouseClick(m_view.get(), Qt::LeftButton, modifiers, at(hand, seconds));
    };
    click(15.0);
    QCOMPARE(m_view->selection(), (TimelineSelection{ { 11 }, 11 }));
    QCOMPARE(chosen.size(), 1);
    click(55.0, Qt::ControlModifier);
    QCOMPARE(m_view->selection(), (TimelineSelection{ { 11, 13 }, 13 }));
    click(55.0, Qt::ControlModifier);
    QCOMPARE(m_view->selection(), (TimelineSelection{ { 11 }, 11 }));
    click(55.0, Qt::ShiftModifier);
    QCOMPARE(m_view->selection(), (TimelineSelection{ { 11, 12, 13 }, 13 }));
    click(25.0); // one of many: only this one, on release
    QCOMPARE(m_view->selection(), (TimelineSelection{ { 12 }, 12 }));
}

void TestTimelineView::clickInAnEmptyPlaceSeeksAndClearsTheSelection()
{
    QSignalSpy sought(m_view.get(), &TimelineView::seekFinished);
    m_view->setSelection({ { 11 }, 11 });
    QTest::mouseClick(m_view.get(), Qt::LeftButton, {}, at(hand, 40.0));
    QVERIFY(m_view->selection().segments.isEmpty());
    QCOMPARE(sought.size(), 1);
    QCOMPARE(sought.first().first().toDouble(), 40.0);
}

void TestTimelineView::dragOnTheRulerSeeks()
{
    QSignalSpy sought(m_view.get(), &TimelineView::seekRequested);
    QSignalSpy finished(m_view.get(), &TimelineView::seekFinished);
    const int y = qRound(m_view->rows().row(RowKind::Ruler)->top + 10.0);
    dragPixels({ at(hand, 30.0).x(), y }, { at(hand, 50.0).x(), y });
    QVERIFY(sought.size() >= 3);
    QCOMPARE(sought.first().first().toDouble(), 30.0);
    QCOMPARE(finished.size(), 1);
    QCOMPARE(finished.first().first().toDouble(), 50.0);
    dragPixels({ at(hand, 90.0).x(), y }, { 1400, y }); // beyond the end
    QCOMPARE(finished.last().first().toDouble(), 100.0);
}

void TestTimelineView::wheelZoomsAroundThePointer()
{
    QSignalSpy moved(m_view.get(), &TimelineView::visibleRangeChanged);
    wheel(at(hand, 40.0), { 0, 240 }, Qt::ControlModifier);
    QCOMPARE(m_view->visibleRange().seconds(), 50.0);
    QCOMPARE(m_view->axis().secondsAt(at(hand, 40.0).x()), 40.0);
    QCOMPARE(m_view->axis().xOf(40.0), 168.0 + 400.0); // where it was
    QCOMPARE(moved.size(), 1);
    wheel({ 568, 200 }, { 0, -240 }, Qt::ControlModifier);
    QCOMPARE(m_view->visibleRange(), (TimeRange{ 0.0, 100.0 }));
}

void TestTimelineView::wheelAndMiddleDragPan()
{
    m_view->setVisibleRange({ 20.0, 40.0 });
    wheel({ 600, 200 }, { 0, -120 });
    QVERIFY(m_view->visibleRange().startSeconds > 20.0);
    QCOMPARE(m_view->visibleRange().seconds(), 20.0);
    wheel({ 600, 200 }, { 0, 120 });
    QCOMPARE(m_view->visibleRange(), (TimeRange{ 20.0, 40.0 }));
    QTest::mousePress(m_view.get(), Qt::MiddleButton, {}, { 600, 200 });
    QTest::mouseMove(m_view.get(), { 500, 200 });
    QTest::mouseRelease(m_view.get(), Qt::MiddleButton, {}, { 500, 200 });
    QCOMPARE(m_view->visibleRange(), (TimeRange{ 22.0, 42.0 }));
}

void TestTimelineView::minimapMovesWhatIsInSight()
{
    QSignalSpy sought(m_view.get(), &TimelineView::seekFinished);
    QTest::mouseClick(m_view.get(), Qt::LeftButton, {}, { 668, 10 });
    QCOMPARE(sought.size(), 1); // all is in sight: it seeks
    m_view->setVisibleRange({ 20.0, 40.0 });
    dragPixels({ 168 + 300, 10 }, { 168 + 350, 10 }); // gripped in its middle
    QCOMPARE(m_view->visibleRange(), (TimeRange{ 25.0, 45.0 }));
    QTest::mouseClick(m_view.get(), Qt::LeftButton, {}, { 168 + 800, 10 }); // jumps there
    QCOMPARE(m_view->visibleRange(), (TimeRange{ 70.0, 90.0 }));
    QCOMPARE(sought.size(), 1);
}

void TestTimelineView::zoomsFromTheFilmToSingleFrames()
{
    m_view->setPosition(30.0);
    for (int i = 0; i < 60; ++i)
        QTest::keyClick(m_view.get(), Qt::Key_Plus, Qt::ControlModifier);
    QCOMPARE(m_view->visibleRange().seconds(), 6.0 * 0.04);
    QVERIFY(m_view->visibleRange().contains(30.0));
    m_view->reveal(55.0);
    QVERIFY(m_view->visibleRange().contains(55.0));
    QTest::keyClick(m_view.get(), Qt::Key_0, Qt::ControlModifier);
    QCOMPARE(m_view->visibleRange(), (TimeRange{ 0.0, 100.0 }));
    m_view->setSelection({ { 12, 13 }, 12 });
    m_view->showSelection();
    QCOMPARE(m_view->visibleRange(), (TimeRange{ 14.0, 66.0 }));
}

void TestTimelineView::keysReachEverySegmentOfEveryTier()
{
    m_view->setFocus();
    m_view->setVisibleRange({ 0.0, 8.0 });
    QSet<qint64> reached;
    for (int step = 0; step < 3; ++step)
        QTest::keyClick(m_view.get(), Qt::Key_Up, Qt::AltModifier);
    QCOMPARE(m_view->currentTier(), 1);
    for (std::size_t tier = 0; tier < m_annotation->tiers.size(); ++tier) {
        QCOMPARE(m_view->currentTier(), m_annotation->tiers[tier].id);
        for (const labels::Segment& each : m_annotation->tiers[tier].segments) {
            QTest::keyClick(m_view.get(), Qt::Key_Down);
            QCOMPARE(m_view->selection().current, each.id);
            QVERIFY(!m_view->areaOf(each.id).isEmpty()); // it is in sight
            reached.insert(m_view->selection().current);
        }
        QTest::keyClick(m_view.get(), Qt::Key_Down); // there are no more
        QTest::keyClick(m_view.get(), Qt::Key_Down, Qt::AltModifier);
    }
    QCOMPARE(reached.size(), 6);
    QTest::keyClick(m_view.get(), Qt::Key_Up, Qt::AltModifier);
    m_view->setSelection({ { 11 }, 11 });
    QTest::keyClick(m_view.get(), Qt::Key_Down, Qt::ShiftModifier);
    QCOMPARE(m_view->selection(), (TimelineSelection{ { 11, 12 }, 12 }));
    QTest::keyClick(m_view.get(), Qt::Key_A, Qt::ControlModifier);
    QCOMPARE(m_view->selection().segments.size(), 3);
    QTest::keyClick(m_view.get(), Qt::Key_Escape);
    QVERIFY(m_view->selection().segments.isEmpty());
}

void TestTimelineView::keysLeaveTheOthersToThePage()
{
    m_view->setFocus();
    for (const int key : { Qt::Key_Left, Qt::Key_Right, Qt::Key_Space, Qt::Key_S, Qt::Key_1,
             Qt::Key_J, Qt::Key_Tab, Qt::Key_Return, Qt::Key_Escape }) {
        QKeyEvent event(QEvent::KeyPress, key, Qt::NoModifier);
        event.setAccepted(false);
        QApplication::sendEvent(m_view.get(), &event);
        QVERIFY2(!event.isAccepted() || key == Qt::Key_Tab, qPrintable(QString::number(key)));
    }
}

void TestTimelineView::enterAndDoubleClickActivate()
{
    QSignalSpy activated(m_view.get(), &TimelineView::activated);
    QTest::mouseDClick(m_view.get(), Qt::LeftButton, {}, at(hand, 55.0));
    QCOMPARE(activated.size(), 1);
    QCOMPARE(activated.first().first().toLongLong(), 13);
    m_view->setSelection({ { 12 }, 12 });
    QTest::keyClick(m_view.get(), Qt::Key_Return);
    QCOMPARE(activated.last().first().toLongLong(), 12);
}

void TestTimelineView::menuKeyOpensAtTheCurrentSegment()
{
    QSignalSpy wanted(m_view.get(), &TimelineView::contextMenuRequested);
    m_view->setSelection({ { 21 }, 21 });
    QContextMenuEvent byKey(
        QContextMenuEvent::Keyboard, { 1, 1 }, m_view->mapToGlobal(QPoint(1, 1)));
    QApplication::sendEvent(m_view.get(), &byKey);
    const auto place = wanted.last().first().value<TimelinePlace>();
    QCOMPARE(place.segmentId, 21);
    QCOMPARE(place.tierId, 3);
    QVERIFY(m_view->areaOf(21).contains(m_view->mapFromGlobal(wanted.last().at(1).toPoint())));
    const QPoint there = at(hand, 15.0);
    QContextMenuEvent byMouse(QContextMenuEvent::Mouse, there, m_view->mapToGlobal(there));
    QApplication::sendEvent(m_view.get(), &byMouse);
    QCOMPARE(wanted.last().first().value<TimelinePlace>().segmentId, 11);
    QCOMPARE(m_view->selection().current, 11);
}

void TestTimelineView::selectionSurvivesANewAnnotationById()
{
    QSignalSpy chosen(m_view.get(), &TimelineView::selectionChanged);
    m_view->setSelection({ { 11, 13 }, 13 });
    auto edited = std::make_shared<labels::Annotation>(*m_annotation);
    edited->tiers[1].segments.erase(edited->tiers[1].segments.begin() + 1);
    m_view->setAnnotation(edited);
    QCOMPARE(m_view->selection(), (TimelineSelection{ { 11, 13 }, 13 }));
    QCOMPARE(chosen.size(), 0);
    edited = std::make_shared<labels::Annotation>(*edited);
    edited->tiers[1].segments.pop_back();
    m_view->setAnnotation(edited);
    QCOMPARE(m_view->selection(), (TimelineSelection{ { 11 }, 11 }));
    QCOMPARE(chosen.size(), 1);
}

void TestTimelineView::followsThePlayCursorByPages()
{
    m_view->setVisibleRange({ 0.0, 10.0 });
    m_view->setPosition(11.0);
    QCOMPARE(m_view->visibleRange(), (TimeRange{ 0.0, 10.0 })); // not while it is off
    m_view->setFollowing(true);
    m_view->setPosition(9.0);
    QCOMPARE(m_view->visibleRange(), (TimeRange{ 0.0, 10.0 }));
    m_view->setPosition(10.5);
    QVERIFY(m_view->visibleRange().contains(10.5));
    QVERIFY(m_view->visibleRange().startSeconds > 9.0);
}

void TestTimelineView::cursorMovesWithoutDrawingTheRowsAnew()
{
    test::MadeUpThumbnails thumbnails;
    m_view->setThumbnails(&thumbnails);
    m_view->repaint();
    QVERIFY(thumbnails.wishes > 0);
    const int before = thumbnails.wishes;
    for (int i = 0; i < 20; ++i) {
        m_view->setPosition(30.0 + 0.04 * i);
        m_view->repaint();
    }
    QCOMPARE(thumbnails.wishes, before);
    m_view->setVisibleRange({ 20.0, 40.0 });
    m_view->repaint();
    QVERIFY(thumbnails.wishes > before);
    m_view->setThumbnails(nullptr);
}

void TestTimelineView::findsBordersOfTheCurrentTier()
{
    QCOMPARE(m_view->currentTier(), 2); // the first one of a hand
    QCOMPARE(m_view->borderAfter(12.0), std::optional(20.0));
    QCOMPARE(m_view->borderAfter(20.0), std::optional(30.0));
    QCOMPARE(m_view->borderAfter(60.0), std::nullopt);
    QCOMPARE(m_view->borderBefore(20.0), std::optional(10.0));
    QCOMPARE(m_view->borderBefore(10.0), std::nullopt);
}

void TestTimelineView::forgetsThumbnailsThatGo()
{
    auto thumbnails = std::make_unique<test::MadeUpThumbnails>();
    m_view->setThumbnails(thumbnails.get());
    m_view->repaint();
    thumbnails.reset();
    QCOMPARE(m_view->scene().thumbnails, nullptr);
    m_view->repaint();
}

QTEST_MAIN(TestTimelineView)
#include "tst_timeline_view.moc"
