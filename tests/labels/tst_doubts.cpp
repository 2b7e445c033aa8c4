#include "labels/doubts.h"
#include "support/verify.h"

#include <array>
#include <limits>

using namespace clipscope;
using namespace clipscope::labels;

class TestDoubts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void putsDisagreementsFirstThenTheSmallestMargin();
    void findsNoDoubtWhereHandAndModelAgree();
    void countsASecondToTheHandByItsMiddle();
    void givesTheMarginOfAShare();

private:
    static LabelSet set()
    {
        LabelSet set;
        for (const char* name : { "cut", "stir" })
            set.labels.emplace_back().name = name;
        return set;
    }
    static Tier hand(std::vector<std::tuple<double, double, std::string>> spans)
    {
        Tier tier;
        for (const auto& [start, stop, label] : spans)
            tier.segments.push_back({ 0, start, stop, label, {}, {}, {}, {} });
        return tier;
    }
};

void TestDoubts::putsDisagreementsFirstThenTheSmallestMargin()
{
    //                               0    1    2    3     4    5    6    7    8    9
    const std::array labels{ 0, 0, 0, 1, 1, 1, -1, -1, 0, 1 };
    const std::array margins{ 9.F, .4F, .3F, 9.F, 9.F, 9.F, .1F, 9.F, 9.F, 9.F };
    const auto doubts
        = doubtsOf({ labels, margins }, set(), hand({ { 3, 5, "cut" }, { 8, 9, "stir" } }), 0.5);
    using Kind = Doubt::Kind;
    const std::vector<Doubt> expected{
        { Kind::Disagreement, 3, 5, 9.0, "cut", "stir" },
        { Kind::Disagreement, 8, 9, 9.0, "stir", "cut" },
        { Kind::SmallMargin, 6, 7, 0.1F, "", "" },
        { Kind::SmallMargin, 1, 3, 0.3F, "", "cut" },
    };
    QVERIFY(doubts == expected);
}

void TestDoubts::findsNoDoubtWhereHandAndModelAgree()
{
    const std::array labels{ 0, 0, 1 };
    const std::array margins{ 0.1F, 0.1F, 0.1F };
    QVERIFY(doubtsOf({ labels, margins }, set(), hand({ { 0, 2, "cut" }, { 2, 3, "stir" } }), 0.5)
                .empty());
}

void TestDoubts::countsASecondToTheHandByItsMiddle()
{
    const std::array labels{ 0, 0, 0 };
    const std::array margins{ 9.F, 9.F, 9.F };
    const auto doubts = doubtsOf({ labels, margins }, set(), hand({ { 0.6, 1.6, "stir" } }), 0.5);
    QCOMPARE(doubts.size(), std::size_t{ 1 });
    QCOMPARE(doubts[0].startSecond, 1);
    QCOMPARE(doubts[0].stopSecond, 2);
}

void TestDoubts::givesTheMarginOfAShare()
{
    const float infinite = std::numeric_limits<float>::infinity();
    const std::array margins{ 5.F, infinite, 1.F, 4.F, 2.F, 3.F };
    QCOMPARE(marginQuantile(margins, 0.0), 1.0);
    QCOMPARE(marginQuantile(margins, 0.5), 3.0);
    QCOMPARE(marginQuantile(margins, 1.0), 5.0);
    QCOMPARE(marginQuantile({}, 0.5), 0.0);
}

QTEST_GUILESS_MAIN(TestDoubts)
#include "tst_doubts.moc"
