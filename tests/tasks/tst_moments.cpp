#include "tasks/moments.h"

#include "support/verify.h"

using namespace clipscope;
using tasks::Moment;
using tasks::MomentRule;
using tasks::momentsOf;

class TestMoments : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }
    void givesNothingForNoSeconds();
    void makesOneMomentOfAFlatVideo();
    void cutsThePeakOutOfALongVideo();
    void findsTwoPeaksApart();
    void takesTheEarlierSecondOnTies();
    void staysInsideTheVideo_data();
    void staysInsideTheVideo();
    void ordersByVideoThenScoreThenId();
};

void TestMoments::givesNothingForNoSeconds()
{
    QVERIFY(momentsOf(1, {}, {}).empty());
}

void TestMoments::makesOneMomentOfAFlatVideo()
{
    const std::vector<float> scores(12, 0.5F);
    const auto moments = momentsOf(7, scores, {});
    QCOMPARE(moments.size(), std::size_t(1));
    QVERIFY((moments[0] == Moment{ 7, 0.0, 12.0, 0, 0.5F, false }));
}

void TestMoments::cutsThePeakOutOfALongVideo()
{
    std::vector<float> scores(100, 0.0F);
    for (std::size_t t = 40; t < 50; ++t)
        scores[t] = 1.0F;
    scores[44] = 1.5F;
    MomentRule rule;
    rule.windowSeconds = 1;
    const auto moments = momentsOf(1, scores, rule);
    QCOMPARE(moments.size(), std::size_t(1));
    QCOMPARE(moments[0].startSeconds, 40.0);
    QCOMPARE(moments[0].stopSeconds, 50.0);
    QCOMPARE(moments[0].peakSecond, std::int64_t(44));
    QCOMPARE(moments[0].score, 1.5F);
}

void TestMoments::findsTwoPeaksApart()
{
    std::vector<float> scores(60, 0.0F);
    for (std::size_t t = 10; t < 14; ++t)
        scores[t] = 1.0F;
    for (std::size_t t = 40; t < 44; ++t)
        scores[t] = 0.9F;
    const auto moments = momentsOf(1, scores, {});
    QCOMPARE(moments.size(), std::size_t(2));
    QVERIFY(moments[0].startSeconds <= 10.0 && moments[0].stopSeconds >= 14.0);
    QVERIFY(moments[1].startSeconds <= 40.0 && moments[1].stopSeconds >= 44.0);
    QVERIFY(moments[0].score > moments[1].score);
}

void TestMoments::takesTheEarlierSecondOnTies()
{
    const std::vector<float> scores{ 0, 1, 0, 0, 0, 0, 1, 0 };
    MomentRule rule;
    rule.windowSeconds = 1;
    const auto moments = momentsOf(1, scores, rule);
    QCOMPARE(moments[0].peakSecond, std::int64_t(1));
    QCOMPARE(moments[1].peakSecond, std::int64_t(6));
}

void TestMoments::staysInsideTheVideo_data()
{
    QTest::addColumn<int>("seconds");
    QTest::addColumn<int>("window");
    for (const int seconds : { 1, 2, 3, 50 })
        for (const int window : { 1, 2, 4, 8, 100 })
            QTest::addRow("%d seconds, window %d", seconds, window) << seconds << window;
}

void TestMoments::staysInsideTheVideo()
{
    QFETCH(int, seconds);
    QFETCH(int, window);
    std::vector<float> scores(static_cast<std::size_t>(seconds));
    for (std::size_t t = 0; t < scores.size(); ++t)
        scores[t] = static_cast<float>((t * 37) % 11) - 5.0F;
    MomentRule rule;
    rule.windowSeconds = window;
    const auto moments = momentsOf(1, scores, rule);
    QVERIFY(!moments.empty() && moments.size() <= 3);
    for (const Moment& moment : moments) {
        QVERIFY(moment.startSeconds >= 0.0 && moment.startSeconds < moment.stopSeconds);
        QVERIFY(moment.stopSeconds <= seconds);
        QVERIFY(static_cast<double>(moment.peakSecond) >= moment.startSeconds);
        QVERIFY(static_cast<double>(moment.peakSecond) < moment.stopSeconds);
    }
}

void TestMoments::ordersByVideoThenScoreThenId()
{
    const Moment a{ 5, 0, 1, 0, 1.0F, false }, b{ 3, 0, 1, 0, 1.0F, false };
    const Moment c{ 4, 8, 9, 8, 2.0F, false }, d{ 4, 2, 3, 2, 0.5F, false };
    const Moment e{ 4, 0, 1, 0, 0.5F, false };
    std::vector<Moment> moments{ a, d, b, e, c };
    tasks::orderMoments(moments, 4);
    QVERIFY((moments == std::vector<Moment>{ c, e, d, b }));
}

QTEST_GUILESS_MAIN(TestMoments)
#include "tst_moments.moc"
