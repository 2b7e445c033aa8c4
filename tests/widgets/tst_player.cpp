#include "media/video_index.h"
#include "support/gui.h"
#include "support/make_video.h"
#include "support/verify.h"
#include "widgets/common/format.h"
#include "widgets/player/player.h"
#include "widgets/player/speeds.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QSlider>
#include <QTemporaryDir>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <memory>

using namespace clipscope;
using widgets::HeatStrip;
using widgets::Player;

class TestPlayer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup() { m_player.reset(); }

    void showsTheFirstFrameWhenOpened();
    void showsTheExactFrameOfTheTimeItShows_data();
    void showsTheExactFrameOfTheTimeItShows();
    void showsTheExactFrameWithUnevenFrameTimes();
    void seeksBeforeTheVideoIsOpen();
    void stepsOneFrameBothWays();
    void landsOnTheLastOfManySeeks();
    void staysInsideTheVideo();
    void playsToTheEndAndStandsOnTheLastFrame();
    void playsEveryFrameInOrder();
    void stopsAtTheEndOfAMoment();
    void playsOnAfterAMoment();
    void startsTheMomentAgainWhenLooping();
    void runsBackwardsToTheStart();
    void doublesItsSpeedWithEachL();
    void obeysItsKeys();
    void leavesKeysToATextField();
    void playsAtTheChosenSpeed();
    void changesSpeedByKeysAndMenu();
    void jumpsByAsManyFramesAsWished();
    void showsTheFrameWhoseNumberItShowsWhenPaused_data();
    void showsTheFrameWhoseNumberItShowsWhenPaused();
    void leavesAllKeysToWhoBindsThem();
    void dragsLiveAndLandsPausedOnTheReleasedFrame();
    void saysWhyAFileCannotBeShown();
    void opensAnotherVideoAfterAFailure();
    void playsWithoutASoundDevice();
    void copiesTheTimeItShows();
    void showsTimeSecondsAndFrame();
    void letsTheUserSetTheVolume();

private:
    void open(const QString& path);
    qint64 shownNumber() const;
    bool waitForFrame(qint64 frame);
    QString make(const QString& name, const test::MadeVideo& video);

    static constexpr int fps = 25;
    static constexpr int frames = 50;
    QTemporaryDir m_folder;
    QString m_film;
    std::unique_ptr<Player> m_player;
};

void TestPlayer::initTestCase()
{
    qRegisterMetaType<Error>();
    test::MadeVideo video;
    video.fps = fps;
    video.frames = frames;
    m_film = make(QStringLiteral("film.mp4"), video);
}

void TestPlayer::init()
{
    // Qt itself warns where there is no sound system; only one test touches it.
    if (qstrcmp(QTest::currentTestFunction(), "playsWithoutASoundDevice") != 0)
        test::failOnAnyWarningOfOurs();
    m_player = std::make_unique<Player>();
    m_player->setMuted(true); // the machines that run this have no sound
    m_player->resize(480, 360);
    m_player->show();
    QVERIFY(QTest::qWaitForWindowActive(m_player.get()));
    m_player->setFocus();
}

QString TestPlayer::make(const QString& name, const test::MadeVideo& video)
{
    const QString path = m_folder.filePath(name);
    const Status made = test::makeVideo(widgets::toPath(path), video);
    if (!made)
        qFatal("%s", made.error().toString().c_str());
    return path;
}

void TestPlayer::open(const QString& path)
{
    QSignalSpy shown(m_player.get(), &Player::positionChanged);
    m_player->open(path);
    QVERIFY(shown.wait());
}

qint64 TestPlayer::shownNumber() const
{
    const QImage picture = m_player->shownFrame().convertToFormat(QImage::Format_RGB888);
    std::vector<std::uint8_t> rgb;
    for (int row = 0; row < picture.height(); ++row) {
        const uchar* line = picture.constScanLine(row);
        rgb.insert(rgb.end(), line, line + 3 * picture.width());
    }
    return test::frameNumberIn(rgb.data(), picture.width(), picture.height());
}

