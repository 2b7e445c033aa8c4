#include "base/files.h"
#include "jobs/import.h"
#include "jobs/init.h"
#include "media/video_index.h"
#include "store/project.h"
#include "support/full_disk.h"
#include "support/make_video.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <atomic>
#include <cmath>
#include <fstream>
#include <functional>

#include <sys/stat.h>
#include <unistd.h>

using namespace clipscope;
using namespace clipscope::jobs;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& file, std::string_view content)
{
    fs::create_directories(file.parent_path());
    QVERIFY_RESULT(writeFileAtomically(file, content));
}

/// A small film; `frames` makes the content its own.
void film(const fs::path& file, int frames = 30, test::MadeVideo video = {})
{
    fs::create_directories(file.parent_path());
    video.frames = frames;
    QVERIFY_RESULT(test::makeVideo(file, video));
}

/// Asks to stop when the given number of files is done.
class StopAfter final : public ProgressSink
{
public:
    explicit StopAfter(std::int64_t files)
        : m_files(files)
    {
    }
    void report(const Progress& progress) override
    {
        if (progress.phase == "import" && progress.done >= m_files)
            m_source.request_stop();
    }
    std::stop_token token() const { return m_source.get_token(); }

private:
    std::int64_t m_files;
    std::stop_source m_source;
};

} // namespace

