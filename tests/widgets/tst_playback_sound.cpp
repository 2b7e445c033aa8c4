#include "support/make_video.h"
#include "support/open_film.h"
#include "support/verify.h"
#include "widgets/common/format.h"
#include "widgets/player/playback.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace clipscope;
using namespace clipscope::widgets;

namespace {

/// What the cards of a test played, one entry a card.
struct Played
{
    std::vector<std::vector<float>> cards;
    double heardSeconds = 0.0; ///< of the last card
    bool isOpen = false;
};

/// Plays at its own pace, which is not the one of the machine's clock.
class FakeCard final : public SoundCard
{
public:
    FakeCard(QIODevice& samples, Played& played, double pace)
        : m_samples(samples)
        , m_played(played)
        , m_pace(pace)
    {
        m_played.cards.emplace_back();
        m_played.isOpen = true;
        m_time.start();
        connect(&m_tick, &QTimer::timeout, this, [this] { pull(); });
        m_tick.start(5);
        pull();
    }
    ~FakeCard() override { m_played.isOpen = false; }

    double heardSeconds(double) const override { return m_played.heardSeconds; }
    void setVolume(double) override { }

private:
    void pull()
    {
        m_played.heardSeconds = m_pace * static_cast<double>(m_time.nsecsElapsed()) * 1e-9;
        std::vector<float>& all = m_played.cards.back();
        const auto wanted = static_cast<std::size_t>(
            (m_played.heardSeconds + 0.1) * soundRateHz); // ahead of what is heard
        const std::size_t before = all.size();
        all.resize(std::max(before, soundChannels * wanted));
        m_samples.read(reinterpret_cast<char*>(all.data() + before),
            static_cast<qint64>((all.size() - before) * sizeof(float)));
    }

    QIODevice& m_samples;
    Played& m_played;
    const double m_pace;
    QElapsedTimer m_time;
    QTimer m_tick;
};

/// Of the left channel between its first and its last loud sample.
double frequencyOf(const std::vector<float>& samples)
{
    int rises = 0;
    bool isLow = false;
    std::size_t first = 0, last = 0;
    for (std::size_t i = 0; i < samples.size(); i += 2) {
        if (isLow && samples[i] > 0.1f) {
            last = i;
            first = rises++ == 0 ? i : first;
        }
        isLow = samples[i] < -0.1f || (isLow && samples[i] <= 0.1f);
    }
    return rises < 2
        ? 0.0
        : (rises - 1) * static_cast<double>(soundRateHz) * 2.0 / static_cast<double>(last - first);
}

} // namespace

class TestPlaybackSound : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { test::failOnAnyWarning(); }

    void theSoundIsTheClockAtEverySpeed_data();
    void theSoundIsTheClockAtEverySpeed();
    void changesItsSpeedWhilePlaying();
    void isSilentAtOtherSpeeds_data();
    void isSilentAtOtherSpeeds();
    void goesOnWhenTheCardVanishes();
    void aPassageBeginsAndEndsSoftly();

private:
    void open(Playback& playback);
    OpenSoundCard card(double pace)
    {
        return [this, pace](QIODevice& samples, double) {
            return std::make_unique<FakeCard>(samples, m_played, pace);
        };
    }

    static constexpr double duration = 2.4;
    QTemporaryDir m_folder;
    QString m_film;
    Played m_played;
};

void TestPlaybackSound::initTestCase()
{
    test::MadeVideo video;
    video.fps = 25;
    video.frames = 60;
    video.sound = true;
    m_film = m_folder.filePath(QStringLiteral("tone.mp4"));
    QVERIFY_RESULT(test::makeVideo(toPath(m_film), video));
}

void TestPlaybackSound::open(Playback& playback)
{
    m_played = {};
    test::openFilmWithSound(playback, m_film);
}

void TestPlaybackSound::theSoundIsTheClockAtEverySpeed_data()
{
    QTest::addColumn<double>("speed");
    QTest::addColumn<double>("pace");
    QTest::newRow("half") << 0.5 << 2.0;
    QTest::newRow("three quarters") << 0.75 << 2.0;
    QTest::newRow("normal") << 1.0 << 1.5;
    QTest::newRow("one and a half") << 1.5 << 0.7;
    QTest::newRow("double") << 2.0 << 0.5;
}

