#include "app/studio/job_service.h"

#include "app/studio/jobs_strip.h"
#include "app/studio/project_session.h"
#include "base/files.h"
#include "base/json.h"
#include "store/project.h"
#include "support/gui.h"
#include "support/run_state.h"
#include "support/verify.h"
#include "widgets/common/format.h"

#include <QFile>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>

using namespace clipscope;
using namespace clipscope::studio;
using store::RunFolder;
using store::RunPhase;
using store::RunState;

class TestJobService : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void startsTheCommandLineWithAFolderForTheJob();
    void threadsOfAnExtractionDoNotSpin_data();
    void threadsOfAnExtractionDoNotSpin();
    void saysWhenTheProgramIsMissing();
    void findsJobsThatAreStillAlive();
    void showsProgressAndRemainingTime();
    void leavesAStopRequestWhenCancelled();
    void announcesTheEndOfAJobOnce();
    void offersToResumeACrashedJob();
    void resumesWithTheSameWords();
    void showsAJobWhoseRequestIsDamaged();
    void stripHidesWhenThereIsNothingToSay();

private:
    RunFolder makeJob(const char* name, RunPhase phase);
    void writeState(const RunFolder& folder, RunPhase phase);
    QStringList startedWith() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_project;
    std::unique_ptr<ProjectSession> m_session;
    std::unique_ptr<JobService> m_service;
};

