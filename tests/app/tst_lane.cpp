#include "app/studio/lane.h"

#include "support/gui.h"

#include <QSignalSpy>

#include <atomic>
#include <stdexcept>

using namespace clipscope;
using namespace clipscope::studio;

class TestLane : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarningOfOurs(); }

    void givesTheNewestAnswerOnly();
    void asksSupersededWorkToStop();
    void turnsAThrowIntoAnError();
    void neverCallsADeadOwner();
    void answersOnTheOwnersThread();
    void handsOverWhatCannotBeCopied();
};

void TestLane::givesTheNewestAnswerOnly()
{
    QObject owner;
    Lane<int> lane(&owner);
    QList<int> answers;
    for (int i = 0; i < 20; ++i)
        lane.run([i](std::stop_token) -> Result<int> { return i; },
            [&answers](Result<int> answer) { answers += *answer; });
    QVERIFY(lane.isBusy());
    QTRY_COMPARE(answers, QList<int>{ 19 });
    QVERIFY(!lane.isBusy());
}

void TestLane::asksSupersededWorkToStop()
{
    QObject owner;
    Lane<int> lane(&owner);
    std::atomic<bool> stopped = false;
    std::atomic<bool> started = false;
    lane.run(
        [&](std::stop_token stop) -> Result<int> {
            started = true;
            while (!stop.stop_requested())
                std::this_thread::yield();
            stopped = true;
            return 1;
        },
        [](Result<int>) { QFAIL("superseded work has answered"); });
    QTRY_VERIFY(started);
    lane.cancel();
    QTRY_VERIFY(stopped);
}

void TestLane::turnsAThrowIntoAnError()
{
    QObject owner;
    Lane<int> lane(&owner);
    std::optional<Error> error;
    // An outside library: nothing of ours throws.
    lane.run([](std::stop_token) -> Result<int> { return std::stoi("not a number"); },
        [&error](Result<int> answer) { error = answer.error(); });
    QTRY_VERIFY(error);
    QCOMPARE(error->kind, ErrorKind::Internal);
}

void TestLane::neverCallsADeadOwner()
{
    std::atomic<bool> started = false;
    std::atomic<bool> release = false;
    std::atomic<bool> done = false;
    auto owner = std::make_unique<QObject>();
    auto lane = std::make_unique<Lane<int>>(owner.get());
    lane->run(
        [&](std::stop_token) -> Result<int> {
            started = true;
            while (!release)
                std::this_thread::yield();
            done = true;
            return 1;
        },
        [](Result<int>) { QFAIL("a dead owner was called"); });
    QTRY_VERIFY(started);
    lane.reset();
    owner.reset();
    release = true;
    QTRY_VERIFY(done);
    QCoreApplication::sendPostedEvents();
}

void TestLane::answersOnTheOwnersThread()
{
    QObject owner;
    Lane<int> lane(&owner);
    QThread* worked = nullptr;
    QThread* answered = nullptr;
    lane.run(
        [&worked](std::stop_token) -> Result<int> {
            worked = QThread::currentThread();
            return 1;
        },
        [&answered](Result<int>) { answered = QThread::currentThread(); });
    QTRY_COMPARE(answered, thread());
    QVERIFY(worked != thread());
}

void TestLane::handsOverWhatCannotBeCopied()
{
    QObject owner;
    Lane<std::shared_ptr<int>> lane(&owner);
    int seen = 0;
    lane.run(
        [](std::stop_token) -> Result<std::shared_ptr<int>> { return std::make_shared<int>(7); },
        [&seen](Result<std::shared_ptr<int>> answer) { seen = **answer; });
    QTRY_COMPARE(seen, 7);
}

QTEST_MAIN(TestLane)
#include "tst_lane.moc"
