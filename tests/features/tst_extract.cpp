#include "features/extract.h"

#include "base/half.h"
#include "store/feature_shards.h"
#include "support/full_disk.h"
#include "support/make_video.h"
#include "support/verify.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>

#include <limits>

using namespace clipscope;
using features::ExtractItem;

namespace {

/// Gives the mean brightness of a second's frames and the number of calls so far; counts batches.
class FakeEncoder final : public features::Encoder
{
public:
    std::string name() const override { return "fake"; }
    std::string fingerprint() const override { return "fake-1"; }
    int dim() const override { return width; }
    media::SamplePlan plan() const override { return media::starterPlan(); }
    int preferredBatch() const override { return 4; }
    std::string placement() const override { return "nowhere"; }
    at::Tensor encode(const at::Tensor& frames) const override
    {
        batches.push_back(frames.size(0));
        if (onBatch)
            onBatch();
        const auto mean = frames.to(at::kFloat).mean({ 1, 2, 3, 4 });
        auto vectors = mean.unsqueeze(1).repeat({ 1, width });
        if (notFinite)
            vectors.fill_(std::numeric_limits<float>::infinity());
        return vectors;
    }
    int width = 8;
    bool notFinite = false;
    std::function<void()> onBatch;
    mutable std::vector<std::int64_t> batches;
};

} // namespace

class TestExtract : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_folder = std::make_unique<QTemporaryDir>();
        m_encoder = FakeEncoder();
    }
    void givesOneVectorForEachSecond();
    void sharesBatchesAmongShortVideos();
    void listsABrokenVideoAndGoesOn();
    void listsAVideoWhoseVectorsAreNotFinite();
    void keepsFinishedVideosWhenStoppedAndGoesOn();
    void givesTheSameForAnyNumberOfThreads();
    void leavesWholeVideosWhenTheDiskIsFull();

private:
    std::filesystem::path path(const std::string& name) const
    {
        return std::filesystem::path(m_folder->path().toStdString()) / name;
    }
    ExtractItem film(std::int64_t id, int frames) const
    {
        const auto file = path(std::to_string(id) + ".mp4");
        test::MadeVideo video;
        video.frames = frames;
        if (!test::makeVideo(file, video))
            qFatal("no video could be made");
        return { id, "hash" + std::to_string(id), file, frames / 25.0 };
    }
    store::FeatureWriter writer() const
    {
        return store::FeatureWriter::open(
            path("features"), { "fake", "fake-1", m_encoder.width, {} })
            .value();
    }
    store::FeatureReader reader() const
    {
        return store::FeatureReader::open(path("features")).value();
    }
    std::unique_ptr<QTemporaryDir> m_folder;
    FakeEncoder m_encoder;
};

void TestExtract::givesOneVectorForEachSecond()
{
    const std::vector<ExtractItem> items{ film(1, 60) }; // 2.4 s
    auto to = writer();
    const auto report = features::extract(items, m_encoder, to, {}, {});
    QVERIFY_RESULT(report);
    QCOMPARE(report->videosDone, std::int64_t(1));
    QCOMPARE(report->secondsDone, std::int64_t(3));
    const auto from = reader();
    const auto view = from.find(1);
    QVERIFY(view.has_value());
    QCOMPARE(view->seconds, std::int64_t(3));
    // The hue of a made video changes each second.
    QVERIFY(view->halves[0] != view->halves[8] && view->halves[8] != view->halves[16]);
    QVERIFY(floatFromHalf(view->halves[0]) > 1.0F);
}

void TestExtract::sharesBatchesAmongShortVideos()
{
    std::vector<ExtractItem> items;
    for (int id = 1; id <= 8; ++id)
        items.push_back(film(id, 10));
    auto to = writer();
    QVERIFY_RESULT(features::extract(items, m_encoder, to, {}, {}));
    QCOMPARE(m_encoder.batches, (std::vector<std::int64_t>{ 4, 4 }));
}

