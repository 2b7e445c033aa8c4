#include "benchmarks/figures.h"
#include "support/verify.h"

#include <QTest>

#include <cmath>

using namespace clipscope;
using benchmarks::Part;

class TestFigures final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void recallCountsRanksUpToK()
    {
        const std::vector<double> ranks{ 1, 2, 5, 6, INFINITY };
        QCOMPARE(benchmarks::recallAt(ranks, 1), 0.2);
        QCOMPARE(benchmarks::recallAt(ranks, 5), 0.6);
        QCOMPARE(benchmarks::recallAt({}, 5), 0.0);
    }

    void medianIsTheMeanOfTheMiddleTwo()
    {
        QCOMPARE(benchmarks::medianOf({ 9, 1, 4 }), 4.0);
        QCOMPARE(benchmarks::medianOf({ 9, 1, 4, 5 }), 4.5);
        QCOMPARE(benchmarks::medianOf({}), 0.0);
    }

    void intervalHoldsTheFigureAndNarrowsWithItems()
    {
        const auto shareOfEven = [](std::span<const std::size_t> drawn) {
            double even = 0;
            for (const std::size_t item : drawn)
                even += item % 2 == 0 ? 1 : 0;
            return even / static_cast<double>(drawn.size());
        };
        const auto few = benchmarks::intervalOf(100, shareOfEven),
                   many = benchmarks::intervalOf(10'000, shareOfEven);
        // A share of 1/2 of n has the standard deviation 1 / (2 sqrt n).
        for (const auto& [interval, n] : { std::pair{ few, 100.0 }, std::pair{ many, 10'000.0 } }) {
            const double half = 1.96 / (2.0 * std::sqrt(n));
            QVERIFY(interval.low < 0.5 && interval.high > 0.5);
            QVERIFY(std::abs(interval.high - interval.low - 2.0 * half) < 0.3 * half);
        }
        QVERIFY(benchmarks::intervalOf(100, shareOfEven) == few);
    }

    void thereAre21PartsOfADidemoVideo()
    {
        const auto parts = benchmarks::didemoParts();
        QCOMPARE(parts.size(), std::size_t(21));
        QVERIFY(parts[5] == Part(5, 6));
        QVERIFY(parts[6] == Part(0, 2));
        QVERIFY(parts.back() == Part(4, 6));
    }

    void ofTheAnnotatorsTheThreeBestCount()
    {
        const std::vector<Part> ranking{ { 0, 2 }, { 1, 2 }, { 3, 4 }, { 0, 1 } };
        const std::vector<Part> times{ { 0, 1 }, { 0, 2 }, { 1, 2 }, { 0, 2 } };
        const auto ranks = benchmarks::partRanks(ranking, times);
        QVERIFY(ranks.meanRank.has_value());
        QCOMPARE(*ranks.meanRank, (1.0 + 1.0 + 2.0) / 3.0);
        QVERIFY(std::abs(ranks.meanOverlap - (1.0 + 1.0 + 0.5) / 3.0) < 1e-12);
    }

    void annotationsOutsideOfTheListAreAMissWhenNoneIsLeft()
    {
        const std::vector<Part> ranking{ { 0, 1 }, { 1, 2 } };
        const std::vector<Part> outside{ { 4, 6 }, { 5, 6 } }, mixed{ { 4, 6 }, { 1, 2 } };
        QVERIFY(!benchmarks::partRanks(ranking, outside).meanRank);
        QCOMPARE(benchmarks::partRanks(ranking, outside).meanOverlap, 0.0);
        QCOMPARE(benchmarks::partRanks(ranking, mixed).meanRank.value(), 2.0);
    }
};

QTEST_GUILESS_MAIN(TestFigures)
#include "tst_figures.moc"
