#pragma once

#include "base/result.h"
#include "labels/label_file.h"
#include "store/project.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace clipscope::media {
class VideoIndex;
}

namespace clipscope::jobs {

/// The video of a project that a person names by its path, its file name with or without
/// extension, or its number.
/// Errors: NotFound (says what comes nearest), BadInput when several are meant (names them), as
///         Catalogue. Threads: that of the project.
Result<store::VideoRecord> findVideo(const store::Project& project, std::string_view named);

/// Videos by their file name without ending; those that share one with others are not in `byStem`.
struct VideosByStem
{
    std::map<std::string, store::VideoRecord> byStem;
    std::set<std::string> ambiguous;
};
/// Errors: as Catalogue.
Result<VideosByStem> videosByStem(const store::Project& project);

/// The table of frames that the import made; null when there is none. Errors: as Catalogue.
Result<std::shared_ptr<const media::VideoIndex>> frameTableOf(
    const store::Project& project, std::int64_t videoId);

/// The clock of a video; unknown without a table. It keeps the table alive.
labels::FrameClock clockOf(std::shared_ptr<const media::VideoIndex> table);

/// When each frame is shown; every 1/25 s for a video without a table.
std::vector<double> frameTimesOf(const media::VideoIndex* table, double durationSeconds);

} // namespace clipscope::jobs
