#include "jobs/pretrain.h"

#include "base/files.h"
#include "base/json.h"
#include "jobs/clusters.h"
#include "jobs/fork.h"
#include "jobs/runs.h"
#include "store/step_records.h"
#include "store/watch_list.h"
#include "support/small_run.h"
#include "support/verify.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include <dlfcn.h>

#include <QProcess>
#include <QTemporaryDir>

using namespace clipscope;
namespace fs = std::filesystem;

class TestPretrain final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    test::SmallRun m_small;
    fs::path m_project;

    QStringList fresh(const QString& name, int steps) const
    {
        return m_small.fresh(name, { "train.steps=" + QString::number(steps) });
    }

private Q_SLOTS:
    void initTestCase()
    {
        at::set_num_threads(1); // so small a model only loses by more
        QVERIFY_RESULT(m_small.make(m_folder.path().toStdString()));
        m_project = m_small.project();
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
        const auto report = jobs::runPretrain(m_small.settings(), {});
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
        const auto folder = m_small.run("run-1");
        QVERIFY(fs::exists(folder.checkpointsFolder() / "last.safetensors"));
        QVERIFY(fs::exists(folder.checkpointsFolder() / "best.safetensors"));
        QCOMPARE(m_small.losses("run-1").size(), std::size_t(60));
        const auto state = folder.readState();
        QVERIFY_RESULT(state);
        QVERIFY(state->phase == store::RunPhase::Finished);
        QCOMPARE(state->progress.done, std::int64_t(60));
        QVERIFY2(state->device.starts_with("CPU, ") || state->device.starts_with("GPU "),
            state->device.c_str());
        const auto runs = jobs::listRuns(m_project);
        QVERIFY_RESULT(runs);
        QVERIFY(!runs->front().resumable);
        QCOMPARE(runs->front().lastEvaluation->step, std::int64_t(60));
    }

    void trainsOnFromACheckpoint()
    {
        auto settings = m_small.settings();
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
        const auto whole = m_small.start(fresh("whole", steps));
        QVERIFY(whole->waitForFinished(300000));
        QVERIFY2(whole->exitCode() == 0, whole->readAll());
        const auto config = readFile(m_small.run("whole").configFile());
        QVERIFY_RESULT(config);
        QVERIFY(config->find("train.steps = 150 # flag\n") != std::string::npos);
        QVERIFY(config->find("model.width = 32 # file\n") != std::string::npos);

        const auto killed = m_small.start(fresh("killed", steps));
        QVERIFY(QTest::qWaitFor([&] { return m_small.losses("killed").size() > 35; }, 300000));
        killed->kill();
        QVERIFY(killed->waitForFinished(60000));
        QVERIFY(killed->exitStatus() == QProcess::CrashExit);
        QVERIFY(m_small.losses("killed").size() < steps);

        const auto resumed = m_small.start({ "--resume", "killed" });
        QVERIFY(resumed->waitForFinished(300000));
        QVERIFY2(resumed->exitCode() == 0, resumed->readAll());
        const auto expected = m_small.losses("whole"), found = m_small.losses("killed");
        QCOMPARE(expected.size(), std::size_t(steps));
        QVERIFY(found == expected);
        const auto state = m_small.run("killed").readState();
        QVERIFY_RESULT(state);
        QVERIFY(state->phase == store::RunPhase::Finished);
    }

    void pauseSavesLeavesAndCanBeResumed()
    {
        const auto paused = m_small.start(fresh("paused", 100000));
        QVERIFY(QTest::qWaitFor([&] { return m_small.losses("paused").size() > 3; }, 300000));
        auto second = m_small.settings();
        second.resume = "paused";
        QVERIFY_ERROR(jobs::runPretrain(second, {}), ErrorKind::Conflict);
        QProcess detached;
        detached.start(qEnvironmentVariable("CLIPSCOPE_CLI"),
            { "runs", "resume", QString::fromStdString(utf8(m_project)), "paused" });
        QVERIFY(detached.waitForFinished(60000));
        QCOMPARE(detached.exitCode(), exitCodeOf(ErrorKind::Conflict));
        QVERIFY_RESULT(jobs::askRun(m_project, "paused", store::Control::Pause));
        QVERIFY(paused->waitForFinished(60000));
        QVERIFY2(paused->exitCode() == 0, paused->readAll());
        const auto state = m_small.run("paused").readState();
        QVERIFY_RESULT(state);
        QVERIFY(state->phase == store::RunPhase::Paused);
        QVERIFY_ERROR(jobs::askRun(m_project, "paused", store::Control::Stop), ErrorKind::Conflict);

        const auto resumed = m_small.start({ "--resume", "paused" });
        const std::size_t before = m_small.losses("paused").size();
        QVERIFY(QTest::qWaitFor([&] { return m_small.losses("paused").size() > before; }, 300000));
        resumed->terminate();
        QVERIFY(resumed->waitForFinished(60000));
        const auto stopped = m_small.run("paused").readState();
        QVERIFY_RESULT(stopped);
        QVERIFY(stopped->phase == store::RunPhase::Stopped);
    }

    void theCommandThatResumesTellsTheEndAsOneThatBegan()
    {
        const auto begun = m_small.start(fresh("half", 30) + QStringList{ "--json" });
        QVERIFY(begun->waitForFinished(60000));
        QVERIFY2(begun->exitCode() == 0, begun->readAll());
        QProcess resumed;
        resumed.start(qEnvironmentVariable("CLIPSCOPE_CLI"),
            { "runs", "resume", QString::fromStdString(utf8(m_project)), "half", "--foreground",
                "--json" });
        QVERIFY(resumed.waitForFinished(60000));
        QVERIFY2(resumed.exitCode() == 0, resumed.readAllStandardError());
        const auto said = parseJson(resumed.readAllStandardOutput().toStdString());
        QVERIFY_RESULT(said);
        QCOMPARE((*said)["run"].get<std::string>(), std::string("half"));
        QCOMPARE((*said)["steps"].get<int>(), 30);
    }

    void aRunThatCannotGoOnSaysWhyAndHowFarItCame()
    {
        auto settings = m_small.settings();
        settings.name = "far";
        settings.steps = 12;
        QVERIFY_RESULT(jobs::runPretrain(settings, {}));
        settings.name.clear();
        settings.resume = "far";
        fs::rename(m_project / "features", m_project / "elsewhere");
        const auto refused = jobs::runPretrain(settings, {});
        fs::rename(m_project / "elsewhere", m_project / "features");
        QVERIFY_ERROR(refused, ErrorKind::NotFound);
        QVERIFY2(refused.error().hint.find("extract") != std::string::npos,
            refused.error().toString().c_str());
        const auto state = m_small.run("far").readState();
        QVERIFY_RESULT(state);
        QVERIFY(state->phase == store::RunPhase::Failed);
        QCOMPARE(state->progress.done, std::int64_t(12));
        QVERIFY(state->error.has_value());
    }

    void aForkSharesThePastAndChangesWhatComes()
    {
        const auto whole = m_small.start(m_small.fresh("origin",
            { "train.steps=40", "train.batches=retrieval", "train.cluster-videos=4",
                "train.cluster-candidates=8" }));
        QVERIFY(whole->waitForFinished(300000));
        QVERIFY2(whole->exitCode() == 0, whole->readAll());
        QVERIFY_ERROR(
            jobs::forkRun(m_project, "origin", "bad", { "model.width=64" }), ErrorKind::BadInput);
        QVERIFY_ERROR(
            jobs::forkRun(m_project, "origin", "bad", { "train.stps=64" }), ErrorKind::BadInput);
        QVERIFY(!fs::exists(m_project / "runs" / "bad"));
        QVERIFY_ERROR(jobs::forkRun(m_project, "nobody", "", {}), ErrorKind::NotFound);
        const auto forked = jobs::forkRun(
            m_project, "origin", "", { "train.steps=55", "train.learning-rate=1e-3" });
        QVERIFY_RESULT(forked);
        QCOMPARE(forked->name, std::string("origin-fork-1"));
        QCOMPARE(forked->step, std::int64_t(40));
        auto settings = m_small.settings();
        settings.resume = forked->name;
        const auto report = jobs::runPretrain(settings, {});
        QVERIFY_RESULT(report);
        QCOMPARE(report->steps, std::int64_t(55));
        const auto past = m_small.losses("origin"), all = m_small.losses(forked->name);
        QCOMPARE(all.size(), std::size_t(55));
        QVERIFY(std::equal(past.begin(), past.end(), all.begin()));
        // The records go on without a gap as well.
        std::int64_t steps = 0;
        const auto folder = m_small.run(forked->name).stepsFolder();
        for (const std::int64_t epoch : store::recordedEpochs(folder)) {
            const auto records = store::readEpoch(folder, epoch);
            QVERIFY_RESULT(records);
            QVERIFY(!records->clusters.empty());
            for (const store::StepRecord& step : records->steps)
                QCOMPARE(step.step, ++steps);
        }
        QCOMPARE(steps, std::int64_t(55));
    }

    void equalRunsGiveEqualWeights()
    {
        for (const char* name : { "twin-1", "twin-2" }) {
            const auto twin = m_small.start(fresh(name, 12));
            QVERIFY(twin->waitForFinished(300000));
            QVERIFY2(twin->exitCode() == 0, twin->readAll());
        }
        for (const char* file : { "last.safetensors", "best.safetensors" }) {
            const auto one = readFile(m_small.run("twin-1").checkpointsFolder() / file);
            const auto two = readFile(m_small.run("twin-2").checkpointsFolder() / file);
            QVERIFY_RESULT(one);
            QVERIFY_RESULT(two);
            QVERIFY(*one == *two);
        }
    }

    void clustersBatchAndWatchedQueriesAreToldOf()
    {
        store::WatchList list;
        list.add({ 0, "here is a fish", 1, 0.0, 4.0 });
        QVERIFY_RESULT(store::writeWatchList(m_project, list));
        const auto told = m_small.start(m_small.fresh("told",
            { "train.steps=20", "train.batches=retrieval", "train.cluster-videos=4",
                "train.cluster-candidates=8" }));
        QVERIFY(told->waitForFinished(300000));
        QVERIFY2(told->exitCode() == 0, told->readAll());

        const auto report = jobs::readClusters(m_project, "told", 1);
        QVERIFY_RESULT(report);
        QVERIFY(!report->clusters.empty());
        for (const jobs::ClusterReport& cluster : report->clusters) {
            QCOMPARE(cluster.candidates.size(), std::size_t(8));
            QCOMPARE(cluster.candidates.front().id, cluster.seed);
            QVERIFY(cluster.candidates.front().path.ends_with(".mp4"));
            QCOMPARE(std::count_if(cluster.candidates.begin(), cluster.candidates.end(),
                         [](const auto& video) { return video.drawn; }),
                std::ptrdiff_t(4));
            QCOMPARE(cluster.pairs.size(), std::size_t(8)); // four films, two pairs each
            for (const jobs::ClusterPair& pair : cluster.pairs)
                QVERIFY2(pair.text.starts_with("here is a"), pair.text.c_str());
        }
        QVERIFY_ERROR(jobs::readClusters(m_project, "told", 999), ErrorKind::NotFound);
        QVERIFY_ERROR(jobs::readClusters(m_project, "nobody", {}), ErrorKind::NotFound);

        const auto batch = readJson(m_small.run("told").batchFile());
        QVERIFY_RESULT(batch);
        QCOMPARE((*batch)["step"].get<int>(), 20);
        QCOMPARE((*batch)["scores"].size(), (*batch)["pairs"].size());
        QCOMPARE((*batch)["scores"][0].size(), (*batch)["pairs"].size());

        const auto metrics = m_small.run("told").readMetrics();
        QVERIFY_RESULT(metrics);
        const auto& values = metrics->rows.back().values;
        const auto rank = std::find_if(values.begin(), values.end(),
            [](const auto& value) { return value.first == "watch.1"; });
        QVERIFY(rank != values.end());
        QVERIFY(rank->second >= 1.0);
        std::filesystem::remove(store::watchListFile(m_project));
    }

    void detachedRunsGoOnByThemselves()
    {
        const auto left
            = m_small.start(fresh("left", 100000) + QStringList{ "--detach", "--json" });
        QVERIFY(left->waitForFinished(60000));
        const QByteArray said = left->readAll();
        QVERIFY2(left->exitCode() == 0, said);
        QVERIFY2(said.contains("\"run\": \"left\""), said);
        QVERIFY(QTest::qWaitFor([&] { return m_small.losses("left").size() > 3; }, 300000));
        QVERIFY_RESULT(jobs::askRun(m_project, "left", store::Control::Stop));
        QVERIFY(QTest::qWaitFor(
            [&] {
                const auto state = m_small.run("left").readState();
                return state && state->phase == store::RunPhase::Stopped;
            },
            60000));
        const auto refused = m_small.start(fresh("left", 5) + QStringList{ "--detach" });
        QVERIFY(refused->waitForFinished(60000));
        QCOMPARE(refused->exitCode(), exitCodeOf(ErrorKind::Conflict));
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
        auto settings = m_small.settings();
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
