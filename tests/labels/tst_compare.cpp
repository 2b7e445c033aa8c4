#include "labels/compare.h"
#include "support/verify.h"

#include <algorithm>
#include <cmath>
#include <random>

using namespace clipscope;
using namespace clipscope::labels;

using Spans = std::vector<LabelledSpan>;
using Words = std::vector<std::string>;

class TestCompare : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void laterSegmentsHaveTheTimeThatSeveralWant();
    void segmentsWithoutTimeOrNameAreLeftOut();
    void touchingSegmentsOfOneLabelAreOne();
    void secondsAreCoveredFromTheirFloorToTheirCeiling();
    void countsFramesWhereTheyStart();
    void frameFiguresAreThoseByHand();
    void chanceCountsInKappa();
    void segmentsMatchOnceByTheirBestOverlap();
    void overlapAtTheLimitMatches();
    void editScoreCountsSegmentsNotTime();
    void editScoreIsThatOfThePlainTable();
    void figuresAreThoseOfMsTcn_data();
    void figuresAreThoseOfMsTcn();
    void peopleAgreeOnSegmentsThenOnNames();
    void listsWhatDiffersInOrderOfTime();
    void givesTheFiguresOfEachLabel();
    void nothingAgainstNothingAgrees();

private:
    static Segment segment(double start, double stop, std::string label)
    {
        Segment result;
        result.startSeconds = start;
        result.stopSeconds = stop;
        result.label = std::move(label);
        return result;
    }
    /// One letter a cell of a second; '.' is outside.
    static Spans spans(const std::string& letters)
    {
        Words words;
        for (const char letter : letters)
            words.push_back(letter == '.' ? std::string() : std::string(1, letter));
        return timeOf(words);
    }
    static Comparison compared(const std::string& a, const std::string& b)
    {
        return compare(spans(a), spans(b), FrameGrid::regular(static_cast<double>(a.size()), 1.0));
    }
    static bool near(double a, double b) { return std::abs(a - b) < 1e-12; }
};

void TestCompare::laterSegmentsHaveTheTimeThatSeveralWant()
{
    Tier tier;
    tier.segments = { segment(4.0, 5.0, "c"), segment(0.0, 10.0, "a"), segment(2.0, 6.0, "b") };
    QCOMPARE(timeOf(tier),
        (Spans{ { 0.0, 2.0, "a" }, { 2.0, 4.0, "b" }, { 4.0, 5.0, "c" }, { 5.0, 6.0, "b" },
            { 6.0, 10.0, "a" } }));
    // Of two that start together the longer one comes later in tier order.
    tier.segments = { segment(0.0, 4.0, "long"), segment(0.0, 2.0, "short") };
    QCOMPARE(timeOf(tier), (Spans{ { 0.0, 4.0, "long" } }));
}

void TestCompare::segmentsWithoutTimeOrNameAreLeftOut()
{
    Tier tier;
    tier.segments = { segment(1.0, 1.0, "event"), segment(2.0, 3.0, ""), segment(4.0, 5.0, "no") };
    tier.segments[2].verdict = Verdict::Rejected;
    QVERIFY(timeOf(tier).empty());
}

void TestCompare::touchingSegmentsOfOneLabelAreOne()
{
    Tier tier;
    tier.segments = { segment(0.0, 1.0, "a"), segment(1.0, 2.0, "a"), segment(2.5, 3.0, "a") };
    QCOMPARE(timeOf(tier), (Spans{ { 0.0, 2.0, "a" }, { 2.5, 3.0, "a" } }));
}

void TestCompare::secondsAreCoveredFromTheirFloorToTheirCeiling()
{
    const std::vector<Segment> segments{ segment(0.5, 2.0, "a"), segment(1.9, 3.1, "b"),
        segment(4.0, 99.0, "c") };
    QCOMPARE(labelOfEachSecond(segments, 6), (Words{ "a", "b", "b", "b", "c", "c" }));
}

void TestCompare::countsFramesWhereTheyStart()
{
    QCOMPARE(FrameGrid::regular(0.1).instants.size(), std::size_t(3)); // 0, 0.04, 0.08
    QVERIFY(FrameGrid::regular(0.0).instants.empty());
    // Frames at 0, 0.4, 0.5, 0.9: a has the first two, b the first; the last is outside in both.
    const auto result = compare(Spans{ { 0.0, 0.5, "x" } }, Spans{ { 0.0, 0.4, "x" } },
        FrameGrid{ { 0.0, 0.4, 0.5, 0.9 } });
    QCOMPARE(result.frames, 4);
    QCOMPARE(result.frameAccuracy, 0.75);
    QVERIFY(near(result.secondsThatDiffer, 0.1));
}

void TestCompare::frameFiguresAreThoseByHand()
{
    //                                   ok: a a . b . = 5 of 8
    const auto result = compared("aaabb...", "aa.b.b..");
    QCOMPARE(result.frameAccuracy, 5.0 / 8.0);
    // A: a 3, b 2, none 3; B: a 2, b 2, none 4; by chance (6 + 4 + 12) / 64.
    QVERIFY(near(result.kappa, (5.0 / 8.0 - 22.0 / 64.0) / (1.0 - 22.0 / 64.0)));
    QCOMPARE(result.secondsOfA, 5.0);
    QCOMPARE(result.secondsOfB, 4.0);
    QCOMPARE(result.secondsThatDiffer, 3.0);
}

