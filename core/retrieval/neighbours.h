#pragma once

#include "base/result.h"

#include <cstdint>
#include <span>
#include <vector>

namespace clipscope::retrieval {

/// How neighbours are looked for.
struct NeighbourSearch
{
    enum class Kind {
        Exact, ///< every vector is compared
        Inverted, ///< FAISS IVF-Flat: only lists near the query are looked through
    };
    Kind kind = Kind::Exact;
    std::int64_t lists = 512; ///< of the inverted file; made fewer for few vectors
    std::int64_t probes = 8; ///< lists looked through for a query
};

/// The nearest rows of each query, nearest first; of equal distances the query's own row comes
/// first, then the smaller row number.
/// Shapes: rows and squaredDistances [queries, perQuery]; row -1 at infinite distance where an
///         inverted file found fewer.
struct Neighbours
{
    std::int64_t perQuery = 0;
    std::vector<std::int64_t> rows;
    std::vector<float> squaredDistances;
};

/// The `count` rows (fewer when there are not as many) with the smallest Euclidean distance to each
/// of some of the rows, itself among them.
/// Shapes:  vectors [N, dim] float32, row-major; queries hold row numbers.
/// Errors:  BadInput when a value is not finite; OutOfMemory.
/// Threads: any thread at once; FAISS's threads share the queries.
/// Cost:    exact needs no copy of the vectors, an inverted file needs one.
/// Source:  faiss-based retriever of the reference, videoclip.md section 5.
Result<Neighbours> nearestRows(std::span<const float> vectors, std::int64_t dim,
    std::span<const std::int64_t> queries, std::int64_t count, const NeighbourSearch& search);

} // namespace clipscope::retrieval