bool TestPlayer::waitForFrame(qint64 frame)
{
    return QTest::qWaitFor(
        [&] { return m_player->frameIndex() == frame && shownNumber() == frame; });
}

void TestPlayer::showsTheFirstFrameWhenOpened()
{
    QSignalSpy opened(m_player.get(), &Player::opened);
    open(m_film);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(m_player->duration(), double(frames) / fps);
    QVERIFY(waitForFrame(0));
    QCOMPARE(m_player->position(), 0.0);
    QVERIFY(!m_player->isPlaying());
}

void TestPlayer::showsTheExactFrameOfTheTimeItShows_data()
{
    QTest::addColumn<double>("seconds");
    QTest::addColumn<qint64>("frame");
    QTest::newRow("start of a frame") << 1.0 << qint64(25);
    QTest::newRow("inside a frame") << 1.039 << qint64(25);
    QTest::newRow("next frame") << 1.04 << qint64(26);
    QTest::newRow("first") << 0.0 << qint64(0);
    QTest::newRow("last") << 1.97 << qint64(49);
}

void TestPlayer::showsTheExactFrameOfTheTimeItShows()
{
    QFETCH(double, seconds);
    QFETCH(qint64, frame);
    open(m_film);
    m_player->seek(seconds);
    QVERIFY(waitForFrame(frame));
    QCOMPARE(m_player->position(), double(frame) / fps);
}

void TestPlayer::showsTheExactFrameWithUnevenFrameTimes()
{
    test::MadeVideo video;
    video.frames = 6;
    video.framesAtMilliseconds = { 0, 40, 500, 540, 2000, 2400 };
    open(make(QStringLiteral("uneven.mkv"), video));
    m_player->seek(1.9);
    QVERIFY(waitForFrame(3));
    QCOMPARE(m_player->position(), 0.54);
    m_player->seek(2.1);
    QVERIFY(waitForFrame(4));
}

void TestPlayer::seeksBeforeTheVideoIsOpen()
{
    m_player->open(m_film);
    m_player->seek(1.2);
    QVERIFY(waitForFrame(30));
}

void TestPlayer::stepsOneFrameBothWays()
{
    open(m_film);
    m_player->seek(0.48); // right before and after a key frame
    QVERIFY(waitForFrame(12));
    m_player->stepFrames(1);
    QVERIFY(waitForFrame(13));
    for (qint64 frame = 12; frame >= 8; --frame) {
        m_player->stepFrames(-1);
        QVERIFY(waitForFrame(frame));
    }
    m_player->stepFrames(1);
    m_player->stepFrames(1); // does not wait for the first
    QVERIFY(waitForFrame(10));
}

void TestPlayer::landsOnTheLastOfManySeeks()
{
    open(m_film);
    for (int i = 0; i < 60; ++i)
        m_player->seek(double(i * 7 % frames) / fps);
    m_player->seek(0.8);
    QVERIFY(waitForFrame(20));
    QTest::qWait(100);
    QCOMPARE(shownNumber(), qint64(20));
}

void TestPlayer::staysInsideTheVideo()
{
    open(m_film);
    m_player->seek(1e9);
    QVERIFY(waitForFrame(frames - 1));
    m_player->stepFrames(3);
    m_player->stepFrames(-1);
    QVERIFY(waitForFrame(frames - 2));
    m_player->seek(-5.0);
    QVERIFY(waitForFrame(0));
}

void TestPlayer::playsToTheEndAndStandsOnTheLastFrame()
{
    open(m_film);
    m_player->seek(1.6);
    QSignalSpy finished(m_player.get(), &Player::finished);
    m_player->play();
    QVERIFY(m_player->isPlaying());
    QVERIFY(finished.wait());
    QVERIFY(!m_player->isPlaying());
    QCOMPARE(m_player->frameIndex(), qint64(frames - 1));
    QCOMPARE(shownNumber(), qint64(frames - 1));
}

