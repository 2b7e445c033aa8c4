#pragma once

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace clipscope::retrieval {

/// One hit: the id given with the row, and its inner product with the query.
struct Neighbour
{
    std::int64_t id = 0;
    float score = 0.0F;

    bool operator==(const Neighbour&) const = default;
};

/// An exact inner-product index over float rows with ids of the caller's choice, backed by FAISS.
///
/// Ties are deterministic: hits are ordered by (score descending, id ascending), also where the cut
/// at `top` falls between equal scores.
/// Shapes:  rows [N, D] float32, row-major.
/// Errors:  as stated at each function; whatever FAISS throws becomes OutOfMemory or Internal.
/// Threads: const functions from any thread at once; add() from one thread while nobody reads.
class VectorIndex final
{
public:
    /// Errors: BadInput if `dim` is not positive.
    static Result<VectorIndex> create(int dim);

    /// Reads an index written by save(). The manifest is checked first.
    /// Errors: NotFound; BadInput (not an index, damaged, from a newer version); Conflict when the
    /// manifest's fingerprint is not `expectedFingerprint` (built from other states: rebuild it).
    static Result<VectorIndex> load(
        const std::filesystem::path& folder, const std::string& expectedFingerprint);

    VectorIndex(VectorIndex&&) noexcept;
    VectorIndex& operator=(VectorIndex&&) noexcept;
    ~VectorIndex();

    /// Appends `ids.size()` rows.
    /// Errors: BadInput if rows.size() != ids.size() * dim() or a value is not finite; nothing is
    /// added then.
    Status add(std::span<const std::int64_t> ids, std::span<const float> rows);

    /// The best `top` rows (fewer if the index is smaller).
    /// Errors: BadInput if query.size() != dim() or a value is not finite.
    Result<std::vector<Neighbour>> search(std::span<const float> query, int top) const;

    /// Writes `index.faiss` and `manifest.json` into `folder` (made if missing), each atomically,
    /// the manifest last, so that a crash leaves an index that load() refuses or the old one.
    /// Errors: Io.
    Status save(const std::filesystem::path& folder, const std::string& fingerprint) const;

    std::int64_t size() const;
    int dim() const;

private:
    struct Impl;
    explicit VectorIndex(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::retrieval
