#pragma once

#include "media/audio_reader.h"
#include "widgets/player/sound_card.h"

#include <QElapsedTimer>
#include <QIODevice>
#include <QObject>
#include <QString>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

namespace clipscope::widgets {

/// What the sound card pulls from: a bounded queue of samples that is never empty. Where nothing
/// was decoded in time it gives silence and counts it, so that the clock can tell.
/// Threads: push() from the decoding thread, everything else from the GUI thread.
class SampleQueue final : public QIODevice
{
public:
    explicit SampleQueue(std::size_t capacity);

    void clear();
    /// Waits for room; false when `stop` was asked for.
    bool push(const std::vector<float>& samples, std::stop_token stop);
    std::int64_t pulledBytes() const { return m_pulledBytes; } ///< since clear()
    std::int64_t silentBytes() const { return m_silentBytes; } ///< of those

    bool isSequential() const override { return true; }
    qint64 bytesAvailable() const override;

protected:
    qint64 readData(char* data, qint64 maxSize) override;
    qint64 writeData(const char*, qint64) override { return -1; }

private:
    const std::size_t m_capacity; // floats
    mutable std::mutex m_mutex;
    std::condition_variable_any m_room;
    std::vector<float> m_samples; // guarded by m_mutex: a ring
    std::size_t m_head = 0, m_size = 0; // guarded by m_mutex
    std::atomic<std::int64_t> m_pulledBytes = 0;
    std::atomic<std::int64_t> m_silentBytes = 0;
};

/// Sound of one video, and the clock that its pictures follow.
///
/// Decoding runs on its own thread; the sound system is first touched when a video with sound is
/// played. At other speeds the pitch stays.
/// Errors:  none; a machine or a video without sound is unavailable().
/// Threads: GUI thread only.
class AudioOutput final : public QObject
{
    Q_OBJECT

public:
    explicit AudioOutput(OpenSoundCard openCard = openDefaultSoundCard, QObject* parent = nullptr);
    ~AudioOutput() override;

    /// Finds out whether there is sound: soundKnown() follows. `originSeconds` as AudioReader.
    void open(const QString& path, double originSeconds);
    void close();
    /// Plays [seconds, stopSeconds) and then silence. `speed`: video seconds per second, in
    /// [media::slowestTempo, media::fastestTempo]. Answered by started() or unavailable().
    void start(double seconds, double stopSeconds, double speed = 1.0);
    void stop();
    /// 0 to 1.
    void setVolume(double volume);
    /// What is heard now, on the video's clock; nothing before started() and after stop().
    std::optional<double> position() const;

Q_SIGNALS:
    void soundKnown(bool hasSound);
    void started();
    /// No sound in the video or no output on the machine, also when it vanishes while playing.
    void unavailable();

private:
    struct Film
    {
        QString path;
        double originSeconds = 0.0;
        quint64 generation = 0;
    };
    struct Passage
    {
        double startSeconds = 0.0;
        double stopSeconds = 0.0;
        double speed = 1.0;
        quint64 generation = 0;
        std::stop_token stop;
    };
    struct Wish
    {
        std::optional<Film> film; ///< open this
        std::optional<Passage> passage; ///< then decode from here on
    };

    void work(const std::stop_token& stop);
    void openFilm(const Film& film);
    void decode(const Passage& passage);
    Status decodePassage(const Passage& passage, const std::function<void()>& started);
    void startCard(const Passage& passage);

    const OpenSoundCard m_openCard;
    quint64 m_filmGeneration = 0; // GUI thread, as all up to m_queue
    quint64 m_passageGeneration = 0;
    std::stop_source m_passageStop;
    std::unique_ptr<SoundCard> m_card;
    double m_startSeconds = 0.0;
    double m_speed = 1.0;
    double m_volume = 1.0;
    mutable double m_heard = 0.0; // the card reports in steps; between them runs a stop watch
    mutable QElapsedTimer m_sinceHeard;

    SampleQueue m_queue;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    Wish m_wish; // guarded by m_mutex

    std::optional<media::AudioReader> m_reader; // worker only
    std::jthread m_thread; // last: its thread uses everything above
};

} // namespace clipscope::widgets