void TestPlayer::playsEveryFrameInOrder()
{
    open(m_film);
    QSignalSpy shown(m_player.get(), &Player::positionChanged);
    QSignalSpy finished(m_player.get(), &Player::finished);
    m_player->play();
    QVERIFY(finished.wait());
    qint64 last = 0;
    for (const QList<QVariant>& each : shown) {
        const qint64 frame = each[1].toLongLong();
        QVERIFY2(frame >= last, qPrintable(QStringLiteral("%1 after %2").arg(frame).arg(last)));
        last = frame;
    }
    // A busy machine may drop some; a player that drops most is broken.
    QVERIFY2(shown.size() > frames / 2, qPrintable(QString::number(shown.size())));
}

void TestPlayer::stopsAtTheEndOfAMoment()
{
    QSignalSpy finished(m_player.get(), &Player::finished);
    QSignalSpy shown(m_player.get(), &Player::positionChanged);
    m_player->open(m_film);
    m_player->playRange(0.6, 1.0);
    QVERIFY(finished.wait());
    QCOMPARE(shown.first()[1].toLongLong(), qint64(15)); // nothing before the moment was shown
    QCOMPARE(shownNumber(), qint64(24)); // frame 25 starts at 1.0: not part of [0.6, 1.0)
    QVERIFY(!m_player->isPlaying());
    QTest::qWait(120);
    QCOMPARE(shownNumber(), qint64(24));
}

void TestPlayer::playsOnAfterAMoment()
{
    open(m_film);
    QSignalSpy finished(m_player.get(), &Player::finished);
    m_player->playRange(1.4, 1.5);
    QVERIFY(finished.wait());
    m_player->togglePlay();
    QVERIFY(finished.wait());
    QCOMPARE(shownNumber(), qint64(frames - 1));
}

void TestPlayer::startsTheMomentAgainWhenLooping()
{
    open(m_film);
    m_player->setLooping(true);
    QSignalSpy shown(m_player.get(), &Player::positionChanged);
    m_player->playRange(0.4, 0.6);
    const auto starts = [&] {
        return std::count_if(shown.begin(), shown.end(),
            [](const QList<QVariant>& each) { return each[1].toLongLong() == 10; });
    };
    QTRY_VERIFY(starts() >= 3);
    QVERIFY(m_player->isPlaying());
}

void TestPlayer::runsBackwardsToTheStart()
{
    open(m_film);
    m_player->seek(0.4);
    QVERIFY(waitForFrame(10));
    QSignalSpy shown(m_player.get(), &Player::positionChanged);
    QSignalSpy finished(m_player.get(), &Player::finished);
    m_player->shuttle(-1);
    QCOMPARE(m_player->speed(), -1.0);
    QVERIFY(finished.wait());
    QCOMPARE(shownNumber(), qint64(0));
    for (qsizetype i = 1; i < shown.size(); ++i)
        QVERIFY(shown[i][1].toLongLong() < shown[i - 1][1].toLongLong());
}

void TestPlayer::doublesItsSpeedWithEachL()
{
    open(m_film);
    for (const double speed : { 1.0, 2.0, 4.0, 8.0, 8.0 }) {
        m_player->shuttle(1);
        QCOMPARE(m_player->speed(), speed);
    }
    m_player->shuttle(-1);
    QCOMPARE(m_player->speed(), -1.0);
    m_player->shuttle(0);
    QVERIFY(!m_player->isPlaying());
}

