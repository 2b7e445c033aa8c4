#pragma once

#include "base/result.h"
#include "media/waveform.h"

#include <QObject>

#include <filesystem>
#include <memory>

namespace clipscope::studio {

/// Waveforms of a project's videos with two caches: the last few in memory, all of them in the
/// project's thumbnails folder by content hash. A damaged one is made again; a folder that cannot
/// be written only costs time.
///
/// Reads on its own thread, one video at a time: a newer wish supersedes the one being read.
/// Errors:  failed(), once per wish; a video without sound is BadInput. No signal comes for what
///          was superseded.
/// Threads: GUI thread only; the destructor waits for at most some packets of sound.
class WaveformService final : public QObject
{
    Q_OBJECT

public:
    explicit WaveformService(QObject* parent = nullptr);
    ~WaveformService() override;

    /// Forgets everything in memory and serves another project; an empty folder serves none.
    void setProject(const std::filesystem::path& folder);
    /// What is known now, null when nothing is; starts reading when it is not known to the end.
    /// progressed() and then ready() or failed() follow in that case.
    std::shared_ptr<const media::Waveform> waveform(qint64 videoId);

Q_SIGNALS:
    /// waveform() knows more than before; `part` of the sound is read, in (0, 1).
    void progressed(qint64 videoId, double part);
    void ready(qint64 videoId);
    void failed(qint64 videoId, const clipscope::Error& error);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::studio
