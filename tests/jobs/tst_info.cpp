#include "base/files.h"
#include "jobs/info.h"
#include "jobs/init.h"
#include "store/feature_shards.h"
#include "store/project.h"
#include "store/run_folder.h"
#include "support/verify.h"

#include <QTemporaryDir>

using namespace clipscope;
using namespace clipscope::jobs;

class TestInfo final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_temporary = std::make_unique<QTemporaryDir>();
        m_project = std::filesystem::path(m_temporary->path().toStdString()) / "p.clipscope";
        QVERIFY_RESULT(runInit({ m_project }, {}));
    }

    void tellsAboutAnEmptyProject()
    {
        const auto report = runInfo({ m_project }, {});
        QVERIFY_RESULT(report);
        const Json json = toJson(*report);
        QVERIFY(json["videos"].is_array() && json["videos"].empty());
        QVERIFY(json["checkpoints"].is_array());
        QVERIFY(json["runs"].is_array() && json["runs"].empty());
    }

    void tellsFeaturesCaptionsProblemsAndRuns()
    {
        {
            auto project = store::Project::open(m_project, store::Access::ReadWrite);
            QVERIFY_RESULT(project);
            store::NewVideo video;
            video.record.contentHash = "h1";
            video.record.path = m_project / "project.sqlite"; // some file that is there
            video.record.durationSeconds = 3.5;
            video.captions = { { 0.0, 1.0, "one", "x" }, { 1.0, 2.0, "two", "x" } };
            const auto first = project->catalogue().addVideo(video);
            QVERIFY_RESULT(first);
            video = {};
            video.record.contentHash = "h2";
            video.record.path = "/nowhere/film.mp4";
            const auto second = project->catalogue().addVideo(video);
            QVERIFY_RESULT(second);
            const store::ProblemRecord problem{ "/x.mp4", ErrorKind::BadInput, "Bad.", "import",
                {} };
            QVERIFY_RESULT(project->catalogue().setProblems("/x.mp4", "import", { &problem, 1 }));
            auto writer = store::FeatureWriter::open(
                project->featuresFolder("tiny"), { "tiny", "f", 2, Json::object() });
            QVERIFY_RESULT(writer);
            const std::vector<std::uint16_t> halves(8);
            QVERIFY_RESULT(writer->append(*first, "h1", halves, 4));
            QVERIFY_RESULT(writer->append(*second, "other content", halves, 4)); // outdated
            const auto run = store::RunFolder::create(project->runsFolder(), "run-1");
            QVERIFY_RESULT(run);
            store::RunState state;
            state.phase = store::RunPhase::Paused;
            state.progress = { "train", 3, 9, "steps", 0.0, {} };
            QVERIFY_RESULT(run->writeState(state));
            std::filesystem::create_directory(run->checkpointsFolder());
            QVERIFY_RESULT(writeFileAtomically(run->checkpointsFolder() / "best.safetensors", "x"));
        }
        const auto report = runInfo({ m_project }, {});
        QVERIFY_RESULT(report);
        const Json json = toJson(*report);
        QCOMPARE(json["videos"].size(), std::size_t(2));
        const Json& first = json["videos"][0];
        QCOMPARE(first["duration"].get<double>(), 3.5);
        QCOMPARE(first["seconds"].get<int>(), 4);
        QCOMPARE(first["captions"].get<int>(), 2);
        QCOMPARE(first["encoder"].get<std::string>(), std::string("tiny"));
        QVERIFY(first["problems"].empty());
        const Json& second = json["videos"][1];
        QVERIFY(second["encoder"].is_null());
        QCOMPARE(second["problems"].size(), std::size_t(1)); // the file is gone
        QCOMPARE(second["problems"][0]["kind"].get<std::string>(), std::string("not-found"));
        QCOMPARE(json["problems"][0]["path"].get<std::string>(), std::string("/x.mp4"));
        QCOMPARE(json["runs"][0]["name"].get<std::string>(), std::string("run-1"));
        QCOMPARE(json["runs"][0]["state"].get<std::string>(), std::string("paused"));
        QCOMPARE(json["runs"][0]["checkpoints"][0].get<std::string>(), std::string("best"));
    }

private:
    std::unique_ptr<QTemporaryDir> m_temporary;
    std::filesystem::path m_project;
};

QTEST_GUILESS_MAIN(TestInfo)
#include "tst_info.moc"