void TestPlayer::obeysItsKeys()
{
    open(m_film);
    QTest::keyClick(m_player.get(), Qt::Key_Right, Qt::ShiftModifier);
    QVERIFY(waitForFrame(25));
    QTest::keyClick(m_player.get(), Qt::Key_Right);
    QVERIFY(waitForFrame(26));
    QTest::keyClick(m_player.get(), Qt::Key_Comma);
    QVERIFY(waitForFrame(25));
    QTest::keyClick(m_player.get(), Qt::Key_Left, Qt::ShiftModifier);
    QVERIFY(waitForFrame(0));
    QTest::keyClick(m_player.get(), Qt::Key_End);
    QVERIFY(waitForFrame(frames - 1));
    QTest::keyClick(m_player.get(), Qt::Key_Home);
    QVERIFY(waitForFrame(0));
    QTest::keyClick(m_player.get(), Qt::Key_Space);
    QVERIFY(m_player->isPlaying());
    QTest::keyClick(m_player.get(), Qt::Key_K);
    QVERIFY(!m_player->isPlaying());
    QTest::keyPress(m_player.get(), Qt::Key_K);
    QTest::keyClick(m_player.get(), Qt::Key_L);
    QCOMPARE(m_player->speed(), 0.25);
    QTest::keyRelease(m_player.get(), Qt::Key_K);
}

void TestPlayer::leavesKeysToATextField()
{
    QWidget window;
    auto* layout = new QVBoxLayout(&window);
    auto* field = new QLineEdit;
    auto* player = new Player;
    player->setMuted(true);
    layout->addWidget(field);
    layout->addWidget(player);
    window.show();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    field->setFocus();
    // Through the window, as a keyboard does: shortcuts get their chance.
    for (const char key : { 'j', 'k', 'l', ' ', ',', '.' })
        QTest::keyClick(window.windowHandle(), key);
    QCOMPARE(field->text(), QStringLiteral("jkl ,."));
    QVERIFY(!player->isPlaying());
}

void TestPlayer::playsAtTheChosenSpeed()
{
    open(m_film);
    QSignalSpy finished(m_player.get(), &Player::finished);
    m_player->setPlaySpeed(4.0);
    QVERIFY(!m_player->isPlaying());
    m_player->play();
    QCOMPARE(m_player->speed(), 4.0);
    m_player->setPlaySpeed(3.0); // at once
    QCOMPARE(m_player->speed(), 3.0);
    QVERIFY(finished.wait());
    QCOMPARE(shownNumber(), qint64(frames - 1));
    m_player->playRange(0.4, 0.8);
    QCOMPARE(m_player->speed(), 3.0);
    QVERIFY(finished.wait());
    QCOMPARE(shownNumber(), qint64(19));
    m_player->shuttle(-1); // running by J keeps its own speed
    m_player->setPlaySpeed(0.5);
    QCOMPARE(m_player->speed(), -1.0);
    m_player->setPlaySpeed(100.0);
    QCOMPARE(m_player->playSpeed(), 4.0);
    m_player->setPlaySpeed(0.0);
    QCOMPARE(m_player->playSpeed(), 0.1);
}

void TestPlayer::changesSpeedByKeysAndMenu()
{
    open(m_film);
    auto* button = m_player->findChild<QToolButton*>(QStringLiteral("speed"));
    QVERIFY(button);
    QCOMPARE(button->text(), widgets::speedText(1.0));
    QSignalSpy changed(m_player.get(), &Player::playSpeedChanged);
    QTest::keyClick(m_player.get(), Qt::Key_BracketRight);
    QCOMPARE(m_player->playSpeed(), 1.25);
    QTest::keyClick(m_player.get(), Qt::Key_BracketLeft);
    QTest::keyClick(m_player.get(), Qt::Key_Less, Qt::ShiftModifier);
    QCOMPARE(m_player->playSpeed(), 0.75);
    QTest::keyClick(m_player.get(), Qt::Key_Greater);
    QCOMPARE(m_player->playSpeed(), 1.0);
    QCOMPARE(changed.size(), 4);
    for (int i = 0; i < 20; ++i)
        QTest::keyClick(m_player.get(), Qt::Key_BracketLeft);
    QCOMPARE(m_player->playSpeed(), 0.1);
    QCOMPARE(button->text(), widgets::speedText(0.1));
    const QList<QAction*> choices = button->menu()->actions();
    QCOMPARE(choices.size(), qsizetype(widgets::playSpeeds.size()));
    choices.last()->trigger();
    QCOMPARE(m_player->playSpeed(), 4.0);
    QCOMPARE(button->text(), choices.last()->text());
    QTest::keyClick(m_player.get(), Qt::Key_BracketRight);
    QCOMPARE(m_player->playSpeed(), 4.0);
}

