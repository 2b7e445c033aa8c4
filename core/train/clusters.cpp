#include "train/clusters.h"

#include "base/random.h"
#include "base/require.h"
#include "data/epoch.h"

#include <algorithm>
#include <numeric>

namespace clipscope::train {

namespace {

/// `count` of `items` at random, each at most once, in random order.
template<typename Item>
std::vector<Item> drawn(std::vector<Item> items, std::size_t count, Random& random)
{
    count = std::min(count, items.size());
    for (std::size_t at = 0; at < count; ++at)
        std::swap(items[at],
            items[static_cast<std::size_t>(random.uniformInteger(
                static_cast<std::int64_t>(at), static_cast<std::int64_t>(items.size()) - 1))]);
    items.resize(count);
    return items;
}

} // namespace

std::vector<std::string> batchKindNames()
{
    return { "random", "retrieval", "nearest" };
}

std::vector<Cluster> shuffledClusters(
    std::span<const std::int64_t> videos, std::int64_t videosPerCluster, data::EpochSeed seed)
{
    std::vector<Cluster> clusters;
    for (std::vector<std::int64_t>& batch : data::shuffledBatches(videos, videosPerCluster, seed)) {
        Cluster cluster;
        cluster.candidates = batch;
        cluster.videos = std::move(batch);
        clusters.push_back(std::move(cluster));
    }
    return clusters;
}

Result<std::vector<Cluster>> retrievedClusters(std::span<const std::int64_t> videos,
    std::span<const float> vectors, std::int64_t dim, const ClusterConfig& config,
    data::EpochSeed seed)
{
    CLIP_REQUIRE(!videos.empty() && config.kind != BatchKind::Random
            && vectors.size() == videos.size() * static_cast<std::size_t>(dim),
        std::to_string(videos.size()) + " videos");
    const auto count = static_cast<std::int64_t>(videos.size());
    constexpr std::uint64_t seedKey = 0x7365656473; // apart from the draws of pairs
    Random random({ seed.seed, static_cast<std::uint64_t>(seed.epoch), seedKey });
    std::vector<std::int64_t> rows(videos.size());
    std::iota(rows.begin(), rows.end(), 0);
    const auto seeds = drawn(std::move(rows),
        static_cast<std::size_t>(std::max<std::int64_t>(1, count / config.videos)), random);

    retrieval::NeighbourSearch search = config.search;
    if (count < config.exactBelow)
        search.kind = retrieval::NeighbourSearch::Kind::Exact;
    const std::int64_t wanted
        = config.kind == BatchKind::Nearest ? config.videos : config.candidates;
    CLIP_TRY_ASSIGN(
        const auto nearest, retrieval::nearestRows(vectors, dim, seeds, wanted, search));

    std::vector<Cluster> clusters;
    for (std::size_t at = 0; at < seeds.size(); ++at) {
        Cluster cluster;
        cluster.seed = videos[static_cast<std::size_t>(seeds[at])];
        std::vector<std::size_t> places;
        for (std::int64_t rank = 0; rank < nearest.perQuery; ++rank) {
            const std::size_t from
                = at * static_cast<std::size_t>(nearest.perQuery) + static_cast<std::size_t>(rank);
            if (nearest.rows[from] < 0)
                break; // an inverted file found no more
            places.push_back(cluster.candidates.size());
            cluster.candidates.push_back(videos[static_cast<std::size_t>(nearest.rows[from])]);
            cluster.squaredDistances.push_back(nearest.squaredDistances[from]);
        }
        places = drawn(std::move(places), static_cast<std::size_t>(config.videos), random);
        std::sort(places.begin(), places.end());
        for (const std::size_t place : places)
            cluster.videos.push_back(cluster.candidates[place]);
        clusters.push_back(std::move(cluster));
    }
    return clusters;
}

} // namespace clipscope::train
