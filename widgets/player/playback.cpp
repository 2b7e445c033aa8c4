#include "widgets/player/playback.h"

#include "media/tempo_filter.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace clipscope::widgets {

namespace {

constexpr std::chrono::milliseconds tickInterval{ 5 }; // below half a frame of any common film

} // namespace

Playback::Playback(OpenSoundCard openCard, QObject* parent)
    : QObject(parent)
    , m_audio(std::move(openCard))
{
    m_tick.setTimerType(Qt::PreciseTimer);
    m_tick.setInterval(tickInterval);
    connect(&m_tick, &QTimer::timeout, this, &Playback::advance);
    connect(&m_frames, &FrameThread::opened, this, &Playback::whenOpened);
    connect(&m_frames, &FrameThread::decoded, this, &Playback::whenDecoded);
    connect(&m_frames, &FrameThread::failed, this, &Playback::whenFailed);
    connect(&m_audio, &AudioOutput::soundKnown, this, [this](bool hasSound) {
        m_soundUsable = hasSound;
        Q_EMIT soundKnown(hasSound);
    });
    connect(&m_audio, &AudioOutput::started, this,
        [this] { m_clock.set(m_clock.anchorSeconds, m_speed, Steady::now()); });
    connect(&m_audio, &AudioOutput::unavailable, this, [this] {
        m_soundUsable = false;
        const auto now = Steady::now();
        m_clock.set(m_clock.secondsAt(now), m_speed, now);
    });
}

void Playback::open(
    const QString& path, std::shared_ptr<const media::VideoIndex> index, media::DecodeSize size)
{
    close();
    m_frames.open(path, std::move(index), size);
    m_seekWhenOpen = 0.0;
    m_path = path;
}

void Playback::close()
{
    changeSpeed(0.0);
    setRange(std::nullopt);
    m_frames.close();
    m_audio.close();
    m_index.reset();
    m_shown = {};
    m_next.reset();
    m_wanted = 0;
    m_ahead.reset();
    m_seekWhenOpen.reset();
}

double Playback::duration() const
{
    return m_index ? m_index->durationSeconds() : 0.0;
}

void Playback::seek(double seconds)
{
    if (m_range && (seconds < m_range->first || seconds >= m_range->second))
        setRange(std::nullopt);
    if (!m_index) {
        m_seekWhenOpen = seconds;
        return;
    }
    goTo(m_index->frameAt(seconds));
}

void Playback::playRange(double startSeconds, double stopSeconds, double speed)
{
    setRange(std::pair(startSeconds, stopSeconds));
    changeSpeed(speed);
    seek(startSeconds);
}

void Playback::setSpeed(double speed)
{
    if (speed == m_speed)
        return;
    const bool goesOn = speed * m_speed > 0.0;
    changeSpeed(speed);
    if (speed == 0.0 || !m_index || (goesOn && m_starting))
        return; // whenOpened() or whenDecoded() goes on
    if (goesOn) {
        startClock(m_clock.secondsAt(Steady::now()));
        return;
    }
    // Playing on from where a passage ended, or running back out of it, leaves the passage.
    if (m_range && (speed < 0.0 || m_wanted >= lastFrame()))
        setRange(std::nullopt);
    if (m_wanted == (speed > 0.0 ? lastFrame() : firstFrame())) {
        goTo(speed > 0.0 ? firstFrame() : lastFrame());
    } else if (m_shown.asked == m_wanted) {
        startClock(m_index->secondsOf(m_wanted));
    } else {
        goTo(m_wanted);
    }
}

void Playback::step(qint64 frames)
{
    changeSpeed(0.0);
    if (m_index)
        goTo(std::clamp<qint64>(m_wanted + frames, 0, m_index->frameCount() - 1));
}

void Playback::setMuted(bool muted)
{
    if (muted == m_muted)
        return;
    m_muted = muted;
    if (!muted && m_index) {
        m_soundUsable = true;
        m_audio.open(m_path, m_index->originSeconds());
    }
    if (m_speed != 0.0 && !m_starting && m_index)
        startClock(m_clock.secondsAt(Steady::now()));
}

void Playback::whenOpened(const OpenedVideo& video)
{
    m_index = video.index;
    m_soundUsable = true; // until it is known better
    if (!m_muted)
        m_audio.open(m_path, m_index->originSeconds());
    const double start = std::exchange(m_seekWhenOpen, std::nullopt).value_or(0.0);
    goTo(m_index->frameAt(start));
    Q_EMIT opened(duration());
}

