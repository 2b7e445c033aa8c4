#include "data/epoch.h"

#include "base/hash.h"
#include "support/made_up_captions.h"
#include "support/verify.h"

#include <set>

using namespace clipscope;

namespace {

test::MadeUpVideos videosOf(int count)
{
    std::vector<test::MadeUpVideo> videos;
    for (int at = 0; at < count; ++at) {
        videos.emplace_back(at + 1, hashOf(std::to_string(at)), 10);
        videos.back().add(0.0, 2.0, { 1 });
        videos.back().add(8.5, 40.0, { 2 });
    }
    return test::MadeUpVideos(std::move(videos));
}

} // namespace

class TestEpoch final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void theSplitDependsOnTheContentAlone()
    {
        const auto videos = videosOf(2000);
        const auto split = data::splitOf(videos, 1, 0.1, 10);
        QVERIFY(split.validation.size() > 150 && split.validation.size() < 250);
        QCOMPARE(split.training.size() + split.validation.size(), std::size_t(2000));
        const auto half = data::splitOf(videosOf(1000), 1, 0.1, 10);
        for (const std::int64_t index : half.validation)
            QVERIFY(std::count(split.validation.begin(), split.validation.end(), index) == 1);
        QVERIFY(data::splitOf(videos, 2, 0.1, 10).validation != split.validation);
    }

    void tooFewVideosAreNotSplit()
    {
        const auto split = data::splitOf(videosOf(20), 1, 0.1, 10);
        QVERIFY(split.validation.empty());
        QCOMPARE(split.training.size(), std::size_t(20));
        QVERIFY(std::is_sorted(split.training.begin(), split.training.end()));
    }

    void batchesHoldEveryVideoOnceInEqualParts()
    {
        std::vector<std::int64_t> videos;
        for (std::int64_t at = 0; at < 70; ++at)
            videos.push_back(at);
        const auto batches = data::shuffledBatches(videos, 32, { 1, 1 });
        QCOMPARE(batches.size(), std::size_t(3));
        std::set<std::int64_t> seen;
        for (const auto& batch : batches) {
            QVERIFY(batch.size() == 23 || batch.size() == 24);
            seen.insert(batch.begin(), batch.end());
        }
        QCOMPARE(seen.size(), videos.size());
        QVERIFY(batches == data::shuffledBatches(videos, 32, { 1, 1 }));
        QVERIFY(batches != data::shuffledBatches(videos, 32, { 1, 2 }));
        QVERIFY(data::shuffledBatches({}, 32, { 1, 1 }).empty());
    }

    void everyCaptionHasAPairOfItsOwnSeconds()
    {
        const auto videos = videosOf(3);
        const std::vector<std::int64_t> which{ 2, 0 };
        const auto pairs = data::captionPairs(videos, which, 4, 100);
        QCOMPARE(pairs.size(), std::size_t(4));
        QVERIFY((pairs[0] == data::ClipPair{ 2, 0, 1, 0, 2 }));
        QVERIFY((pairs[1] == data::ClipPair{ 2, 1, 2, 8, 10 }));
        const auto thinned = data::captionPairs(videos, which, 4, 3);
        QVERIFY((thinned == std::vector<data::ClipPair>{ pairs[0], pairs[1], pairs[2] }));
        const auto half = data::captionPairs(videos, which, 4, 2);
        QVERIFY((half == std::vector<data::ClipPair>{ pairs[0], pairs[2] }));
    }
};

QTEST_GUILESS_MAIN(TestEpoch)
#include "tst_epoch.moc"
