#include "jobs/pretrain_split.h"

#include "base/files.h"
#include "base/json.h"
#include "jobs/pretrain.h"
#include "store/feature_shards.h"
#include "store/run_folder.h"
#include "support/made_up_films.h"
#include "support/verify.h"

#include <ATen/Parallel.h>

#include <QTemporaryDir>

using namespace clipscope;
namespace fs = std::filesystem;

class TestPretrainSplit final : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path path(const char* name) const
    {
        return fs::path(m_temporary->path().toStdString()) / name;
    }
    jobs::PretrainSettings settings(const std::string& list) const
    {
        jobs::PretrainSettings settings;
        settings.project = path("films.clipscope");
        settings.encoder = "made-up";
        settings.vocabulary = utf8(path("vocab.txt"));
        settings.validationList = list;
        settings.width = 16;
        settings.feedForward = 16;
        settings.heads = 2;
        settings.videoLayers = settings.textLayers = 1;
        settings.batchVideos = 4;
        settings.steps = 3;
        settings.device = tensor::DeviceWish::Cpu;
        return settings;
    }
    std::string listOf(const std::string& text) const
    {
        (void)writeFileAtomically(path("list.txt"), text);
        return utf8(path("list.txt"));
    }

private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        at::set_num_threads(1);
        m_temporary = std::make_unique<QTemporaryDir>();
        QVERIFY_RESULT(test::makeFilms(path("films.clipscope"), { .films = 8 }));
        QVERIFY_RESULT(writeFileAtomically(path("vocab.txt"), test::madeUpVocabulary()));
    }

    void measuresExactlyTheListedFilms()
    {
        // By file name, by the end of a path, by content hash; blanks and empty lines between.
        const auto report = jobs::runPretrain(
            settings(listOf("film2.mp4\n\n  films/film5.mp4\r\n" + hashOf("7") + "\n")), {});
        QVERIFY_RESULT(report);
        QCOMPARE(report->validationVideos, std::int64_t(3));
        QCOMPARE(report->trainingVideos, std::int64_t(5));
        const auto split = readJson(report->folder / "split.json");
        QVERIFY_RESULT(split);
        std::vector<std::string> hashes;
        for (const Json& video : (*split)["validation"])
            hashes.push_back(video["content_hash"].get<std::string>());
        QVERIFY((hashes == std::vector<std::string>{ hashOf("2"), hashOf("5"), hashOf("7") }));
    }

    void tellsTheLineThatNamesNoVideo_data()
    {
        QTest::addColumn<QString>("list");
        QTest::addColumn<QString>("place");
        QTest::newRow("unknown") << QStringLiteral("film1.mp4\n\nfilm99.mp4\n")
                                 << QStringLiteral("line 3");
        QTest::newRow("other folder")
            << QStringLiteral("other/film1.mp4") << QStringLiteral("line 1");
        QTest::newRow("part of a name") << QStringLiteral("ilm1.mp4") << QStringLiteral("line 1");
    }
    void tellsTheLineThatNamesNoVideo()
    {
        QFETCH(QString, list);
        QFETCH(QString, place);
        const auto report = jobs::runPretrain(settings(listOf(list.toStdString())), {});
        QVERIFY_ERROR(report, ErrorKind::BadInput);
        QCOMPARE(report.error().place.where, place.toStdString());
        QVERIFY(!fs::exists(path("films.clipscope") / "runs")); // before anything is written
    }

    void refusesAListThatLeavesNothingToTrainOn()
    {
        std::string all;
        for (int film = 0; film < 8; ++film)
            all += "film" + std::to_string(film) + ".mp4\n";
        QVERIFY_ERROR(jobs::runPretrain(settings(listOf(all)), {}), ErrorKind::BadInput);
        QVERIFY_ERROR(
            jobs::runPretrain(settings(utf8(path("nowhere.txt"))), {}), ErrorKind::NotFound);
    }

    void aResumedRunKeepsItsSplit()
    {
        const auto first = jobs::runPretrain(settings(listOf("film2.mp4\nfilm3.mp4\n")), {});
        QVERIFY_RESULT(first);
        const std::string before = *readFile(first->folder / "split.json");
        (void)listOf("film4.mp4\n"); // the list changed, or is gone, meanwhile
        jobs::PretrainSettings again;
        again.project = path("films.clipscope");
        again.resume = first->run;
        const auto resumed = jobs::runPretrain(again, {});
        QVERIFY_RESULT(resumed);
        QCOMPARE(resumed->validationVideos, std::int64_t(2));
        QCOMPARE(*readFile(first->folder / "split.json"), before);
    }

    void aSplitWhoseFilmIsGoneIsTold()
    {
        const std::vector<jobs::SplitVideo> videos{ { 1, "a" }, { 2, "b" }, { 3, "c" } };
        const data::Split split{ { 0, 2 }, { 1 } };
        QVERIFY_RESULT(jobs::writeSplit(path("split.json"), split, videos, 1));
        const auto read = jobs::readSplit(path("split.json"), videos);
        QVERIFY_RESULT(read);
        QVERIFY(read->training == split.training && read->validation == split.validation);
        const std::vector<jobs::SplitVideo> gone{ { 1, "a" }, { 3, "c" } };
        QVERIFY_ERROR(jobs::readSplit(path("split.json"), gone), ErrorKind::Conflict);
        const std::vector<jobs::SplitVideo> other{ { 1, "a" }, { 2, "other" }, { 3, "c" } };
        QVERIFY_ERROR(jobs::readSplit(path("split.json"), other), ErrorKind::Conflict);
        QVERIFY_RESULT(writeFileAtomically(path("split.json"), "{\"format\": \"else\"}"));
        QVERIFY_ERROR(jobs::readSplit(path("split.json"), videos), ErrorKind::BadInput);
        QVERIFY_ERROR(jobs::readSplit(path("none.json"), videos), ErrorKind::NotFound);
    }
};

QTEST_GUILESS_MAIN(TestPretrainSplit)
#include "tst_pretrain_split.moc"