class TestImport final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_temporary = std::make_unique<QTemporaryDir>();
        m_root = fs::canonical(m_temporary->path().toStdString());
        m_films = m_root / "films";
        fs::create_directory(m_films);
        m_project = m_root / "p.clipscope";
        QVERIFY_RESULT(runInit({ m_project }, {}));
    }

    void takesFilmsOfAFolderAndAllBelowInOrder()
    {
        film(m_films / "b.mp4", 20);
        film(m_films / "a" / "deep" / "z.mkv", 21);
        film(m_films / "c.avi", 22);
        write(m_films / "notes.txt", "x");
        write(m_films / "cover.JPG", "x");
        write(m_films / ".hidden.mp4", "x");
        film(m_films / "without-extension.mp4", 23);
        fs::rename(m_films / "without-extension.mp4", m_films / "without-extension");
        const auto report = import({ m_films });
        QVERIFY_RESULT(report);
        QVERIFY((report->imported
            == std::vector{ m_films / "a/deep/z.mkv", m_films / "b.mp4", m_films / "c.avi",
                m_films / "without-extension" }));
        QVERIFY(report->skipped.empty());
        const auto videos = catalogue().videos();
        QVERIFY_RESULT(videos);
        QCOMPARE(videos->size(), std::size_t(4));
        QCOMPARE((*videos)[1].frameCount, 20);
        QCOMPARE((*videos)[1].widthPixels, 160);
        const auto bytes = catalogue().frameIndex((*videos)[1].id);
        QVERIFY_RESULT(bytes);
        const auto index = media::VideoIndex::parse(*bytes);
        QVERIFY_RESULT(index);
        QCOMPARE(index->frameCount(), 20);
    }

    void knowsUnchangedFilesWithoutReadingThem()
    {
        film(m_films / "a.mp4");
        QVERIFY_RESULT(import({ m_films }));
        // The bytes change, size and time stay: a second look would notice, none is taken.
        const auto time = fs::last_write_time(m_films / "a.mp4");
        std::ofstream(m_films / "a.mp4", std::ios::in | std::ios::binary) << "no film";
        fs::last_write_time(m_films / "a.mp4", time);
        const auto again = import({ m_films });
        QVERIFY_RESULT(again);
        QVERIFY((again->known == std::vector{ m_films / "a.mp4" }));
        QVERIFY(again->imported.empty());
        QVERIFY(again->skipped.empty());
    }

    void recognisesMovedAndTouchedFiles()
    {
        film(m_films / "a.mp4");
        QVERIFY_RESULT(import({ m_films }));
        const auto id = (*catalogue().videos())[0].id;
        fs::create_directory(m_films / "new place");
        fs::rename(m_films / "a.mp4", m_films / "new place" / "b.mp4");
        const auto moved = import({ m_films });
        QVERIFY_RESULT(moved);
        QVERIFY((moved->moved == std::vector{ m_films / "new place" / "b.mp4" }));
        QVERIFY(moved->imported.empty());
        QVERIFY(catalogue().video(id)->value().path == m_films / "new place" / "b.mp4");
        fs::last_write_time(m_films / "new place" / "b.mp4", fs::file_time_type::clock::now());
        QCOMPARE(import({ m_films })->known.size(), std::size_t(1));
        QCOMPARE(*catalogue().videoCount(), 1);
    }

    void followsFilesThatChangedNames()
    {
        film(m_films / "a.mp4", 20);
        film(m_films / "b.mp4", 25);
        QVERIFY_RESULT(import({ m_films }));
        const auto before = *catalogue().videos();
        fs::rename(m_films / "a.mp4", m_films / "c");
        fs::rename(m_films / "b.mp4", m_films / "a.mp4");
        fs::rename(m_films / "c", m_films / "b.mp4");
        const auto report = import({ m_films });
        QVERIFY_RESULT(report);
        QCOMPARE(report->known.size(), std::size_t(2));
        QVERIFY(catalogue().video(before[0].id)->value().path == m_films / "b.mp4");
        QVERIFY(catalogue().video(before[1].id)->value().path == m_films / "a.mp4");
    }

    void saysWhereADuplicateIs()
    {
        film(m_films / "a.mp4");
        fs::copy(m_films / "a.mp4", m_films / "b.mp4");
        const auto report = import({ m_films });
        QVERIFY_RESULT(report);
        QVERIFY((report->imported == std::vector{ m_films / "a.mp4" }));
        QCOMPARE(report->skipped.size(), std::size_t(1));
        QVERIFY(report->skipped[0].path == m_films / "b.mp4");
        QVERIFY(report->skipped[0].kind == ErrorKind::Conflict);
        QVERIFY(report->skipped[0].reason.find(utf8(m_films / "a.mp4")) != std::string::npos);
        fs::remove(m_films / "b.mp4");
        QVERIFY_RESULT(import({ m_films }));
        QVERIFY(catalogue().problems()->empty()); // what is gone is no problem any more
    }

    void takesTheNewContentOfAReplacedFile()
    {
        film(m_films / "a.mp4", 20);
        QVERIFY_RESULT(import({ m_films }));
        const auto old = (*catalogue().videos())[0].id;
        film(m_films / "a.mp4", 40);
        QCOMPARE(import({ m_films })->imported.size(), std::size_t(1));
        const auto videos = *catalogue().videos();
        QCOMPARE(videos.size(), std::size_t(1));
        QCOMPARE(videos[0].frameCount, 40);
        QVERIFY(videos[0].id != old);
    }

    void takesCaptionsFromInsideAndBeside()
    {
        test::MadeVideo video;
        video.cues = { { 0.2, 0.8, "inside" }, { 0.8, 1.0, "in both" } };
        film(m_films / "a.mkv", 50, video);
        write(m_films / "a.srt",
            "1\n00:00:00,800 --> 00:00:01,000\nin both\n\n2\n00:00:01,000 --> 00:00:01,500\n<i>"
            "beside</i>\n\n3\n00:00:02,000 --> 00:00:01,000\nbackwards\n");
        film(m_films / "b.mp4", 51);
        write(m_films / "b.en.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nEnglish\n");
        write(m_films / "b.de.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nDeutsch\n");
        const auto report = import({ m_films });
        QVERIFY_RESULT(report);
        QVERIFY((captionsOf("a.mkv") == std::vector<std::string>{ "inside", "in both", "beside" }));
        QVERIFY((captionsOf("b.mp4") == std::vector<std::string>{ "English" }));
        QCOMPARE(report->captions, 4);
        QCOMPARE(report->skipped.size(), std::size_t(1));
        QVERIFY(report->skipped[0].path == m_films / "a.srt");
        // Nothing new at the second look, a changed file is taken up.
        QCOMPARE(import({ m_films })->captions, 0);
        write(m_films / "b.en.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nBetter\n");
        QVERIFY_RESULT(import({ m_films / "b.mp4" }));
        QVERIFY((captionsOf("b.mp4") == std::vector<std::string>{ "Better" }));
    }

    void takesCaptionsFromJson()
    {
        film(m_films / "a.mp4", 50);
        film(m_films / "sub" / "b c.mp4", 51);
        write(m_films / "captions.json",
            R"({"videos": [{"file": "a.mp4", "captions": [{"start": 0, "end": 1, "text": "one"},
               {"start": 1.5, "end": 1, "text": "reversed"}, {"start": -1, "end": 1, "text": "early"}]},
               {"file": "sub/b c.mp4", "captions": [{"start": 0, "end": 1, "text": "two"}]},
               {"file": "gone.mp4", "captions": [{"start": 0, "end": 1, "text": "three"}]}]})");
        const fs::path raw = m_root / "raw_caption.json";
        write(raw, R"({"b c": {"start": [0.5], "end": [1.0], "text": ["asr words"]}})");
        const auto report = import({ m_films }, { raw });
        QVERIFY_RESULT(report);
        QVERIFY((captionsOf("a.mp4") == std::vector<std::string>{ "one" }));
        QVERIFY((captionsOf("sub/b c.mp4") == std::vector<std::string>{ "two", "asr words" }));
        QCOMPARE(report->skipped.size(), std::size_t(3)); // reversed, early, gone.mp4
        QVERIFY(report->skipped[2].kind == ErrorKind::NotFound);
        QVERIFY(report->skipped[2].reason.find("gone.mp4") != std::string::npos);
    }

    void addsCaptionsToVideosThatAreThere()
    {
        film(m_films / "a.mp4");
        QVERIFY_RESULT(import({ m_films }));
        const fs::path file = m_root / "later.json";
        write(file, R"({"a.mp4": [{"start": 0, "end": 1, "text": "later"}]})");
        const auto report = import({}, { file });
        QVERIFY_RESULT(report);
        QCOMPARE(report->captions, 1);
        QVERIFY((captionsOf("a.mp4") == std::vector<std::string>{ "later" }));
    }

    void saysLineAndColumnOfBrokenCaptions()
    {
        film(m_films / "a.mp4");
        const std::string broken = "{\n  \"a.mp4\": [\n    {\"start\": 0 \"end\": 1}\n  ]\n}\n";
        write(m_root / "named.json", broken);
        const auto named = import({ m_films }, { m_root / "named.json" });
        QVERIFY_ERROR(named, ErrorKind::BadInput);
        QVERIFY(named.error().place.where.find("line 3, column ") == 0);
        QCOMPARE(*catalogue().videoCount(), 0); // a named file is a wish: nothing without it
        write(m_films / "captions.json", broken);
        const auto found = import({ m_films });
        QVERIFY_RESULT(found);
        QCOMPARE(found->imported.size(), std::size_t(1));
        QCOMPARE(found->skipped.size(), std::size_t(1));
        QVERIFY(found->skipped[0].path == m_films / "captions.json");
        QVERIFY(found->skipped[0].reason.find("line 3, column ") != std::string::npos);
    }

    void keepsWhatIsDoneWhenStoppedAndGoesOn()
    {
        for (int i = 0; i < 12; ++i)
            film(m_films / ("film" + std::to_string(10 + i) + ".mp4"), 10 + i);
        StopAfter stop(5);
        ImportSettings settings{ m_project, { m_films }, {}, 2 };
        QVERIFY_ERROR(
            runImport(settings, { stop.token(), stop, silentLogger() }), ErrorKind::Cancelled);
        QCOMPARE(*catalogue().videoCount(), 5);
        const auto rest = import({ m_films });
        QVERIFY_RESULT(rest);
        QCOMPARE(rest->known.size(), std::size_t(5));
        QCOMPARE(rest->imported.size(), std::size_t(7));
    }

    void saysWhatCannotBeUsedAndWhy()
    {
        write(m_films / "empty.mp4", "");
        write(m_films / "text.mp4", "this is no film");
        QCOMPARE(::mkfifo((m_films / "pipe.mp4").c_str(), 0600), 0); // would wait for ever
        const auto report = import({ m_films, m_films / "gone.mp4", m_films / "pipe.mp4" });
        QVERIFY_RESULT(report);
        QCOMPARE(report->skipped.size(), std::size_t(4));
        for (const SkippedItem& item : report->skipped)
            QVERIFY(!item.reason.empty());
        QVERIFY(report->skipped[0].kind == ErrorKind::NotFound);
        QCOMPARE(catalogue().problems()->size(), std::size_t(3)); // not of what is not there
        QVERIFY_ERROR(import({ m_root / "gone" }), ErrorKind::NotFound);
    }

    void walksThroughLinksOnce()
    {
        film(m_films / "a.mp4");
        fs::create_directory_symlink(m_films, m_films / "loop");
        const auto report = import({ m_films, m_films / "a.mp4" });
        QVERIFY_RESULT(report);
        QCOMPARE(report->imported.size(), std::size_t(1));
        QVERIFY(report->skipped.empty());
    }

    void neverTakesFilesOfAProjectInside()
    {
        film(m_project / "thumbnails" / "x.mp4");
        film(m_root / "films" / "a.mp4", 33);
        const auto report = import({ m_root });
        QVERIFY_RESULT(report);
        QVERIFY((report->imported == std::vector{ m_films / "a.mp4" }));
    }

    void keepsAWholeCatalogueWhenTheDiskIsFull()
    {
        for (int i = 0; i < 40; ++i)
            film(m_films / (std::to_string(100 + i) + ".mp4"), 10 + i);
        {
            const test::FullDisk disk(100'000);
            QVERIFY_ERROR(import({ m_films }), ErrorKind::Io);
        }
        const auto before = catalogue().videos();
        QVERIFY_RESULT(before);
        QVERIFY(before->size() < 40);
        for (const auto& video : *before)
            QVERIFY_RESULT(media::VideoIndex::parse(*catalogue().frameIndex(video.id)));
        const auto report = import({ m_films });
        QVERIFY_RESULT(report);
        QCOMPARE(report->imported.size(), 40 - before->size());
        QCOMPARE(catalogue().videos()->size(), std::size_t(40));
    }

    void survivesEveryHostileFile()
    {
        const fs::path hostile = test::dataFolder() / "hostile";
        if (!fs::exists(hostile))
            QSKIP("the sample data is not here");
        const auto report = import({ hostile });
        QVERIFY_RESULT(report);
        std::size_t media = 0;
        for (const auto& entry : fs::directory_iterator(hostile))
            media += entry.path().extension() != ".md";
        QCOMPARE(report->imported.size() + report->skipped.size(), media);
        for (const SkippedItem& item : report->skipped)
            QVERIFY(!item.reason.empty());
        const auto videos = *catalogue().videos();
        QCOMPARE(videos.size(), report->imported.size());
        const auto problems = *catalogue().problems();
        for (const store::VideoRecord& video : videos) {
            QVERIFY(video.frameCount > 0 && video.widthPixels > 0 && video.heightPixels > 0);
            QVERIFY(std::isfinite(video.durationSeconds) && video.durationSeconds >= 0.0);
            const auto index = media::VideoIndex::parse(*catalogue().frameIndex(video.id));
            QVERIFY_RESULT(index);
            QCOMPARE(index->frameCount(), video.frameCount);
            QCOMPARE(index->secondCount(), video.seconds());
            if (video.path.filename() == "truncated.mkv")
                QVERIFY(std::any_of(problems.begin(), problems.end(),
                    [&video](const auto& problem) { return problem.videoId == video.id; }));
        }
    }

private:
    Result<ImportReport> import(
        std::vector<fs::path> paths, std::vector<fs::path> captionFiles = {}) const
    {
        return runImport({ m_project, std::move(paths), std::move(captionFiles), 2 }, {});
    }
    store::Catalogue& catalogue()
    {
        m_opened = std::make_unique<store::Project>(
            std::move(*store::Project::open(m_project, store::Access::ReadOnly)));
        return m_opened->catalogue();
    }
    std::vector<std::string> captionsOf(const std::string& name)
    {
        std::vector<std::string> texts;
        const auto video = catalogue().findByPath(m_films / name);
        if (!video || !*video)
            return texts;
        const auto captions = m_opened->catalogue().captions((*video)->id).value();
        for (const auto& caption : captions)
            texts.push_back(caption.text);
        return texts;
    }

    std::unique_ptr<QTemporaryDir> m_temporary;
    std::unique_ptr<store::Project> m_opened;
    fs::path m_root, m_films, m_project;
};

QTEST_GUILESS_MAIN(TestImport)
#include "tst_import.moc"
