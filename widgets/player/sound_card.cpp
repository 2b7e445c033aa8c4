#include "widgets/player/sound_card.h"

#include <QAudioDevice>
#include <QAudioFormat>
#include <QAudioSink>
#include <QMediaDevices>

namespace clipscope::widgets {

namespace {

constexpr double cardSeconds = 0.25; // asked of the card: a busy window must not cause gaps

QAudioFormat format()
{
    QAudioFormat wanted;
    wanted.setSampleRate(soundRateHz);
    wanted.setChannelCount(soundChannels);
    wanted.setSampleFormat(QAudioFormat::Float);
    return wanted;
}

class DefaultCard final : public SoundCard
{
public:
    DefaultCard(const QAudioDevice& device, QIODevice& samples, double volume)
        : m_sink(device, format())
    {
        m_sink.setBufferSize(static_cast<qsizetype>(cardSeconds * soundBytesPerSecond));
        m_sink.setVolume(volume);
        m_sink.start(&samples);
        connect(
            &m_sink, &QAudioSink::stateChanged, this,
            [this](QAudio::State state) {
                if (state == QAudio::StoppedState)
                    Q_EMIT vanished();
            },
            Qt::QueuedConnection);
    }
    ~DefaultCard() override
    {
        m_sink.disconnect(this);
        m_sink.stop();
    }

    bool works() const { return m_sink.error() == QAudio::NoError; }
    double heardSeconds(double pulledSeconds) const override
    {
        // With PulseAudio Qt calls processed what was heard, with ALSA what was handed over. Only
        // the former lies behind by what waits in the buffer, and knows of buffers further down.
        const double processed = static_cast<double>(m_sink.processedUSecs()) * 1e-6;
        const double waiting
            = static_cast<double>(m_sink.bufferSize() - m_sink.bytesFree()) / soundBytesPerSecond;
        return pulledSeconds - processed > waiting / 2.0 ? processed : pulledSeconds - waiting;
    }
    void setVolume(double volume) override { m_sink.setVolume(volume); }

private:
    QAudioSink m_sink;
};

} // namespace

std::unique_ptr<SoundCard> openDefaultSoundCard(QIODevice& samples, double volume)
{
    const QAudioDevice device = QMediaDevices::defaultAudioOutput();
    if (device.isNull() || !device.isFormatSupported(format()))
        return nullptr;
    auto card = std::make_unique<DefaultCard>(device, samples, volume);
    return card->works() ? std::move(card) : nullptr;
}

} // namespace clipscope::widgets
