#include "support/verify.h"
#include "widgets/timeline/segment_gesture.h"

#include <random>

using namespace clipscope;
using namespace clipscope::widgets;

class TestSegmentGesture : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void movesUpToTheNeighbours();
    void pushesNeighboursWithTheirLengths();
    void movesSeveralTogether();
    void pushesNoFurtherThanTheVideoEnds();
    void resizesUpToTheNeighbourAndKeepsTheShortest();
    void pushesWithABorder();
    void movesASharedBorderOnBothSides();
    void leavesOldOverlapsAlone();
    void drawsInTheGap();
    void saysNothingWhenNothingChanges();
    void neverMakesNewOverlapsOrLosesTime();
};

namespace {

constexpr GestureLimits limits{ 100.0, 0.5 };

std::vector<labels::Segment> tierOf(std::initializer_list<std::pair<double, double>> ranges)
{
    std::vector<labels::Segment> tier;
    for (const auto& [start, stop] : ranges)
        tier.push_back({ static_cast<std::int64_t>(tier.size()) + 1, start, stop, "cut", {},
            labels::Source::Hand, labels::Verdict::Accepted, {} });
    return tier;
}

using Ranges = std::vector<SegmentRange>;

} // namespace

void TestSegmentGesture::movesUpToTheNeighbours()
{
    const auto tier = tierOf({ { 10, 20 }, { 30, 40 }, { 60, 70 } });
    QCOMPARE(moved(tier, 1, 45.0, Neighbours::Stop, limits), (Ranges{ { 2, { 45.0, 55.0 } } }));
    QCOMPARE(moved(tier, 1, 90.0, Neighbours::Stop, limits), (Ranges{ { 2, { 50.0, 60.0 } } }));
    QCOMPARE(moved(tier, 1, 0.0, Neighbours::Stop, limits), (Ranges{ { 2, { 20.0, 30.0 } } }));
    QCOMPARE(moved(tier, 0, -5.0, Neighbours::Stop, limits), (Ranges{ { 1, { 0.0, 10.0 } } }));
    QCOMPARE(moved(tier, 2, 500.0, Neighbours::Stop, limits), (Ranges{ { 3, { 90.0, 100.0 } } }));
}

void TestSegmentGesture::pushesNeighboursWithTheirLengths()
{
    const auto tier = tierOf({ { 10, 20 }, { 30, 40 }, { 45, 50 }, { 80, 90 } });
    QCOMPARE(moved(tier, 0, 25.0, Neighbours::Push, limits),
        (Ranges{ { 1, { 25.0, 35.0 } }, { 2, { 35.0, 45.0 } } }));
    QCOMPARE(moved(tier, 0, 32.0, Neighbours::Push, limits),
        (Ranges{ { 1, { 32.0, 42.0 } }, { 2, { 42.0, 52.0 } }, { 3, { 52.0, 57.0 } } }));
    QCOMPARE(moved(tier, 2, 33.0, Neighbours::Push, limits),
        (Ranges{ { 3, { 33.0, 38.0 } }, { 2, { 23.0, 33.0 } } }));
}

void TestSegmentGesture::movesSeveralTogether()
{
    const auto tier = tierOf({ { 10, 20 }, { 20, 30 }, { 50, 60 }, { 70, 80 } });
    const std::vector<std::size_t> chosen{ 2, 0 };
    QCOMPARE(movedTogether(tier, chosen, -4.0, limits),
        (Ranges{ { 1, { 6.0, 16.0 } }, { 3, { 46.0, 56.0 } } }));
    QCOMPARE(movedTogether(tier, chosen, 4.0, limits), Ranges{}); // the second one is in the way
    QCOMPARE(movedTogether(tier, chosen, -99.0, limits),
        (Ranges{ { 1, { 0.0, 10.0 } }, { 3, { 40.0, 50.0 } } }));
    const std::vector<std::size_t> touching{ 0, 1 };
    QCOMPARE(movedTogether(tier, touching, 99.0, limits),
        (Ranges{ { 1, { 30.0, 40.0 } }, { 2, { 40.0, 50.0 } } }));
}

