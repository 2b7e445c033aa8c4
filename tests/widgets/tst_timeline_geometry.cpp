#include "support/made_up_timeline.h"
#include "support/verify.h"
#include "widgets/timeline/timeline_geometry.h"
#include "widgets/timeline/timeline_painter.h"

using namespace clipscope;
using namespace clipscope::widgets;

class TestTimelineGeometry : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void mapsSecondsToPixelsAndBack();
    void keepsTheAnchorInPlaceWhileZooming();
    void staysInTheVideoWhateverIsAskedFor();
    void stepsOfTheRulerAreRoundAndWideEnough_data();
    void stepsOfTheRulerAreRoundAndWideEnough();
    void rulerTextsHaveTheDecimalsOfTheirStep_data();
    void rulerTextsHaveTheDecimalsOfTheirStep();
    void findsWhatIsInSightAmongOverlappingSegments();
    void putsOverlappingSegmentsInLanes();
    void laysRowsOutAndScrollsWhatDoesNotFit();
    void hitsBordersAndBodies_data();
    void hitsBordersAndBodies();
    void hitsTheSharedBorderFromBothSides();
    void leavesNarrowSegmentsABody();
    void snapsToPlacesBeforeFrames();
    void snapsToFramesOfChangingLength();
    void snapsTheNearerEndOfAMovedSegment();
    void columnsOfCurvesKeepEveryPeak();
    void curvesAreLevelInTheFirstAndLastHalfSecond();
};

namespace {

labels::Tier tierOf(std::initializer_list<std::pair<double, double>> ranges)
{
    labels::Tier tier{ 1, "Hand", labels::Source::Hand, {}, {} };
    std::int64_t id = 1;
    for (const auto& [start, stop] : ranges)
        tier.segments.push_back(
            { id++, start, stop, "cut", {}, labels::Source::Hand, labels::Verdict::Accepted, {} });
    return tier;
}

TimeAxis axisOf(double left, double width, TimeRange visible, double duration = 100.0)
{
    return { left, width, duration, visible };
}

} // namespace

void TestTimelineGeometry::mapsSecondsToPixelsAndBack()
{
    const TimeAxis axis = axisOf(100.0, 400.0, { 10.0, 30.0 });
    QCOMPARE(axis.pixelsPerSecond(), 20.0);
    QCOMPARE(axis.xOf(10.0), 100.0);
    QCOMPARE(axis.xOf(30.0), 500.0);
    QCOMPARE(axis.xOf(5.0), 0.0); // also outside
    for (const double seconds : { 0.0, 12.345, 99.0 })
        QCOMPARE(axis.secondsAt(axis.xOf(seconds)), seconds);
    QCOMPARE(axisOf(0.0, 400.0, { 0.0, 0.0 }, 0.0).pixelsPerSecond(), 0.0);
}

void TestTimelineGeometry::keepsTheAnchorInPlaceWhileZooming()
{
    TimeAxis axis = axisOf(100.0, 400.0, { 20.0, 60.0 });
    const double x = axis.xOf(30.0);
    axis.visible = axis.zoomed(4.0, 30.0, 0.1);
    QCOMPARE(axis.visible.seconds(), 10.0);
    QCOMPARE(axis.xOf(30.0), x);
    axis.visible = axis.zoomed(0.25, 30.0, 0.1);
    QCOMPARE(axis.visible, (TimeRange{ 20.0, 60.0 }));
    // Not deeper than allowed.
    QCOMPARE(axis.zoomed(1e6, 30.0, 0.5).seconds(), 0.5);
}

void TestTimelineGeometry::staysInTheVideoWhateverIsAskedFor()
{
    const TimeAxis axis = axisOf(0.0, 400.0, { 0.0, 100.0 });
    QCOMPARE(axis.fitted({ -50.0, -40.0 }, 1.0), (TimeRange{ 0.0, 10.0 }));
    QCOMPARE(axis.fitted({ 95.0, 115.0 }, 1.0), (TimeRange{ 80.0, 100.0 }));
    QCOMPARE(axis.fitted({ -500.0, 500.0 }, 1.0), (TimeRange{ 0.0, 100.0 }));
    QCOMPARE(axis.fitted({ 50.0, 50.0 }, 1.0), (TimeRange{ 49.5, 50.5 }));
    QCOMPARE(axisOf(0.0, 400.0, {}, 0.0).fitted({ 3.0, 4.0 }, 1.0), (TimeRange{ 0.0, 0.0 }));
}

