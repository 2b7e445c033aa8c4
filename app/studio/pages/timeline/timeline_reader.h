#pragma once

#include "base/result.h"
#include "media/video_index.h"
#include "store/label_store.h"
#include "store/records.h"

#include <QString>

#include <filesystem>
#include <memory>
#include <vector>

namespace clipscope::studio {

/// A video as the Timeline page works on it.
struct TimelineFilm
{
    store::VideoRecord record;
    std::shared_ptr<const media::VideoIndex> index;

    QString title() const;
};

/// One line of the review queue.
struct QueueRow
{
    qint64 videoId = 0;
    QString title;
    double durationSeconds = 0.0;
    store::LabelSummary labels; ///< nothing said yet: empty

    bool operator==(const QueueRow&) const = default;
};

/// Errors:  those of Project::open() and Catalogue; NotFound (the video is gone).
/// Threads: any thread at once.
Result<TimelineFilm> readTimelineFilm(const std::filesystem::path& project, qint64 videoId);

/// All videos in the order they were added.
/// Errors:  those of Project::open(), Catalogue and LabelStore.
/// Threads: any thread at once.
Result<std::vector<QueueRow>> readQueue(const std::filesystem::path& project);

} // namespace clipscope::studio
