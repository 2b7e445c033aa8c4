#include "app/studio/pages/training/run_keeper.h"

#include "base/files.h"
#include "jobs/runs.h"
#include "store/project.h"
#include "support/run_state.h"
#include "support/verify.h"
#include "widgets/common/format.h"

#include <QSignalSpy>
#include <QTemporaryDir>

using namespace clipscope;
using namespace clipscope::studio;
using store::RunFolder;
using store::RunPhase;

class TestRunKeeper : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void archivesAndBringsBack();
    void refusesARunThatSomebodyWorksOn();
    void refusesARunThatIsJustTakenUp();
    void refusesANameThatIsTakenThere();
    void saysThatARunIsGone();
    void movesNothingToTheTrashThatWorks();

private:
    RunInfo makeRun(const char* name, RunPhase phase);
    QString complaint(QSignalSpy& failed)
    {
        if (failed.isEmpty() && !failed.wait())
            return {};
        return widgets::fromUtf8(failed.front().front().value<Error>().toString());
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_project;
};

void TestRunKeeper::init()
{
    test::failOnAnyWarning();
    qRegisterMetaType<Error>();
    m_folder = std::make_unique<QTemporaryDir>();
    m_project = widgets::toPath(m_folder->filePath(QStringLiteral("test.clipscope")));
    QVERIFY_RESULT(store::Project::create(m_project));
}

RunInfo TestRunKeeper::makeRun(const char* name, RunPhase phase)
{
    const auto run = RunFolder::create(m_project / "runs", name);
    (void)test::writeRunState(*run, "pretrain", phase, {});
    RunInfo info;
    info.folder = run->folder();
    return info;
}

void TestRunKeeper::archivesAndBringsBack()
{
    RunInfo run = makeRun("run-1", RunPhase::Paused);
    RunKeeper keeper;
    QSignalSpy moved(&keeper, &RunKeeper::moved);
    keeper.archive(m_project, run);
    QTRY_COMPARE(moved.size(), 1);
    QVERIFY(!std::filesystem::exists(run.folder));
    QVERIFY(RunFolder::list(m_project / "runs").empty());
    const auto listed = jobs::listRuns(m_project);
    QVERIFY(listed && listed->empty()); // the archive is none of them
    run.folder = m_project / "runs" / ".archive" / "run-1";
    keeper.unarchive(m_project, run);
    QTRY_COMPARE(moved.size(), 2);
    QCOMPARE(RunFolder::list(m_project / "runs").size(), 1u);
}

void TestRunKeeper::refusesARunThatSomebodyWorksOn()
{
    const RunInfo run = makeRun("run-1", RunPhase::Running);
    RunKeeper keeper;
    QSignalSpy failed(&keeper, &RunKeeper::failed);
    keeper.archive(m_project, run);
    QVERIFY(complaint(failed).contains(QStringLiteral("works on the run")));
    QVERIFY(std::filesystem::exists(run.folder));
}

void TestRunKeeper::refusesARunThatIsJustTakenUp()
{
    const RunInfo run = makeRun("run-1", RunPhase::Paused);
    const auto lock = FileLock::acquire(run.folder / "lock"); // as a resuming process has it
    QVERIFY_RESULT(lock);
    QVERIFY_ERROR(jobs::archiveRun(m_project, "run-1"), ErrorKind::Conflict);
    QVERIFY(std::filesystem::exists(run.folder));
}

void TestRunKeeper::refusesANameThatIsTakenThere()
{
    const RunInfo run = makeRun("run-1", RunPhase::Finished);
    QVERIFY_RESULT(jobs::archiveRun(m_project, "run-1"));
    makeRun("run-1", RunPhase::Finished);
    QVERIFY_ERROR(jobs::archiveRun(m_project, "run-1"), ErrorKind::Conflict);
    QVERIFY_ERROR(jobs::unarchiveRun(m_project, "run-1"), ErrorKind::Conflict);
    QVERIFY(std::filesystem::exists(m_project / "runs" / ".archive" / "run-1" / "state.json"));
}

void TestRunKeeper::saysThatARunIsGone()
{
    QVERIFY_ERROR(jobs::archiveRun(m_project, "no"), ErrorKind::NotFound);
    QVERIFY_ERROR(jobs::unarchiveRun(m_project, "no"), ErrorKind::NotFound);
}

void TestRunKeeper::movesNothingToTheTrashThatWorks()
{
    const RunInfo run = makeRun("run-1", RunPhase::Running);
    RunKeeper keeper;
    QSignalSpy failed(&keeper, &RunKeeper::failed);
    keeper.moveToTrash(run);
    QVERIFY(complaint(failed).contains(QStringLiteral("Stop it first")));
    QVERIFY(std::filesystem::exists(run.folder / "state.json"));
}

QTEST_MAIN(TestRunKeeper)
#include "tst_run_keeper.moc"
