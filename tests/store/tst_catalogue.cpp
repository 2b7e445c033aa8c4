#include "store/project.h"
#include "support/verify.h"

#include <QTemporaryDir>

using namespace clipscope;
using namespace clipscope::store;

namespace {

NewVideo someVideo(const std::string& hash, const std::string& path)
{
    NewVideo video;
    video.record.contentHash = hash;
    video.record.path = path;
    video.record.fileBytes = 1234;
    video.record.modifiedNanoseconds = 1'700'000'000'123'456'789;
    video.record.durationSeconds = 12.5;
    video.record.frameCount = 300;
    video.record.widthPixels = 320;
    video.record.heightPixels = 240;
    video.record.averageFps = 24.0;
    video.record.container = "matroska,webm";
    video.record.codec = "vp9";
    video.record.hasAudio = true;
    video.record.streamsJson = "{}";
    video.frameIndex = std::string("\0\1\2", 3);
    return video;
}

} // namespace

class TestCatalogue final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_folder = std::make_unique<QTemporaryDir>();
        auto made = Project::create(m_folder->filePath(QStringLiteral("p")).toStdString());
        QVERIFY_RESULT(made);
        m_project = std::make_unique<Project>(std::move(*made));
    }
    void cleanup()
    {
        m_project.reset();
        m_folder.reset();
    }

    /// tests/data/formats/catalogue-1.sqlite was written by version 0.1.0 of the program.
    void readsTheCatalogueOfVersionOne()
    {
        const std::filesystem::path folder
            = m_folder->filePath(QStringLiteral("old")).toStdString();
        std::filesystem::create_directory(folder);
        std::filesystem::copy_file(
            std::filesystem::path(CLIPSCOPE_SOURCE_DIR) / "tests/data/formats/catalogue-1.sqlite",
            folder / "project.sqlite");
        const auto project = Project::open(folder, Access::ReadWrite);
        QVERIFY_RESULT(project);
        const auto videos = project->catalogue().videos();
        QVERIFY_RESULT(videos);
        QCOMPARE(videos->size(), std::size_t(1));
        const VideoRecord& film = videos->front();
        QCOMPARE(film.path, std::filesystem::path("/films/film.mp4"));
        QCOMPARE(film.contentHash, std::string("caeec5f7bd790787b2ac2b444eec3294"));
        QCOMPARE(film.durationSeconds, 2.3);
        QCOMPARE(film.frameCount, 23);
        QCOMPARE(film.widthPixels, 64);
        QCOMPARE(film.codec, std::string("h264"));
        QVERIFY(film.hasAudio);
        QCOMPARE(project->catalogue().frameIndex(film.id)->size(), std::size_t(70));
        const auto captions = project->catalogue().captions(film.id);
        QVERIFY_RESULT(captions);
        QVERIFY((*captions
            == std::vector<CaptionRecord>{
                { 0.5, 2.0, "A test picture counts the seconds.", "/films/film.srt" } }));
        const auto problems = project->catalogue().problems();
        QVERIFY_RESULT(problems);
        QVERIFY((*problems
            == std::vector<ProblemRecord>{ { "/films/film.srt", ErrorKind::BadInput,
                "Line 7 has no time.", "captions", film.id } }));
    }

    void givesBackWhatWasAdded()
    {
        NewVideo video = someVideo("h1", "/films/a b/ü.mkv");
        video.captions
            = { { 3.0, 4.0, "later", "x" }, { 1.0, 2.5, "first 'quoted' \"words\"", "x" } };
        video.problems = { { {}, ErrorKind::Io, "half of it is missing", "import", {} } };
        const auto id = m_project->catalogue().addVideo(video);
        QVERIFY_RESULT(id);
        const auto read = m_project->catalogue().video(*id);
        QVERIFY_RESULT(read);
        QVERIFY(read->has_value());
        video.record.id = *id;
        QVERIFY(**read == video.record);
        QCOMPARE((*read)->seconds(), 13);
        const auto index = m_project->catalogue().frameIndex(*id);
        QVERIFY_RESULT(index);
        QCOMPARE(*index, video.frameIndex);
        const auto captions = m_project->catalogue().captions(*id);
        QVERIFY_RESULT(captions);
        QCOMPARE(captions->size(), std::size_t(2));
        QVERIFY(captions->front() == video.captions[1]); // by start
        const auto problems = m_project->catalogue().problems();
        QVERIFY_RESULT(problems);
        QCOMPARE(problems->size(), std::size_t(1));
        QVERIFY(problems->front().path == video.record.path);
        QVERIFY(problems->front().videoId == *id);
        QVERIFY(problems->front().kind == ErrorKind::Io);
    }

    void countsSecondsFromTheDuration_data()
    {
        QTest::addColumn<double>("duration");
        QTest::addColumn<int>("frames");
        QTest::addColumn<int>("seconds");
        QTest::newRow("whole") << 4.0 << 100 << 4;
        QTest::newRow("rounding error") << 4.0000000001 << 100 << 4;
        QTest::newRow("a frame more") << 4.04 << 101 << 5;
        QTest::newRow("one frame") << 0.0 << 1 << 1;
        QTest::newRow("nothing") << 0.0 << 0 << 0;
    }
    void countsSecondsFromTheDuration()
    {
        QFETCH(double, duration);
        QFETCH(int, frames);
        QFETCH(int, seconds);
        VideoRecord record;
        record.durationSeconds = duration;
        record.frameCount = frames;
        QCOMPARE(record.seconds(), std::int64_t(seconds));
    }

    void refusesTheSameContentTwiceAndAddsNothing()
    {
        QVERIFY_RESULT(m_project->catalogue().addVideo(someVideo("h1", "/a")));
        NewVideo again = someVideo("h1", "/b");
        again.captions = { { 0.0, 1.0, "x", "x" } };
        QVERIFY_ERROR(m_project->catalogue().addVideo(again), ErrorKind::Conflict);
        QCOMPARE(*m_project->catalogue().videoCount(), 1);
        QVERIFY(m_project->catalogue().captionCounts()->empty());
    }

    void findsByHashAndByPathAlsoAfterAMove()
    {
        auto& catalogue = m_project->catalogue();
        const auto id = catalogue.addVideo(someVideo("h1", "/a"));
        QVERIFY_RESULT(id);
        QVERIFY_RESULT(catalogue.moveVideo(*id, "/b", 99));
        QVERIFY(!catalogue.findByPath("/a")->has_value());
        const auto found = catalogue.findByPath("/b");
        QVERIFY_RESULT(found);
        QCOMPARE((*found)->id, *id);
        QCOMPARE((*found)->modifiedNanoseconds, 99);
        QCOMPARE((*catalogue.findByHash("h1"))->id, *id);
        QVERIFY(!catalogue.findByHash("other")->has_value());
        QVERIFY_ERROR(catalogue.moveVideo(77, "/c", 0), ErrorKind::NotFound);
    }

    void replacesOnlyTheCaptionsOfOneOrigin()
    {
        auto& catalogue = m_project->catalogue();
        NewVideo video = someVideo("h1", "/a");
        video.captions = { { 0.0, 1.0, "one", "stream:2" }, { 0.0, 1.0, "two", "/a.srt" } };
        const auto id = catalogue.addVideo(video);
        QVERIFY_RESULT(id);
        const std::vector<CaptionRecord> fresh = { { 5.0, 6.0, "three", "/a.srt" } };
        QVERIFY_RESULT(catalogue.setCaptions(*id, "/a.srt", fresh));
        const auto captions = catalogue.captions(*id);
        QVERIFY_RESULT(captions);
        QCOMPARE(captions->size(), std::size_t(2));
        QCOMPARE((*captions)[0].text, std::string("one"));
        QCOMPARE((*captions)[1].text, std::string("three"));
        QCOMPARE(catalogue.captionCounts()->at(*id), 2);
        QVERIFY_ERROR(catalogue.setCaptions(*id + 1, "x", fresh), ErrorKind::NotFound);
    }

    void keepsProblemsOfOtherJobs()
    {
        auto& catalogue = m_project->catalogue();
        const std::vector<ProblemRecord> import
            = { { "/x", ErrorKind::BadInput, "a", "import", {} } };
        const std::vector<ProblemRecord> extract = { { "/x", ErrorKind::Io, "b", "extract", {} } };
        QVERIFY_RESULT(catalogue.setProblems("/x", "import", import));
        QVERIFY_RESULT(catalogue.setProblems("/x", "extract", extract));
        QVERIFY_RESULT(catalogue.setProblems("/x", "import", {}));
        const auto left = catalogue.problems();
        QVERIFY_RESULT(left);
        QVERIFY(*left == extract);
    }

    void removesAVideoWithEverythingOfIt()
    {
        auto& catalogue = m_project->catalogue();
        NewVideo video = someVideo("h1", "/a");
        video.captions = { { 0.0, 1.0, "one", "x" } };
        video.problems = { { {}, ErrorKind::Io, "p", "import", {} } };
        const auto id = catalogue.addVideo(video);
        QVERIFY_RESULT(id);
        QVERIFY_RESULT(catalogue.removeVideo(*id));
        QVERIFY(catalogue.captions(*id)->empty());
        QVERIFY(catalogue.problems()->empty());
        QVERIFY_ERROR(catalogue.frameIndex(*id), ErrorKind::NotFound);
        QVERIFY_ERROR(catalogue.removeVideo(*id), ErrorKind::NotFound);
        const auto next = catalogue.addVideo(someVideo("h2", "/b"));
        QVERIFY_RESULT(next);
        QVERIFY(*next > *id); // features are kept by id, so ids are never reused
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Project> m_project;
};

QTEST_GUILESS_MAIN(TestCatalogue)
#include "tst_catalogue.moc"
