#include "train/evaluation.h"

#include "support/verify.h"

#include <ATen/ATen.h>

#include <cmath>

using namespace clipscope;

class TestEvaluation final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void ranksCountStrictlyGreaterScores()
    {
        const at::Tensor scores = at::tensor({ 1.0f, 1.0f, 2.0f, //
                                                 0.0f, 5.0f, 1.0f, //
                                                 3.0f, 2.0f, 1.0f })
                                      .reshape({ 3, 3 });
        QVERIFY(at::equal(train::ownRanks(scores), at::tensor({ 2, 1, 3 }, at::kLong)));
    }

    void scoresThatAreNoNumbersRankLast()
    {
        const at::Tensor scores = at::full({ 4, 4 }, std::nanf(""));
        QVERIFY(at::equal(train::ownRanks(scores), at::full({ 4 }, 4, at::kLong)));
    }

    void chanceIsNeverMoreThanCertainty()
    {
        const train::Evaluation evaluation{ .pairs = 4 };
        QCOMPARE(evaluation.chanceAt(1), 0.25);
        QCOMPARE(evaluation.chanceAt(5), 1.0);
    }
};

QTEST_GUILESS_MAIN(TestEvaluation)
#include "tst_evaluation.moc"
