#include "widgets/player/player.h"

#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"
#include "widgets/player/control_row.h"
#include "widgets/player/playback.h"
#include "widgets/player/speeds.h"
#include "widgets/player/video_view.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>

#include <cmath>
#include <functional>

namespace clipscope::widgets {

namespace {

constexpr double fastest = 8.0;
constexpr double slow = 0.25;
constexpr int volumeWidth = 64;
constexpr int usualJumpFrames = 10;
constexpr int mostJumpFrames = 10'000;
/// Larger pictures are scaled while decoding: no window shows more, and the ring holds more frames.
constexpr int widestPicture = 2560;
constexpr int highestPicture = 1600;

} // namespace

struct Player::Impl
{
    Player& player;
    Playback playback;
    VideoView* view = nullptr;
    HeatStrip* strip = nullptr;
    ControlRow* row = nullptr;
    QLabel* time = nullptr;
    QLabel* inSeconds = nullptr;
    QLabel* frame = nullptr;
    QToolButton* speed = nullptr;
    QToolButton* play = nullptr;
    QToolButton* loop = nullptr;
    QToolButton* sound = nullptr;
    QSlider* volume = nullptr;
    std::vector<QWidget*> controls; ///< of no use without a video
    QString path;
    bool slowKey = false; ///< K is held: J and L run slowly
    bool ownKeys = true;
    double playSpeed = 1.0;
    int jumpFrames = usualJumpFrames;

    explicit Impl(Player& owner)
        : player(owner)
    {
    }

    QToolButton* button(
        Icon name, const QString& text, const QString& key, const std::function<void()>& run);
    void build();
    void connectPlayback();
    void enable(bool on);
    void showFrame(const DecodedFrame& frame);
    void showSpeed(double value);
    void showSound();
    bool handle(QKeyEvent* event, bool doIt);
    bool handleModified(Qt::KeyboardModifiers modifiers, int key, bool doIt);
};

QToolButton* Player::Impl::button(
    Icon name, const QString& text, const QString& key, const std::function<void()>& run)
{
    auto* made = new QToolButton(&player);
    made->setIcon(icon(name));
    made->setIconSize({ 20, 20 });
    made->setAutoRaise(true);
    made->setFocusPolicy(Qt::TabFocus);
    made->setAccessibleName(text);
    made->setToolTip(key.isEmpty() ? text : Player::tr("%1 (%2)").arg(text, key));
    QObject::connect(made, &QToolButton::clicked, &player, run);
    return made;
}

void Player::Impl::build()
{
    view = new VideoView(&player);
    strip = new HeatStrip(&player);
    auto* first = button(Icon::SkipBack, Player::tr("To the Start"), Player::tr("Home"),
        [this] { player.seek(0.0); });
    auto* back = button(Icon::FrameBack, Player::tr("One Frame Back"), Player::tr("Left"),
        [this] { player.stepFrames(-1); });
    play = button(
        Icon::Play, Player::tr("Play"), Player::tr("Space"), [this] { player.togglePlay(); });
    auto* forward = button(Icon::FrameForward, Player::tr("One Frame Forward"), Player::tr("Right"),
        [this] { player.stepFrames(1); });
    auto* last = button(Icon::SkipForward, Player::tr("To the End"), Player::tr("End"),
        [this] { player.seek(player.duration()); });
    loop = button(
        Icon::Loop, Player::tr("Repeat"), {}, [this] { playback.setLooping(loop->isChecked()); });
    loop->setCheckable(true);
    sound = button(
        Icon::Volume, Player::tr("Mute"), {}, [this] { player.setMuted(!playback.isMuted()); });
    volume = new QSlider(Qt::Horizontal, &player);
    volume->setObjectName(QStringLiteral("volume"));
    volume->setRange(0, 100);
    volume->setValue(100);
    volume->setPageStep(10);
    volume->setFixedWidth(volumeWidth);
    volume->setFocusPolicy(Qt::TabFocus);
    volume->setAccessibleName(Player::tr("Volume"));
    QObject::connect(volume, &QSlider::valueChanged, &player, [this](int percent) {
        playback.setVolume(percent / 100.0);
        volume->setToolTip(Player::tr("Volume %1 %").arg(percent));
        if (percent > 0 && playback.isMuted())
            player.setMuted(false); // who turns it up wants to hear it
        Q_EMIT player.volumeChanged(percent / 100.0);
    });
    speed = speedButton(
        &player, [this] { return playSpeed; },
        [this](double value) { player.setPlaySpeed(value); });
    controls = { first, back, play, forward, last, speed, loop, sound, volume };

    time = new QLabel(&player);
    time->setAccessibleName(Player::tr("Time"));
    time->setFont(typeface(TypeSize::Base, true));
    frame = new QLabel(&player);
    frame->setAccessibleName(Player::tr("Frame number"));
    inSeconds = new QLabel(&player);
    inSeconds->setAccessibleName(Player::tr("Time in seconds"));
    for (QLabel* label : { inSeconds, frame })
        label->setProperty("role", QStringLiteral("secondary"));
    for (QLabel* label : { time, inSeconds, frame })
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);

