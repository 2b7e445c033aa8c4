#include "labels/segmenter.h"
#include "support/verify.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <random>

using namespace clipscope;
using namespace clipscope::labels;

using Labels = std::vector<std::int32_t>;

class TestSegmenter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void takesTheBestLabelAboveItsThreshold();
    void prefersOutsideThenTheFirstLabelWhenEqual();
    void weighsLabelsByTheirOwnThresholds();
    void labelsEverySecondWhenOutsideMayNotBe();
    void meansOverTheWindowAroundEachSecond();
    void changesOnlyWhenItPays();
    void findsTheBestSequenceOfAll_data();
    void findsTheBestSequenceOfAll();
    void keepsNoRunShorterThanTheMinimum();
    void placesStepsInOrder();
    void leavesAVideoTooShortForItsSteps();
    void growsStepsAsFarAsTheyPay();
    void marksDoubtAndChanges();
    void givesSegmentsWithNamesAndScores();
    void labelsAVideoWithoutSeconds();

private:
    static Labelling cut(const std::vector<float>& values, std::size_t L,
        const std::vector<double>& thresholds, const SegmenterOptions& options = {})
    {
        return segment({ values, L }, thresholds, options);
    }
    static LabelSet cutAndStir()
    {
        LabelSet set{ "kitchen", {}, std::vector<Label>(2) };
        set.labels[0].name = "cut";
        set.labels[1].name = "stir";
        return set;
    }
};

void TestSegmenter::takesTheBestLabelAboveItsThreshold()
{
    const auto result = cut({ 0.9F, 0.2F, 0.1F, 0.2F, 0.6F, 0.7F, 0.7F, 0.1F }, 2, { 0.5, 0.5 });
    QCOMPARE(result.labels, (Labels{ 0, outside, 1, 0 }));
    QCOMPARE(result.spans.size(), std::size_t(3));
    QCOMPARE(result.spans[1], (LabelSpan{ 1, 2, 3, 0.7F, result.margins[2] }));
}

void TestSegmenter::prefersOutsideThenTheFirstLabelWhenEqual()
{
    // Exactly at the threshold is not above it.
    QCOMPARE(cut({ 0.5F, 0.25F }, 2, { 0.5, 0.5 }).labels, (Labels{ outside }));
    QCOMPARE(cut({ 0.75F, 0.75F }, 2, { 0.5, 0.5 }).labels, (Labels{ 0 }));
    QCOMPARE(cut({ 0.25F, 0.25F }, 2, { 0.5, 0.5 }, { .outside = Outside::Never }).labels,
        (Labels{ 0 }));
}

void TestSegmenter::weighsLabelsByTheirOwnThresholds()
{
    // The first is higher, the second further above what it needs.
    QCOMPARE(cut({ 0.75F, 0.5F }, 2, { 0.625, 0.25 }).labels, (Labels{ 1 }));
    LabelSet set = cutAndStir();
    set.labels[1].threshold = 0.25;
    QCOMPARE(thresholdsOf(set, 0.625), (std::vector<double>{ 0.625, 0.25 }));
}

void TestSegmenter::labelsEverySecondWhenOutsideMayNotBe()
{
    const auto result
        = cut({ -0.9F, -0.2F, -0.1F, -0.2F }, 2, { 0.5, 0.5 }, { .outside = Outside::Never });
    QCOMPARE(result.labels, (Labels{ 1, 0 }));
    QVERIFY(std::abs(result.margins[0] - 0.7F) < 1e-6F);
    QVERIFY(std::isinf(cut({ 1.0F }, 1, { 0.0 }, { .outside = Outside::Never }).margins[0]));
}

void TestSegmenter::meansOverTheWindowAroundEachSecond()
{
    const std::vector<float> values{ 8.0F, 0.0F, 4.0F, 0.0F, 0.0F, 0.0F };
    QCOMPARE(smoothed({ values, 1 }, 1), values);
    QCOMPARE(smoothed({ values, 1 }, 3),
        (std::vector<float>{ 4.0F, 4.0F, 4.0F / 3.0F, 4.0F / 3.0F, 0.0F, 0.0F }));
    // An even window reaches further to the right.
    QCOMPARE(
        smoothed({ values, 1 }, 2), (std::vector<float>{ 4.0F, 2.0F, 2.0F, 0.0F, 0.0F, 0.0F }));
    QCOMPARE(
        smoothed({ values, 2 }, 100), (std::vector<float>{ 4.0F, 0.0F, 4.0F, 0.0F, 4.0F, 0.0F }));
    // The decision is made on the smoothed scores, a segment's score is of those given.
    const auto result = cut({ 1.0F, 0.0F, 1.0F }, 1, { 0.25 }, { .smoothingSeconds = 3 });
    QCOMPARE(result.labels, (Labels{ 0, 0, 0 }));
    QVERIFY(std::abs(result.spans[0].score - 2.0F / 3.0F) < 1e-6F);
}

