#include "base/files.h"
#include "base/random.h"
#include "support/small_run.h"
#include "support/verify.h"

#include <QTemporaryDir>

using namespace clipscope;

/// A run that is killed again and again must end as if nothing had been.
class TestKilledRuns final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    test::SmallRun m_small;

private Q_SLOTS:
    void initTestCase() { QVERIFY_RESULT(m_small.make(m_folder.path().toStdString())); }
    void init() { test::failOnAnyWarning(); }

    void twentyKillsChangeNoBit()
    {
        constexpr std::size_t steps = 900; // far more than twenty lives take
        constexpr int kills = 20;
        const QStringList changes{ "train.steps=900", "train.checkpoint-every=5",
            "train.batches=retrieval", "train.cluster-videos=4", "train.cluster-candidates=8",
            "train.retrieval-clips=2", "train.average-decay=0.9" };
        const auto whole = m_small.start(m_small.fresh("whole", changes));
        QVERIFY(whole->waitForFinished(300'000));
        QVERIFY2(whole->exitCode() == 0, whole->readAll());

        Random random({ 20 });
        QStringList arguments = m_small.fresh("killed", changes);
        int killed = 0;
        for (; killed < kills; ++killed) {
            const std::size_t before = m_small.losses("killed").size();
            const auto process = m_small.start(arguments);
            // At a random moment after some steps: within a step, a measurement or a checkpoint.
            const auto more = static_cast<std::size_t>(random.uniformInteger(2, 18));
            QVERIFY(QTest::qWaitFor(
                [&] {
                    return m_small.losses("killed").size() >= before + more
                        || process->state() == QProcess::NotRunning;
                },
                300'000));
            QTest::qWait(static_cast<int>(random.uniformInteger(0, 12)));
            if (process->state() == QProcess::NotRunning)
                break;
            process->kill();
            QVERIFY(process->waitForFinished(60'000));
            arguments = { "--resume", "killed" };
        }
        QVERIFY2(killed == kills, "the run ended before it was killed often enough");

        const auto last = m_small.start(arguments);
        QVERIFY(last->waitForFinished(300'000));
        QVERIFY2(last->exitCode() == 0, last->readAll());
        const auto expected = m_small.losses("whole"), found = m_small.losses("killed");
        QCOMPARE(expected.size(), steps);
        QVERIFY(found == expected);
        for (const char* file : { "last.safetensors", "best.safetensors" }) {
            const auto one = readFile(m_small.run("whole").checkpointsFolder() / file);
            const auto two = readFile(m_small.run("killed").checkpointsFolder() / file);
            QVERIFY_RESULT(one);
            QVERIFY_RESULT(two);
            QVERIFY(*one == *two);
        }
    }
};

QTEST_GUILESS_MAIN(TestKilledRuns)
#include "tst_killed_runs.moc"
