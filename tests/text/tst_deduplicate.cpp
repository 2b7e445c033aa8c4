#include "support/verify.h"
#include "text/deduplicate.h"

using namespace clipscope;
using text::Caption;

class TestDeduplicate final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void anOverlapGoesWhereTheCoinSays()
    {
        const std::vector<Caption> captions{
            { 0.0, 3.0, "first we cut the" },
            { 2.0, 5.0, "the onions" },
        };
        QCOMPARE(text::deduplicate(captions, [] { return true; }),
            (std::vector<Caption>{ { 0.0, 3.0, "first we cut the" }, { 3.0, 5.0, "onions" } }));
        QCOMPARE(text::deduplicate(captions, [] { return false; }),
            (std::vector<Caption>{ { 0.0, 2.0, "first we cut" }, { 2.0, 5.0, "the onions" } }));
    }

    void aBrokenCharacterIsNeverCutInTwo()
    {
        // The two end and begin with the same byte of different characters.
        const std::vector<Caption> captions{ { 0.0, 1.0, "x\xC3\xA9" }, { 1.0, 2.0, "\xA9y" } };
        const auto result = text::deduplicate(captions, [] { return false; });
        QVERIFY(result.size() <= 2);
    }

    void nothingGivesNothing()
    {
        QVERIFY(text::deduplicate({}, [] { return true; }).empty());
        const std::vector<Caption> blank{ { 0.0, 1.0, " \n" } };
        QVERIFY(text::deduplicate(blank, [] { return true; }).empty());
    }
};

QTEST_GUILESS_MAIN(TestDeduplicate)
#include "tst_deduplicate.moc"