void TestExtract::listsABrokenVideoAndGoesOn()
{
    std::vector<ExtractItem> items{ film(1, 30), film(2, 30), film(3, 30) };
    QFile broken(QString::fromStdString(items[1].path.string()));
    QVERIFY(broken.open(QIODevice::WriteOnly) && broken.write("not a film any more") > 0);
    broken.close();
    auto to = writer();
    const auto report = features::extract(items, m_encoder, to, {}, {});
    QVERIFY_RESULT(report);
    QCOMPARE(report->videosDone, std::int64_t(2));
    QCOMPARE(report->skipped.size(), std::size_t(1));
    QCOMPARE(report->skipped[0].videoId, std::int64_t(2));
    QVERIFY(!reader().find(2).has_value());
}

void TestExtract::listsAVideoWhoseVectorsAreNotFinite()
{
    m_encoder.notFinite = true;
    const std::vector<ExtractItem> items{ film(1, 30) };
    auto to = writer();
    const auto report = features::extract(items, m_encoder, to, {}, {});
    QVERIFY_RESULT(report);
    QCOMPARE(report->skipped.size(), std::size_t(1));
    QCOMPARE(report->skipped[0].error.kind, ErrorKind::Internal);
    QCOMPARE(reader().videoCount(), std::int64_t(0));
}

void TestExtract::keepsFinishedVideosWhenStoppedAndGoesOn()
{
    std::vector<ExtractItem> items;
    for (int id = 1; id <= 6; ++id)
        items.push_back(film(id, 100)); // 4 s: one batch a video
    std::stop_source stop;
    m_encoder.onBatch = [&] {
        if (m_encoder.batches.size() == 3)
            stop.request_stop();
    };
    {
        auto to = writer();
        QVERIFY_ERROR(features::extract(items, m_encoder, to, {}, { stop.get_token() }),
            ErrorKind::Cancelled);
    }
    // The third video is through the network, but its end was still in the queue.
    const std::int64_t kept = reader().videoCount();
    QCOMPARE(kept, std::int64_t(2));
    m_encoder.onBatch = {};
    auto to = writer();
    const auto report = features::extract(items, m_encoder, to, {}, {});
    QVERIFY_RESULT(report);
    QCOMPARE(report->videosKnown, kept);
    QCOMPARE(report->videosDone, 6 - kept);
    QCOMPARE(reader().videoCount(), std::int64_t(6));
}

void TestExtract::givesTheSameForAnyNumberOfThreads()
{
    std::vector<ExtractItem> items;
    for (int id = 1; id <= 5; ++id)
        items.push_back(film(id, 20 + 15 * id));
    std::vector<std::vector<std::uint16_t>> first;
    for (const int threads : { 1, 3 }) {
        std::filesystem::remove_all(path("features"));
        auto to = writer();
        features::ExtractOptions options;
        options.decodeThreads = threads;
        QVERIFY_RESULT(features::extract(items, m_encoder, to, options, {}));
        const auto from = reader();
        std::vector<std::vector<std::uint16_t>> all;
        for (const auto& item : items) {
            const auto halves = from.find(item.videoId)->halves;
            all.emplace_back(halves.begin(), halves.end());
        }
        if (first.empty())
            first = all;
        QVERIFY(all == first);
    }
}

void TestExtract::leavesWholeVideosWhenTheDiskIsFull()
{
    m_encoder.width = 1000; // 2 kB a second
    std::vector<ExtractItem> items;
    for (int id = 1; id <= 6; ++id)
        items.push_back(film(id, 100));
    auto to = writer();
    {
        const test::FullDisk disk(20'000);
        QVERIFY_ERROR(features::extract(items, m_encoder, to, {}, {}), ErrorKind::Io);
    }
    QCOMPARE(reader().videoCount(), std::int64_t(2));
    const auto again = features::extract(items, m_encoder, to, {}, {});
    QVERIFY_RESULT(again);
    QCOMPARE(again->videosKnown, std::int64_t(2));
    QCOMPARE(reader().videoCount(), std::int64_t(6));
}

QTEST_GUILESS_MAIN(TestExtract)
#include "tst_extract.moc"
