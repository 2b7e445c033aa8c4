#include "support/make_video.h"
#include "support/open_film.h"
#include "support/verify.h"
#include "widgets/common/format.h"
#include "widgets/player/playback.h"

#include <QProcess>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <unistd.h>

using namespace clipscope;
using namespace clipscope::widgets;

namespace {

/// On the steady clock.
double now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// What came out of the card, left channel, from `startSeconds` on the steady clock.
struct Recording
{
    double startSeconds = 0.0;
    std::vector<float> samples;

    double timeOf(std::size_t sample) const
    {
        return startSeconds + static_cast<double>(sample) / soundRateHz;
    }
};

/// Records what the sound server of the test plays, as long as it lives.
/// Threads: one thread at a time.
class Recorder final
{
public:
    Recorder()
        : m_pipe(popen("exec parec --raw --format=float32le --rate=48000 --channels=2"
                       " --latency-msec=5 --device=null.monitor 2>/dev/null",
            "r"))
        , m_thread([this](const std::stop_token& stop) { record(stop); })
    {
    }
    ~Recorder()
    {
        m_thread.request_stop();
        m_thread.join();
        pclose(m_pipe);
    }

    /// Forgets what was heard so far; false when nothing comes.
    bool restart()
    {
        if (!reaches(now()))
            return false;
        const std::scoped_lock lock(m_mutex);
        m_forgotten += m_samples.size();
        m_samples.clear();
        return true;
    }
    /// All that was heard since restart().
    Recording take()
    {
        reaches(now());
        const std::scoped_lock lock(m_mutex);
        return { m_startSeconds + static_cast<double>(m_forgotten) / soundRateHz, m_samples };
    }

private:
    bool reaches(double seconds)
    {
        return QTest::qWaitFor([&] {
            const std::scoped_lock lock(m_mutex);
            return m_startSeconds + total() >= seconds;
        });
    }
    double total() const
    {
        return static_cast<double>(m_forgotten + m_samples.size()) / soundRateHz;
    }

    void record(const std::stop_token& stop)
    {
        constexpr std::size_t frameBytes = soundChannels * sizeof(float);
        std::vector<char> bytes(4096 * frameBytes);
        std::size_t filled = 0;
        while (!stop.stop_requested()) {
            const ssize_t got = read(fileno(m_pipe), bytes.data() + filled, bytes.size() - filled);
            if (got <= 0)
                return;
            filled += static_cast<std::size_t>(got);
            const std::size_t whole = filled - filled % frameBytes;
            const std::scoped_lock lock(m_mutex);
            for (std::size_t at = 0; at < whole; at += frameBytes) {
                float left = 0.0f;
                std::memcpy(&left, bytes.data() + at, sizeof left);
                m_samples.push_back(left);
            }
            std::memmove(bytes.data(), bytes.data() + whole, filled - whole);
            filled -= whole;
            // Samples come late on a busy machine, but never early.
            const double start = now() - total();
            m_startSeconds = m_startSeconds == 0.0 ? start : std::min(m_startSeconds, start);
        }
    }

    std::FILE* const m_pipe;
    std::mutex m_mutex;
    std::vector<float> m_samples; // guarded by m_mutex, as the next two
    std::size_t m_forgotten = 0;
    double m_startSeconds = 0.0;
    std::jthread m_thread; // last: it uses everything above
};

/// A piece of sound between two silences.
struct Heard
{
    double startSeconds = 0.0, stopSeconds = 0.0; ///< on the steady clock
    double peak = 0.0;
    double hertz = 0.0;
};

std::vector<Heard> heardIn(const Recording& recording)
{
    constexpr double silent = 0.02;
    constexpr std::size_t pause = soundRateHz / 20;
    std::vector<Heard> all;
    std::size_t last = 0, rise = 0;
    int rises = 0;
    bool isLow = false;
    for (std::size_t i = 0; i < recording.samples.size(); ++i) {
        const double level = recording.samples[i];
        if (std::abs(level) < silent)
            continue;
        if (all.empty() || i - last > pause) {
            all.push_back({ recording.timeOf(i) });
            rises = 0;
            isLow = false;
        }
        last = i;
        Heard& heard = all.back();
        heard.stopSeconds = recording.timeOf(i);
        heard.peak = std::max(heard.peak, std::abs(level));
        if (isLow && level > 0.0) {
            if (rises++ == 0)
                rise = i;
            else
                heard.hertz = (rises - 1) * static_cast<double>(soundRateHz)
                    / static_cast<double>(i - rise);
        }
        isLow = level < 0.0;
    }
    return all;
}

} // namespace

