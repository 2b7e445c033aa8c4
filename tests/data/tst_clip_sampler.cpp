#include "data/clip_sampler.h"

#include "base/random.h"
#include "support/made_up_captions.h"
#include "support/verify.h"

#include <thread>

using namespace clipscope;
using data::CaptionedVideo;
using data::ClipPair;
using data::ClipSampler;

namespace {

test::MadeUpVideo videoOf(std::int64_t seconds, int captions)
{
    test::MadeUpVideo video(7, "hash", seconds);
    for (int at = 0; at < captions; ++at)
        video.add(at * 2.0, at * 2.0 + 2.5, std::vector<std::int32_t>(5, at));
    return video;
}

std::vector<ClipPair> pairsOf(const CaptionedVideo& video, data::EpochSeed seed)
{
    std::vector<ClipPair> pairs;
    ClipSampler::create({ .pairsPerVideo = 200 })->sample(video, 3, seed, pairs);
    return pairs;
}

} // namespace

class TestClipSampler final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void samePairsForTheSameSeedEpochAndVideo()
    {
        const test::MadeUpVideo owned = videoOf(60, 25);
        const CaptionedVideo video = owned.view();
        QVERIFY(pairsOf(video, { 1, 2 }) == pairsOf(video, { 1, 2 }));
        QVERIFY(pairsOf(video, { 1, 2 }) != pairsOf(video, { 1, 3 }));
        QVERIFY(pairsOf(video, { 1, 2 }) != pairsOf(video, { 2, 2 }));
        CaptionedVideo other = video;
        other.videoId = 8;
        QVERIFY(pairsOf(video, { 1, 2 }) != pairsOf(other, { 1, 2 }));
    }

    void clipsStayInsideTheVideo_data()
    {
        QTest::addColumn<int>("seconds");
        QTest::addColumn<int>("captions");
        QTest::newRow("one second, one caption") << 1 << 1;
        QTest::newRow("captions beyond the end") << 4 << 40;
        QTest::newRow("long") << 500 << 3;
    }

    void clipsStayInsideTheVideo()
    {
        QFETCH(int, seconds);
        QFETCH(int, captions);
        const test::MadeUpVideo owned = videoOf(seconds, captions);
        for (const ClipPair& pair : pairsOf(owned.view(), { 1, 1 })) {
            QCOMPARE(pair.video, std::int64_t(3));
            QVERIFY(pair.secondBegin >= 0 && pair.secondEnd <= seconds);
            const std::int64_t length = pair.secondEnd - pair.secondBegin;
            QVERIFY(length >= std::min(3, seconds) && length <= 32);
            QVERIFY(pair.captionBegin >= 0 && pair.captionEnd <= captions);
            QVERIFY(pair.captionEnd > pair.captionBegin);
        }
    }

    void aRunOfCaptionsStopsAtItsBudget()
    {
        const test::MadeUpVideo owned = videoOf(600, 300);
        const CaptionedVideo video = owned.view();
        const auto sampler = ClipSampler::create(
            { .pairsPerVideo = 100, .textBudgetLow = 11, .textBudgetHigh = 11 });
        QVERIFY_RESULT(sampler);
        std::vector<ClipPair> pairs;
        sampler->sample(video, 0, { 1, 1 }, pairs);
        for (const ClipPair& pair : pairs)
            QCOMPARE(data::tokenCount(video, pair.captionBegin, pair.captionEnd), std::int64_t(15));
    }

    void thePairsOfASeedNeverChange()
    {
        // Runs that are resumed, and records of their steps, rely on it.
        const test::MadeUpVideo owned = videoOf(60, 25);
        const auto pairs = pairsOf(owned.view(), { 1, 2 });
        QVERIFY((pairs[0] == ClipPair{ 3, 2, 12, 13, 35 }));
        QVERIFY((pairs[1] == ClipPair{ 3, 3, 8, 0, 31 }));
        QVERIFY((pairs[199] == ClipPair{ 3, 0, 10, 14, 23 }));
        std::uint64_t all = 0;
        for (const ClipPair& pair : pairs)
            all = all * 1000003
                + static_cast<std::uint64_t>(pair.captionBegin + 31 * pair.captionEnd
                    + 977 * pair.secondBegin + 8191 * pair.secondEnd);
        QCOMPARE(all, std::uint64_t(15178926309309073029ull));
    }

    void alignedClipsCoverTheirCaptions()
    {
        const test::MadeUpVideo owned = videoOf(60, 25);
        const CaptionedVideo video = owned.view();
        const auto sampler = ClipSampler::create({});
        QVERIFY_RESULT(sampler);
        const auto clips = [&](data::EpochSeed seed, const CaptionedVideo& of) {
            std::vector<ClipPair> out;
            sampler->alignedClips(of, 3, seed, 16, 12, out);
            return out;
        };
        const auto found = clips({ 1, 2 }, video);
        QCOMPARE(found.size(), std::size_t(16));
        for (const ClipPair& pair : found) {
            QCOMPARE(pair.video, std::int64_t(3));
            QCOMPARE(pair.secondBegin, 2 * pair.captionBegin);
            QCOMPARE(pair.secondEnd,
                std::min({ 2 * pair.captionEnd + 1, pair.secondBegin + 12, std::int64_t(60) }));
        }
        QVERIFY(found == clips({ 1, 2 }, video));
        QVERIFY(found != clips({ 1, 3 }, video));
        QVERIFY(found != clips({ 2, 2 }, video));
        CaptionedVideo other = video;
        other.videoId = 8;
        QVERIFY(found != clips({ 1, 2 }, other));
    }

    void trainsOnAlignedClipsWhenAskedTo()
    {
        const test::MadeUpVideo owned = videoOf(60, 25);
        const auto sampler = ClipSampler::create(
            { .clips = data::ClipKind::Aligned, .pairsPerVideo = 50, .videoSecondsHigh = 9 });
        QVERIFY_RESULT(sampler);
        std::vector<ClipPair> pairs, again, others;
        sampler->sample(owned.view(), 3, { 1, 2 }, pairs);
        for (const ClipPair& pair : pairs) {
            QCOMPARE(pair.secondBegin, 2 * pair.captionBegin);
            QCOMPARE(pair.secondEnd,
                std::min({ 2 * pair.captionEnd + 1, pair.secondBegin + 9, std::int64_t(60) }));
        }
        sampler->sample(owned.view(), 3, { 1, 2 }, again);
        sampler->alignedClips(owned.view(), 3, { 1, 2 }, 50, 9, others);
        QVERIFY(pairs == again);
        QVERIFY(pairs != others); // the vectors of retrieval are not made of the training's pairs
    }

    void equalBoundsGiveOneLength()
    {
        const test::MadeUpVideo owned = videoOf(60, 25);
        const auto sampler = ClipSampler::create(
            { .pairsPerVideo = 50, .videoSecondsLow = 16, .videoSecondsHigh = 16 });
        QVERIFY_RESULT(sampler);
        std::vector<ClipPair> pairs;
        sampler->sample(owned.view(), 0, { 1, 1 }, pairs);
        for (const ClipPair& pair : pairs)
            QCOMPARE(pair.secondEnd - pair.secondBegin, std::int64_t(16));
    }

    void samePairsForAnyNumberOfWorkers_data()
    {
        QTest::addColumn<int>("workers");
        for (const int workers : { 1, 2, 3, 8 })
            QTest::addRow("%d", workers) << workers;
    }

    void samePairsForAnyNumberOfWorkers()
    {
        QFETCH(int, workers);
        constexpr int videos = 40;
        std::vector<test::MadeUpVideo> owned;
        for (int at = 0; at < videos; ++at) {
            owned.emplace_back(100 + 7 * at, "hash", 30 + at);
            for (int caption = 0; caption < 5 + at; ++caption)
                owned.back().add(caption, caption + 2.0, std::vector<std::int32_t>(3, 1));
        }
        const test::MadeUpVideos list(std::move(owned));
        for (const auto kind : { data::ClipKind::Overlapped, data::ClipKind::Aligned }) {
            const auto sampler = ClipSampler::create({ .clips = kind, .pairsPerVideo = 16 });
            QVERIFY_RESULT(sampler);
            const auto drawn = [&](int index) {
                std::vector<ClipPair> pairs;
                sampler->sample(list.video(index), index, { 3, 4 }, pairs);
                sampler->alignedClips(list.video(index), index, { 3, 4 }, 16, 32, pairs);
                return pairs;
            };
            std::vector<std::vector<ClipPair>> found(videos);
            {
                std::vector<std::jthread> threads;
                for (int worker = 0; worker < workers; ++worker)
                    threads.emplace_back([&, worker] {
                        // Each in another order, as ranks with shares of the videos have it.
                        for (int at = videos - 1 - worker; at >= 0; at -= workers)
                            found[static_cast<std::size_t>(at)] = drawn(at);
                    });
            }
            for (int at = 0; at < videos; ++at)
                QVERIFY(found[static_cast<std::size_t>(at)] == drawn(at));
        }
    }

    void timesThatNoVideoHasDoNoHarm()
    {
        test::MadeUpVideo owned(7, "hash", 10);
        owned.add(-1e300, std::numeric_limits<double>::infinity(), { 1 });
        owned.add(std::numeric_limits<double>::quiet_NaN(), 1e300, { 2 });
        for (const ClipPair& pair : pairsOf(owned.view(), { 1, 1 }))
            QVERIFY(pair.secondBegin >= 0 && pair.secondEnd <= 10);
        const auto span = data::alignedSpan(-1e300, 1e300, 10, 32);
        QVERIFY(span.begin >= 0 && span.begin <= span.end && span.end <= 10);
    }

    void rejectsEmptyRanges()
    {
        QVERIFY_ERROR(ClipSampler::create({ .pairsPerVideo = 0 }), ErrorKind::BadInput);
        QVERIFY_ERROR(
            ClipSampler::create({ .textBudgetLow = 9, .textBudgetHigh = 8 }), ErrorKind::BadInput);
        QVERIFY_ERROR(ClipSampler::create({ .videoSecondsLow = 0 }), ErrorKind::BadInput);
    }
};

QTEST_GUILESS_MAIN(TestClipSampler)
#include "tst_clip_sampler.moc"