void TestCompare::chanceCountsInKappa()
{
    // Cohen's kappa of 20, 5; 10, 15 of 50: (0.7 - 0.5) / (1 - 0.5).
    QVERIFY(
        near(cohensKappa({ { { 1, 1 }, 20 }, { { 1, 2 }, 5 }, { { 2, 1 }, 10 }, { { 2, 2 }, 15 } }),
            0.4));
    QCOMPARE(cohensKappa({ { { 1, 1 }, 7 } }), 1.0); // nothing is left to chance
    QCOMPARE(cohensKappa({ { { 1, 2 }, 7 } }), 0.0);
    QCOMPARE(cohensKappa({ { { 1, 2 }, 5 }, { { 2, 1 }, 5 } }), -1.0);
}

void TestCompare::segmentsMatchOnceByTheirBestOverlap()
{
    // Two pieces of one segment: the second one overlaps more but the first takes it.
    const Spans truth{ { 0.0, 10.0, "a" } };
    const Spans pieces{ { 0.0, 3.0, "a" }, { 4.0, 10.0, "a" } };
    QCOMPARE(segmentCounts(truth, pieces, 0.25), (SegmentCounts{ 1, 1, 0 }));
    QCOMPARE(segmentCounts(truth, pieces, 0.5), (SegmentCounts{ 1, 1, 0 })); // now the second
    QCOMPARE(segmentCounts(truth, pieces, 0.75), (SegmentCounts{ 0, 2, 1 }));
    // Another label never matches.
    QCOMPARE(segmentCounts(truth, Spans{ { 0.0, 10.0, "b" } }, 0.1), (SegmentCounts{ 0, 1, 1 }));
    const SegmentCounts counts{ 3, 1, 2 };
    QCOMPARE(counts.precision(), 0.75);
    QCOMPARE(counts.recall(), 0.6);
    QCOMPARE(counts.f1(), 6.0 / 9.0);
}

void TestCompare::overlapAtTheLimitMatches()
{
    QCOMPARE(segmentCounts(Spans{ { 0.0, 4.0, "a" } }, Spans{ { 0.0, 1.0, "a" } }, 0.25),
        (SegmentCounts{ 1, 0, 0 }));
    // Exactly half is no pair of two people, more is.
    const auto half = compared("aaaa", "aa..").agreement;
    QCOMPARE(half.pairs, 0);
    QCOMPARE(half.onlyA, 1);
    QCOMPARE(half.onlyB, 1);
    QCOMPARE(compared("aaaa", "aaa.").agreement.pairs, 1);
}

void TestCompare::editScoreCountsSegmentsNotTime()
{
    QCOMPARE(editScore(spans("aaaabbbb.c"), spans("a..b.....c")), 1.0);
    QCOMPARE(editScore(spans("abc"), spans("ab")), 1.0 - 1.0 / 3.0);
    QCOMPARE(editScore(spans("abab"), spans("baba")), 0.5); // one goes, one comes
    QCOMPARE(editScore(spans("ab"), spans("...")), 0.0);
}

void TestCompare::editScoreIsThatOfThePlainTable()
{
    std::mt19937 random(3);
    const auto made = [&random](std::size_t length) {
        Spans spans;
        for (std::size_t i = 0; i < length; ++i)
            spans.push_back({ static_cast<double>(i), static_cast<double>(i) + 0.5,
                std::string(1, static_cast<char>('a' + random() % 4)) });
        return spans;
    };
    // Around the borders of the blocks of 64.
    for (const std::size_t n : { 0U, 1U, 2U, 63U, 64U, 65U, 128U, 150U })
        for (const std::size_t m : { 1U, 3U, 64U, 65U, 129U, 200U }) {
            const Spans a = made(n), b = made(m);
            std::vector<std::vector<int>> table(n + 1, std::vector<int>(m + 1));
            for (std::size_t i = 0; i <= n; ++i)
                for (std::size_t j = 0; j <= m; ++j)
                    table[i][j] = i == 0 ? static_cast<int>(j)
                        : j == 0
                        ? static_cast<int>(i)
                        : std::min({ table[i - 1][j] + 1, table[i][j - 1] + 1,
                            table[i - 1][j - 1] + (a[i - 1].label == b[j - 1].label ? 0 : 1) });
            QCOMPARE(editScore(a, b), 1.0 - table[n][m] / static_cast<double>(std::max(n, m)));
        }
}