void TestSegmentGesture::pushesNoFurtherThanTheVideoEnds()
{
    const auto tier = tierOf({ { 10, 20 }, { 30, 40 }, { 80, 90 } });
    QCOMPARE(moved(tier, 0, 99.0, Neighbours::Push, limits),
        (Ranges{ { 1, { 70.0, 80.0 } }, { 2, { 80.0, 90.0 } }, { 3, { 90.0, 100.0 } } }));
    QCOMPARE(moved(tier, 2, -9.0, Neighbours::Push, limits),
        (Ranges{ { 3, { 20.0, 30.0 } }, { 2, { 10.0, 20.0 } }, { 1, { 0.0, 10.0 } } }));
}

void TestSegmentGesture::resizesUpToTheNeighbourAndKeepsTheShortest()
{
    const auto tier = tierOf({ { 10, 20 }, { 30, 40 }, { 60, 70 } });
    const auto at = [&](Border border, double seconds) {
        return resized(tier, 1, border, seconds, Neighbours::Stop, limits);
    };
    QCOMPARE(at(Border::Left, 25.0), (Ranges{ { 2, { 25.0, 40.0 } } }));
    QCOMPARE(at(Border::Left, 5.0), (Ranges{ { 2, { 20.0, 40.0 } } }));
    QCOMPARE(at(Border::Left, 99.0), (Ranges{ { 2, { 39.5, 40.0 } } }));
    QCOMPARE(at(Border::Right, 99.0), (Ranges{ { 2, { 30.0, 60.0 } } }));
    QCOMPARE(at(Border::Right, 1.0), (Ranges{ { 2, { 30.0, 30.5 } } }));
    // What is shorter already does not become longer by being touched.
    const auto tiny = tierOf({ { 10.0, 10.1 } });
    QCOMPARE(resized(tiny, 0, Border::Right, 5.0, Neighbours::Stop, limits), Ranges{});
}

void TestSegmentGesture::pushesWithABorder()
{
    const auto tier = tierOf({ { 10, 20 }, { 20, 30 }, { 32, 40 }, { 60, 70 } });
    QCOMPARE(resized(tier, 1, Border::Right, 35.0, Neighbours::Push, limits),
        (Ranges{ { 2, { 20.0, 35.0 } }, { 3, { 35.0, 43.0 } } }));
    QCOMPARE(resized(tier, 2, Border::Left, 25.0, Neighbours::Push, limits),
        (Ranges{ { 3, { 25.0, 40.0 } }, { 2, { 15.0, 25.0 } }, { 1, { 5.0, 15.0 } } }));
}

void TestSegmentGesture::movesASharedBorderOnBothSides()
{
    const auto tier = tierOf({ { 10, 20 }, { 20, 30 } });
    QCOMPARE(borderMoved(tier, 0, 1, 24.0, limits),
        (Ranges{ { 1, { 10.0, 24.0 } }, { 2, { 24.0, 30.0 } } }));
    QCOMPARE(borderMoved(tier, 0, 1, 99.0, limits),
        (Ranges{ { 1, { 10.0, 29.5 } }, { 2, { 29.5, 30.0 } } }));
    QCOMPARE(borderMoved(tier, 0, 1, 0.0, limits),
        (Ranges{ { 1, { 10.0, 10.5 } }, { 2, { 10.5, 30.0 } } }));
}

void TestSegmentGesture::leavesOldOverlapsAlone()
{
    const auto tier = tierOf({ { 10, 40 }, { 20, 30 }, { 50, 60 } });
    QCOMPARE(moved(tier, 1, 38.0, Neighbours::Stop, limits), (Ranges{ { 2, { 38.0, 48.0 } } }));
    QCOMPARE(moved(tier, 1, 44.0, Neighbours::Stop, limits), (Ranges{ { 2, { 40.0, 50.0 } } }));
    QCOMPARE(moved(tier, 1, 44.0, Neighbours::Push, limits),
        (Ranges{ { 2, { 44.0, 54.0 } }, { 3, { 54.0, 64.0 } } }));
}

