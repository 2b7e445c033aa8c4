#pragma once

#include "base/result.h"
#include "tasks/protocols.h"

#include <filesystem>
#include <string>

namespace clipscope::store {
class Project;
}

namespace clipscope::jobs {

/// Where a benchmark finds its videos.
struct BenchmarkVideos
{
    tasks::VideoSource find; ///< good as long as it lives; one thread at a time
    std::string fingerprint; ///< of the features
};

/// The videos of a project. A video has the benchmark's name when its file is called NAME or
/// NAME.EXT, or "... [NAME].EXT" as downloaders write it, or when the benchmark's name has another
/// extension (DiDeMo).
/// Errors: as tasks::featuresOf() and the catalogue.
Result<BenchmarkVideos> projectVideos(
    const store::Project& project, const tasks::EmbeddingModel& model);

/// Feature files NAME.npy of [seconds, width] float16 or float32, with or without the extension
/// that the benchmark's name has. Videos that the project has too can be shown.
/// Errors: NotFound when there is no such folder; the source: BadInput naming the file when it
/// holds
///         something else, or numbers of another width.
Result<BenchmarkVideos> folderVideos(const store::Project& project,
    const tasks::EmbeddingModel& model, const std::filesystem::path& folder);

} // namespace clipscope::jobs
