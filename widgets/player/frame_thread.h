#pragma once

#include "base/result.h"
#include "media/decoder.h"

#include <QImage>
#include <QObject>
#include <QString>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace clipscope::widgets {

/// What is known of a video once it is open.
struct OpenedVideo
{
    std::shared_ptr<const media::VideoIndex> index;
};

/// A frame ready to paint. It is on screen from `seconds` until the next one starts.
struct DecodedFrame
{
    QImage image; ///< RGB32
    qint64 asked = -1; ///< the frame that was wished for
    qint64 index = -1; ///< the frame this is: another one only where the file is damaged
    double seconds = 0.0; ///< its start
};

/// A decoder on a thread of its own: ask for frames, get pictures by signal.
///
/// Only the newest wish is kept; one that is being decoded is finished and shown, so that dragging
/// a scrubber gives live pictures. After open() or close() nothing of the old video arrives.
/// Errors:  failed(): NotFound, Io, BadInput, Unsupported as media gives them. A bad frame fails
///          alone, others can still be asked for.
/// Threads: GUI thread only; the destructor waits for at most one frame.
class FrameThread final : public QObject
{
    Q_OBJECT

public:
    explicit FrameThread(QObject* parent = nullptr);
    ~FrameThread() override;

    /// `index` null: made by reading the file.
    void open(const QString& path, std::shared_ptr<const media::VideoIndex> index,
        media::DecodeSize size);
    void close();
    /// May follow open() at once. Frames are clamped to those of the video.
    void request(qint64 frame);

Q_SIGNALS:
    void opened(const clipscope::widgets::OpenedVideo& video);
    void decoded(const clipscope::widgets::DecodedFrame& frame);
    void failed(const clipscope::Error& error);

private:
    struct Film
    {
        QString path;
        std::shared_ptr<const media::VideoIndex> index;
        media::DecodeSize size;
    };
    struct Wish
    {
        std::optional<Film> film;
        std::optional<qint64> frame;
        quint64 generation = 0;
        std::stop_token stop;
    };

    void work(const std::stop_token& stop);
    Result<OpenedVideo> openFilm(const Film& film, const std::stop_token& stop);
    Result<DecodedFrame> decode(qint64 frame, const std::stop_token& stop);
    /// Runs `deliver` on the GUI thread unless another video was opened meanwhile.
    template<typename F> void post(quint64 generation, F deliver);

    quint64 m_generation = 0; // GUI thread
    std::stop_source m_operation; // GUI thread: of the open video

    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    Wish m_wish; // guarded by m_mutex

    std::optional<media::Decoder> m_decoder; // worker only
    std::jthread m_thread; // last: its thread uses everything above
};

} // namespace clipscope::widgets
