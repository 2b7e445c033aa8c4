#include "data/clip_sampler.h"

#include "base/random.h"
#include "support/verify.h"

using namespace clipscope;
using data::CaptionedVideo;
using data::ClipPair;
using data::ClipSampler;

namespace {

CaptionedVideo videoOf(std::int64_t seconds, int captions)
{
    CaptionedVideo video{ 7, "a.mp4", "hash", seconds, {} };
    for (int at = 0; at < captions; ++at)
        video.captions.push_back({ at * 2.0, at * 2.0 + 2.5, std::vector<std::int32_t>(5, at) });
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
        const CaptionedVideo video = videoOf(60, 25);
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
        const CaptionedVideo video = videoOf(seconds, captions);
        for (const ClipPair& pair : pairsOf(video, { 1, 1 })) {
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
        const CaptionedVideo video = videoOf(600, 300);
        const auto sampler = ClipSampler::create(
            { .pairsPerVideo = 100, .textBudgetLow = 11, .textBudgetHigh = 11 });
        QVERIFY_RESULT(sampler);
        std::vector<ClipPair> pairs;
        sampler->sample(video, 0, { 1, 1 }, pairs);
        for (const ClipPair& pair : pairs)
            QCOMPARE(data::tokenCount(video, pair.captionBegin, pair.captionEnd), std::int64_t(15));
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