void TestTimelineGeometry::stepsOfTheRulerAreRoundAndWideEnough_data()
{
    QTest::addColumn<double>("pixelsPerSecond");
    QTest::addColumn<double>("step");
    QTest::newRow("three hours") << 0.1 << 900.0;
    QTest::newRow("ten minutes") << 2.0 << 60.0;
    QTest::newRow("a minute") << 20.0 << 5.0;
    QTest::newRow("a second") << 1200.0 << 0.1;
    QTest::newRow("frames") << 8000.0 << 0.02;
    QTest::newRow("days") << 0.001 << 4.0 * 3600.0;
}

void TestTimelineGeometry::stepsOfTheRulerAreRoundAndWideEnough()
{
    QFETCH(double, pixelsPerSecond);
    QTEST(rulerStepSeconds(pixelsPerSecond, 84.0), "step");
}

void TestTimelineGeometry::rulerTextsHaveTheDecimalsOfTheirStep_data()
{
    QTest::addColumn<double>("seconds");
    QTest::addColumn<double>("step");
    QTest::addColumn<QString>("text");
    QTest::newRow("minutes") << 120.0 << 60.0 << QStringLiteral("2:00");
    QTest::newRow("hours") << 3725.0 << 5.0 << QStringLiteral("1:02:05");
    QTest::newRow("tenths") << 4.2 << 0.1 << QStringLiteral("0:04.2");
    QTest::newRow("sum of tenths") << 0.1 * 3 << 0.1 << QStringLiteral("0:00.3");
    QTest::newRow("just below a second") << 2.9999999999 << 0.1 << QStringLiteral("0:03.0");
    QTest::newRow("hundredths") << 61.05 << 0.05 << QStringLiteral("1:01.05");
    QTest::newRow("thousandths") << 0.007 << 0.001 << QStringLiteral("0:00.007");
}

void TestTimelineGeometry::rulerTextsHaveTheDecimalsOfTheirStep()
{
    QFETCH(double, seconds);
    QFETCH(double, step);
    QTEST(rulerText(seconds, step), "text");
}

void TestTimelineGeometry::findsWhatIsInSightAmongOverlappingSegments()
{
    // The first one covers all the others.
    const labels::Tier tier = tierOf({ { 0, 50 }, { 2, 3 }, { 10, 12 }, { 20, 20 }, { 60, 70 } });
    const TierSegments segments(tier);
    using Pair = std::pair<std::size_t, std::size_t>;
    QCOMPARE(segments.within({ 40.0, 45.0 }), (Pair{ 0, 4 }));
    QCOMPARE(segments.within({ 52.0, 55.0 }), (Pair{ 4, 4 }));
    QCOMPARE(segments.within({ 60.0, 99.0 }), (Pair{ 4, 5 }));
    QCOMPARE(segments.within({ 71.0, 99.0 }), (Pair{ 5, 5 }));
    QCOMPARE(segments.at(2.5), std::optional<std::size_t>(1));
    QCOMPARE(segments.at(3.0), std::optional<std::size_t>(0));
    QCOMPARE(segments.at(20.0), std::optional<std::size_t>(3)); // an event
    QCOMPARE(segments.at(55.0), std::nullopt);
    const labels::Tier none = tierOf({});
    QCOMPARE(TierSegments(none).at(1.0), std::nullopt);
}

void TestTimelineGeometry::putsOverlappingSegmentsInLanes()
{
    const labels::Tier apart = tierOf({ { 0, 5 }, { 5, 9 } });
    QCOMPARE(TierSegments(apart).laneCount(), 1);
    const labels::Tier over = tierOf({ { 0, 50 }, { 2, 30 }, { 10, 12 }, { 11, 13 }, { 60, 70 } });
    const TierSegments segments(over);
    QCOMPARE(segments.laneCount(), 3);
    QCOMPARE(segments.lane(0), 0);
    QCOMPARE(segments.lane(1), 1);
    QCOMPARE(segments.lane(2), 2);
    QCOMPARE(segments.lane(3), 2); // there are no more
    QCOMPARE(segments.lane(4), 0);
}

