#pragma once

#include "base/json.h"
#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace clipscope::jobs {

/// A video of a cluster.
struct ClusterVideo
{
    std::int64_t id = 0;
    std::string name; ///< of its file, or its id in a source; empty when it is gone
    std::string path; ///< empty when it is not in the catalogue
    double distance = 0.0; ///< squared Euclidean, to the seed
    bool drawn = false;
};

struct ClusterPair
{
    std::int64_t step = 0, video = 0;
    std::string text; ///< as the model read it; empty when the captions are gone
    double textStart = 0.0, textStop = 0.0; ///< seconds
    std::int64_t captionBegin = 0, captionEnd = 0, secondBegin = 0, secondEnd = 0; ///< half-open
    double loss = 0.0, margin = 0.0;
};

struct ClusterReport
{
    std::int64_t cluster = 0, seed = -1; ///< seed -1: films at random, without one
    std::vector<ClusterVideo> candidates; ///< nearest first
    std::vector<ClusterPair> pairs; ///< none before it was trained on
};

/// One epoch of a run as its records tell it.
struct ClustersReport
{
    std::string run;
    std::int64_t epoch = 0;
    std::vector<std::int64_t> epochs; ///< all on record
    std::vector<ClusterReport> clusters;
};
Json toJson(const ClustersReport& report);

/// Reads the clusters of an epoch, by default the last on record.
/// Errors: NotFound (project, run, epoch), BadInput (damaged records), Io.
Result<ClustersReport> readClusters(const std::filesystem::path& project, const std::string& run,
    std::optional<std::int64_t> epoch);

} // namespace clipscope::jobs
