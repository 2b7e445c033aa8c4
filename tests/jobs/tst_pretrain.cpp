#include "jobs/pretrain.h"

#include "base/files.h"
#include "jobs/runs.h"
#include "store/run_folder.h"
#include "support/made_up_films.h"
#include "support/verify.h"

#include <ATen/Parallel.h>

#include <dlfcn.h>

#include <QProcess>
#include <QTemporaryDir>

using namespace clipscope;
namespace fs = std::filesystem;

namespace {

/// A model small enough to make hundreds of steps a second.
jobs::PretrainSettings smallSettings(const fs::path& project, const fs::path& vocabulary)
{
    jobs::PretrainSettings settings;
    settings.project = project;
    settings.encoder = "made-up";
    settings.vocabulary = utf8(vocabulary);
    settings.width = 32;
    settings.feedForward = 64;
    settings.heads = 4;
    settings.videoLayers = settings.textLayers = 1;
    settings.batchVideos = 8;
    settings.pairsPerVideo = 2;
    settings.textBudgetLow = 2;
    settings.textBudgetHigh = 5;
    settings.videoSecondsLow = 2;
    settings.videoSecondsHigh = 4;
    settings.learningRate = 5e-3;
    settings.warmupSteps = 5;
    settings.steps = 60;
    settings.evaluateEvery = 20;
    settings.checkpointEvery = 10;
    settings.device = tensor::DeviceWish::Cpu;
    return settings;
}

std::vector<double> lossesOf(const store::RunFolder& run)
{
    std::vector<double> losses;
    const auto metrics = run.readMetrics();
    if (!metrics)
        return losses;
    for (const store::MetricsRow& row : metrics->rows)
        for (const auto& [name, value] : row.values)
            if (name == "loss") {
                losses.resize(std::max(losses.size(), static_cast<std::size_t>(row.step)), -1.0);
                losses[static_cast<std::size_t>(row.step) - 1] = value;
            }
    return losses;
}

} // namespace

class TestPretrain final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    fs::path m_project, m_vocabulary, m_config;

    store::RunFolder run(const std::string& name) const
    {
        return std::move(*store::RunFolder::open(m_project / "runs" / name));
    }
    void start(QProcess& process, const QStringList& arguments) const
    {
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(qEnvironmentVariable("CLIPSCOPE_CLI"),
            QStringList{ "pretrain", QString::fromStdString(utf8(m_project)) } + arguments);
    }
    QStringList fresh(const QString& name, int steps) const
    {
        return { "--name", name, "--config", QString::fromStdString(utf8(m_config)), "--set",
            "train.steps=" + QString::number(steps) };
    }

