#pragma once

#include "base/result.h"
#include "data/captioned_video.h"
#include "retrieval/neighbours.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace clipscope::train {

/// Which videos meet in a batch, and so are each other's negatives.
enum class BatchKind {
    Random, ///< shuffled
    Retrieval, ///< k at random of the 2k nearest of a seed: the paper's hard negatives
    Nearest, ///< the k nearest of a seed
};
std::vector<std::string> batchKindNames();

struct ClusterConfig
{
    BatchKind kind = BatchKind::Random;
    std::int64_t videos = 32; ///< k, of a cluster
    std::int64_t candidates = 64; ///< 2k, that the k are drawn from
    retrieval::NeighbourSearch search;
    std::int64_t exactBelow = 100'000; ///< search.kind counts from this many videos on
};

/// Videos that train together. All videos are positions in the TrainingSet.
struct Cluster
{
    std::int64_t seed = -1; ///< -1: none
    std::vector<std::int64_t> candidates; ///< nearest first, the seed among them
    std::vector<float> squaredDistances; ///< of the candidates; empty without a seed
    std::vector<std::int64_t> videos; ///< drawn from the candidates, in their order

    bool operator==(const Cluster&) const = default;
};

/// All videos in random order, in equal parts of at most `videosPerCluster`.
std::vector<Cluster> shuffledClusters(
    std::span<const std::int64_t> videos, std::int64_t videosPerCluster, data::EpochSeed seed);

/// One cluster for every k videos, at least one: seeds at random without replacement, each with its
/// nearest videos. A video may be in several clusters of an epoch, or in none.
/// Shapes: vectors [videos, dim] float32, row i of videos[i].
/// Errors: as retrieval::nearestRows(). Requires kind Retrieval or Nearest and at least one video.
/// Source: Xu et al. 2021, retrieval-augmented training; videoclip.md section 5.
Result<std::vector<Cluster>> retrievedClusters(std::span<const std::int64_t> videos,
    std::span<const float> vectors, std::int64_t dim, const ClusterConfig& config,
    data::EpochSeed seed);

} // namespace clipscope::train