/// The player on a sound server whose card has no loudspeaker but can be recorded.
class TestHeardSound : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanupTestCase();

    void picturesFollowWhatIsHeard_data();
    void picturesFollowWhatIsHeard();
    void volumeIsHeard_data();
    void volumeIsHeard();
    void aPauseAndMutingAreSilentAtOnce();
    void aPassageEndsWhereItEnds();
    void goesOnWhenTheServerDies();

private:
    QTemporaryDir m_folder;
    QProcess m_server;
    std::unique_ptr<Recorder> m_recorder;
    QString m_tone, m_beeps;
};

void TestHeardSound::initTestCase()
{
    if (qEnvironmentVariableIsEmpty("CLIPSCOPE_TEST_SOUND"))
        QSKIP("it listens in real time: set CLIPSCOPE_TEST_SOUND on an idle machine");
    for (const char* program : { "pulseaudio", "parec" }) {
        if (QStandardPaths::findExecutable(QString::fromLatin1(program)).isEmpty())
            QSKIP(qPrintable(QStringLiteral("no %1 here").arg(QLatin1String(program))));
    }
    const QString socket = m_folder.filePath(QStringLiteral("sound"));
    for (const char* name : { "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH", "PULSE_STATE_PATH" })
        qputenv(name, QFile::encodeName(m_folder.path()));
    qputenv("PULSE_SERVER", "unix:" + QFile::encodeName(socket));
    m_server.setStandardErrorFile(QProcess::nullDevice());
    m_server.start(QStringLiteral("pulseaudio"),
        { QStringLiteral("-n"), QStringLiteral("--daemonize=no"),
            QStringLiteral("--use-pid-file=no"), QStringLiteral("--exit-idle-time=-1"),
            QStringLiteral("--disable-shm"), QStringLiteral("-L"),
            QStringLiteral("module-null-sink rate=48000 channels=2"), QStringLiteral("-L"),
            QStringLiteral("module-native-protocol-unix auth-anonymous=1 socket=") + socket });
    QTRY_VERIFY(QFile::exists(socket));
    m_recorder = std::make_unique<Recorder>();

    test::MadeVideo video;
    video.frames = 60;
    video.sound = true;
    m_tone = m_folder.filePath(QStringLiteral("tone.mp4"));
    QVERIFY_RESULT(test::makeVideo(toPath(m_tone), video));
    video.beepSeconds = 0.1;
    m_beeps = m_folder.filePath(QStringLiteral("beeps.mp4"));
    QVERIFY_RESULT(test::makeVideo(toPath(m_beeps), video));
}

void TestHeardSound::init()
{
    // Of a server that dies Qt says on its own whatever its threads come across first.
    if (qstrcmp(QTest::currentTestFunction(), "goesOnWhenTheServerDies") != 0)
        test::failOnAnyWarning();
}

void TestHeardSound::cleanupTestCase()
{
    m_recorder.reset();
    if (m_server.state() == QProcess::NotRunning)
        return;
    m_server.terminate();
    QVERIFY(m_server.waitForFinished());
}

void TestHeardSound::picturesFollowWhatIsHeard_data()
{
    QTest::addColumn<double>("speed");
    for (const double speed : { 0.5, 1.0, 2.0 })
        QTest::addRow("%g", speed) << speed;
}

