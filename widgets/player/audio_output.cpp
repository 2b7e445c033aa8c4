#include "widgets/player/audio_output.h"

#include "base/guarded.h"
#include "widgets/common/format.h"

#include <QAudioDevice>
#include <QAudioFormat>
#include <QAudioSink>
#include <QMediaDevices>

#include <algorithm>
#include <cstring>

namespace clipscope::widgets {

namespace {

constexpr int sampleRateHz = 48000;
constexpr int channels = 2;
constexpr double bytesPerSecond = sampleRateHz * channels * sizeof(float);
constexpr double blockSeconds = 0.1;
constexpr double queueSeconds = 1.0;
constexpr double cardSeconds = 0.25; // asked of the card: a busy window must not cause gaps
constexpr double reportSeconds = 0.1; // the card tells its position at least this often

QAudioFormat format()
{
    QAudioFormat wanted;
    wanted.setSampleRate(sampleRateHz);
    wanted.setChannelCount(channels);
    wanted.setSampleFormat(QAudioFormat::Float);
    return wanted;
}

} // namespace

SampleQueue::SampleQueue(std::size_t capacity)
    : m_capacity(capacity)
    , m_samples(capacity)
{
    open(QIODevice::ReadOnly | QIODevice::Unbuffered);
}

void SampleQueue::clear()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_head = m_size = 0;
        m_silentBytes = 0;
    }
    m_room.notify_one();
}

bool SampleQueue::push(const std::vector<float>& samples, std::stop_token stop)
{
    std::unique_lock lock(m_mutex);
    if (!m_room.wait(lock, stop, [&] { return m_capacity - m_size >= samples.size(); }))
        return false;
    if (stop.stop_requested()) // clear() may have been called since: nothing old behind it
        return false;
    for (const float sample : samples) {
        m_samples[(m_head + m_size) % m_capacity] = sample;
        ++m_size;
    }
    return true;
}

qint64 SampleQueue::bytesAvailable() const
{
    return static_cast<qint64>(m_capacity * sizeof(float)); // silence when there is nothing else
}

qint64 SampleQueue::readData(char* data, qint64 maxSize)
{
    const auto wanted = static_cast<std::size_t>(maxSize) / sizeof(float);
    std::size_t given = 0;
    {
        const std::scoped_lock lock(m_mutex);
        given = std::min(wanted, m_size);
        const std::size_t untilWrap = std::min(given, m_capacity - m_head);
        std::memcpy(data, m_samples.data() + m_head, untilWrap * sizeof(float));
        std::memcpy(data + untilWrap * sizeof(float), m_samples.data(),
            (given - untilWrap) * sizeof(float));
        m_head = (m_head + given) % m_capacity;
        m_size -= given;
    }
    m_room.notify_one();
    const std::size_t silent = (wanted - given) * sizeof(float);
    std::memset(data + given * sizeof(float), 0, silent);
    m_silentBytes += static_cast<std::int64_t>(silent);
    return static_cast<qint64>(wanted * sizeof(float));
}

AudioOutput::AudioOutput(QObject* parent)
    : QObject(parent)
    , m_queue(static_cast<std::size_t>(queueSeconds * sampleRateHz * channels))
    , m_thread([this](const std::stop_token& stop) { work(stop); })
{
}

AudioOutput::~AudioOutput()
{
    stop();
}

void AudioOutput::open(const QString& path, double originSeconds)
{
    close();
    {
        const std::scoped_lock lock(m_mutex);
        m_wish.film = Film{ path, originSeconds, m_filmGeneration };
    }
    m_wake.notify_one();
}

void AudioOutput::close()
{
    stop();
    ++m_filmGeneration;
    const std::scoped_lock lock(m_mutex);
    m_wish.film.reset();
}

void AudioOutput::start(double seconds)
{
    stop();
    {
        const std::scoped_lock lock(m_mutex);
        m_wish.passage = Passage{ seconds, m_passageGeneration, m_passageStop.get_token() };
    }
    m_wake.notify_one();
}