void TestPlayer::jumpsByAsManyFramesAsWished()
{
    open(m_film);
    QTest::keyClick(m_player.get(), Qt::Key_Right, Qt::AltModifier);
    QVERIFY(waitForFrame(10));
    QSignalSpy changed(m_player.get(), &Player::jumpFramesChanged);
    m_player->setJumpFrames(7);
    m_player->setJumpFrames(7);
    QCOMPARE(changed.size(), 1);
    QTest::keyClick(m_player.get(), Qt::Key_Right, Qt::AltModifier);
    QVERIFY(waitForFrame(17));
    QTest::keyClick(m_player.get(), Qt::Key_Left, Qt::AltModifier);
    QTest::keyClick(m_player.get(), Qt::Key_Left, Qt::AltModifier);
    QVERIFY(waitForFrame(3));
    QTest::keyClick(m_player.get(), Qt::Key_PageDown);
    QVERIFY(waitForFrame(8)); // a tenth of 50 frames
    m_player->setJumpFrames(0);
    QCOMPARE(m_player->jumpFrames(), 1);
}

void TestPlayer::showsTheFrameWhoseNumberItShowsWhenPaused_data()
{
    QTest::addColumn<double>("speed");
    for (const double speed : { 0.5, 1.0, 2.0, 4.0 })
        QTest::addRow("%g times", speed) << speed;
}

void TestPlayer::showsTheFrameWhoseNumberItShowsWhenPaused()
{
    QFETCH(double, speed);
    open(m_film);
    m_player->setPlaySpeed(speed);
    qint64 before = 0;
    for (int i = 0; i < 8; ++i) {
        QSignalSpy shown(m_player.get(), &Player::positionChanged);
        m_player->play();
        QVERIFY(shown.wait());
        QTest::qWait(7 * i % 40); // anywhere between two frames
        m_player->pause();
        const qint64 frame = m_player->frameIndex();
        QCOMPARE(shownNumber(), frame);
        QCOMPARE(m_player->position(), static_cast<double>(frame) / fps);
        shown.clear();
        QTest::qWait(60); // what was asked for ahead comes too late
        QCOMPARE(shown.size(), 0);
        QCOMPARE(shownNumber(), frame);
        QVERIFY(frame >= before);
        before = frame + 1 == frames ? 0 : frame;
    }
}

void TestPlayer::leavesAllKeysToWhoBindsThem()
{
    open(m_film);
    m_player->setOwnKeys(false);
    QTest::keyClick(m_player.get(), Qt::Key_Space);
    QVERIFY(!m_player->isPlaying());
    QKeyEvent wish(QEvent::ShortcutOverride, Qt::Key_L, Qt::NoModifier);
    wish.ignore();
    QCoreApplication::sendEvent(m_player.get(), &wish);
    QVERIFY(!wish.isAccepted());
    m_player->setOwnKeys(true);
    QCoreApplication::sendEvent(m_player.get(), &wish);
    QVERIFY(wish.isAccepted());
}

void TestPlayer::dragsLiveAndLandsPausedOnTheReleasedFrame()
{
    open(m_film);
    m_player->play();
    auto* strip = m_player->findChild<HeatStrip*>();
    QVERIFY(strip);
    const auto at = [strip](double seconds) {
        return QPoint(qRound(strip->geometryForPaint().xOf(seconds)), strip->height() / 2);
    };
    QSignalSpy shown(m_player.get(), &Player::positionChanged);
    QTest::mousePress(strip, Qt::LeftButton, {}, at(0.5));
    QVERIFY(!m_player->isPlaying());
    QVERIFY(shown.wait()); // a live picture while the button is still down
    for (double seconds = 0.5; seconds < 1.5; seconds += 0.05)
        QTest::mouseMove(strip, at(seconds));
    QTest::mouseRelease(strip, Qt::LeftButton, {}, at(1.5));
    const double released = strip->geometryForPaint().secondsAt(at(1.5).x());
    QVERIFY(waitForFrame(static_cast<qint64>(released * fps)));
    QVERIFY(!m_player->isPlaying());
}

