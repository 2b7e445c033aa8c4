#pragma once

#include "media/decoder.h"

#include <QImage>
#include <QObject>
#include <QPersistentModelIndex>
#include <QTimer>

#include <memory>
#include <optional>

namespace clipscope::widgets {

class Playback;

/// A passage of a video that can be played in its place. Units: seconds.
struct PreviewClip
{
    QString path;
    std::shared_ptr<const media::VideoIndex> index; ///< may be null
    double startSeconds = 0.0, stopSeconds = 0.0;
};

/// Plays the clip of an item silently while the mouse rests on it, from 125 ms on.
/// Errors:  none; a preview that fails leaves the thumbnail.
/// Threads: GUI thread only; pictures are decoded elsewhere.
class HoverPreview final : public QObject
{
    Q_OBJECT

public:
    explicit HoverPreview(QObject* parent = nullptr);
    ~HoverPreview() override;

    /// The mouse is over an item, or over none. The same item again changes nothing.
    void hover(const QModelIndex& index, std::optional<PreviewClip> clip, const QSize& pixels);
    void stop() { hover({}, {}, {}); }
    bool isPlaying() const;

Q_SIGNALS:
    /// A picture of an item's clip; a null one when its preview is over.
    void shown(const QModelIndex& index, const QImage& picture);

private:
    void start();

    std::unique_ptr<Playback> m_playback; // made with the first preview
    QPersistentModelIndex m_index;
    std::optional<PreviewClip> m_clip;
    QSize m_pixels;
    QTimer m_rest;
};

} // namespace clipscope::widgets
