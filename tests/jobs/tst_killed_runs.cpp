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
    Random m_random{ { 20 } };

private Q_SLOTS:
    void initTestCase() { QVERIFY_RESULT(m_small.make(m_folder.path().toStdString())); }
    void init() { test::failOnAnyWarning(); }

    void twentyKillsChangeNoBit()
    {
        constexpr std::size_t steps = 900;
        const QStringList changes{ "train.steps=900", "train.checkpoint-every=5",
            "train.batches=retrieval", "train.cluster-videos=4", "train.cluster-candidates=8",
            "train.retrieval-clips=2", "train.average-decay=0.9" };
        const auto whole = m_small.start(m_small.fresh("whole", changes));
        QVERIFY(whole->waitForFinished(300'000));
        QVERIFY2(whole->exitCode() == 0, whole->readAll());
        QCOMPARE(m_small.losses("whole").size(), steps);

        // A busy machine notices late that a run has gone on, and a run may end before it had
        // twenty lives: then another one takes the rest.
        constexpr int kills = 20;
        for (int killed = 0, run = 1; killed < kills; ++run) {
            const QString name = QString("killed-%1").arg(run);
            const int lives = killUpTo(kills - killed, name, changes);
            if (QTest::currentTestFailed())
                return;
            QVERIFY2(lives > 0, "the run ended before it was killed once");
            killed += lives;
            verifySame("whole", name.toStdString());
            if (QTest::currentTestFailed())
                return;
        }
    }

private:
    /// Starts the run `name`, kills it up to `kills` times at random moments, lets it end.
    /// Returns how often it was killed.
    int killUpTo(int kills, const QString& name, const QStringList& changes)
    {
        int killed = 0;
        [&] {
            QStringList arguments = m_small.fresh(name, changes);
            for (; killed < kills; ++killed) {
                const std::size_t before = m_small.losses(name.toStdString()).size();
                const auto process = m_small.start(arguments);
                // After some steps: within a step, a measurement or a checkpoint.
                const auto more = static_cast<std::size_t>(m_random.uniformInteger(2, 18));
                QVERIFY(QTest::qWaitFor(
                    [&] {
                        return m_small.losses(name.toStdString()).size() >= before + more
                            || process->state() == QProcess::NotRunning;
                    },
                    300'000));
                QTest::qWait(static_cast<int>(m_random.uniformInteger(0, 12)));
                if (process->state() == QProcess::NotRunning) {
                    QVERIFY2(process->exitCode() == 0, process->readAll());
                    return;
                }
                process->kill();
                QVERIFY(process->waitForFinished(60'000));
                arguments = { "--resume", name };
            }
            const auto last = m_small.start(arguments);
            QVERIFY(last->waitForFinished(300'000));
            QVERIFY2(last->exitCode() == 0, last->readAll());
        }();
        return killed;
    }

    void verifySame(const std::string& whole, const std::string& killed)
    {
        QVERIFY(m_small.losses(whole) == m_small.losses(killed));
        for (const char* file : { "last.safetensors", "best.safetensors" }) {
            const auto one = readFile(m_small.run(whole).checkpointsFolder() / file);
            const auto two = readFile(m_small.run(killed).checkpointsFolder() / file);
            QVERIFY_RESULT(one);
            QVERIFY_RESULT(two);
            QVERIFY(*one == *two);
        }
    }
};

QTEST_GUILESS_MAIN(TestKilledRuns)
#include "tst_killed_runs.moc"