void TestPlayer::saysWhyAFileCannotBeShown()
{
    QSignalSpy failed(m_player.get(), &Player::failed);
    m_player->open(m_folder.filePath(QStringLiteral("nowhere.mp4")));
    QVERIFY(failed.wait());
    const auto error = failed.first().first().value<Error>();
    QCOMPARE(static_cast<int>(error.kind), static_cast<int>(ErrorKind::NotFound));
    QVERIFY(!m_player->isPlaying());
}

void TestPlayer::opensAnotherVideoAfterAFailure()
{
    QSignalSpy failed(m_player.get(), &Player::failed);
    m_player->open(m_folder.filePath(QStringLiteral("nowhere.mp4")));
    m_player->play();
    QVERIFY(failed.wait());
    open(m_film);
    QVERIFY(waitForFrame(0));
}

void TestPlayer::playsWithoutASoundDevice()
{
    test::MadeVideo video;
    video.fps = fps;
    video.frames = frames;
    video.sound = true;
    const QString path = make(QStringLiteral("sound.mp4"), video);
    m_player->setMuted(false);
    open(path);
    m_player->seek(1.6);
    QSignalSpy finished(m_player.get(), &Player::finished);
    m_player->play();
    QVERIFY(finished.wait());
    QCOMPARE(shownNumber(), qint64(frames - 1));
}

void TestPlayer::copiesTheTimeItShows()
{
    open(m_film);
    m_player->seek(1.0);
    QVERIFY(waitForFrame(25));
    QTest::keyClick(m_player.get(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->text(), widgets::preciseTime(1.0));
}

void TestPlayer::showsTimeSecondsAndFrame()
{
    m_player->resize(700, 360);
    open(m_film);
    m_player->seek(1.4);
    QVERIFY(waitForFrame(35));
    QStringList shown;
    for (const QLabel* label : m_player->findChildren<QLabel*>()) {
        if (label->isVisible() && label->textInteractionFlags() & Qt::TextSelectableByMouse)
            shown += label->text();
    }
    QCOMPARE(shown,
        (QStringList{ m_player->timeText(), m_player->frameText(), m_player->secondsText() }));
    QCOMPARE(m_player->timeText(), QStringLiteral("0:00:01.400"));
    QCOMPARE(m_player->frameText(), QStringLiteral("frame 35"));
    QVERIFY(m_player->secondsText().contains(QLocale().toString(1.4, 'f', 3)));
    // A narrow window leaves out what it has no room for, and lets itself be made narrow.
    const int least = m_player->minimumSizeHint().width();
    QVERIFY(least < 480);
    m_player->resize(least, 300);
    QCOMPARE(m_player->width(), least);
    QCOMPARE(m_player->minimumSizeHint().width(), least);
    for (const QWidget* each : m_player->findChildren<QWidget*>(Qt::FindDirectChildrenOnly)) {
        if (each->isVisible())
            QVERIFY2(each->geometry().right() < least, qPrintable(each->accessibleName()));
    }
}

void TestPlayer::letsTheUserSetTheVolume()
{
    auto* slider = m_player->findChild<QSlider*>(QStringLiteral("volume"));
    QVERIFY(slider && !slider->isEnabled()); // nothing is open
    const QSignalSpy changed(m_player.get(), &Player::volumeChanged);
    m_player->setVolume(0.4);
    QCOMPARE(m_player->volume(), 0.4);
    QCOMPARE(slider->value(), 40);
    QVERIFY(!m_player->isMuted()); // who turns it up wants to hear it
    m_player->setMuted(true);
    m_player->setVolume(0.0);
    QVERIFY(m_player->isMuted());
    QCOMPARE(changed.size(), 2);
}

QTEST_MAIN(TestPlayer)
#include "tst_player.moc"