void TestPlaybackSound::theSoundIsTheClockAtEverySpeed()
{
    QFETCH(double, speed);
    QFETCH(double, pace);
    Playback playback(card(pace));
    open(playback);
    constexpr double start = 0.8;
    playback.seek(start);
    int early = 0, seen = 0;
    connect(&playback, &Playback::frameShown, &playback, [&](const DecodedFrame& frame) {
        if (!m_played.isOpen)
            return;
        ++seen;
        // The output runs ahead between two reports of the card, by a tenth of a second at most.
        const double heard = start + m_played.heardSeconds * speed;
        early += frame.seconds > heard + 0.1 * speed + 0.001 ? 1 : 0;
    });
    QSignalSpy finished(&playback, &Playback::finished);
    playback.setSpeed(speed);
    QVERIFY(finished.wait(20'000));
    QVERIFY(seen > 10);
    QCOMPARE(early, 0);
    QCOMPARE(m_played.cards.size(), std::size_t{ 1 });
    // It ended when the sound did, whatever the machine's clock said.
    const double heard = start + m_played.heardSeconds * speed;
    QVERIFY2(std::abs(heard - duration) < 0.3, qPrintable(QString::number(heard)));
    const double hertz = frequencyOf(m_played.cards.front());
    QVERIFY2(std::abs(hertz - 440.0) < 4.4, qPrintable(QString::number(hertz)));
}

void TestPlaybackSound::changesItsSpeedWhilePlaying()
{
    Playback playback(card(1.0));
    open(playback);
    QList<qint64> frames;
    connect(&playback, &Playback::frameShown, &playback,
        [&](const DecodedFrame& frame) { frames += frame.index; });
    QSignalSpy finished(&playback, &Playback::finished);
    const auto reaches = [&](double seconds) {
        return QTest::qWaitFor([&] { return playback.shown().seconds >= seconds; }, 10'000);
    };
    playback.setSpeed(1.0);
    QVERIFY(reaches(0.5));
    playback.setSpeed(2.0);
    QVERIFY(reaches(1.1));
    playback.setSpeed(4.0); // silent
    QVERIFY(!m_played.isOpen);
    QVERIFY(reaches(1.4));
    playback.setSpeed(0.5);
    QVERIFY(reaches(1.7));
    playback.setSpeed(1.5);
    QVERIFY(finished.wait(10'000));
    QCOMPARE(playback.shown().index, qint64{ 59 });
    QVERIFY(std::is_sorted(frames.begin(), frames.end()));
    QCOMPARE(m_played.cards.size(), std::size_t{ 4 });
    for (const auto& samples : m_played.cards) {
        const double hertz = frequencyOf(samples);
        QVERIFY2(std::abs(hertz - 440.0) < 8.8, qPrintable(QString::number(hertz)));
    }
}

void TestPlaybackSound::isSilentAtOtherSpeeds_data()
{
    QTest::addColumn<double>("speed");
    for (const double speed : { 0.25, 0.49, 2.01, 4.0, -1.0 })
        QTest::addRow("%g", speed) << speed;
}

void TestPlaybackSound::isSilentAtOtherSpeeds()
{
    QFETCH(double, speed);
    Playback playback(card(1.0));
    open(playback);
    playback.seek(1.2);
    QTRY_COMPARE(playback.shown().index, qint64{ 30 });
    playback.setSpeed(speed);
    QTRY_VERIFY(std::abs(playback.shown().index - 30) >= 5);
    QVERIFY(m_played.cards.empty());
}

void TestPlaybackSound::goesOnWhenTheCardVanishes()
{
    SoundCard* opened = nullptr;
    Playback playback([&](QIODevice& samples, double) {
        auto made = std::make_unique<FakeCard>(samples, m_played, 1.0);
        opened = made.get();
        return made;
    });
    open(playback);
    QSignalSpy finished(&playback, &Playback::finished);
    playback.setSpeed(2.0);
    QTRY_VERIFY(opened && playback.shown().seconds > 0.5);
    Q_EMIT opened->vanished();
    QVERIFY(finished.wait(10'000));
    QCOMPARE(playback.shown().index, qint64{ 59 });
    QCOMPARE(m_played.cards.size(), std::size_t{ 1 });
}

void TestPlaybackSound::aPassageBeginsAndEndsSoftly()
{
    Playback playback(card(1.0));
    open(playback);
    playback.setLooping(true);
    playback.playRange(0.48, 1.0013);
    QTRY_COMPARE(m_played.cards.size(), std::size_t{ 3 });
    playback.setSpeed(0.0);
    for (std::size_t i = 0; i < 2; ++i) {
        const std::vector<float>& samples = m_played.cards[i];
        const auto isHeard = [](float sample) { return std::abs(sample) > 1e-6f; };
        const auto first = std::find_if(samples.begin(), samples.end(), isHeard);
        const auto last = std::find_if(samples.rbegin(), samples.rend(), isHeard).base();
        // A millisecond of a tone of amplitude 0.5, in a fade of five.
        constexpr std::ptrdiff_t values = soundChannels * soundRateHz / 1000;
        QVERIFY(last - first > 400 * values);
        for (std::ptrdiff_t at = 0; at < values; ++at) {
            QVERIFY2(std::abs(first[at]) < 0.11f, qPrintable(QString::number(first[at])));
            QVERIFY2(std::abs(last[-1 - at]) < 0.11f, qPrintable(QString::number(last[-1 - at])));
        }
    }
}

QTEST_GUILESS_MAIN(TestPlaybackSound)
#include "tst_playback_sound.moc"
