#include "widgets/results/hover_preview.h"

#include "widgets/player/playback.h"

#include <chrono>

namespace clipscope::widgets {

namespace {

constexpr std::chrono::milliseconds hoverRest{ 125 }; // crossing the grid must not flicker

} // namespace

HoverPreview::HoverPreview(QObject* parent)
    : QObject(parent)
{
    m_rest.setSingleShot(true);
    m_rest.setInterval(hoverRest);
    connect(&m_rest, &QTimer::timeout, this, &HoverPreview::start);
}

HoverPreview::~HoverPreview() = default;

bool HoverPreview::isPlaying() const
{
    return m_playback && m_playback->speed() != 0.0;
}

void HoverPreview::hover(
    const QModelIndex& index, std::optional<PreviewClip> clip, const QSize& pixels)
{
    if (index == m_index)
        return;
    m_rest.stop();
    if (m_playback)
        m_playback->close();
    const QPersistentModelIndex before = m_index;
    m_index = index;
    m_clip = std::move(clip);
    m_pixels = pixels;
    if (before.isValid())
        Q_EMIT shown(before, {});
    if (m_index.isValid() && m_clip)
        m_rest.start();
}

void HoverPreview::start()
{
    if (!m_index.isValid())
        return;
    if (!m_playback) {
        m_playback = std::make_unique<Playback>();
        m_playback->setMuted(true);
        m_playback->setLooping(true);
        connect(m_playback.get(), &Playback::frameShown, this,
            [this](const DecodedFrame& frame) { Q_EMIT shown(m_index, frame.image); });
    }
    m_playback->open(m_clip->path, m_clip->index,
        media::DecodeSize::bounded(m_pixels.width(), m_pixels.height()));
    m_playback->playRange(m_clip->startSeconds, m_clip->stopSeconds);
}

} // namespace clipscope::widgets