void TestCompare::figuresAreThoseOfMsTcn_data()
{
    QTest::addColumn<QString>("truth");
    QTest::addColumn<QString>("found");
    QTest::addColumn<QList<int>>("counts"); // true, false positives, misses at 10, 25, 50
    QTest::addColumn<double>("edit");
    QTest::addColumn<double>("accuracy");
    QTest::addColumn<double>("kappa");
    // Computed once with the formulas of MS-TCN's eval.py in Python.
    QTest::newRow("1") << "ccccccaaaaaaaabbbccccccccbbbbbbbaaaaaaaa.....bbbbbbbbbbbbbbb"
                       << "ccccccaaaaaaaabbaaaaaacccbbbbbbbaabbaaaa....bbbbbbbbbbbbbbbb"
                       << QList<int>{ 7, 3, 0, 7, 3, 0, 6, 4, 1 } << 0.7 << 0.85
                       << 0.78039853599024;
    QTest::newRow("2") << "cccccccccccccccccccc........bccccccccaaaaaaaaa........bbbbaa"
                       << "cc.ccccccccccccccccc........bccccccccccccaaaaa........bbbbaa"
                       << QList<int>{ 6, 1, 0, 6, 1, 0, 6, 1, 0 } << 0.8571428571428572
                       << 0.9166666666666666 << 0.8727735368956743;
    QTest::newRow("3") << "cccccaaaaacccccbbbbbbb...aa.bbbbbbcccccccc...a......bbbbbbbb"
                       << "ccc...aaa.....cbbbbbbb...aacc.cccbcccccccc...a......bbbbbbbb"
                       << QList<int>{ 9, 2, 0, 7, 4, 2, 7, 4, 2 } << 0.8181818181818181
                       << 0.7666666666666667 << 0.6814562002275313;
}

void TestCompare::figuresAreThoseOfMsTcn()
{
    QFETCH(QString, truth);
    QFETCH(QString, found);
    QFETCH(QList<int>, counts);
    QFETCH(double, edit);
    QFETCH(double, accuracy);
    QFETCH(double, kappa);
    const auto result = compared(truth.toStdString(), found.toStdString());
    QCOMPARE(result.segments10, (SegmentCounts{ counts[0], counts[1], counts[2] }));
    QCOMPARE(result.segments25, (SegmentCounts{ counts[3], counts[4], counts[5] }));
    QCOMPARE(result.segments50, (SegmentCounts{ counts[6], counts[7], counts[8] }));
    QVERIFY(near(result.editScore, edit));
    QVERIFY(near(result.frameAccuracy, accuracy));
    QVERIFY(near(result.kappa, kappa));
}

void TestCompare::peopleAgreeOnSegmentsThenOnNames()
{
    // Pairs: a with a, b with c, c with c; d of A and a of B stand alone.
    const auto result = compared("aaa.bbb.cccc..dd", "aaa.ccc.ccc..a..").agreement;
    QCOMPARE(result.pairs, 3);
    QCOMPARE(result.sameLabel, 2);
    QCOMPARE(result.onlyA, 1);
    QCOMPARE(result.onlyB, 1);
    QCOMPARE(result.share(), 0.4);
    // Of the pairs 2/3 equal; by chance 1/9 (a) + 2/9 (c).
    QVERIFY(near(result.kappa, (2.0 / 3.0 - 3.0 / 9.0) / (1.0 - 3.0 / 9.0)));
}

void TestCompare::listsWhatDiffersInOrderOfTime()
{
    const auto result = compare(Spans{ { 0.0, 2.0, "a" }, { 2.0, 5.0, "b" } },
        Spans{ { 0.5, 3.0, "a" }, { 4.0, 6.0, "b" } }, FrameGrid::regular(6.0));
    QCOMPARE(result.disagreements,
        (std::vector<Disagreement>{ { 0.0, 0.5, "a", "" }, { 2.0, 3.0, "b", "a" },
            { 3.0, 4.0, "b", "" }, { 5.0, 6.0, "", "b" } }));
    QCOMPARE(result.secondsThatDiffer, 3.5);
    QCOMPARE(result.frames, 150);
}

void TestCompare::givesTheFiguresOfEachLabel()
{
    const auto result = compared("aaaabb..", "aa..bbbc");
    QCOMPARE(result.labels,
        (std::vector<LabelFigures>{ { "a", 4.0, 2.0, 2.0, 1, 1 }, { "b", 2.0, 3.0, 2.0, 1, 1 },
            { "c", 0.0, 1.0, 0.0, 0, 1 } }));
    const LabelFigures& b = result.labels[1];
    QCOMPARE(b.precision(), 2.0 / 3.0);
    QCOMPARE(b.recall(), 1.0);
    QCOMPARE(b.f1(), 0.8);
    QCOMPARE(b.overlap(), 2.0 / 3.0);
    QCOMPARE(result.labels[2].precision(), 0.0);
    QCOMPARE(result.labels[2].recall(), 1.0); // nothing was there to be missed
}

void TestCompare::nothingAgainstNothingAgrees()
{
    const auto result = compare({}, {}, FrameGrid{});
    QCOMPARE(result.frameAccuracy, 1.0);
    QCOMPARE(result.kappa, 1.0);
    QCOMPARE(result.editScore, 1.0);
    QCOMPARE(result.segments50.f1(), 1.0);
    QCOMPARE(result.agreement.share(), 1.0);
    QVERIFY(result.labels.empty() && result.disagreements.empty());
}

QTEST_GUILESS_MAIN(TestCompare)
#include "tst_compare.moc"
