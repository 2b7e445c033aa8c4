#include "labels/reaction_time.h"
#include "support/verify.h"

#include <array>
#include <limits>

using namespace clipscope;
using namespace clipscope::labels;

class TestReactionTime : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void startsWithAUsualDelay()
    {
        QCOMPARE(ReactionTime().delaySeconds(), ReactionTime::untaught);
        QCOMPARE(ReactionTime().seen(10.0, 2.0), 10.0 - 2.0 * ReactionTime::untaught);
        QCOMPARE(ReactionTime().seen(0.1, 1.0), 0.0);
    }

    void learnsTheMedianAtAnySpeed()
    {
        const std::array changes{ 10.0, 20.0, 30.0 };
        ReactionTime reaction;
        for (const double late : { 0.4, 0.4, 0.4, 0.4, 1.1 }) // one press was slow
            reaction.learn(20.0 + late * 2.0, 2.0, changes);
        QVERIFY(reaction.isTaught());
        QVERIFY(std::abs(reaction.delaySeconds() - 0.4) < 1e-9);
        QVERIFY(std::abs(reaction.seen(25.0, 0.5) - 24.8) < 1e-9);
    }

    void takesNoNoticeOfWhatAnswersNothing()
    {
        const std::array changes{ 10.0 };
        ReactionTime reaction;
        for (int i = 0; i < 20; ++i) {
            reaction.learn(9.0, 1.0, changes); // before any change
            reaction.learn(15.0, 1.0, changes); // long after it
            reaction.learn(10.2, 0.0, changes); // while it stood
            reaction.learn(10.2, 1.0, {});
        }
        QVERIFY(!reaction.isTaught());
    }

    void comesBackFromItsDelaysAndForgetsOldOnes()
    {
        ReactionTime reaction;
        for (int i = 0; i < 100; ++i)
            reaction.learn(1.0 + i * 0.001, 1.0, std::array{ 1.0 });
        QCOMPARE(reaction.delays().size(), ReactionTime::kept);
        const std::vector<double> delays = reaction.delays();
        QCOMPARE(ReactionTime(delays).delaySeconds(), reaction.delaySeconds());
        const std::array wrong{ -1.0, 99.0, std::numeric_limits<double>::quiet_NaN() };
        QVERIFY(ReactionTime(wrong).delays().empty());
    }
};

QTEST_GUILESS_MAIN(TestReactionTime)
#include "tst_reaction_time.moc"
