#include "retrieval/vector_index.h"

#include "base/files.h"
#include "base/guarded.h"
#include "base/hash.h"
#include "base/json.h"

#include <faiss/IndexFlat.h>
#include <faiss/IndexIDMap.h>
#include <faiss/impl/io.h>
#include <faiss/index_io.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace clipscope::retrieval {

namespace {

constexpr int formatVersion = 1;
const char* const indexName = "index.faiss";
const char* const manifestName = "manifest.json";

bool allFinite(std::span<const float> values)
{
    return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

/// FAISS reads through this instead of a FILE*, so that a short file is an error and not a crash.
class SpanReader final : public faiss::IOReader
{
public:
    explicit SpanReader(std::span<const std::byte> bytes)
        : m_bytes(bytes)
    {
    }
    size_t operator()(void* to, size_t size, size_t count) override
    {
        const size_t fitting = size == 0 ? 0 : std::min(count, m_bytes.size() / size);
        std::memcpy(to, m_bytes.data(), fitting * size);
        m_bytes = m_bytes.subspan(fitting * size);
        return fitting;
    }

private:
    std::span<const std::byte> m_bytes;
};

} // namespace

struct VectorIndex::Impl
{
    std::unique_ptr<faiss::IndexIDMap> index; ///< owns the flat index below it
};

VectorIndex::VectorIndex(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
VectorIndex::VectorIndex(VectorIndex&&) noexcept = default;
VectorIndex& VectorIndex::operator=(VectorIndex&&) noexcept = default;
VectorIndex::~VectorIndex() = default;

std::int64_t VectorIndex::size() const
{
    return m_impl->index->ntotal;
}
int VectorIndex::dim() const
{
    return m_impl->index->d;
}

Result<VectorIndex> VectorIndex::create(int dim)
{
    if (dim <= 0)
        return fail(ErrorKind::BadInput,
            "An index needs vectors of at least one number, not " + std::to_string(dim) + ".");
    return guarded([&]() -> Result<VectorIndex> {
        auto impl = std::make_unique<Impl>();
        impl->index = std::make_unique<faiss::IndexIDMap>(new faiss::IndexFlatIP(dim));
        impl->index->own_fields = true;
        return VectorIndex(std::move(impl));
    });
}

Status VectorIndex::add(std::span<const std::int64_t> ids, std::span<const float> rows)
{
    if (rows.size() != ids.size() * static_cast<std::size_t>(dim()))
        return fail(ErrorKind::BadInput,
            std::to_string(ids.size()) + " ids do not fit " + std::to_string(rows.size())
                + " numbers of an index with " + std::to_string(dim()) + " per row.");
    if (!allFinite(rows))
        return fail(ErrorKind::BadInput, "A row for the index holds a value that is not finite.");
    return guarded([&] {
        m_impl->index->add_with_ids(static_cast<std::int64_t>(ids.size()), rows.data(), ids.data());
    });
}

Result<std::vector<Neighbour>> VectorIndex::search(std::span<const float> query, int top) const
{
    if (query.size() != static_cast<std::size_t>(dim()) || !allFinite(query))
        return fail(ErrorKind::BadInput,
            "The query must be " + std::to_string(dim()) + " finite numbers, not "
                + std::to_string(query.size()) + ".");
    const std::int64_t wanted = std::min<std::int64_t>(std::max(top, 0), size());
    if (wanted == 0)
        return std::vector<Neighbour>{};
    return guarded([&]() -> Result<std::vector<Neighbour>> {
        std::vector<float> scores;
        std::vector<std::int64_t> ids;
        // FAISS keeps any of equal scores at the cut, so more are taken until the last one
        // differs from the last one wanted; then order by id decides.
        for (std::int64_t taken = std::min(wanted + 1, size());;
             taken = std::min(taken * 2, size())) {
            scores.resize(static_cast<std::size_t>(taken));
            ids.resize(static_cast<std::size_t>(taken));
            m_impl->index->search(1, query.data(), taken, scores.data(), ids.data());
            if (taken == size() || scores.back() < scores[static_cast<std::size_t>(wanted - 1)])
                break;
        }
        std::vector<Neighbour> found(ids.size());
        for (std::size_t i = 0; i < ids.size(); ++i)
            found[i] = { ids[i], scores[i] };
        std::sort(found.begin(), found.end(), [](const Neighbour& a, const Neighbour& b) {
            return a.score != b.score ? a.score > b.score : a.id < b.id;
        });
        found.resize(static_cast<std::size_t>(wanted));
        return found;
    });
}

Status VectorIndex::save(const std::filesystem::path& folder, const std::string& fingerprint) const
{
    CLIP_TRY(makeFolder("The index folder", folder));
    return guarded([&]() -> Status {
        faiss::VectorIOWriter writer;
        faiss::write_index(m_impl->index.get(), &writer);
        const std::string_view bytes(
            reinterpret_cast<const char*>(writer.data.data()), writer.data.size());
        CLIP_TRY(writeFileAtomically(folder / indexName, bytes));
        const Json manifest{ { "format", formatVersion }, { "kind", "flat-inner-product" },
            { "dim", dim() }, { "rows", size() }, { "fingerprint", fingerprint },
            { "bytes", bytes.size() }, { "hash", hashOf(bytes) } };
        return writeFileAtomically(folder / manifestName, dump(manifest, 2) + "\n");
    });
}

Result<VectorIndex> VectorIndex::load(
    const std::filesystem::path& folder, const std::string& expectedFingerprint)
{
    const auto manifestPath = folder / manifestName;
    const auto indexPath = folder / indexName;
    CLIP_TRY_ASSIGN(const Json manifest, readJson(manifestPath));
    if (!manifest.is_object() || !manifest.contains("format")
        || !manifest["format"].is_number_integer() || !manifest.contains("fingerprint")
        || !manifest["fingerprint"].is_string() || !manifest.contains("hash")
        || !manifest["hash"].is_string())
        return fail(ErrorKind::BadInput, "This is not the manifest of an index.",
            { manifestPath, {} }, "Run the index verb again.");
    if (manifest["format"].get<std::int64_t>() > formatVersion)
        return fail(ErrorKind::BadInput, "The index was written by a newer Clipscope.",
            { manifestPath, {} }, "Run the index verb again or update Clipscope.");
    if (manifest["fingerprint"].get<std::string>() != expectedFingerprint)
        return fail(ErrorKind::Conflict, "The index was built from other states.", { folder, {} },
            "Run the index verb again.");
    CLIP_TRY_ASSIGN(const std::string bytes, readFile(indexPath, 1ULL << 40));
    if (hashOf(bytes) != manifest["hash"].get<std::string>())
        return fail(ErrorKind::BadInput, "The index does not have the bytes its manifest promises.",
            { indexPath, {} }, "Run the index verb again.");
    return guarded([&]() -> Result<VectorIndex> {
        SpanReader reader(std::as_bytes(std::span(bytes)));
        std::unique_ptr<faiss::Index> read(faiss::read_index(&reader));
        auto* mapped = dynamic_cast<faiss::IndexIDMap*>(read.get());
        if (mapped == nullptr)
            return fail(ErrorKind::BadInput, "The index is of an unknown kind.", { indexPath, {} },
                "Run the index verb again.");
        mapped->own_fields = true;
        auto impl = std::make_unique<Impl>();
        impl->index.reset(mapped);
        read.release();
        return VectorIndex(std::move(impl));
    });
}

} // namespace clipscope::retrieval
