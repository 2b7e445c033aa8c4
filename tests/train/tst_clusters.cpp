#include "support/verify.h"
#include "train/clusters.h"

#include <algorithm>
#include <numeric>
#include <set>

using namespace clipscope;
using namespace clipscope::train;

namespace {

/// Videos on a line: the neighbours of one are those beside it.
struct Line
{
    std::vector<std::int64_t> videos;
    std::vector<float> vectors;

    explicit Line(int count)
    {
        for (int at = 0; at < count; ++at) {
            videos.push_back(1000 + at); // positions in a set need not begin at 0
            vectors.insert(vectors.end(), { static_cast<float>(at), 1.0F });
        }
    }
};

ClusterConfig config(BatchKind kind)
{
    ClusterConfig config;
    config.kind = kind;
    config.videos = 4;
    config.candidates = 8;
    return config;
}

} // namespace

class TestClusters final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void drawsKOfTheNearestOfDifferentSeeds()
    {
        const Line line(50);
        const auto clusters = retrievedClusters(
            line.videos, line.vectors, 2, config(BatchKind::Retrieval), { 7, 1 });
        QVERIFY_RESULT(clusters);
        QCOMPARE(clusters->size(), std::size_t(12));
        std::set<std::int64_t> seeds;
        for (const Cluster& cluster : *clusters) {
            QVERIFY(seeds.insert(cluster.seed).second);
            QCOMPARE(cluster.candidates.size(), std::size_t(8));
            QCOMPARE(cluster.candidates.front(), cluster.seed);
            QCOMPARE(cluster.squaredDistances.front(), 0.0F);
            QVERIFY(
                std::is_sorted(cluster.squaredDistances.begin(), cluster.squaredDistances.end()));
            for (const std::int64_t video : cluster.candidates)
                QVERIFY(std::abs(video - cluster.seed) <= 7);
            QCOMPARE(cluster.videos.size(), std::size_t(4));
            QCOMPARE(std::set(cluster.videos.begin(), cluster.videos.end()).size(), std::size_t(4));
            for (const std::int64_t video : cluster.videos)
                QVERIFY(
                    std::count(cluster.candidates.begin(), cluster.candidates.end(), video) == 1);
        }
    }

    void theNearestAloneAreNoDraw()
    {
        const Line line(20);
        const auto clusters
            = retrievedClusters(line.videos, line.vectors, 2, config(BatchKind::Nearest), { 7, 1 });
        QVERIFY_RESULT(clusters);
        for (const Cluster& cluster : *clusters) {
            QCOMPARE(cluster.candidates.size(), std::size_t(4));
            QVERIFY(cluster.videos == cluster.candidates);
        }
    }

    void drawsDependOnSeedAndEpochAlone()
    {
        const Line line(64);
        const auto draw = [&](std::uint64_t seed, std::int64_t epoch) {
            return *retrievedClusters(
                line.videos, line.vectors, 2, config(BatchKind::Retrieval), { seed, epoch });
        };
        QVERIFY(draw(1, 1) == draw(1, 1));
        QVERIFY(draw(1, 1) != draw(1, 2));
        QVERIFY(draw(1, 1) != draw(2, 1));
    }

    void fewVideosMakeOneCluster()
    {
        const Line line(3);
        const auto clusters = retrievedClusters(
            line.videos, line.vectors, 2, config(BatchKind::Retrieval), { 7, 1 });
        QVERIFY_RESULT(clusters);
        QCOMPARE(clusters->size(), std::size_t(1));
        QCOMPARE(clusters->front().videos.size(), std::size_t(3));
    }

    void invertedListsFindNeighboursToo()
    {
        const Line line(500);
        auto inverted = config(BatchKind::Retrieval);
        inverted.search = { retrieval::NeighbourSearch::Kind::Inverted, 8, 8 };
        inverted.exactBelow = 0;
        const auto found = retrievedClusters(line.videos, line.vectors, 2, inverted, { 7, 1 });
        const auto exact = retrievedClusters(
            line.videos, line.vectors, 2, config(BatchKind::Retrieval), { 7, 1 });
        QVERIFY_RESULT(found);
        QVERIFY(*found == *exact); // all lists were looked through
        inverted.search.probes = 1;
        const auto few = retrievedClusters(line.videos, line.vectors, 2, inverted, { 7, 1 });
        QVERIFY_RESULT(few);
        for (const Cluster& cluster : *few)
            QVERIFY(!cluster.videos.empty());
    }

    void shufflingTakesEveryVideoOnce()
    {
        const Line line(10);
        std::vector<std::int64_t> all;
        for (const Cluster& cluster : shuffledClusters(line.videos, 4, { 7, 1 })) {
            QCOMPARE(cluster.seed, std::int64_t(-1));
            QVERIFY(cluster.videos.size() <= 4);
            all.insert(all.end(), cluster.videos.begin(), cluster.videos.end());
        }
        std::sort(all.begin(), all.end());
        QVERIFY(all == line.videos);
    }

    void vectorsThatAreNoneAreRefused()
    {
        Line line(10);
        line.vectors[7] = std::numeric_limits<float>::quiet_NaN();
        QVERIFY_ERROR(
            retrievedClusters(line.videos, line.vectors, 2, config(BatchKind::Retrieval), { 7, 1 }),
            ErrorKind::BadInput);
    }
};

QTEST_GUILESS_MAIN(TestClusters)
#include "tst_clusters.moc"
