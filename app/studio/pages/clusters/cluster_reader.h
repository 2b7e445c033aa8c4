#pragma once

#include "base/result.h"
#include "store/step_records.h"
#include "widgets/results/clip_tiles.h"

#include <QString>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace clipscope::studio {

/// A run that recorded what it showed to the model.
struct RecordedRun
{
    QString name;
    std::filesystem::path steps; ///< folder of its records
    std::vector<std::int64_t> epochs; ///< ascending, never empty
    std::uint64_t newestBytes = 0; ///< of the newest epoch's file: tells whether it grows

    bool operator==(const RecordedRun&) const = default;
};

/// One cluster in a list.
struct ClusterSummary
{
    std::int64_t cluster = 0; ///< index within its epoch
    std::int64_t seedVideoId = -1; ///< negative: it has none
    QString seedTitle;
    std::int64_t pictureVideoId = -1; ///< the seed, else the first that was drawn
    int drawn = 0, candidates = 0, pairs = 0;
    std::optional<double> meanLoss; ///< over its pairs; none before they were trained on
    std::optional<double> leastMargin;
    double farthest = 0.0; ///< squared distance of the farthest drawn video
};

struct ClusterEpoch
{
    std::filesystem::path steps; ///< folder of the records
    std::shared_ptr<const store::EpochRecords> records;
    std::vector<ClusterSummary> clusters; ///< by index
};

/// What is shown of one cluster.
struct ClusterDetail
{
    std::optional<widgets::ClipTile> seed;
    std::vector<widgets::ClipTile> candidates; ///< nearest first
    std::vector<widgets::ClipTile> pairs; ///< the hardest first: highest loss
    std::vector<std::int64_t> steps; ///< that trained on it
};

/// Runs with records, newest first. Errors: none; what cannot be read is left out.
/// Threads: any thread at once.
std::vector<RecordedRun> recordedRuns(const std::filesystem::path& project);

/// Errors:  those of store::readEpoch() and Project::open(); Cancelled.
/// Threads: any thread at once.
/// Cost:    the whole file of the epoch, and a look into the catalogue for each seed; the table of
///          the source where the run's videos are not in the catalogue.
Result<ClusterEpoch> readClusters(const std::filesystem::path& project,
    const std::filesystem::path& steps, std::int64_t epoch, const std::stop_token& stop);

/// With titles, captions and frame tables of the catalogue, or names and captions of the source
/// that the run trained on; a video that is gone has its number.
/// Errors:  those of Project::open(); Cancelled.
/// Threads: any thread at once.
Result<ClusterDetail> readCluster(const std::filesystem::path& project,
    const std::filesystem::path& steps, const store::EpochRecords& records, std::int64_t cluster,
    const std::stop_token& stop);

} // namespace clipscope::studio
