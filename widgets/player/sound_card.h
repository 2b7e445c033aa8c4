#pragma once

#include <QObject>

#include <functional>
#include <memory>

class QIODevice;

namespace clipscope::widgets {

/// Stereo float samples at this rate are what a card pulls.
inline constexpr int soundRateHz = 48000;
inline constexpr int soundChannels = 2;
inline constexpr double soundBytesPerSecond = 1.0 * soundRateHz * soundChannels * sizeof(float);

/// Something that plays sound: the machine's output, or a stand-in. It pulls samples from a device
/// from its making until its death.
/// Threads: GUI thread only.
class SoundCard : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;
    /// How much is heard by now of the `pulledSeconds` it took so far, silence included.
    virtual double heardSeconds(double pulledSeconds) const = 0;
    /// Range: [0, 1].
    virtual void setVolume(double volume) = 0;

Q_SIGNALS:
    void vanished(); ///< the device was pulled out while it played
};

/// Opens a card that plays `samples`, which must outlive it; null when there is none.
using OpenSoundCard = std::function<std::unique_ptr<SoundCard>(QIODevice& samples, double volume)>;

/// The machine's default output.
std::unique_ptr<SoundCard> openDefaultSoundCard(QIODevice& samples, double volume);

} // namespace clipscope::widgets