void Playback::whenDecoded(const DecodedFrame& frame)
{
    const bool ahead = std::exchange(m_ahead, std::nullopt) == frame.asked;
    if (m_speed == 0.0) {
        // What playing had asked for ahead comes too late; other frames are live pictures of a
        // drag.
        if (!ahead || frame.asked == m_wanted)
            show(frame);
        return;
    }
    if (m_starting) {
        if (frame.asked != m_wanted)
            return; // asked for before the jump
        show(frame);
        m_starting = false;
        startClock(m_index->secondsOf(m_wanted));
        return;
    }
    if (static_cast<double>(frame.asked - m_wanted) * m_speed > 0.0) // else: it has turned round
        m_next = frame;
    advance();
}

void Playback::whenFailed(const Error& error)
{
    m_ahead.reset();
    changeSpeed(0.0);
    Q_EMIT failed(error);
}

void Playback::advance()
{
    if (m_speed == 0.0 || m_starting || !m_index)
        return;
    const auto now = Steady::now();
    if (const auto heard = m_audio.position())
        m_clock.set(*heard, m_speed, now);
    const double seconds = m_clock.secondsAt(now);
    const qint64 due = std::clamp<qint64>(m_index->frameAt(seconds), firstFrame(), lastFrame());
    if (m_next && (m_speed > 0.0 ? m_next->asked <= due : m_next->asked >= due)) {
        m_wanted = m_next->asked;
        show(*std::exchange(m_next, std::nullopt));
    }
    const bool over = m_speed > 0.0 ? seconds >= stopSeconds() : seconds <= 0.0;
    if (over && m_wanted == (m_speed > 0.0 ? lastFrame() : firstFrame()))
        finish();
    else
        requestNext(due);
}

void Playback::requestNext(qint64 due)
{
    if (m_ahead || m_next)
        return;
    const qint64 next = m_speed > 0.0 ? std::min(std::max(m_wanted + 1, due), lastFrame())
                                      : std::max(std::min(m_wanted - 1, due), firstFrame());
    if (next == m_wanted)
        return;
    m_ahead = next;
    m_frames.request(next);
}

void Playback::goTo(qint64 frame)
{
    m_wanted = frame;
    m_next.reset();
    m_starting = m_speed != 0.0;
    m_tick.stop();
    m_audio.stop();
    m_frames.request(frame);
}

void Playback::show(const DecodedFrame& frame)
{
    m_shown = frame;
    Q_EMIT frameShown(frame);
}

void Playback::startClock(double seconds)
{
    const bool withSound = isHeard();
    // With sound the clock stands until the card plays.
    m_clock.set(seconds, withSound ? 0.0 : m_speed, Steady::now());
    if (withSound)
        m_audio.start(seconds, stopSeconds(), m_speed);
    else
        m_audio.stop();
    m_next.reset();
    m_tick.start();
    advance();
}

bool Playback::isHeard() const
{
    return !m_muted && m_soundUsable && m_speed >= media::slowestTempo
        && m_speed <= media::fastestTempo;
}

void Playback::finish()
{
    if (m_looping && m_speed > 0.0) {
        goTo(firstFrame());
        return;
    }
    changeSpeed(0.0);
    Q_EMIT finished();
}

void Playback::setRange(std::optional<std::pair<double, double>> range)
{
    if (range == m_range)
        return;
    m_range = range;
    Q_EMIT rangeChanged();
}

void Playback::changeSpeed(double speed)
{
    if (speed == m_speed)
        return;
    m_speed = speed;
    if (speed == 0.0) {
        m_tick.stop();
        m_audio.stop();
        m_next.reset();
        m_starting = false;
    }
    Q_EMIT speedChanged(speed);
}

qint64 Playback::firstFrame() const
{
    return m_range && m_speed > 0.0 ? m_index->frameAt(m_range->first) : 0;
}

qint64 Playback::lastFrame() const
{
    if (!m_range || m_speed < 0.0)
        return m_index->frameCount() - 1;
    // Half-open: a frame that starts at the stop is not part of the passage.
    const double stop = std::nextafter(m_range->second, -std::numeric_limits<double>::infinity());
    return std::max(m_index->frameAt(stop), m_index->frameAt(m_range->first));
}

double Playback::stopSeconds() const
{
    return m_range ? std::min(m_range->second, duration()) : duration();
}

} // namespace clipscope::widgets
