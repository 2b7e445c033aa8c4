#include "base/files.h"
#include "jobs/extract.h"
#include "jobs/import.h"
#include "jobs/init.h"
#include "jobs/make_collection.h"
#include "jobs/pretrain.h"
#include "jobs/search.h"
#include "support/verify.h"

#include <ATen/Parallel.h>

#include <QTemporaryDir>

using namespace clipscope;
namespace fs = std::filesystem;

/// The way of docs/training.md with few films and steps: nothing is installed, and a model learns.
class TestLearnsCollection final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    fs::path path(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void initTestCase()
    {
        at::set_num_threads(1); // other tests run beside it
        qputenv("CLIPSCOPE_MODELS", m_folder.filePath(QStringLiteral("no-models")).toUtf8());
        jobs::MakeCollectionSettings collection;
        collection.folder = path("films");
        collection.videos = 30;
        QVERIFY_RESULT(jobs::runMakeCollection(collection, {}));
        QVERIFY_RESULT(jobs::runInit({ path("p.clipscope") }, {}));
        jobs::ImportSettings import;
        import.project = path("p.clipscope");
        import.paths = { path("films") };
        QVERIFY_RESULT(jobs::runImport(import, {}));
        jobs::ExtractSettings extract;
        extract.project = path("p.clipscope");
        extract.encoder = "random-spatiotemporal";
        const auto extracted = jobs::runExtract(extract, {});
        QVERIFY_RESULT(extracted);
        QCOMPARE(extracted->extracted, std::int64_t(30 + 77));
    }

    void lossFallsAndHeldOutPairsAreFoundMoreOftenThanByChance()
    {
        jobs::PretrainSettings settings;
        settings.project = path("p.clipscope");
        settings.name = "tiny";
        QVERIFY_RESULT(settingsTable(settings).readToml(
            fs::path(CLIPSCOPE_SOURCE_DIR) / "resources" / "training" / "shapes.toml"));
        settings.vocabulary = utf8(path("films") / "vocab.txt");
        settings.validationList = utf8(path("films") / "held-out.txt");
        settings.width = 64;
        settings.feedForward = 128;
        settings.batchVideos = 30;
        settings.warmupSteps = 10;
        settings.steps = settings.evaluateEvery = 120;
        const auto report = jobs::runPretrain(settings, {});
        QVERIFY_RESULT(report);
        QCOMPARE(report->validationVideos, std::int64_t(77));
        QCOMPARE(report->last->pairs, std::int64_t(77));
        QVERIFY2(report->last->loss < 0.75 * report->first->loss,
            (std::to_string(report->first->loss) + " " + std::to_string(report->last->loss))
                .c_str());
        // Three times what chance gives.
        QVERIFY2(report->last->recallAt5 > 3 * report->last->chanceAt(5),
            std::to_string(report->last->recallAt5).c_str());
    }

    void theCheckpointAnswersQueries()
    {
        jobs::SearchSettings search;
        search.project = path("p.clipscope");
        search.query = "the red circle moves left";
        const auto report = jobs::runSearch(search, {});
        QVERIFY_RESULT(report);
        QVERIFY(report->answer.checkpoint.starts_with("tiny."));
        QVERIFY(!report->answer.moments.empty());
    }
};

QTEST_GUILESS_MAIN(TestLearnsCollection)
#include "tst_learns_collection.moc"