void TestHeardSound::picturesFollowWhatIsHeard()
{
    QFETCH(double, speed);
    Playback playback;
    test::openFilmWithSound(playback, m_beeps);
    QVERIFY(m_recorder->restart());
    playback.seek(0.6);
    std::vector<double> shown; // when the frames of seconds 1 and 2 came
    connect(&playback, &Playback::frameShown, &playback, [&](const DecodedFrame& frame) {
        if (frame.index == 25 || frame.index == 50)
            shown.push_back(now());
    });
    QSignalSpy finished(&playback, &Playback::finished);
    playback.setSpeed(speed);
    QVERIFY(finished.wait(20'000));

    const std::vector<Heard> beeps = heardIn(m_recorder->take());
    QCOMPARE(beeps.size(), std::size_t{ 2 });
    QCOMPARE(shown.size(), beeps.size());
    for (std::size_t i = 0; i < beeps.size(); ++i) {
        const double late = shown[i] - beeps[i].startSeconds;
        qInfo("second %zu: picture %.0f ms after its sound, %.0f Hz", i + 1, late * 1000.0,
            beeps[i].hertz);
        // At other speeds every moment of sound is within 0.06 s of the film's time.
        const double allowed = speed == 1.0 ? 0.06 : 0.06 + 0.06 / speed;
        QVERIFY2(std::abs(late) < allowed, qPrintable(QString::number(late)));
        QVERIFY2(
            std::abs(beeps[i].hertz - 440.0) < 13.0, qPrintable(QString::number(beeps[i].hertz)));
    }
}

void TestHeardSound::volumeIsHeard_data()
{
    QTest::addColumn<double>("volume");
    for (const double volume : { 1.0, 0.5, 0.0 })
        QTest::addRow("%g", volume) << volume;
}

void TestHeardSound::volumeIsHeard()
{
    QFETCH(double, volume);
    Playback playback;
    test::openFilmWithSound(playback, m_tone);
    QVERIFY(m_recorder->restart());
    playback.setVolume(volume);
    QSignalSpy finished(&playback, &Playback::finished);
    playback.playRange(0.4, 0.8);
    QVERIFY(finished.wait());

    const std::vector<Heard> heard = heardIn(m_recorder->take());
    QCOMPARE(heard.size(), std::size_t{ volume > 0.0 ? 1u : 0u });
    for (const Heard& each : heard)
        QVERIFY2(std::abs(each.peak - volume / 2.0) < 0.03, qPrintable(QString::number(each.peak)));
}

void TestHeardSound::aPauseAndMutingAreSilentAtOnce()
{
    Playback playback;
    test::openFilmWithSound(playback, m_tone);
    QVERIFY(m_recorder->restart());
    const auto reaches = [&](double seconds) {
        return QTest::qWaitFor([&] { return playback.shown().seconds >= seconds; }, 10'000);
    };
    playback.setSpeed(1.0);
    QVERIFY(reaches(0.4));
    const double paused = now();
    playback.setSpeed(0.0);
    QSignalSpy shown(&playback, &Playback::frameShown);
    playback.seek(0.8);
    QVERIFY(shown.wait());
    playback.setSpeed(1.0);
    QVERIFY(reaches(1.2));
    const double muted = now();
    playback.setMuted(true);
    QVERIFY(reaches(1.6));
    playback.setMuted(false);
    QVERIFY(reaches(2.0));
    const double pausedAgain = now();
    playback.setSpeed(0.0);
    shown.clear();
    playback.seek(0.0);
    QVERIFY(shown.wait());

    const std::vector<Heard> heard = heardIn(m_recorder->take());
    QCOMPARE(heard.size(), std::size_t{ 3 });
    const double silentAt[] = { paused, muted, pausedAgain };
    for (std::size_t i = 0; i < heard.size(); ++i) {
        const double late = heard[i].stopSeconds - silentAt[i];
        QVERIFY2(std::abs(late) < 0.1, qPrintable(QString::number(late)));
    }
}

void TestHeardSound::aPassageEndsWhereItEnds()
{
    Playback playback;
    test::openFilmWithSound(playback, m_tone);
    QVERIFY(m_recorder->restart());
    QSignalSpy finished(&playback, &Playback::finished);
    playback.playRange(0.4, 1.0);
    QVERIFY(finished.wait());

    const std::vector<Heard> heard = heardIn(m_recorder->take());
    QCOMPARE(heard.size(), std::size_t{ 1 });
    // The recorder misses what the server had given it as silence before the sound began.
    const double length = heard.front().stopSeconds - heard.front().startSeconds;
    QVERIFY2(std::abs(length - 0.6) < 0.04, qPrintable(QString::number(length)));
}

void TestHeardSound::goesOnWhenTheServerDies()
{
    Playback playback;
    test::openFilmWithSound(playback, m_tone);
    QSignalSpy finished(&playback, &Playback::finished);
    playback.seek(0.8);
    playback.setSpeed(1.0);
    QTRY_VERIFY(playback.shown().seconds >= 1.0);
    m_server.kill();
    QVERIFY(m_server.waitForFinished());
    QVERIFY(finished.wait(10'000));
    QCOMPARE(playback.shown().index, qint64{ 59 });
}

QTEST_GUILESS_MAIN(TestHeardSound)
#include "tst_heard_sound.moc"
