#include "retrieval/half_scores.h"

#include "base/half.h"
#include "base/random.h"

#include <QRegularExpression>
#include <QTest>

#include <cmath>
#include <vector>

using namespace clipscope;

class TestHalfScores : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(".*")); }
    void equalsTheInnerProductForEveryWidth_data();
    void equalsTheInnerProductForEveryWidth();
};

void TestHalfScores::equalsTheInnerProductForEveryWidth_data()
{
    QTest::addColumn<int>("width");
    for (const int width : { 1, 7, 15, 16, 17, 31, 32, 33, 384, 768, 769 })
        QTest::addRow("%d", width) << width;
}

void TestHalfScores::equalsTheInnerProductForEveryWidth()
{
    QFETCH(int, width);
    const auto D = static_cast<std::size_t>(width);
    constexpr std::size_t N = 5;
    Random random({ 1, static_cast<std::uint64_t>(width) });
    std::vector<std::uint16_t> rows(N * D);
    std::vector<float> query(D), scores(N);
    for (auto& half : rows)
        half = halfFromFloat(static_cast<float>(random.uniform() * 2 - 1));
    for (auto& value : query)
        value = static_cast<float>(random.uniform() * 2 - 1);
    retrieval::scoreHalves(rows, query, scores);
    for (std::size_t i = 0; i < N; ++i) {
        double expected = 0;
        for (std::size_t d = 0; d < D; ++d)
            expected += double(floatFromHalf(rows[i * D + d])) * double(query[d]);
        QVERIFY(std::abs(double(scores[i]) - expected) < 1e-4);
    }
}

QTEST_GUILESS_MAIN(TestHalfScores)
#include "tst_half_scores.moc"
