#pragma once

#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace clipscope::store {

/// One of the nearest videos of a cluster's seed.
struct ClusterCandidate
{
    std::int64_t videoId = 0;
    float distance = 0.0F; ///< squared Euclidean, between the video vectors of that epoch
    bool drawn = false; ///< belongs to the cluster

    bool operator==(const ClusterCandidate&) const = default;
};

/// Videos that train together because they are alike. Without retrieval a cluster has no seed and
/// its candidates are the videos as they were shuffled, at distance 0.
struct ClusterRecord
{
    std::int64_t epoch = 0; ///< from 1
    std::int64_t cluster = 0; ///< from 0, in the order of training within the epoch
    std::int64_t seedVideoId = -1; ///< -1: none
    std::vector<ClusterCandidate> candidates; ///< nearest first

    bool operator==(const ClusterRecord&) const = default;
};

/// A pair of a step. Ranges are half-open; captions count within their video.
struct PairRecord
{
    std::int64_t videoId = 0;
    std::int64_t captionBegin = 0, captionEnd = 0;
    std::int64_t secondBegin = 0, secondEnd = 0;
    float loss = 0.0F; ///< its rows of both directions, whose mean over pairs is the step's loss
    float margin = 0.0F; ///< own score minus that of the hardest negative video

    bool operator==(const PairRecord&) const = default;
};

struct StepRecord
{
    std::int64_t step = 0; ///< from 1
    std::int64_t epoch = 0; ///< from 1
    std::int64_t firstCluster = 0, clusters = 0; ///< whose videos it took
    double loss = 0.0;
    std::vector<PairRecord> pairs; ///< loss and margin are rounded to binary16 on disk

    bool operator==(const StepRecord&) const = default;
};

/// Writes the records of a run, a file an epoch: STEPS/epoch-0001.records
/// (docs/formats/step-records.md). Pairs need about ten bytes each.
///
/// A file torn by a crash is cut behind its last whole record when it is opened again.
/// Threads: one thread at a time. One process at a time for a folder.
class StepRecordWriter final
{
public:
    /// Goes on after step `lastStep` (0: from the beginning): records of later steps and of later
    /// epochs' clusters are removed. Errors: Io, Unsupported (newer version), BadInput (damaged).
    static Result<StepRecordWriter> open(
        const std::filesystem::path& stepsFolder, std::int64_t lastStep);
    StepRecordWriter(StepRecordWriter&&) noexcept;
    StepRecordWriter& operator=(StepRecordWriter&&) noexcept;
    ~StepRecordWriter();

    /// Errors: Io; the file is as before the call.
    Status append(const ClusterRecord& record);
    Status append(const StepRecord& record);
    /// Waits until the disk has all that was appended. Errors: Io.
    Status sync();

private:
    struct Impl;
    explicit StepRecordWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// What is on record of one epoch.
struct EpochRecords
{
    std::vector<ClusterRecord> clusters; ///< by index
    std::vector<StepRecord> steps; ///< in order
};

/// For each pair of a step the position in epoch.clusters of the one that its video was drawn for;
/// -1 where there is none. A video may be drawn for two clusters of a step.
std::vector<std::int64_t> clustersOfPairs(const EpochRecords& epoch, const StepRecord& step);

/// Epochs on record, ascending; empty when there is no such folder.
std::vector<std::int64_t> recordedEpochs(const std::filesystem::path& stepsFolder);

/// Reads one epoch; a torn record at the end (a writer at work, a crash) is left out.
/// Errors: NotFound, Unsupported (newer version), BadInput (damaged: names the byte), Io.
/// Cost: the whole file, some hundred megabytes for an epoch of a million videos.
Result<EpochRecords> readEpoch(const std::filesystem::path& stepsFolder, std::int64_t epoch);

} // namespace clipscope::store
