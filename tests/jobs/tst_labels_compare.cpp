#include "jobs/labels_compare.h"

#include "jobs/labelled_video.h"
#include "labels/edit.h"
#include "media/video_index.h"
#include "store/label_store.h"
#include "support/verify.h"

#include <QTemporaryDir>

using namespace clipscope;

class TestLabelsCompare final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { test::failOnAnyWarning(); }

    void findsAVideoByWhatItIsCalled_data();
    void findsAVideoByWhatItIsCalled();
    void saysWhenSeveralAreMeant();
    void saysWhatComesNearest();
    void comparesOnTheFramesOfTheVideo();
    void comparesWithoutATableOfFrames();
    void namesTheTiersThereAre();
    void wantsTwoTiers();

private:
    std::filesystem::path folder() const
    {
        return std::filesystem::path(m_folder.path().toStdString()) / "p.clipscope";
    }
    store::Project project() const
    {
        return store::Project::open(folder(), store::Access::ReadOnly).value();
    }
    static labels::Segment segment(std::int64_t id, double start, double stop, std::string label)
    {
        labels::Segment result;
        result.id = id;
        result.startSeconds = start;
        result.stopSeconds = stop;
        result.label = std::move(label);
        return result;
    }
    /// Two tiers of the video with that hash: [0, 2) and [0, 1) of one label.
    Status addTiers(std::string_view videoHash) const
    {
        labels::Tier hand{ 1, "hand", labels::Source::Hand, {}, {} };
        labels::Tier other{ 2, "second hand", labels::Source::Hand, {}, {} };
        const labels::Edit edit{ "Import",
            { { std::nullopt, hand, -1 }, { std::nullopt, other, -1 } },
            { { 1, std::nullopt, segment(3, 0.0, 2.0, "cut") },
                { 2, std::nullopt, segment(4, 0.0, 1.0, "cut") } } };
        CLIP_TRY_ASSIGN(auto store, store::LabelStore::open(folder(), store::Access::ReadWrite));
        CLIP_TRY(store.apply(videoHash, 0, edit));
        return {};
    }
    Result<jobs::LabelsCompareReport> compared(
        const std::string& video, std::vector<std::string> tiers) const
    {
        return jobs::runLabelsCompare({ folder(), video, std::move(tiers) }, {});
    }

    QTemporaryDir m_folder;
};

void TestLabelsCompare::initTestCase()
{
    auto made = store::Project::create(folder());
    QVERIFY_RESULT(made);
    const auto add = [&](const char* path, const char* hash, std::string frameIndex) {
        store::NewVideo video;
        video.record.path = path;
        video.record.contentHash = hash;
        video.record.durationSeconds = 4.0;
        video.frameIndex = std::move(frameIndex);
        return made->catalogue().addVideo(video).has_value();
    };
    // Shown at 0, 0.5, 1, 3.5 and until 4: the picture stands still from 1 to 3.5.
    const media::VideoIndex index(0, 1, 10, media::FrameIdentity::PresentationTime,
        { { 0, 0, true }, { 5, 5, false }, { 10, 10, false }, { 35, 35, false } }, 40);
    QVERIFY(add("/films/kitchen.mp4", "one", index.serialise()));
    QVERIFY(add("/films/garden.mp4", "two", {}));
    QVERIFY(add("/more/garden.mkv", "three", {}));
    QVERIFY_RESULT(addTiers("one"));
    QVERIFY_RESULT(addTiers("two"));
}

void TestLabelsCompare::findsAVideoByWhatItIsCalled_data()
{
    QTest::addColumn<QString>("named");
    QTest::addColumn<qint64>("id");
    QTest::newRow("path") << "/films/kitchen.mp4" << qint64(1);
    QTest::newRow("path not straight") << "/films/../films/kitchen.mp4" << qint64(1);
    QTest::newRow("file name") << "garden.mkv" << qint64(3);
    QTest::newRow("without extension") << "kitchen" << qint64(1);
    QTest::newRow("number") << "2" << qint64(2);
}

void TestLabelsCompare::findsAVideoByWhatItIsCalled()
{
    QFETCH(QString, named);
    QFETCH(qint64, id);
    const auto video = jobs::findVideo(project(), named.toStdString());
    QVERIFY_RESULT(video);
    QCOMPARE(video->id, id);
}

void TestLabelsCompare::saysWhenSeveralAreMeant()
{
    const auto video = jobs::findVideo(project(), "garden");
    QVERIFY_ERROR(video, ErrorKind::BadInput);
    QVERIFY(video.error().message.find("/more/garden.mkv") != std::string::npos);
}

void TestLabelsCompare::saysWhatComesNearest()
{
    const auto video = jobs::findVideo(project(), "kitchn.mp4");
    QVERIFY_ERROR(video, ErrorKind::NotFound);
    QVERIFY(video.error().hint.find("kitchen.mp4") != std::string::npos);
    QVERIFY_ERROR(jobs::findVideo(project(), ""), ErrorKind::NotFound);
}

void TestLabelsCompare::comparesOnTheFramesOfTheVideo()
{
    const auto report = compared("kitchen", { "hand", "second hand" });
    QVERIFY_RESULT(report);
    const Json json = toJson(*report);
    QCOMPARE(json["frames"].get<int>(), 4);
    // Only the frame of second 1 differs; by time it is one second of four.
    QCOMPARE(json["frame_accuracy"].get<double>(), 0.75);
    QCOMPARE(json["kappa"].get<double>(), 0.5);
    QCOMPARE(json["seconds_that_differ"].get<double>(), 1.0);
    QCOMPARE(json["f1_50"].get<double>(), 1.0);
    QCOMPARE(json["edit_score"].get<double>(), 1.0);
    const Json expected
        = Json::array({ { { "start", 1.0 }, { "stop", 2.0 }, { "a", "cut" }, { "b", nullptr } } });
    QVERIFY(json["disagreements"] == expected);
    QCOMPARE(json["labels"][0]["overlap"].get<double>(), 0.5);
}

void TestLabelsCompare::comparesWithoutATableOfFrames()
{
    const auto report = compared("garden.mp4", { "hand", "second hand" });
    QVERIFY_RESULT(report);
    QCOMPARE(report->comparison.frames, 100);
    QCOMPARE(report->comparison.frameAccuracy, 0.75);
}

void TestLabelsCompare::namesTheTiersThereAre()
{
    const auto report = compared("kitchen", { "hand", "third" });
    QVERIFY_ERROR(report, ErrorKind::NotFound);
    QVERIFY(report.error().hint.find("second hand") != std::string::npos);
    const auto none = compared("garden.mkv", { "hand", "third" });
    QVERIFY_ERROR(none, ErrorKind::NotFound);
    QVERIFY(none.error().hint.find("no tiers") != std::string::npos);
}

void TestLabelsCompare::wantsTwoTiers()
{
    QVERIFY_ERROR(compared("kitchen", { "hand" }), ErrorKind::BadInput);
}

QTEST_GUILESS_MAIN(TestLabelsCompare)
#include "tst_labels_compare.moc"
