#include "widgets/player/audio_output.h"

#include "base/guarded.h"
#include "media/tempo_filter.h"
#include "widgets/common/format.h"

#include <algorithm>
#include <cstring>

namespace clipscope::widgets {

namespace {

constexpr double blockSeconds = 0.1;
constexpr double queueSeconds = 1.0;
constexpr double readySeconds = 0.3; // what a card pulls at once when it starts, and a little more
constexpr double reportSeconds = 0.1; // the card tells its position at least this often
constexpr double fadeSeconds = 0.005; // a tone cut off at its crest clicks

/// Makes a passage begin and end softly, and leaves silence around it.
void fadeOutside(media::AudioBlock& block, double startSeconds, double stopSeconds)
{
    const double rate = block.sampleRateHz;
    for (std::size_t i = 0; i < block.samples.size(); ++i) {
        const std::size_t frame = i / soundChannels;
        const double at = block.startSeconds + static_cast<double>(frame) / rate;
        const double inside = std::min(at - startSeconds, stopSeconds - at);
        if (inside < fadeSeconds)
            block.samples[i] *= static_cast<float>(std::max(0.0, inside / fadeSeconds));
    }
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
        m_pulledBytes = m_silentBytes = 0;
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
    return static_cast<qint64>(m_capacity)
        * qint64{ sizeof(float) }; // silence when there is nothing else
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
    const auto pulled = static_cast<qint64>(wanted) * qint64{ sizeof(float) };
    m_pulledBytes += pulled;
    return pulled;
}

AudioOutput::AudioOutput(OpenSoundCard openCard, QObject* parent)
    : QObject(parent)
    , m_openCard(std::move(openCard))
    , m_queue(static_cast<std::size_t>(queueSeconds * soundRateHz * soundChannels))
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

void AudioOutput::start(double seconds, double stopSeconds, double speed)
{
    stop();
    {
        const std::scoped_lock lock(m_mutex);
        m_wish.passage = Passage{ seconds, stopSeconds, speed, m_passageGeneration,
            m_passageStop.get_token() };
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
    m_card.reset();
    m_queue.clear();
}

void AudioOutput::setVolume(double volume)
{
    m_volume = volume;
    if (m_card)
        m_card->setVolume(volume);
}

std::optional<double> AudioOutput::position() const
{
    if (!m_card)
        return std::nullopt;
    const double pulled = static_cast<double>(m_queue.pulledBytes()) / soundBytesPerSecond;
    const double silence = static_cast<double>(m_queue.silentBytes()) / soundBytesPerSecond;
    const double played = m_card->heardSeconds(pulled) - silence;
    if (played <= 0.0)
        return m_startSeconds; // the card takes its time to begin
    const double heard = m_startSeconds + played * m_speed;
    if (heard != m_heard) {
        m_heard = heard;
        m_sinceHeard.start();
    }
    const double since = static_cast<double>(m_sinceHeard.nsecsElapsed()) * 1e-9;
    return m_heard + std::min(since, reportSeconds) * m_speed;
}

void AudioOutput::startCard(const Passage& passage)
{
    m_card = m_openCard(m_queue, m_volume);
    if (!m_card) {
        stop();
        Q_EMIT unavailable();
        return;
    }
    // Later, as stop() ends the card.
    connect(
        m_card.get(), &SoundCard::vanished, this,
        [this, generation = passage.generation] {
            if (generation != m_passageGeneration)
                return; // of a card before this one
            stop();
            Q_EMIT unavailable();
        },
        Qt::QueuedConnection);
    m_startSeconds = m_heard = passage.startSeconds;
    m_speed = passage.speed;
    m_sinceHeard.start();
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
        return media::AudioReader::open(toPath(film.path), soundRateHz, film.originSeconds);
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
        QMetaObject::invokeMethod(
            this,
            [this, deliver, generation = passage.generation] {
                if (generation == m_passageGeneration)
                    deliver();
            },
            Qt::QueuedConnection);
    };
    const auto started = [&] { post([this, passage] { startCard(passage); }); };
    const Status done = guarded([&] { return decodePassage(passage, started); });
    if (!done && !passage.stop.stop_requested())
        post([this] { Q_EMIT unavailable(); });
}

/// Fills the queue until it is told to stop; `started` is called once there is enough in it.
Status AudioOutput::decodePassage(const Passage& passage, const std::function<void()>& started)
{
    if (!m_reader)
        return fail(ErrorKind::NotFound, "no sound");
    std::optional<media::TempoFilter> filter;
    if (passage.speed != 1.0) {
        CLIP_TRY_ASSIGN(auto made, media::TempoFilter::create(soundRateHz, passage.speed));
        filter.emplace(std::move(made));
    }
    std::size_t missing = static_cast<std::size_t>(readySeconds * soundRateHz) * soundChannels;
    for (double at = passage.startSeconds; !passage.stop.stop_requested(); at += blockSeconds) {
        CLIP_TRY_ASSIGN(media::AudioBlock block, m_reader->read(at, blockSeconds, passage.stop));
        fadeOutside(block, passage.startSeconds, passage.stopSeconds);
        if (filter) {
            CLIP_TRY_ASSIGN(block.samples, filter->filter(block.samples));
        }
        if (!m_queue.push(block.samples, passage.stop))
            break;
        if (missing > 0 && block.samples.size() >= missing)
            started();
        missing -= std::min(missing, block.samples.size());
    }
    return {};
}

} // namespace clipscope::widgets