void TestSegmenter::changesOnlyWhenItPays()
{
    // u of label 0: 1, -0.5, 1; leaving it for a second gains 0.5 and costs two changes.
    const std::vector<float> values{ 1.0F, -0.5F, 1.0F };
    QCOMPARE(cut(values, 1, { 0.0 }, { .changeCost = 0.125 }).labels, (Labels{ 0, outside, 0 }));
    QCOMPARE(cut(values, 1, { 0.0 }, { .changeCost = 0.375 }).labels, (Labels{ 0, 0, 0 }));
}

/// Every sequence tried.
static double valueOf(const Labels& labels, const std::vector<float>& values, std::size_t L,
    const std::vector<double>& thresholds, const SegmenterOptions& options)
{
    double sum = 0.0;
    std::int64_t run = 0;
    const auto T = labels.size();
    const auto least = std::min<std::int64_t>(options.minimumSeconds, static_cast<std::int64_t>(T));
    for (std::size_t t = 0; t < T; ++t) {
        if (labels[t] != outside) {
            const auto l = static_cast<std::size_t>(labels[t]);
            sum += static_cast<double>(values[t * L + l]) - thresholds[l];
        }
        if (t > 0 && labels[t] != labels[t - 1]) {
            sum -= options.changeCost;
            if (run < least)
                return -std::numeric_limits<double>::infinity();
            run = 0;
        }
        ++run;
    }
    return run < least ? -std::numeric_limits<double>::infinity() : sum;
}

void TestSegmenter::findsTheBestSequenceOfAll_data()
{
    QTest::addColumn<int>("seconds");
    QTest::addColumn<int>("minimum");
    QTest::addColumn<double>("cost");
    QTest::addColumn<bool>("mayBeOutside");
    for (const int seconds : { 1, 2, 5, 8 })
        for (const int minimum : { 1, 2, 3 })
            for (const double cost : { 0.0, 0.3 })
                for (const bool may : { true, false })
                    QTest::addRow("%d s, at least %d, cost %g, %d", seconds, minimum, cost, may)
                        << seconds << minimum << cost << may;
}

void TestSegmenter::findsTheBestSequenceOfAll()
{
    QFETCH(int, seconds);
    QFETCH(int, minimum);
    QFETCH(double, cost);
    QFETCH(bool, mayBeOutside);
    const SegmenterOptions options{ .minimumSeconds = minimum,
        .changeCost = cost,
        .outside = mayBeOutside ? Outside::Allowed : Outside::Never };
    constexpr std::size_t L = 2;
    const std::vector<double> thresholds{ 0.1, -0.2 };
    std::mt19937 random(7);
    const auto T = static_cast<std::size_t>(seconds);
    for (int round = 0; round < 20; ++round) {
        std::vector<float> values(T * L);
        for (float& value : values)
            value = static_cast<float>(random() % 1000) / 500.0F - 1.0F;
        const std::int32_t first = mayBeOutside ? outside : 0;
        double best = -std::numeric_limits<double>::infinity();
        Labels tried(T, first);
        for (bool more = true; more;) {
            best = std::max(best, valueOf(tried, values, L, thresholds, options));
            more = false;
            for (std::int32_t& label : tried) {
                more = label != 1;
                label = more ? label + 1 : first;
                if (more)
                    break;
            }
        }
        const auto found = cut(values, L, thresholds, options).labels;
        QVERIFY(std::abs(valueOf(found, values, L, thresholds, options) - best) < 1e-9);
    }
}

void TestSegmenter::keepsNoRunShorterThanTheMinimum()
{
    // One second of label 1 within label 0, then one second of nothing.
    const std::vector<float> values{ 1.0F, 0.0F, 1.0F, 0.0F, 0.5F, 1.0F, 1.0F, 0.0F, -0.5F, -1.0F,
        1.0F, 0.0F };
    QCOMPARE(cut(values, 2, { 0.0, 0.0 }).labels, (Labels{ 0, 0, 1, 0, outside, 0 }));
    QCOMPARE(
        cut(values, 2, { 0.0, 0.0 }, { .minimumSeconds = 2 }).labels, (Labels{ 0, 0, 0, 0, 0, 0 }));
    // Longer than the video: one run.
    QCOMPARE(cut(values, 2, { 0.0, 0.0 }, { .minimumSeconds = 60 }).labels,
        (Labels{ 0, 0, 0, 0, 0, 0 }));
}

void TestSegmenter::placesStepsInOrder()
{
    // Rows are seconds: step 0 fits at 0 or 2, step 1 at 1; 0 and 1 cost 1, 0 and 3 cost 4.
    const std::vector<double> costs{ 0.0, 9.0, 5.0, 1.0, 0.0, 9.0, 9.0, 4.0 };
    QCOMPARE(orderedAssignment(costs, 2), (std::vector<std::int64_t>{ 0, 1 }));
    // All equal: the last step at the end, the others as early as they can.
    QCOMPARE(
        orderedAssignment(std::vector<double>(15, 1.0), 3), (std::vector<std::int64_t>{ 0, 1, 4 }));
    QCOMPARE(
        orderedAssignment(std::vector<double>(4, 1.0), 2), (std::vector<std::int64_t>{ 0, 1 }));
    // The end costs more: everything as early as it can.
    std::vector<double> late(15, 1.0);
    late[14] = 2.0;
    QCOMPARE(orderedAssignment(late, 3), (std::vector<std::int64_t>{ 0, 1, 2 }));
}

