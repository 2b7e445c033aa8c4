#include "retrieval/vector_index.h"

#include "base/files.h"
#include "base/random.h"

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <fstream>
#include <limits>
#include <numeric>

using namespace clipscope;
using retrieval::Neighbour;
using retrieval::VectorIndex;

class TestVectorIndex : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(".*")); }
    void findsWhatACompleteSortFinds();
    void ordersEqualScoresByIdAlsoAtTheCut();
    void comesBackFromDiskAsItWas();
    void refusesAnIndexOfOtherStates();
    void refusesEveryTruncationAndDamage();
    void refusesRowsThatDoNotFit();
    void givesNothingWhenEmpty();

private:
    QTemporaryDir m_folder;
    std::filesystem::path folder(const char* name) const
    {
        return std::filesystem::path(m_folder.path().toStdString()) / name;
    }
    static VectorIndex randomIndex(int dim, int rows, std::vector<float>& values)
    {
        Random random({ 7, 1 });
        values.resize(static_cast<std::size_t>(dim * rows));
        for (float& value : values)
            value = static_cast<float>(random.uniform() - 0.5);
        std::vector<std::int64_t> ids(static_cast<std::size_t>(rows));
        std::iota(ids.begin(), ids.end(), 100);
        auto index = VectorIndex::create(dim).value();
        if (!index.add(ids, values))
            qFatal("rows do not fit");
        return index;
    }
};

void TestVectorIndex::findsWhatACompleteSortFinds()
{
    std::vector<float> values;
    const VectorIndex index = randomIndex(16, 500, values);
    const std::span<const float> query(values.data() + 16 * 3, 16);
    std::vector<Neighbour> expected;
    for (int r = 0; r < 500; ++r) {
        float score = 0;
        for (std::size_t i = 0; i < 16; ++i)
            score += query[i] * values[static_cast<std::size_t>(r) * 16 + i];
        expected.push_back({ 100 + r, score });
    }
    std::stable_sort(expected.begin(), expected.end(),
        [](const Neighbour& a, const Neighbour& b) { return a.score > b.score; });
    const auto found = index.search(query, 25).value();
    QCOMPARE(found.size(), std::size_t(25));
    for (std::size_t i = 0; i < found.size(); ++i) {
        QCOMPARE(found[i].id, expected[i].id);
        QVERIFY(std::abs(found[i].score - expected[i].score) < 1e-5F);
    }
}

void TestVectorIndex::ordersEqualScoresByIdAlsoAtTheCut()
{
    auto index = VectorIndex::create(2).value();
    const std::vector<std::int64_t> ids{ 9, 3, 7, 1, 5, 8 };
    const std::vector<float> rows{ 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 2, 0 };
    QVERIFY(index.add(ids, rows).has_value());
    const std::vector<float> query{ 1, 0 };
    const auto found = index.search(query, 3).value();
    const std::vector<Neighbour> expected{ { 8, 2.0F }, { 1, 1.0F }, { 3, 1.0F } };
    QVERIFY(found == expected);
}

void TestVectorIndex::comesBackFromDiskAsItWas()
{
    std::vector<float> values;
    const VectorIndex index = randomIndex(8, 40, values);
    QVERIFY(index.save(folder("back"), "abc").has_value());
    const auto again = VectorIndex::load(folder("back"), "abc");
    QVERIFY(again.has_value());
    const std::span<const float> query(values.data(), 8);
    QVERIFY(again->search(query, 40).value() == index.search(query, 40).value());
}

void TestVectorIndex::refusesAnIndexOfOtherStates()
{
    std::vector<float> values;
    QVERIFY(randomIndex(4, 4, values).save(folder("other"), "abc").has_value());
    const auto again = VectorIndex::load(folder("other"), "abd");
    QVERIFY(!again.has_value());
    QCOMPARE(again.error().kind, ErrorKind::Conflict);
    QCOMPARE(VectorIndex::load(folder("nowhere"), "abc").error().kind, ErrorKind::NotFound);
}

void TestVectorIndex::refusesEveryTruncationAndDamage()
{
    std::vector<float> values;
    QVERIFY(randomIndex(4, 4, values).save(folder("cut"), "abc").has_value());
    for (const char* name : { "index.faiss", "manifest.json" }) {
        const auto path = folder("cut") / name;
        const std::string whole = readFile(path).value();
        for (std::size_t size = 0; size + 2 < whole.size(); ++size) {
            std::ofstream(path, std::ios::binary) << whole.substr(0, size);
            QVERIFY(!VectorIndex::load(folder("cut"), "abc").has_value());
        }
        QVERIFY(writeFileAtomically(path, whole).has_value());
    }
    std::string manifest = readFile(folder("cut") / "manifest.json").value();
    manifest.replace(manifest.find("\"format\": 1"), 11, "\"format\": 2");
    QVERIFY(writeFileAtomically(folder("cut") / "manifest.json", manifest).has_value());
    QCOMPARE(VectorIndex::load(folder("cut"), "abc").error().kind, ErrorKind::BadInput);
}

void TestVectorIndex::refusesRowsThatDoNotFit()
{
    QCOMPARE(VectorIndex::create(0).error().kind, ErrorKind::BadInput);
    auto index = VectorIndex::create(3).value();
    const std::vector<std::int64_t> ids{ 1, 2 };
    QCOMPARE(index.add(ids, std::vector<float>(5)).error().kind, ErrorKind::BadInput);
    std::vector<float> rows(6);
    rows[4] = std::numeric_limits<float>::quiet_NaN();
    QCOMPARE(index.add(ids, rows).error().kind, ErrorKind::BadInput);
    QCOMPARE(index.size(), std::int64_t(0));
    QCOMPARE(index.search(std::vector<float>(2), 1).error().kind, ErrorKind::BadInput);
}

void TestVectorIndex::givesNothingWhenEmpty()
{
    const auto index = VectorIndex::create(3).value();
    QVERIFY(index.search(std::vector<float>(3), 5).value().empty());
}

QTEST_GUILESS_MAIN(TestVectorIndex)
#include "tst_vector_index.moc"
