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
    void aScoreDoesNotDependOnTheRowsAround_data();
    void aScoreDoesNotDependOnTheRowsAround();
};

namespace {

std::vector<std::uint16_t> someHalves(std::size_t count, Random& random)
{
    std::vector<std::uint16_t> halves(count);
    for (auto& half : halves)
        half = halfFromFloat(static_cast<float>(random.uniform() * 2 - 1));
    return halves;
}

std::vector<float> someFloats(std::size_t count, Random& random)
{
    std::vector<float> values(count);
    for (auto& value : values)
        value = static_cast<float>(random.uniform() * 2 - 1);
    return values;
}

} // namespace

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
    const auto rows = someHalves(N * D, random);
    const auto query = someFloats(D, random);
    std::vector<float> scores(N);
    retrieval::scoreHalves(rows, query, scores);
    for (std::size_t i = 0; i < N; ++i) {
        double expected = 0;
        for (std::size_t d = 0; d < D; ++d)
            expected += double(floatFromHalf(rows[i * D + d])) * double(query[d]);
        QVERIFY(std::abs(double(scores[i]) - expected) < 1e-4);
    }
}

void TestHalfScores::aScoreDoesNotDependOnTheRowsAround_data()
{
    equalsTheInnerProductForEveryWidth_data();
}

/// Threads share rows out in pieces of any size; each second must score the same to the last bit.
void TestHalfScores::aScoreDoesNotDependOnTheRowsAround()
{
    QFETCH(int, width);
    const auto D = static_cast<std::size_t>(width);
    constexpr std::size_t N = 11;
    Random random({ 2, static_cast<std::uint64_t>(width) });
    const auto rows = someHalves(N * D, random);
    const auto query = someFloats(D, random);
    std::vector<float> together(N), apart(N);
    retrieval::scoreHalves(rows, query, together);
    for (std::size_t piece = 1; piece < N; ++piece) {
        for (std::size_t first = 0; first < N; first += piece) {
            const std::size_t count = std::min(piece, N - first);
            retrieval::scoreHalves(std::span(rows).subspan(first * D, count * D), query,
                std::span(apart).subspan(first, count));
        }
        QCOMPARE(apart, together);
    }
}

QTEST_GUILESS_MAIN(TestHalfScores)
#include "tst_half_scores.moc"