void TestSegmentGesture::drawsInTheGap()
{
    const auto tier = tierOf({ { 10, 20 }, { 30, 40 } });
    QCOMPARE(drawn(tier, 22.0, 27.0, limits), (TimeRange{ 22.0, 27.0 }));
    QCOMPARE(drawn(tier, 27.0, 22.0, limits), (TimeRange{ 22.0, 27.0 }));
    QCOMPARE(drawn(tier, 25.0, 90.0, limits), (TimeRange{ 25.0, 30.0 }));
    QCOMPARE(drawn(tier, 25.0, 0.0, limits), (TimeRange{ 20.0, 25.0 }));
    QCOMPARE(drawn(tier, 20.0, 24.0, limits), (TimeRange{ 20.0, 24.0 }));
    QCOMPARE(drawn(tier, 20.0, 15.0, limits), (TimeRange{ 20.0, 20.0 }));
    QCOMPARE(drawn(tier, 30.0, 26.0, limits), (TimeRange{ 26.0, 30.0 }));
    QCOMPARE(drawn(tier, 50.0, 900.0, limits), (TimeRange{ 50.0, 100.0 }));
    QCOMPARE(drawn(tier, 5.0, -3.0, limits), (TimeRange{ 0.0, 5.0 }));
    QCOMPARE(drawn(tier, 15.0, 25.0, limits), (TimeRange{ 15.0, 15.0 })); // a segment is there
    QCOMPARE(drawn(tierOf({ { 25, 25 } }), 22.0, 28.0, limits), (TimeRange{ 22.0, 28.0 }));
}

void TestSegmentGesture::saysNothingWhenNothingChanges()
{
    const auto tier = tierOf({ { 10, 20 }, { 20, 30 } });
    QCOMPARE(moved(tier, 0, 10.0, Neighbours::Push, limits), Ranges{});
    QCOMPARE(resized(tier, 0, Border::Left, 10.0, Neighbours::Stop, limits), Ranges{});
    QCOMPARE(resized(tier, 0, Border::Right, 25.0, Neighbours::Stop, limits), Ranges{});
    QCOMPARE(borderMoved(tier, 0, 1, 20.0, limits), Ranges{});
}

void TestSegmentGesture::neverMakesNewOverlapsOrLosesTime()
{
    std::mt19937 random(7);
    std::uniform_real_distribution<double> anywhere(-20.0, 120.0), length(0.5, 9.0), gap(0.0, 4.0);
    for (int round = 0; round < 2000; ++round) {
        std::vector<labels::Segment> tier;
        for (double at = gap(random); at < 85.0;) {
            const double stop = at + length(random);
            tier.push_back({ static_cast<std::int64_t>(tier.size()) + 1, at, stop, "cut", {},
                labels::Source::Hand, labels::Verdict::Accepted, {} });
            at = stop + (round % 3 == 0 ? 0.0 : gap(random));
        }
        const auto segment = std::size_t{ random() } % tier.size();
        const Neighbours neighbours = round % 2 ? Neighbours::Push : Neighbours::Stop;
        const double to = anywhere(random);
        const Ranges changes = round % 5 == 0
            ? resized(tier, segment, Border::Right, to, neighbours, limits)
            : round % 5 == 1 ? resized(tier, segment, Border::Left, to, neighbours, limits)
                             : moved(tier, segment, to, neighbours, limits);
        for (const SegmentRange& change : changes) {
            labels::Segment& each = tier[static_cast<std::size_t>(change.segmentId - 1)];
            if (each.id != tier[segment].id || round % 5 > 1)
                QVERIFY(std::abs(each.seconds() - change.range.seconds()) < 1e-9);
            each.startSeconds = change.range.startSeconds;
            each.stopSeconds = change.range.stopSeconds;
        }
        QVERIFY(std::ranges::is_sorted(tier, labels::inTierOrder));
        QVERIFY(tier.front().startSeconds >= -1e-9 && tier.back().stopSeconds <= 100.0 + 1e-9);
        for (std::size_t i = 1; i < tier.size(); ++i)
            QVERIFY(tier[i].startSeconds >= tier[i - 1].stopSeconds - 1e-6);
    }
}

QTEST_GUILESS_MAIN(TestSegmentGesture)
#include "tst_segment_gesture.moc"
