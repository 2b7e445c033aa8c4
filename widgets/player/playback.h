#pragma once

#include "widgets/player/audio_output.h"
#include "widgets/player/frame_thread.h"
#include "widgets/player/playback_clock.h"

#include <QObject>
#include <QString>
#include <QTimer>

#include <optional>

namespace clipscope::widgets {

/// Decides which frame is on screen: seeking, stepping, playing at any speed, stopping where a
/// passage ends. Paints nothing.
///
/// The clock starts when the first frame of a passage is on screen, so that a slow seek does not
/// swallow its beginning; one frame is decoded ahead, late ones are skipped.
/// Errors:  failed(); what was shown stays.
/// Threads: GUI thread only.
class Playback final : public QObject
{
    Q_OBJECT

public:
    /// `openCard`: what sound comes out of.
    explicit Playback(OpenSoundCard openCard = openDefaultSoundCard, QObject* parent = nullptr);

    void open(const QString& path, std::shared_ptr<const media::VideoIndex> index,
        media::DecodeSize size);
    void close();
    bool isOpen() const { return m_index != nullptr; }
    double duration() const;

    /// All of these may follow open() at once: the last wish is done when the video is open.
    void seek(double seconds);
    /// `speed` above 0.
    void playRange(double startSeconds, double stopSeconds, double speed = 1.0);
    /// Video seconds per second: sound from media::slowestTempo to media::fastestTempo, silence
    /// beyond; negative runs backwards, 0 pauses. While it plays it goes on where it is.
    void setSpeed(double speed);
    void step(qint64 frames);
    void setLooping(bool looping) { m_looping = looping; }
    void setMuted(bool muted);
    void setVolume(double volume) { m_audio.setVolume(volume); }

    double speed() const { return m_speed; }
    bool isLooping() const { return m_looping; }
    bool isMuted() const { return m_muted; }
    const DecodedFrame& shown() const { return m_shown; }
    /// Half-open passage that is being played, if one is.
    std::optional<std::pair<double, double>> range() const { return m_range; }

Q_SIGNALS:
    void opened(double durationSeconds);
    void frameShown(const clipscope::widgets::DecodedFrame& frame);
    void speedChanged(double speed);
    void rangeChanged();
    void finished();
    void soundKnown(bool hasSound);
    void failed(const clipscope::Error& error);

private:
    using Steady = PlaybackClock::Steady;

    void whenOpened(const OpenedVideo& video);
    void whenDecoded(const DecodedFrame& frame);
    void whenFailed(const Error& error);
    void advance();
    void requestNext(qint64 due);
    void goTo(qint64 frame);
    void show(const DecodedFrame& frame);
    void startClock(double seconds);
    bool isHeard() const; // at this speed
    void finish();
    void setRange(std::optional<std::pair<double, double>> range);
    void changeSpeed(double speed);
    qint64 firstFrame() const;
    qint64 lastFrame() const;
    double stopSeconds() const;

    QString m_path;
    FrameThread m_frames;
    AudioOutput m_audio;
    QTimer m_tick;
    PlaybackClock m_clock;

    std::shared_ptr<const media::VideoIndex> m_index; // null while nothing is open
    std::optional<std::pair<double, double>> m_range;
    std::optional<double> m_seekWhenOpen;
    DecodedFrame m_shown;
    std::optional<DecodedFrame> m_next; // decoded ahead, waits for its time
    std::optional<qint64> m_ahead; // asked for while playing, not here yet
    qint64 m_wanted = 0; // where the last seek or step went
    double m_speed = 0.0;
    bool m_starting = false; // plays as soon as m_wanted is on screen
    bool m_looping = false;
    bool m_muted = false;
    bool m_soundUsable = true;
};

} // namespace clipscope::widgets