private Q_SLOTS:
    void initTestCase()
    {
        at::set_num_threads(1); // so small a model only loses by more
        const fs::path folder = m_folder.path().toStdString();
        m_project = folder / "films.clipscope";
        m_vocabulary = folder / "vocab.txt";
        m_config = folder / "config.toml";
        QVERIFY_RESULT(test::makeFilms(m_project, { .films = 16 }));
        QVERIFY_RESULT(writeFileAtomically(m_vocabulary, test::madeUpVocabulary()));
        auto settings = smallSettings(m_project, m_vocabulary);
        QVERIFY_RESULT(writeFileAtomically(m_config, settingsTable(settings).toToml()));
    }
    void init() { test::failOnAnyWarning(); }

    void matrixProductsAreThoseOfLibTorch()
    {
        Dl_info where{};
        QVERIFY(dladdr(dlsym(RTLD_DEFAULT, "sgemm_"), &where) != 0);
        QVERIFY2(std::string_view(where.dli_fname).find("libtorch") != std::string_view::npos,
            where.dli_fname);
    }

    void trainsFromScratchAndLeavesEverythingInTheRunFolder()
    {
        const auto report = jobs::runPretrain(smallSettings(m_project, m_vocabulary), {});
        QVERIFY_RESULT(report);
        QCOMPARE(report->run, std::string("run-1"));
        QVERIFY(report->phase == store::RunPhase::Finished);
        QCOMPARE(report->steps, std::int64_t(60));
        QVERIFY(report->last->loss < report->first->loss);
        QVERIFY(report->last->recallAt5 > report->first->recallAt5);
        bool said = false;
        for (const std::string& note : report->notes)
            said = said || note.find("only show that training works") != std::string::npos;
        QVERIFY(said);
        const auto folder = run("run-1");
        QVERIFY(fs::exists(folder.checkpointsFolder() / "last.safetensors"));
        QVERIFY(fs::exists(folder.checkpointsFolder() / "best.safetensors"));
        QCOMPARE(lossesOf(folder).size(), std::size_t(60));
        const auto state = folder.readState();
        QVERIFY_RESULT(state);
        QVERIFY(state->phase == store::RunPhase::Finished);
        QCOMPARE(state->progress.done, std::int64_t(60));
        const auto runs = jobs::listRuns(m_project);
        QVERIFY_RESULT(runs);
        QVERIFY(!runs->front().resumable);
        QCOMPARE(runs->front().lastEvaluation->step, std::int64_t(60));
    }

    void trainsOnFromACheckpoint()
    {
        auto settings = smallSettings(m_project, m_vocabulary);
        settings.name = "on";
        settings.from = "run-1.last";
        settings.steps = 20;
        const auto report = jobs::runPretrain(settings, {});
        QVERIFY_RESULT(report);
        QVERIFY(report->first->recallAt5 > 2.0 * report->first->chanceAt(5));
    }

    void aKilledRunResumesWithTheSameLosses()
    {
        constexpr int steps = 150;
        QProcess whole;
        start(whole, fresh("whole", steps));
        QVERIFY(whole.waitForFinished(300000));
        QVERIFY2(whole.exitCode() == 0, whole.readAll());
        const auto config = readFile(run("whole").configFile());
        QVERIFY_RESULT(config);
        QVERIFY(config->find("train.steps = 150 # flag\n") != std::string::npos);
        QVERIFY(config->find("model.width = 32 # file\n") != std::string::npos);

        QProcess killed;
        start(killed, fresh("killed", steps));
        QVERIFY(QTest::qWaitFor(
            [&] {
                auto folder = store::RunFolder::open(m_project / "runs" / "killed");
                return folder && lossesOf(*folder).size() > 35;
            },
            300000));
        killed.kill();
        QVERIFY(killed.waitForFinished(60000));
        QVERIFY(killed.exitStatus() == QProcess::CrashExit);
        QVERIFY(lossesOf(run("killed")).size() < steps);

        QProcess resumed;
        start(resumed, { "--resume", "killed" });
        QVERIFY(resumed.waitForFinished(300000));
        QVERIFY2(resumed.exitCode() == 0, resumed.readAll());
        const auto expected = lossesOf(run("whole")), found = lossesOf(run("killed"));
        QCOMPARE(expected.size(), std::size_t(steps));
        QVERIFY(found == expected);
        const auto state = run("killed").readState();
        QVERIFY_RESULT(state);
        QVERIFY(state->phase == store::RunPhase::Finished);
    }

    void pauseSavesLeavesAndCanBeResumed()
    {
        QProcess paused;
        start(paused, fresh("paused", 100000));
        QVERIFY(QTest::qWaitFor(
            [&] {
                auto folder = store::RunFolder::open(m_project / "runs" / "paused");
                return folder && lossesOf(*folder).size() > 3;
            },
            300000));
        auto second = smallSettings(m_project, m_vocabulary);
        second.resume = "paused";
        QVERIFY_ERROR(jobs::runPretrain(second, {}), ErrorKind::Conflict);
        QVERIFY_RESULT(jobs::askRun(m_project, "paused", store::Control::Pause));
        QVERIFY(paused.waitForFinished(60000));
        QVERIFY2(paused.exitCode() == 0, paused.readAll());
        const auto state = run("paused").readState();
        QVERIFY_RESULT(state);
        QVERIFY(state->phase == store::RunPhase::Paused);
        QVERIFY_ERROR(jobs::askRun(m_project, "paused", store::Control::Stop), ErrorKind::Conflict);

        QProcess resumed;
        start(resumed, { "--resume", "paused" });
        const std::size_t before = lossesOf(run("paused")).size();
        QVERIFY(QTest::qWaitFor([&] { return lossesOf(run("paused")).size() > before; }, 300000));
        resumed.terminate();
        QVERIFY(resumed.waitForFinished(60000));
        const auto stopped = run("paused").readState();
        QVERIFY_RESULT(stopped);
        QVERIFY(stopped->phase == store::RunPhase::Stopped);
    }

    void badWishesAreRefusedBeforeAnythingIsWritten_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<int>("kind");
        QTest::newRow("project") << "project" << int(ErrorKind::NotFound);
        QTest::newRow("encoder") << "encoder" << int(ErrorKind::NotFound);
        QTest::newRow("vocabulary") << "vocabulary" << int(ErrorKind::NotFound);
        QTest::newRow("heads") << "heads" << int(ErrorKind::BadInput);
        QTest::newRow("resume") << "resume" << int(ErrorKind::NotFound);
        QTest::newRow("from") << "from" << int(ErrorKind::NotFound);
        QTest::newRow("range") << "range" << int(ErrorKind::BadInput);
        QTest::newRow("known name") << "name" << int(ErrorKind::Conflict);
        QTest::newRow("name of another folder") << "../x" << int(ErrorKind::BadInput);
    }

    void badWishesAreRefusedBeforeAnythingIsWritten()
    {
        QFETCH(QString, what);
        QFETCH(int, kind);
        auto settings = smallSettings(m_project, m_vocabulary);
        settings.name = "refused";
        if (what == "project")
            settings.project = "/nowhere.clipscope";
        else if (what == "encoder")
            settings.encoder = "s3d";
        else if (what == "vocabulary")
            settings.vocabulary = "/nowhere.txt";
        else if (what == "heads")
            settings.heads = 5;
        else if (what == "resume")
            settings.resume = "nobody";
        else if (what == "from")
            settings.from = "nothing.best";
        else if (what == "range")
            settings.textBudgetLow = 9;
        else if (what == "name")
            settings.name = "run-1";
        else
            settings.name = what.toStdString();
        const auto report = jobs::runPretrain(settings, {});
        QVERIFY_ERROR(report, static_cast<ErrorKind>(kind));
        QVERIFY(!fs::exists(m_project / "runs" / "refused"));
        QVERIFY(!fs::exists(m_project / "x"));
    }
};

QTEST_GUILESS_MAIN(TestPretrain)
#include "tst_pretrain.moc"
