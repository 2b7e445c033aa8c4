#include "retrieval/neighbours.h"

#include "base/guarded.h"
#include "base/require.h"

#include <faiss/IndexFlat.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/utils/Heap.h>
#include <faiss/utils/distances.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>

namespace clipscope::retrieval {

namespace {

/// FAISS takes distances apart into products, which rounds; so some more candidates are taken, and
/// their distances are computed once more as they stand.
constexpr std::int64_t spare = 16;

double squaredDistance(const float* a, const float* b, std::int64_t dim)
{
    double sum = 0.0;
    for (std::int64_t at = 0; at < dim; ++at) {
        const double difference = static_cast<double>(a[at]) - static_cast<double>(b[at]);
        sum += difference * difference;
    }
    return sum;
}

/// FAISS's candidates. Shapes: [queries, taken] row numbers, -1 where none was found.
std::vector<faiss::Index::idx_t> candidates(std::span<const float> vectors, std::int64_t dim,
    std::span<const float> queries, std::int64_t taken, const NeighbourSearch& search)
{
    const auto rows = static_cast<std::int64_t>(vectors.size()) / dim;
    const auto asked = static_cast<std::int64_t>(queries.size()) / dim;
    std::vector<faiss::Index::idx_t> found(static_cast<std::size_t>(asked * taken));
    std::vector<float> distances(found.size());
    const auto width = static_cast<std::size_t>(dim);
    if (search.kind == NeighbourSearch::Kind::Exact) {
        faiss::float_maxheap_array_t heaps{ static_cast<std::size_t>(asked),
            static_cast<std::size_t>(taken), found.data(), distances.data() };
        faiss::knn_L2sqr(queries.data(), vectors.data(), width, static_cast<std::size_t>(asked),
            static_cast<std::size_t>(rows), &heaps);
        return found;
    }
    // k-means wants some forty vectors a list.
    const auto lists
        = static_cast<std::size_t>(std::clamp<std::int64_t>(rows / 48, 1, search.lists));
    faiss::IndexFlatL2 quantizer(dim);
    faiss::IndexIVFFlat index(&quantizer, width, lists, faiss::METRIC_L2);
    index.nprobe = static_cast<std::size_t>(
        std::clamp<std::int64_t>(search.probes, 1, static_cast<std::int64_t>(lists)));
    // k-means itself thins what it is given to 256 vectors a list, by a fixed seed.
    index.train(rows, vectors.data());
    index.add(rows, vectors.data());
    index.search(asked, queries.data(), taken, distances.data(), found.data());
    return found;
}

} // namespace

Result<Neighbours> nearestRows(std::span<const float> vectors, std::int64_t dim,
    std::span<const std::int64_t> queries, std::int64_t count, const NeighbourSearch& search)
{
    CLIP_REQUIRE(dim > 0 && count > 0 && vectors.size() % static_cast<std::size_t>(dim) == 0,
        std::to_string(vectors.size()) + " numbers of " + std::to_string(dim));
    const auto rows = static_cast<std::int64_t>(vectors.size()) / dim;
    if (const auto bad = std::find_if(
            vectors.begin(), vectors.end(), [](float value) { return !std::isfinite(value); });
        bad != vectors.end())
        return fail(ErrorKind::BadInput,
            "Vector " + std::to_string((bad - vectors.begin()) / dim)
                + " holds a value that is not finite.");
    return guarded([&]() -> Result<Neighbours> {
        const auto rowAt = [&](std::int64_t row) { return vectors.data() + row * dim; };
        std::vector<float> asked;
        asked.reserve(queries.size() * static_cast<std::size_t>(dim));
        for (const std::int64_t row : queries) {
            CLIP_REQUIRE(row >= 0 && row < rows, std::to_string(row));
            asked.insert(asked.end(), rowAt(row), rowAt(row) + dim);
        }
        Neighbours all;
        all.perQuery = std::min(count, rows);
        const std::int64_t taken = std::min(all.perQuery + spare, rows);
        const auto found = candidates(vectors, dim, asked, taken, search);
        std::vector<std::tuple<double, bool, std::int64_t>> nearest; // distance, another row, row
        for (std::size_t query = 0; query < queries.size(); ++query) {
            nearest.clear();
            for (std::int64_t at = 0; at < taken; ++at) {
                const auto row
                    = found[query * static_cast<std::size_t>(taken) + static_cast<std::size_t>(at)];
                if (row >= 0)
                    nearest.emplace_back(squaredDistance(rowAt(queries[query]), rowAt(row), dim),
                        row != queries[query], row);
            }
            std::sort(nearest.begin(), nearest.end());
            nearest.resize(static_cast<std::size_t>(all.perQuery),
                { std::numeric_limits<double>::infinity(), true, -1 });
            for (const auto& [distance, another, row] : nearest) {
                all.rows.push_back(row);
                all.squaredDistances.push_back(static_cast<float>(distance));
            }
        }
        return all;
    });
}

} // namespace clipscope::retrieval
