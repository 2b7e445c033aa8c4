#include "base/files.h"
#include "base/json.h"
#include "store/run_folder.h"
#include "store/run_reporter.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <atomic>
#include <cmath>
#include <fstream>
#include <limits>

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace clipscope;
using namespace clipscope::store;

namespace {

constexpr int noDisk = 77;

/// Mounts a small disk on `folder` that only this process sees; false when there is none to be had.
bool mountDisk(const std::filesystem::path& folder)
{
    if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        return false;
    (void)::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    return ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=64k") == 0;
}

/// For a process of its own. Returns 0 when all is well, noDisk, or what is wrong.
int endOnAFullDisk(const std::filesystem::path& folder)
{
    if (!mountDisk(folder))
        return noDisk;
    const auto run = RunFolder::create(folder, "r");
    RunState state;
    state.verb = "pretrain";
    state.phase = RunPhase::Running;
    if (!run || !run->writeState(state))
        return 1;
    std::ofstream filler(folder / "filler");
    while (filler << std::string(4096, 'x') << std::flush) { }
    state.progress.message = "step 7";
    if (run->writeState(state) || run->readState()->progress.message != "")
        return 2; // the heartbeat of a run under way leaves what is there
    state.phase = RunPhase::Failed;
    state.error = Error{ ErrorKind::Io, "There is no room.", { "/a/b", {} }, {}, "Make some." };
    const auto read
        = run->writeState(state) ? run->readState() : fail(ErrorKind::Io, "not written");
    if (!read || read->phase != RunPhase::Failed || read->error != state.error)
        return 3;
    state.phase = RunPhase::Stopped; // shorter
    state.error.reset();
    const auto shorter = run->writeState(state) ? run->readState() : fail(ErrorKind::Io, "no");
    return shorter && shorter->phase == RunPhase::Stopped && !shorter->error ? 0 : 4;
}

/// As if the process had been killed a minute ago.
Status endWithoutAWord(const RunFolder& run)
{
    CLIP_TRY_ASSIGN(Json json, readJson(run.stateFile()));
    json["heartbeat_at"] = json["heartbeat_at"].get<double>() - 60.0;
    json["process_start"] = 1; // another process has the number now
    return writeFileAtomically(run.stateFile(), dump(json));
}

/// As endOnAFullDisk().
int endOnAReadOnlyDisk(const std::filesystem::path& folder)
{
    if (!mountDisk(folder))
        return noDisk;
    const auto run = RunFolder::create(folder, "r");
    RunState state;
    state.phase = RunPhase::Running;
    state.pid = ::getpid();
    if (!run || !run->writeState(state) || !endWithoutAWord(*run))
        return 1;
    const auto writable = run->readState();
    if (!writable || !writable->crashed || writable->error)
        return 2; // nobody knows why
    if (::mount(nullptr, folder.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0)
        return noDisk;
    state.phase = RunPhase::Failed;
    if (run->writeState(state))
        return 3;
    const auto read = run->readState();
    return read && read->crashed && read->error && read->error->kind == ErrorKind::Io
            && read->error->place.file == run->folder()
        ? 0
        : 4;
}

/// What `end` returned in a process of its own.
int inAnotherProcess(int (*end)(const std::filesystem::path&), const std::filesystem::path& folder)
{
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(end(folder));
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace

class TestRunFolder final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_temporary = std::make_unique<QTemporaryDir>();
        m_parent = std::filesystem::path(m_temporary->path().toStdString()) / "runs";
    }

    void makesAndListsRunsInNaturalOrder()
    {
        for (int i = 0; i < 11; ++i)
            QVERIFY_RESULT(RunFolder::createNumbered(m_parent, "run"));
        QVERIFY_ERROR(RunFolder::create(m_parent, "run-3"), ErrorKind::Conflict);
        for (const char* name : { "", ".", "..", "a/b", "/a" })
            QVERIFY_ERROR(RunFolder::create(m_parent, name), ErrorKind::BadInput);
        const auto runs = RunFolder::list(m_parent);
        QCOMPARE(runs.size(), std::size_t(11));
        QCOMPARE(runs[1].name(), std::string("run-2"));
        QCOMPARE(runs.back().name(), std::string("run-11"));
        QVERIFY(RunFolder::list(m_parent / "none").empty());
        QVERIFY_ERROR(RunFolder::open(m_parent / "none"), ErrorKind::NotFound);
    }

    void readsTheStateBack()
    {
        const auto run = RunFolder::create(m_parent, "r");
        QVERIFY_RESULT(run);
        QVERIFY_ERROR(run->readState(), ErrorKind::NotFound);
        RunState state;
        state.verb = "pretrain";
        state.phase = RunPhase::Failed;
        state.pid = ::getpid();
        state.startedAt = 12.5;
        state.progress = { "train", 3, 10, "steps", 1.5, "epoch 1" };
        state.error = Error{ ErrorKind::OutOfMemory, "No room.", { {}, "step 3" }, {}, "Less." };
        QVERIFY_RESULT(run->writeState(state));
        QVERIFY(run->readState()->device.empty());
        state.device = "CPU, float32";
        QVERIFY_RESULT(run->writeState(state));
        const auto read = run->readState();
        QVERIFY_RESULT(read);
        QCOMPARE(read->verb, state.verb);
        QVERIFY(read->phase == state.phase);
        QCOMPARE(read->pid, state.pid);
        QCOMPARE(read->startedAt, state.startedAt);
        QCOMPARE(read->device, state.device);
        QVERIFY(read->heartbeatAt > 1e9);
        QVERIFY(read->progress == state.progress);
        QVERIFY(read->error == state.error);
        state.error->place = { "/films/a: b.mp4", "byte 7" }; // the file stays a file
        QVERIFY_RESULT(run->writeState(state));
        QVERIFY(run->readState()->error == state.error);
        QVERIFY(!read->crashed);
    }

    void tellsTheEndOnADisk_data()
    {
        QTest::addColumn<bool>("readOnly");
        QTest::newRow("that is full") << false;
        QTest::newRow("that became read-only") << true;
    }

    void tellsTheEndOnADisk()
    {
        QFETCH(bool, readOnly);
        QVERIFY(std::filesystem::create_directories(m_parent));
        const int code = inAnotherProcess(readOnly ? endOnAReadOnlyDisk : endOnAFullDisk, m_parent);
        if (code == noDisk)
            QSKIP("No file system can be mounted here.");
        QCOMPARE(code, 0);
    }

    void seesACrashByAStaleHeartbeatOfADeadProcess()
    {
        const auto run = RunFolder::create(m_parent, "r");
        QVERIFY_RESULT(run);
        const auto write = [&run](std::int64_t pid, double heartbeatAge) {
            RunState state;
            state.phase = RunPhase::Running;
            state.pid = pid;
            QVERIFY_RESULT(run->writeState(state));
            Json json = *readJson(run->stateFile());
            json["heartbeat_at"] = json["heartbeat_at"].get<double>() - heartbeatAge;
            QVERIFY_RESULT(writeFileAtomically(run->stateFile(), dump(json)));
        };
        const pid_t dead = ::fork();
        if (dead == 0)
            ::_exit(0);
        int state = 0;
        QCOMPARE(::waitpid(dead, &state, 0), dead);
        write(dead, 60.0);
        QVERIFY(run->readState()->crashed);
        write(dead, 0.0);
        QVERIFY(!run->readState()->crashed);
        write(::getpid(), 60.0);
        QVERIFY(!run->readState()->crashed); // slow, but there
        Json json = *readJson(run->stateFile());
        json["process_start"] = 1; // another process has the number now
        QVERIFY_RESULT(writeFileAtomically(run->stateFile(), dump(json)));
        QVERIFY(run->readState()->crashed);
    }

    void refusesABrokenState()
    {
        const auto run = RunFolder::create(m_parent, "r");
        QVERIFY_RESULT(run);
        for (const char* text :
            { "", "{", "[]", "{}", R"({"phase": "dancing"})", R"({"phase": 3})" }) {
            QVERIFY_RESULT(writeFileAtomically(run->stateFile(), text));
            QVERIFY_ERROR(run->readState(), ErrorKind::BadInput);
        }
        QVERIFY_RESULT(writeFileAtomically(
            run->stateFile(), R"({"phase": "running", "pid": "x", "progress": [], "error": 3})"));
        QVERIFY_RESULT(run->readState());
    }

    void takesAControlRequestOnce()
    {
        const auto run = RunFolder::create(m_parent, "r");
        QVERIFY_RESULT(run);
        QVERIFY(run->takeControl() == Control::None);
        QVERIFY_RESULT(run->requestControl(Control::Pause));
        QVERIFY_RESULT(run->requestControl(Control::Stop));
        QVERIFY(run->takeControl() == Control::Stop);
        QVERIFY(run->takeControl() == Control::None);
        QVERIFY_RESULT(writeFileAtomically(run->controlFile(), "stop")); // as by echo -n
        QVERIFY(run->takeControl() == Control::Stop);
        QVERIFY_RESULT(writeFileAtomically(run->controlFile(), "nonsense"));
        QVERIFY(run->takeControl() == Control::None);
    }

    void keepsMetricsInWholeLines()
    {
        const auto run = RunFolder::create(m_parent, "r");
        QVERIFY_RESULT(run);
        QVERIFY(run->readMetrics()->rows.empty());
        const MetricsRow first{ 1, { { "loss", 0.1 }, { "grad", 1e-30 } } };
        const MetricsRow second{ 2, { { "loss", std::numeric_limits<double>::infinity() } } };
        QVERIFY_RESULT(run->appendMetrics(first));
        const auto chunk = run->readMetrics();
        QVERIFY_RESULT(chunk);
        QVERIFY((chunk->rows == std::vector{ first }));
        QVERIFY_RESULT(run->appendMetrics(second));
        const auto next = run->readMetrics(chunk->nextOffset);
        QVERIFY_RESULT(next);
        QVERIFY((next->rows == std::vector{ second }));
        QVERIFY(run->readMetrics(next->nextOffset)->rows.empty());
        QVERIFY_RESULT(run->appendMetrics({ 3, { { "loss", std::nan("") } } }));
        QVERIFY(std::isnan(run->readMetrics(next->nextOffset)->rows.at(0).values.at(0).second));
    }

    void goesOnAfterATornLine()
    {
        const auto run = RunFolder::create(m_parent, "r");
        QVERIFY_RESULT(run);
        const MetricsRow row{ 1, { { "loss", 0.25 } } };
        QVERIFY_RESULT(run->appendMetrics(row));
        const std::string whole = *readFile(run->metricsFile());
        for (std::size_t size = 0; size <= whole.size(); ++size) {
            QVERIFY_RESULT(writeFileAtomically(run->metricsFile(), whole + whole.substr(0, size)));
            const std::size_t complete = size == whole.size() ? 2 : 1;
            QCOMPARE(run->readMetrics()->rows.size(), complete);
            QVERIFY_RESULT(run->appendMetrics({ 7, {} }));
            const auto rows = run->readMetrics()->rows;
            QCOMPARE(rows.size(), complete + 1);
            QCOMPARE(rows.back().step, std::int64_t(7));
        }
    }

    void reportsProgressLogAndRequests()
    {
        const auto run = RunFolder::create(m_parent, "r");
        QVERIFY_RESULT(run);
        std::atomic<int> asked = -1;
        auto reporter = RunReporter::start(
            *run, "import", [&asked](Control control) { asked = static_cast<int>(control); });
        QVERIFY_RESULT(reporter);
        QVERIFY(run->readState()->phase == RunPhase::Running);
        QCOMPARE(run->readState()->pid, std::int64_t(::getpid()));
        (*reporter)->report({ "import", 5, 9, "files", 2.0, "x.mp4" });
        (*reporter)->warning("something odd");
        QTRY_COMPARE(run->readState()->progress.done, std::int64_t(5));
        QVERIFY_RESULT(run->requestControl(Control::Pause));
        QTRY_COMPARE(asked.load(), static_cast<int>(Control::Pause));
        QVERIFY_RESULT((*reporter)->finish(RunPhase::Paused));
        reporter->reset();
        QVERIFY(run->readState()->phase == RunPhase::Paused);
        QCOMPARE(run->readState()->progress.message, std::string("x.mp4"));
        QVERIFY(readFile(run->logFile())->find(" warning something odd\n") != std::string::npos);
    }

    void saysFailedWhenNobodyFinished()
    {
        const auto run = RunFolder::create(m_parent, "r");
        QVERIFY_RESULT(run);
        QVERIFY_RESULT(RunReporter::start(*run, "import", [](Control) {}));
        QVERIFY(run->readState()->phase == RunPhase::Failed);
    }

private:
    std::unique_ptr<QTemporaryDir> m_temporary;
    std::filesystem::path m_parent;
};

QTEST_GUILESS_MAIN(TestRunFolder)
#include "tst_run_folder.moc"