    row = new ControlRow;
    for (QToolButton* each : { first, back, play, forward, last })
        row->addAlways(each);
    row->addSpacing(space::s);
    row->addAlways(time);
    row->addSpacing(space::s);
    row->addWhenRoom(frame);
    row->addSpacing(space::s);
    row->addWhenRoom(inSeconds);
    row->addStretch(1);
    for (QToolButton* each : { speed, loop, sound })
        row->addAlways(each);
    row->addWhenRoom(volume);

    auto* column = new QVBoxLayout(&player);
    column->setSizeConstraint(QLayout::SetNoConstraint); // Player::minimumSizeHint() knows better
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(space::xs);
    column->addWidget(view, 1);
    column->addWidget(strip);
    column->addLayout(row);
    enable(false);
}

void Player::Impl::connectPlayback()
{
    QObject::connect(&playback, &Playback::opened, &player, [this](double seconds) {
        strip->setDuration(seconds);
        enable(true);
        Q_EMIT player.opened(seconds);
    });
    QObject::connect(&playback, &Playback::frameShown, &player,
        [this](const DecodedFrame& it) { showFrame(it); });
    QObject::connect(
        &playback, &Playback::speedChanged, &player, [this](double value) { showSpeed(value); });
    QObject::connect(&playback, &Playback::rangeChanged, &player,
        [this] { strip->setMarkedRange(playback.range()); });
    QObject::connect(&playback, &Playback::finished, &player, &Player::finished);
    QObject::connect(&playback, &Playback::soundKnown, &player, [this](bool hasSound) {
        sound->setEnabled(hasSound);
        volume->setEnabled(hasSound);
        sound->setToolTip(hasSound ? Player::tr("Mute") : Player::tr("This video has no sound"));
    });
    QObject::connect(&playback, &Playback::failed, &player, [this](const Error& error) {
        if (!playback.isOpen())
            view->setMessage(
                Player::tr("This video cannot be shown.\n%1").arg(fromUtf8(error.message)));
        Q_EMIT player.failed(error);
    });
    // Dragging shows live pictures; releasing stands still on the exact one.
    QObject::connect(strip, &HeatStrip::scrubbed, &player, [this](double seconds) {
        playback.setSpeed(0.0);
        playback.seek(seconds);
    });
    QObject::connect(strip, &HeatStrip::scrubFinished, &player, [this](double seconds) {
        playback.setSpeed(0.0);
        playback.seek(seconds);
    });
    QObject::connect(view, &VideoView::clicked, &player, [this] { player.togglePlay(); });
}

void Player::Impl::enable(bool on)
{
    for (QWidget* each : controls)
        each->setEnabled(on);
    strip->setEnabled(on);
    if (!on) {
        strip->setDuration(0.0);
        for (QLabel* label : { time, inSeconds, frame })
            label->clear();
    }
}

void Player::Impl::showFrame(const DecodedFrame& shown)
{
    view->show(shown.image);
    strip->setPosition(shown.seconds);
    time->setText(player.timeText());
    inSeconds->setText(player.secondsText());
    frame->setText(player.frameText());
    Q_EMIT player.positionChanged(shown.seconds, shown.index);
}

void Player::Impl::showSpeed(double value)
{
    const bool playing = value != 0.0;
    play->setIcon(icon(playing ? Icon::Pause : Icon::Play));
    play->setAccessibleName(playing ? Player::tr("Pause") : Player::tr("Play"));
    play->setToolTip(Player::tr("%1 (%2)").arg(play->accessibleName(), Player::tr("Space")));
    // Running by J and L has its own speed while it lasts.
    speed->setText(speedText(playing ? value : playSpeed));
    Q_EMIT player.playingChanged(playing);
}

void Player::Impl::showSound()
{
    sound->setIcon(icon(playback.isMuted() ? Icon::Mute : Icon::Volume));
    sound->setAccessibleName(playback.isMuted() ? Player::tr("Unmute") : Player::tr("Mute"));
    sound->setToolTip(sound->accessibleName());
}

