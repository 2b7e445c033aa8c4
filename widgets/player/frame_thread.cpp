#include "widgets/player/frame_thread.h"

#include "base/guarded.h"
#include "widgets/common/format.h"

namespace clipscope::widgets {

FrameThread::FrameThread(QObject* parent)
    : QObject(parent)
    , m_thread([this](const std::stop_token& stop) { work(stop); })
{
}

FrameThread::~FrameThread()
{
    m_operation.request_stop();
}

void FrameThread::open(
    const QString& path, std::shared_ptr<const media::VideoIndex> index, media::DecodeSize size)
{
    close();
    {
        const std::scoped_lock lock(m_mutex);
        m_wish = { Film{ path, std::move(index), size }, std::nullopt, m_generation,
            m_operation.get_token() };
    }
    m_wake.notify_one();
}

void FrameThread::close()
{
    ++m_generation;
    m_operation.request_stop();
    m_operation = std::stop_source();
    const std::scoped_lock lock(m_mutex);
    m_wish = {};
}

void FrameThread::request(qint64 frame)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_wish.frame = frame;
        m_wish.generation = m_generation;
        m_wish.stop = m_operation.get_token();
    }
    m_wake.notify_one();
}

template<typename F> void FrameThread::post(quint64 generation, F deliver)
{
    QMetaObject::invokeMethod(
        this,
        [this, generation, deliver = std::move(deliver)] {
            if (generation == m_generation)
                deliver();
        },
        Qt::QueuedConnection);
}

void FrameThread::work(const std::stop_token& stop)
{
    for (;;) {
        Wish wish;
        {
            std::unique_lock lock(m_mutex);
            if (!m_wake.wait(lock, stop, [this] { return m_wish.film || m_wish.frame; }))
                return;
            wish = std::exchange(m_wish, {});
        }
        if (wish.film) {
            auto video = guarded([&] { return openFilm(*wish.film, wish.stop); });
            if (!video) {
                post(wish.generation, [this, error = video.error()] { Q_EMIT failed(error); });
                continue;
            }
            post(wish.generation, [this, opened = *video] { Q_EMIT this->opened(opened); });
        }
        if (wish.frame) {
            auto frame = guarded([&] { return decode(*wish.frame, wish.stop); });
            if (frame)
                post(wish.generation, [this, shown = *frame] { Q_EMIT decoded(shown); });
            else if (frame.error().kind != ErrorKind::Cancelled)
                post(wish.generation, [this, error = frame.error()] { Q_EMIT failed(error); });
        }
    }
}

Result<OpenedVideo> FrameThread::openFilm(const Film& film, const std::stop_token& stop)
{
    m_decoder.reset();
    const std::filesystem::path path = toPath(film.path);
    std::shared_ptr<const media::VideoIndex> index = film.index;
    if (!index) {
        CLIP_TRY_ASSIGN(media::VideoIndex made, media::buildIndex(path, stop));
        index = std::make_shared<const media::VideoIndex>(std::move(made));
    }
    CLIP_TRY_ASSIGN(auto decoder, media::Decoder::open(path, index, film.size));
    m_decoder.emplace(std::move(decoder));
    return OpenedVideo{ index };
}

Result<DecodedFrame> FrameThread::decode(qint64 frame, const std::stop_token& stop)
{
    if (!m_decoder)
        return fail(ErrorKind::Cancelled, "no video is open");
    CLIP_TRY_ASSIGN(const media::RgbFrame picture, m_decoder->frameAt(frame, stop));
    const QImage view(picture.rgb.data(), picture.widthPixels, picture.heightPixels,
        qsizetype{ 3 } * picture.widthPixels, QImage::Format_RGB888);
    return DecodedFrame{ view.convertToFormat(QImage::Format_RGB32), frame, picture.frameIndex,
        picture.seconds };
}

} // namespace clipscope::widgets