void TestTimelineGeometry::laysRowsOutAndScrollsWhatDoesNotFit()
{
    const TimelineRows::Wanted wanted{ true, true, { 1, 2, 1, 1, 1, 1 } };
    const TimelineRows rows = TimelineRows::laidOut(wanted, { 1000.0, 300.0 }, 0.0);
    QVERIFY(rows.mostScrollPixels > 0.0);
    for (std::size_t i = 1; i < rows.rows.size(); ++i)
        QCOMPARE(rows.rows[i].top, rows.rows[i - 1].bottom());
    QVERIFY(rows.tierRow(1)->height > rows.tierRow(0)->height);
    const TimelineRow* last = rows.row(RowKind::Curves);
    const TimelineRows scrolled
        = TimelineRows::laidOut(wanted, { 1000.0, 300.0 }, rows.scrollFor(*last));
    QCOMPARE(scrolled.row(RowKind::Curves)->bottom(), 300.0);
    QCOMPARE(scrolled.row(RowKind::Ruler)->top, rows.row(RowKind::Ruler)->top);
    // What lies below the ruler is not hit through it.
    QCOMPARE(scrolled.at(scrolled.fixedHeight - 1.0)->kind, RowKind::Ruler);
    QCOMPARE(
        TimelineRows::laidOut(wanted, { 1000.0, 300.0 }, 1e9).scrollPixels, rows.mostScrollPixels);
    QCOMPARE(rows.tierRow(-1), nullptr);
    // Curves take what is left, up to a height.
    const TimelineRows tall = TimelineRows::laidOut({ false, true, { 1 } }, { 1000.0, 320.0 }, 0.0);
    QCOMPARE(tall.row(RowKind::Curves)->bottom(), 320.0);
    QCOMPARE(tall.row(RowKind::Pictures), nullptr);
}

void TestTimelineGeometry::hitsBordersAndBodies_data()
{
    QTest::addColumn<double>("x");
    QTest::addColumn<HitPart>("part");
    // 10 pixels a second, the segment from x = 200 to x = 300.
    QTest::newRow("far left") << 190.0 << HitPart::Nothing;
    QTest::newRow("just outside at the left") << 198.0 << HitPart::LeftBorder;
    QTest::newRow("just inside at the left") << 204.0 << HitPart::LeftBorder;
    QTest::newRow("middle") << 250.0 << HitPart::Body;
    QTest::newRow("just inside at the right") << 296.0 << HitPart::RightBorder;
    QTest::newRow("just outside at the right") << 302.0 << HitPart::RightBorder;
    QTest::newRow("far right") << 310.0 << HitPart::Nothing;
}

void TestTimelineGeometry::hitsBordersAndBodies()
{
    QFETCH(double, x);
    const labels::Tier tier = tierOf({ { 20, 30 } });
    const TimelineRows rows
        = TimelineRows::laidOut({ false, false, { 1 } }, { 1168.0, 300.0 }, 0.0);
    const TimelineRow& row = *rows.tierRow(0);
    const TimeAxis axis = axisOf(0.0, 1000.0, { 0.0, 100.0 });
    const TierSegments segments(tier);
    QTEST(hitOn(segments, rows, row, axis, { x, row.top + 15.0 }, false).part, "part");
}

void TestTimelineGeometry::hitsTheSharedBorderFromBothSides()
{
    const labels::Tier tier = tierOf({ { 20, 30 }, { 30, 40 } });
    const TimelineRows rows
        = TimelineRows::laidOut({ false, false, { 1 } }, { 1168.0, 300.0 }, 0.0);
    const TimelineRow& row = *rows.tierRow(0);
    const TimeAxis axis = axisOf(0.0, 1000.0, { 0.0, 100.0 });
    const TierSegments segments(tier);
    const auto hit = [&](double x, bool shared) {
        return hitOn(segments, rows, row, axis, { x, row.top + 15.0 }, shared);
    };
    for (const double x : { 298.0, 300.0, 302.0 }) {
        QCOMPARE(hit(x, false).part, HitPart::SharedBorder);
        QCOMPARE(hit(x, false).segment, std::size_t{ 0 });
        QCOMPARE(hit(x, false).right, std::size_t{ 1 });
    }
    QCOMPARE(hit(295.0, false).part, HitPart::RightBorder); // a little inside: only this one
    QCOMPARE(hit(305.0, false).part, HitPart::LeftBorder);
    QCOMPARE(hit(305.0, false).segment, std::size_t{ 1 });
    QCOMPARE(hit(295.0, true).part, HitPart::SharedBorder);
    QCOMPARE(hit(202.0, true).part, HitPart::LeftBorder); // shared with nobody
}