bool Player::Impl::handleModified(Qt::KeyboardModifiers modifiers, int key, bool doIt)
{
    const int direction = key == Qt::Key_Left ? -1 : key == Qt::Key_Right ? 1 : 0;
    const bool isSpeed = modifiers == Qt::ShiftModifier
        && (key == Qt::Key_Less || key == Qt::Key_Greater); // these need Shift on many keyboards
    if (isSpeed) {
        if (doIt)
            player.setPlaySpeed(neighbourSpeed(playSpeed, key == Qt::Key_Less ? -1 : 1));
        return true;
    }
    if (direction == 0 || (modifiers != Qt::ShiftModifier && modifiers != Qt::AltModifier))
        return false;
    if (doIt && modifiers == Qt::ShiftModifier)
        player.stepSeconds(direction);
    else if (doIt)
        player.stepFrames(direction * jumpFrames);
    return true;
}

/// One table for both questions: "is this key ours?" (ShortcutOverride) and "do it".
bool Player::Impl::handle(QKeyEvent* event, bool doIt)
{
    if (!ownKeys)
        return false;
    const auto modifiers = event->modifiers() & ~Qt::KeypadModifier;
    const auto act = [doIt](const auto& run) {
        if (doIt)
            run();
        return true;
    };
    if (event->matches(QKeySequence::Copy))
        return act([this] { QGuiApplication::clipboard()->setText(player.timeText()); });
    if (modifiers != Qt::NoModifier)
        return handleModified(modifiers, event->key(), doIt);
    switch (event->key()) {
    case Qt::Key_BracketLeft:
    case Qt::Key_Less:
        return act([this] { player.setPlaySpeed(neighbourSpeed(playSpeed, -1)); });
    case Qt::Key_BracketRight:
    case Qt::Key_Greater:
        return act([this] { player.setPlaySpeed(neighbourSpeed(playSpeed, 1)); });
    case Qt::Key_PageUp:
        return act([this] { player.seek(player.position() - player.duration() / 10.0); });
    case Qt::Key_PageDown:
        return act([this] { player.seek(player.position() + player.duration() / 10.0); });
    case Qt::Key_Space:
        return act([this] { player.togglePlay(); });
    case Qt::Key_Left:
    case Qt::Key_Comma:
        return act([this] { player.stepFrames(-1); });
    case Qt::Key_Right:
    case Qt::Key_Period:
        return act([this] { player.stepFrames(1); });
    case Qt::Key_Home:
        return act([this] { player.seek(0.0); });
    case Qt::Key_End:
        return act([this] { player.seek(player.duration()); });
    case Qt::Key_J:
        return act([&] { event->isAutoRepeat() ? void() : player.shuttle(-1); });
    case Qt::Key_L:
        return act([&] { event->isAutoRepeat() ? void() : player.shuttle(1); });
    case Qt::Key_K:
        return act([this] {
            slowKey = true;
            player.pause();
        });
    default:
        return false;
    }
}

Player::Player(QWidget* parent)
    : QWidget(parent)
    , m_impl(std::make_unique<Impl>(*this))
{
    setObjectName(QStringLiteral("player"));
    setAccessibleName(tr("Video player"));
    setFocusPolicy(Qt::StrongFocus);
    setLayoutDirection(Qt::LeftToRight); // time never runs from right to left
    m_impl->build();
    m_impl->connectPlayback();
    m_impl->view->setMessage(tr("No video is open"));
}

Player::~Player() = default;

void Player::open(const QString& path, std::shared_ptr<const media::VideoIndex> index)
{
    close();
    m_impl->path = path;
    m_impl->view->setMessage(tr("Opening ..."));
    m_impl->playback.open(
        path, std::move(index), media::DecodeSize::bounded(widestPicture, highestPicture));
}

void Player::close()
{
    m_impl->playback.close();
    m_impl->path.clear();
    m_impl->view->show({});
    m_impl->view->setMessage(tr("No video is open"));
    m_impl->strip->setScores({});
    m_impl->enable(false);
}

QString Player::path() const
{
    return m_impl->path;
}

bool Player::isOpen() const
{
    return m_impl->playback.isOpen();
}

double Player::duration() const
{
    return m_impl->playback.duration();
}

void Player::seek(double seconds)
{
    m_impl->playback.seek(seconds);
}

void Player::playRange(double startSeconds, double stopSeconds)
{
    m_impl->playback.playRange(startSeconds, stopSeconds, m_impl->playSpeed);
}

void Player::play()
{
    if (!m_impl->path.isEmpty())
        m_impl->playback.setSpeed(m_impl->playSpeed);
}

void Player::pause()
{
    m_impl->playback.setSpeed(0.0);
}

void Player::togglePlay()
{
    isPlaying() ? pause() : play();
}

void Player::stepFrames(int count)
{
    m_impl->playback.step(count);
}

void Player::stepSeconds(double seconds)
{
    pause();
    seek(position() + seconds);
}

void Player::shuttle(int direction)
{
    const double now = speed();
    if (direction == 0 || m_impl->path.isEmpty()) {
        pause();
    } else if (m_impl->slowKey) {
        m_impl->playback.setSpeed(direction * slow);
    } else if (now * direction >= 1.0) {
        m_impl->playback.setSpeed(direction * std::min(2.0 * std::abs(now), fastest));
    } else {
        m_impl->playback.setSpeed(direction);
    }
}

