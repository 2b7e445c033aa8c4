#pragma once

#include <QImage>
#include <QObject>
#include <QSize>

namespace clipscope::widgets {

/// One picture of a video: which video, when, how large (device pixels it must fit into).
struct ThumbnailKey
{
    qint64 videoId = 0;
    qint64 milliseconds = 0;
    QSize size;

    bool operator==(const ThumbnailKey&) const = default;
};

inline size_t qHash(const ThumbnailKey& key, size_t seed = 0)
{
    return qHashMulti(seed, key.videoId, key.milliseconds, key.size.width(), key.size.height());
}

/// Gives thumbnails at once from memory or later by signal; never blocks.
///
/// The newest wishes are served first and old ones that nobody paints any more are dropped, so
/// fast scrolling stays fast. A picture that cannot be made comes as a null image, once.
/// Errors:  none; a null image.
/// Threads: GUI thread only.
class ThumbnailSource : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;
    /// From memory; null when it is not there yet, and then ready() follows.
    virtual QImage thumbnail(const ThumbnailKey& key) = 0;

Q_SIGNALS:
    void ready(const clipscope::widgets::ThumbnailKey& key);
};

} // namespace clipscope::widgets
