#pragma once

#include "base/result.h"
#include "widgets/player/heat_strip.h"

#include <QImage>
#include <QWidget>

#include <memory>

namespace clipscope::media {
class VideoIndex;
}

namespace clipscope::widgets {

/// The one video player of Clipscope: always shows the exact frame of the time it shows.
///
/// Decodes on its own thread and never blocks the window. Plays with sound when the video has some
/// and the machine has an output; the sound is the clock then, a steady clock otherwise. At speeds
/// from 0.5 to 2 the sound keeps its pitch, at others there is none.
/// Keys (only while the player has the focus): Space, J K L (slow while K is held), Left/Right one
/// frame, Shift one second, Alt jumpFrames() frames, comma/full stop one frame, [ ] and < > slower
/// and faster, Page Up/Down a tenth of the video, Home/End, Ctrl+C copies the time.
/// Errors:  failed(); the last good frame stays and the player can open something else.
/// Threads: GUI thread only.
class Player final : public QWidget
{
    Q_OBJECT

public:
    explicit Player(QWidget* parent = nullptr);
    ~Player() override;

    /// Opens a video and shows its first frame. seek(), play() and playRange() may follow at once;
    /// they happen when it is open. `index` null: the table is made by reading the file first.
    void open(const QString& path, std::shared_ptr<const media::VideoIndex> index = nullptr);
    void close();
    QString path() const;
    bool isOpen() const; ///< opened() was sent for path()
    double duration() const;

    /// Shows the frame that is on screen at `seconds`; clamped. Goes on playing when it played.
    void seek(double seconds);
    /// Plays [start, stop) at playSpeed() and stops on its last frame (or starts again when
    /// looping).
    void playRange(double startSeconds, double stopSeconds);
    void play(); ///< at playSpeed()
    void pause();
    void togglePlay();
    /// Pauses and moves by whole frames, negative backwards.
    void stepFrames(int count);
    void stepSeconds(double seconds);
    /// J (-1) and L (+1): each call in the same direction doubles the speed up to 8; 0 stops.
    void shuttle(int direction);
    /// While on, shuttle() runs at a quarter of the speed: K is held.
    void setSlowShuttle(bool on);
    double speed() const; ///< 0 when paused, negative when it runs backwards
    bool isPlaying() const { return speed() != 0.0; }
    /// How fast play() plays, also at once when it plays forwards. Clamped to [0.1, 4].
    void setPlaySpeed(double speed);
    double playSpeed() const;
    /// What Alt+Left and Alt+Right move by. Clamped to [1, 10000].
    void setJumpFrames(int frames);
    int jumpFrames() const;
    /// Off: who shows the player binds all keys, the player claims none.
    void setOwnKeys(bool on);
    void setLooping(bool looping);
    /// A muted player never touches the sound system.
    void setMuted(bool muted);
    bool isMuted() const;
    /// Range: [0, 1].
    void setVolume(double volume);
    double volume() const;

    /// Score per second under the scrubber.
    void setScores(HeatScores scores);

    /// "0:00:04.200", "4.200 s" and "frame 105", of the frame on screen.
    QString timeText() const;
    QString secondsText() const;
    QString frameText() const;

    double position() const; ///< presentation time of the frame on screen
    qint64 frameIndex() const; ///< -1 before the first frame is there
    QImage shownFrame() const;

    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void opened(double durationSeconds);
    /// A frame came on screen: its presentation time and its number (0 = first).
    void positionChanged(double seconds, qint64 frame);
    void playingChanged(bool playing);
    void volumeChanged(double volume); ///< by the user
    void playSpeedChanged(double speed);
    void jumpFramesChanged(int frames);
    /// Playback stopped by itself: end of the range or of the video.
    void finished();
    void failed(const clipscope::Error& error);

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::widgets