void TestTimelineGeometry::leavesNarrowSegmentsABody()
{
    const labels::Tier tier = tierOf({ { 20.0, 20.6 }, { 50, 50 } });
    const TimelineRows rows
        = TimelineRows::laidOut({ false, false, { 1 } }, { 1168.0, 300.0 }, 0.0);
    const TimelineRow& row = *rows.tierRow(0);
    const TimeAxis axis = axisOf(0.0, 1000.0, { 0.0, 100.0 });
    const TierSegments segments(tier);
    const auto hit = [&](double x) {
        return hitOn(segments, rows, row, axis, { x, row.top + 15.0 }, false).part;
    };
    QCOMPARE(hit(203.0), HitPart::Body); // six pixels wide
    for (const double x : { 495.0, 500.0, 505.0 })
        QCOMPARE(hit(x), HitPart::Body); // an event, as wide as its mark
    QCOMPARE(hit(510.0), HitPart::Nothing);
}

void TestTimelineGeometry::snapsToPlacesBeforeFrames()
{
    const TimelineVideo video = test::madeUpVideo(10.0);
    const SnapTargets targets{ { 1.0, 2.013, 2.1 }, video.index.get() };
    QCOMPARE(targets.snapped(2.05, 0.05).seconds, 2.013);
    QVERIFY(targets.snapped(2.05, 0.05).onPlace);
    QCOMPARE(targets.snapped(2.07, 0.05).seconds, 2.1);
    QCOMPARE(targets.snapped(1.51, 0.05).seconds, 1.52); // a frame
    QVERIFY(!targets.snapped(1.51, 0.05).onPlace);
    QCOMPARE(targets.snapped(9.99, 0.0).seconds, 10.0); // the end of the last frame
    const SnapTargets nothing;
    QCOMPARE(nothing.snapped(1.2345, 0.1).seconds, 1.2345);
}

void TestTimelineGeometry::snapsToFramesOfChangingLength()
{
    const TimelineVideo video = test::madeUpVideo(10.0, true); // 0, 80, 110, 140, 220, ...
    for (const auto& [at, wanted] : { std::pair(0.03, 0.0), { 0.05, 0.08 }, { 0.1, 0.11 },
             { 0.12, 0.11 }, { 0.13, 0.14 }, { 0.17, 0.14 }, { 0.19, 0.22 } })
        QCOMPARE(nearestFrameTime(*video.index, at), wanted);
}

void TestTimelineGeometry::snapsTheNearerEndOfAMovedSegment()
{
    const SnapTargets targets{ { 10.0, 20.0 }, nullptr };
    // The stop comes to 19.9, the start to 16.9: the stop lands on 20.
    QCOMPARE(targets.snappedShift({ 5.0, 8.0 }, 11.9, 0.5), 12.0);
    QCOMPARE(targets.snappedShift({ 5.0, 8.0 }, 5.2, 0.5), 5.0);
    QCOMPARE(targets.snappedShift({ 5.0, 8.0 }, 8.0, 0.5), 8.0);
    // Both are near a place: the nearer one decides.
    QCOMPARE(targets.snappedShift({ 0.0, 9.8 }, 10.1, 0.5), 10.0);
}

void TestTimelineGeometry::columnsOfCurvesKeepEveryPeak()
{
    std::vector<float> values(7200, 0.0F);
    values[4321] = 1.0F;
    std::vector<std::pair<float, float>> columns;
    curveColumns(values, 0.0, 72.0, 100, columns);
    QCOMPARE(
        std::ranges::count_if(columns, [](const auto& each) { return each.second == 1.0F; }), 1);
    QCOMPARE(columns[60].second, 1.0F);
    QCOMPARE(columns[60].first, 0.0F);
    curveColumns(values, 7000.0, 10.0, 100, columns); // beyond the end there is nothing
    QVERIFY(columns[19].first <= columns[19].second);
    QVERIFY(columns[21].first > columns[21].second);
}

void TestTimelineGeometry::curvesAreLevelInTheFirstAndLastHalfSecond()
{
    std::vector<std::pair<float, float>> columns;
    curveColumns(std::vector{ 0.0F, 1.0F }, 0.0, 0.25, 8, columns);
    const std::pair<float, float> wanted[] = { { 0.0F, 0.0F }, { 0.0F, 0.0F }, { 0.0F, 0.25F },
        { 0.25F, 0.5F }, { 0.5F, 0.75F }, { 0.75F, 1.0F }, { 1.0F, 1.0F }, { 1.0F, 1.0F } };
    for (std::size_t i = 0; i < columns.size(); ++i)
        QCOMPARE(columns[i], wanted[i]);
}

QTEST_GUILESS_MAIN(TestTimelineGeometry)
#include "tst_timeline_geometry.moc"