void Player::setSlowShuttle(bool on)
{
    m_impl->slowKey = on;
}

double Player::speed() const
{
    return m_impl->playback.speed();
}

void Player::setPlaySpeed(double speed)
{
    const double wanted = std::clamp(speed, playSpeeds.front(), playSpeeds.back());
    if (wanted == m_impl->playSpeed)
        return;
    m_impl->playSpeed = wanted;
    if (this->speed() > 0.0)
        m_impl->playback.setSpeed(wanted);
    m_impl->speed->setText(speedText(isPlaying() ? this->speed() : wanted));
    Q_EMIT playSpeedChanged(wanted);
}

double Player::playSpeed() const
{
    return m_impl->playSpeed;
}

void Player::setJumpFrames(int frames)
{
    const int wanted = std::clamp(frames, 1, mostJumpFrames);
    if (wanted == m_impl->jumpFrames)
        return;
    m_impl->jumpFrames = wanted;
    Q_EMIT jumpFramesChanged(wanted);
}

int Player::jumpFrames() const
{
    return m_impl->jumpFrames;
}

void Player::setOwnKeys(bool on)
{
    m_impl->ownKeys = on;
}

void Player::setLooping(bool looping)
{
    m_impl->playback.setLooping(looping);
    m_impl->loop->setChecked(looping);
}

void Player::setMuted(bool muted)
{
    m_impl->playback.setMuted(muted);
    m_impl->showSound();
}

bool Player::isMuted() const
{
    return m_impl->playback.isMuted();
}

void Player::setVolume(double volume)
{
    m_impl->volume->setValue(static_cast<int>(std::lround(100.0 * volume)));
}

double Player::volume() const
{
    return m_impl->volume->value() / 100.0;
}

void Player::setScores(HeatScores scores)
{
    m_impl->strip->setScores(std::move(scores));
}

QString Player::timeText() const
{
    return preciseTime(position());
}

QString Player::secondsText() const
{
    return tr("%1 s").arg(QLocale().toString(position(), 'f', 3));
}

QString Player::frameText() const
{
    return tr("frame %1").arg(frameIndex());
}

double Player::position() const
{
    return m_impl->playback.shown().seconds;
}

qint64 Player::frameIndex() const
{
    return m_impl->playback.shown().index;
}

QImage Player::shownFrame() const
{
    return m_impl->view->picture();
}

bool Player::event(QEvent* event)
{
    // Claims our keys before the window's shortcuts get them; this reaches us only while the focus
    // is in here, so typing elsewhere is never disturbed.
    if (event->type() == QEvent::ShortcutOverride) {
        auto* key = static_cast<QKeyEvent*>(event);
        if (m_impl->handle(key, false)) {
            key->accept();
            return true;
        }
    }
    return QWidget::event(event);
}

void Player::keyPressEvent(QKeyEvent* event)
{
    if (!m_impl->handle(event, true))
        QWidget::keyPressEvent(event);
}

void Player::keyReleaseEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_K && !event->isAutoRepeat())
        m_impl->slowKey = false;
    QWidget::keyReleaseEvent(event);
}

void Player::resizeEvent(QResizeEvent* event)
{
    m_impl->row->fit(width());
    QWidget::resizeEvent(event);
}

QSize Player::minimumSizeHint() const
{
    return { std::max(m_impl->row->narrowestWidth(), m_impl->view->minimumSizeHint().width()),
        QWidget::minimumSizeHint().height() };
}

void Player::contextMenuEvent(QContextMenuEvent* event)
{
    if (frameIndex() < 0)
        return;
    QMenu menu(this);
    const auto copy = [&menu](const QString& text, const QString& what) {
        QObject::connect(menu.addAction(icon(Icon::Copy), text), &QAction::triggered, &menu,
            [what] { QGuiApplication::clipboard()->setText(what); });
    };
    copy(tr("Copy Time"), timeText());
    copy(tr("Copy Seconds"), QString::number(position(), 'f', 6));
    copy(tr("Copy Frame Number"), QString::number(frameIndex()));
    QMenu* jumps = menu.addMenu(tr("Alt+Left and Alt+Right Move by"));
    for (const int frames : { 2, 5, 10, 25, 50, 100, 250 }) {
        QAction* action = jumps->addAction(counted(frames, tr("frame"), tr("frames")));
        action->setCheckable(true);
        action->setChecked(frames == jumpFrames());
        connect(action, &QAction::triggered, this, [this, frames] { setJumpFrames(frames); });
    }
    menu.exec(event->globalPos());
}

} // namespace clipscope::widgets