void AudioOutput::stop()
{
    ++m_passageGeneration;
    m_passageStop.request_stop();
    m_passageStop = std::stop_source();
    {
        const std::scoped_lock lock(m_mutex);
        m_wish.passage.reset();
    }
    if (m_sink) {
        m_sink->disconnect(this);
        m_sink->stop();
        m_sink.reset();
    }
    m_queue.clear();
}

void AudioOutput::setVolume(double volume)
{
    m_volume = volume;
    if (m_sink)
        m_sink->setVolume(volume);
}

std::optional<double> AudioOutput::position() const
{
    if (!m_sink || m_sink->state() == QAudio::StoppedState)
        return std::nullopt;
    const double written = static_cast<double>(m_sink->processedUSecs()) * 1e-6;
    const double waiting
        = static_cast<double>(m_sink->bufferSize() - m_sink->bytesFree()) / bytesPerSecond;
    const double silence = static_cast<double>(m_queue.silentBytes()) / bytesPerSecond;
    const double heard = m_startSeconds + std::max(0.0, written - waiting - silence);
    if (heard != m_heard) {
        m_heard = heard;
        m_sinceHeard.start();
    }
    const double since = static_cast<double>(m_sinceHeard.nsecsElapsed()) * 1e-9;
    return m_heard + std::min(since, reportSeconds);
}

void AudioOutput::startSink(double seconds)
{
    const QAudioDevice device = QMediaDevices::defaultAudioOutput();
    if (device.isNull() || !device.isFormatSupported(format())) {
        Q_EMIT unavailable();
        return;
    }
    m_sink = std::make_unique<QAudioSink>(device, format());
    m_sink->setBufferSize(static_cast<qsizetype>(cardSeconds * bytesPerSecond));
    m_sink->setVolume(m_volume);
    m_startSeconds = m_heard = seconds;
    m_sinceHeard.start();
    m_sink->start(&m_queue);
    if (m_sink->error() != QAudio::NoError) {
        stop();
        Q_EMIT unavailable();
        return;
    }
    // The device was pulled out while it played.
    connect(
        m_sink.get(), &QAudioSink::stateChanged, this,
        [this](QAudio::State state) {
            if (state == QAudio::StoppedState)
                Q_EMIT unavailable();
        },
        Qt::QueuedConnection);
    Q_EMIT started();
}

void AudioOutput::work(const std::stop_token& stop)
{
    for (;;) {
        Wish wish;
        {
            std::unique_lock lock(m_mutex);
            if (!m_wake.wait(lock, stop, [this] { return m_wish.film || m_wish.passage; }))
                return;
            wish = std::exchange(m_wish, {});
        }
        if (wish.film)
            openFilm(*wish.film);
        if (wish.passage)
            decode(*wish.passage);
    }
}

void AudioOutput::openFilm(const Film& film)
{
    m_reader.reset();
    auto reader = guarded([&] {
        return media::AudioReader::open(toPath(film.path), sampleRateHz, film.originSeconds);
    });
    // A film that cannot be read is told by the picture; here it is one without sound.
    if (reader)
        m_reader.emplace(std::move(*reader));
    const bool hasSound = m_reader.has_value();
    QMetaObject::invokeMethod(this, [this, hasSound, generation = film.generation] {
        if (generation == m_filmGeneration)
            Q_EMIT soundKnown(hasSound);
    });
}

void AudioOutput::decode(const Passage& passage)
{
    const auto post = [&](auto deliver) {
        QMetaObject::invokeMethod(this, [this, deliver, generation = passage.generation] {
            if (generation == m_passageGeneration)
                deliver();
        });
    };
    double at = passage.startSeconds;
    bool first = true;
    while (!passage.stop.stop_requested()) {
        auto block = m_reader
            ? guarded([&] { return m_reader->read(at, blockSeconds, passage.stop); })
            : Result<media::AudioBlock>(fail(ErrorKind::NotFound, "no sound"));
        if (!block) {
            post([this] { Q_EMIT unavailable(); });
            return;
        }
        if (!m_queue.push(block->samples, passage.stop))
            return;
        at += blockSeconds;
        if (std::exchange(first, false))
            post([this, start = passage.startSeconds] { startSink(start); });
    }
}

} // namespace clipscope::widgets