void TestSegmenter::leavesAVideoTooShortForItsSteps()
{
    QVERIFY(orderedAssignment(std::vector<double>(6, 1.0), 3).empty());
    const auto result
        = cut({ 1.0F, 1.0F, 1.0F }, 3, { 0.0, 0.0, 0.0 }, { .mode = SegmentMode::Ordered });
    QCOMPARE(result.labels, (Labels{ outside }));
    QVERIFY(result.spans.empty());
}

void TestSegmenter::growsStepsAsFarAsTheyPay()
{
    // Columns: step 0, step 1. Steps stand at seconds 1 and 5.
    const std::vector<float> values{ 0.5F, 0.0F, 2.0F, 0.0F, 0.5F, -1.0F, -1.0F, -1.0F, 0.25F, 1.0F,
        0.0F, 2.0F, 0.0F, -0.5F, 0.0F, 2.0F };
    const std::vector<double> thresholds{ 0.0, 0.0 };
    const std::vector<std::int64_t> seconds{ 1, 5 };
    QCOMPARE(orderedRuns({ values, 2 }, thresholds, seconds, Outside::Allowed),
        (Labels{ 0, 0, 0, outside, 1, 1, 1, 1 }));
    QCOMPARE(orderedRuns({ values, 2 }, thresholds, seconds, Outside::Never),
        (Labels{ 0, 0, 0, 0, 1, 1, 1, 1 }));
    // Nothing pays: each step keeps its second.
    QCOMPARE(orderedRuns({ values, 2 }, std::vector<double>{ 9.0, 9.0 }, seconds, Outside::Allowed),
        (Labels{ outside, 0, outside, outside, outside, 1, outside, outside }));
}

void TestSegmenter::marksDoubtAndChanges()
{
    // Second 3 changes much and label 0 stays; second 6 changes the label and little else.
    const std::vector<float> values{ 0.6F, 0.0F, 0.6F, 0.0F, 0.6F, 0.0F, 3.0F, 0.0F, 3.0F, 0.0F,
        3.0F, 2.9F, 2.9F, 3.0F };
    const auto result = cut(values, 2, { 0.5, 0.5 });
    QCOMPARE(result.labels, (Labels{ 0, 0, 0, 0, 0, 0, 1 }));
    QVERIFY(std::abs(result.margins[0] - 0.1F) < 1e-6F); // against outside
    QVERIFY(std::abs(result.margins[5] - 0.1F) < 1e-6F); // against label 1
    // d = 0 0 1.2 0 1.45 0.1 from second 1 on; mean 0.458, deviation 0.62.
    QCOMPARE(result.changePoints.size(), std::size_t(3));
    QCOMPARE(result.changePoints[0].second, 3);
    QCOMPARE(result.changePoints[0].strength, 1.2F);
    QCOMPARE(result.changePoints[1].second, 5);
    QCOMPARE(result.changePoints[2].second, 6);
}

void TestSegmenter::givesSegmentsWithNamesAndScores()
{
    const LabelSet set = cutAndStir();
    const auto result = cut({ 1.0F, 0.0F, 0.5F, 0.0F, 0.0F, 1.0F }, 2, { 0.25, 0.25 });
    const auto segments = segmentsOf(result.spans, set, 2.5);
    QCOMPARE(segments.size(), std::size_t(2));
    QCOMPARE(segments[0].label, std::string("cut"));
    QCOMPARE(segments[0].stopSeconds, 2.0);
    QCOMPARE(segments[0].score, 0.75);
    QVERIFY(segments[0].source == Source::Model && segments[0].verdict == Verdict::Open);
    QCOMPARE(segments[1].label, std::string("stir"));
    QCOMPARE(segments[1].stopSeconds, 2.5);
    QCOMPARE(segmentsOf(result.spans, set, 2.0).size(), std::size_t(1));
    QCOMPARE(segmentsOf(result.spans, set, 0.0)[1].stopSeconds, 3.0);
}

void TestSegmenter::labelsAVideoWithoutSeconds()
{
    for (const SegmentMode mode : { SegmentMode::Free, SegmentMode::Ordered }) {
        const auto result = cut({}, 2, { 0.0, 0.0 }, { .minimumSeconds = 3, .mode = mode });
        QVERIFY(result.labels.empty() && result.spans.empty() && result.changePoints.empty());
    }
}

QTEST_GUILESS_MAIN(TestSegmenter)
#include "tst_segmenter.moc"