void TestJobService::init()
{
    test::failOnAnyWarningOfOurs();
    m_folder = std::make_unique<QTemporaryDir>();
    m_project = widgets::toPath(m_folder->filePath(QStringLiteral("test.clipscope")));
    QVERIFY_RESULT(store::Project::create(m_project));
    // Stands in for the command line: writes down its words.
    QFile program(m_folder->filePath(QStringLiteral("program")));
    QVERIFY(program.open(QIODevice::WriteOnly));
    program.write("#!/bin/sh\nprintf %s \"$OMP_WAIT_POLICY\" > \"$(dirname \"$0\")/policy\"\n"
                  "printf '%s\\n' \"$@\" > \"$(dirname \"$0\")/words.part\"\n"
                  "mv \"$(dirname \"$0\")/words.part\" \"$(dirname \"$0\")/words\"\n");
    program.close();
    QVERIFY(program.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    m_session = std::make_unique<ProjectSession>();
    m_service = std::make_unique<JobService>(*m_session, program.fileName());
}

void TestJobService::cleanup()
{
    m_service.reset();
    m_session.reset();
    m_folder.reset();
}

RunFolder TestJobService::makeJob(const char* name, RunPhase phase)
{
    auto folder = RunFolder::create(m_project / "jobs", name);
    writeState(*folder, phase);
    return *folder;
}

void TestJobService::writeState(const RunFolder& folder, RunPhase phase)
{
    const std::string verb = folder.name().substr(0, folder.name().find('-'));
    QVERIFY_RESULT(
        test::writeRunState(folder, verb, phase, { "extract", 12, 40, "videos", 0.1, "" }));
}

QStringList TestJobService::startedWith() const
{
    QFile words(m_folder->filePath(QStringLiteral("words")));
    if (!words.open(QIODevice::ReadOnly))
        return {};
    return QString::fromUtf8(words.readAll()).trimmed().split(QLatin1Char('\n'));
}

void TestJobService::startsTheCommandLineWithAFolderForTheJob()
{
    m_session->open(m_project);
    QTRY_VERIFY(m_session->isOpen());
    m_service->start(QStringLiteral("extract"), { widgets::fromPath(m_project) });
    QTRY_VERIFY(!startedWith().isEmpty());
    const QString job = widgets::fromPath(m_project / "jobs" / "extract-1");
    QCOMPARE(startedWith(),
        (QStringList{ QStringLiteral("extract"), widgets::fromPath(m_project),
            QStringLiteral("--json"), QStringLiteral("--job-folder"), job }));
    QTRY_COMPARE(m_service->jobs().size(), 1u);
    QCOMPARE(m_service->jobs().front().title(), QStringLiteral("Extracting features"));
}

void TestJobService::threadsOfAnExtractionDoNotSpin_data()
{
    QTest::addColumn<QString>("verb");
    QTest::addColumn<QByteArray>("own");
    QTest::addColumn<QByteArray>("policy");
    QTest::newRow("extraction") << QStringLiteral("extract") << QByteArray()
                                << QByteArray("passive");
    QTest::newRow("the user's wish")
        << QStringLiteral("extract") << QByteArray("active") << QByteArray("active");
    QTest::newRow("other work") << QStringLiteral("import") << QByteArray() << QByteArray();
}

void TestJobService::threadsOfAnExtractionDoNotSpin()
{
    QFETCH(QString, verb);
    QFETCH(QByteArray, own);
    QFETCH(QByteArray, policy);
    const QByteArray before = qgetenv("OMP_WAIT_POLICY");
    own.isEmpty() ? qunsetenv("OMP_WAIT_POLICY") : qputenv("OMP_WAIT_POLICY", own);
    m_session->open(m_project);
    QTRY_VERIFY(m_session->isOpen());
    m_service->start(verb, {});
    QTRY_VERIFY(!startedWith().isEmpty());
    before.isEmpty() ? qunsetenv("OMP_WAIT_POLICY") : qputenv("OMP_WAIT_POLICY", before);
    QFile said(m_folder->filePath(QStringLiteral("policy")));
    QVERIFY(said.open(QIODevice::ReadOnly));
    QCOMPARE(said.readAll(), policy);
}

void TestJobService::saysWhenTheProgramIsMissing()
{
    JobService service(*m_session, QStringLiteral("/nowhere/clipscope-cli"));
    const QSignalSpy failed(&service, &JobService::failed);
    m_session->open(m_project);
    QTRY_VERIFY(m_session->isOpen());
    service.start(QStringLiteral("extract"), {});
    QTRY_COMPARE(failed.count(), 1);
    QCOMPARE(failed.first().first().value<Error>().kind, ErrorKind::NotFound);
}

void TestJobService::findsJobsThatAreStillAlive()
{
    makeJob("extract-4", RunPhase::Running);
    m_session->open(m_project);
    QTRY_COMPARE(m_service->jobs().size(), 1u);
    QVERIFY(m_service->isRunning(QStringLiteral("extract")));
    QVERIFY(!m_service->isRunning(QStringLiteral("import")));
}

void TestJobService::showsProgressAndRemainingTime()
{
    makeJob("extract-1", RunPhase::Running);
    m_session->open(m_project);
    QTRY_COMPARE(m_service->jobs().size(), 1u);
    QCOMPARE(
        m_service->jobs().front().progressText(), QStringLiteral("12 of 40 videos, 5 min left"));
}

void TestJobService::leavesAStopRequestWhenCancelled()
{
    const RunFolder folder = makeJob("extract-1", RunPhase::Running);
    m_session->open(m_project);
    QTRY_COMPARE(m_service->jobs().size(), 1u);
    m_service->cancel(QStringLiteral("extract-1"));
    QCOMPARE(folder.takeControl(), store::Control::Stop);
}

void TestJobService::announcesTheEndOfAJobOnce()
{
    const RunFolder folder = makeJob("import-1", RunPhase::Running);
    const QSignalSpy finished(m_service.get(), &JobService::jobFinished);
    m_session->open(m_project);
    QTRY_COMPARE(m_service->jobs().size(), 1u);
    QCOMPARE(finished.count(), 0);
    writeState(folder, RunPhase::Finished);
    QTRY_COMPARE(finished.count(), 1);
    const QSignalSpy looks(m_service.get(), &JobService::jobsChanged);
    QTRY_VERIFY_WITH_TIMEOUT(looks.count() >= 2, 8000);
    QCOMPARE(finished.count(), 1);
    m_service->dismiss(QStringLiteral("import-1"));
    QVERIFY(m_service->jobs().empty());
    QVERIFY(!std::filesystem::exists(folder.folder()));
}

void TestJobService::offersToResumeACrashedJob()
{
    const RunFolder folder = makeJob("extract-1", RunPhase::Running);
    // As left by a process that is gone for long.
    auto text = readFile(folder.stateFile());
    QVERIFY_RESULT(text);
    auto json = parseJson(*text);
    QVERIFY_RESULT(json);
    for (auto& [key, value] : json->items()) {
        if (key.find("heartbeat") != std::string::npos)
            value = 1e9;
        if (key == "pid")
            value = 999999999;
    }
    QVERIFY_RESULT(writeFileAtomically(folder.stateFile(), dump(*json)));
    m_session->open(m_project);
    QTRY_COMPARE(m_service->jobs().size(), 1u);
    const JobInfo& job = m_service->jobs().front();
    QVERIFY(job.state.crashed);
    QVERIFY(job.needsAttention() && job.canResume() && !job.isActive());
    QCOMPARE(job.progressText(), QStringLiteral("stopped unexpectedly"));
}

void TestJobService::resumesWithTheSameWords()
{
    m_session->open(m_project);
    QTRY_VERIFY(m_session->isOpen());
    m_service->start(QStringLiteral("import"), { QStringLiteral("P"), QStringLiteral("/films") });
    QTRY_COMPARE(m_service->jobs().size(), 1u);
    QTRY_VERIFY(!startedWith().isEmpty());
    auto folder = RunFolder::open(m_project / "jobs" / "import-1");
    QVERIFY_RESULT(folder);
    writeState(*folder, RunPhase::Stopped);
    QTRY_VERIFY(!m_service->jobs().empty() && m_service->jobs().front().canResume());
    QCOMPARE(m_service->jobs().front().arguments,
        (QStringList{ QStringLiteral("P"), QStringLiteral("/films") }));
    QFile::remove(m_folder->filePath(QStringLiteral("words")));
    m_service->resume(QStringLiteral("import-1"));
    QTRY_VERIFY(!startedWith().isEmpty());
    QCOMPARE(startedWith().mid(0, 3),
        (QStringList{ QStringLiteral("import"), QStringLiteral("P"), QStringLiteral("/films") }));
}

void TestJobService::showsAJobWhoseRequestIsDamaged()
{
    const RunFolder folder = makeJob("extract-1", RunPhase::Running);
    QVERIFY_RESULT(writeFileAtomically(
        folder.folder() / "request.json", R"({ "verb": "extract", "arguments": [3, "P"] })"));
    m_session->open(m_project);
    QTRY_COMPARE(m_service->jobs().size(), 1u);
    QVERIFY(m_service->jobs().front().arguments.isEmpty());
}

void TestJobService::stripHidesWhenThereIsNothingToSay()
{
    QWidget window;
    auto* strip = new JobsStrip(*m_service, &window);
    window.show();
    QVERIFY(!strip->isVisible());
    makeJob("extract-1", RunPhase::Running);
    m_session->open(m_project);
    QTRY_VERIFY(strip->isVisible());
}

QTEST_MAIN(TestJobService)
#include "tst_job_service.moc"
