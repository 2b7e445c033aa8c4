#include "base/system_error.h"
#include "store/append_file.h"
#include "store/feature_index.h"
#include "store/feature_shards.h"

#include <algorithm>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace clipscope::store {

namespace {

/// A shard mapped with room for what a writer may still append: address space is free, and the
/// views handed out stay where they are. Bytes behind the end of the file are never touched,
/// because records are checked against the file's size.
class MappedShard final
{
public:
    static Result<MappedShard> open(const std::filesystem::path& path, std::uint64_t shardBytes)
    {
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (descriptor < 0)
            return fail(systemError("The vectors cannot be opened", path, errno));
        struct stat status = {};
        MappedShard shard;
        int code = ::fstat(descriptor, &status) == 0 ? 0 : errno;
        if (code == 0) {
            shard.m_size = std::max(shardBytes, static_cast<std::uint64_t>(status.st_size));
            void* data = ::mmap(nullptr, shard.m_size, PROT_READ, MAP_SHARED, descriptor, 0);
            if (data == MAP_FAILED)
                code = errno;
            else
                shard.m_data = static_cast<const std::byte*>(data);
        }
        ::close(descriptor);
        if (code != 0)
            return fail(systemError("The vectors cannot be mapped", path, code));
        return shard;
    }
    MappedShard(MappedShard&& other) noexcept
        : m_data(std::exchange(other.m_data, nullptr))
        , m_size(other.m_size)
    {
    }
    MappedShard& operator=(MappedShard&&) = delete;
    ~MappedShard()
    {
        if (m_data)
            ::munmap(const_cast<std::byte*>(m_data), m_size);
    }
    const std::byte* at(std::uint64_t offset) const { return m_data + offset; }
    std::uint64_t size() const { return m_size; }

private:
    MappedShard() = default;
    const std::byte* m_data = nullptr;
    std::uint64_t m_size = 0;
};

} // namespace

struct FeatureReader::Impl
{
    /// A folder of vectors: the whole, or the part of a share.
    struct Source
    {
        std::filesystem::path folder;
        StoredManifest stored;
        std::uint64_t nextOffset = 0;
        std::uint64_t inode = 0;
        std::map<std::uint32_t, MappedShard> shards;
    };
    struct Place
    {
        FeatureRecord record;
        const Source* source = nullptr;
    };
    std::vector<std::unique_ptr<Source>> sources; ///< the whole first
    std::map<std::int64_t, Place> records;
    std::vector<MappedShard> outgrown; // views into them may still be in use

    const StoredManifest& stored() const { return sources.front()->stored; }

    Status take(Source& source, FeatureIndex index)
    {
        for (FeatureRecord& record : index.records) {
            const std::uint64_t end = record.byteOffset
                + std::uint64_t(record.seconds)
                    * static_cast<std::uint64_t>(source.stored.manifest.dim) * 2;
            auto shard = source.shards.find(record.shard);
            if (shard != source.shards.end() && shard->second.size() < end) {
                outgrown.push_back(std::move(shard->second));
                source.shards.erase(shard);
                shard = source.shards.end();
            }
            if (shard == source.shards.end()) {
                CLIP_TRY_ASSIGN(MappedShard mapped,
                    MappedShard::open(
                        featureShardPath(source.folder, record.shard), source.stored.shardBytes));
                source.shards.emplace(record.shard, std::move(mapped));
            }
            const std::int64_t id = record.videoId;
            records.insert_or_assign(id, Place{ std::move(record), &source });
        }
        source.nextOffset = index.nextOffset;
        source.inode = index.inode;
        return {};
    }

    Status add(const std::filesystem::path& folder, StoredManifest manifest)
    {
        auto source = std::make_unique<Source>();
        source->folder = folder;
        source->stored = std::move(manifest);
        CLIP_TRY_ASSIGN(FeatureIndex index, readFeatureIndex(folder, source->stored.manifest.dim));
        sources.push_back(std::move(source));
        return take(*sources.back(), std::move(index));
    }

    /// Parts that were not there before; those made from something else do not count.
    Status addNewParts()
    {
        for (const auto& part : featureParts(sources.front()->folder)) {
            const bool isKnown = std::any_of(sources.begin(), sources.end(),
                [&](const auto& source) { return source->folder == part; });
            if (isKnown)
                continue;
            auto found = readFeatureManifest(part);
            const FeatureManifest& whole = stored().manifest;
            if (found && found->manifest.fingerprint == whole.fingerprint
                && found->manifest.dim == whole.dim)
                CLIP_TRY(add(part, std::move(*found)));
        }
        return {};
    }
};

FeatureReader::FeatureReader(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
FeatureReader::FeatureReader(FeatureReader&&) noexcept = default;
FeatureReader& FeatureReader::operator=(FeatureReader&&) noexcept = default;
FeatureReader::~FeatureReader() = default;

Result<FeatureReader> FeatureReader::open(
    const std::filesystem::path& folder, std::string_view expectedFingerprint)
{
    auto impl = std::make_unique<Impl>();
    CLIP_TRY_ASSIGN(auto stored, readFeatureManifest(folder));
    const FeatureManifest& manifest = stored.manifest;
    if (!expectedFingerprint.empty() && manifest.fingerprint != expectedFingerprint)
        return fail(ErrorKind::Conflict,
            "The vectors of '" + manifest.name + "' were made from something else: fingerprint "
                + manifest.fingerprint + ", expected " + std::string(expectedFingerprint) + ".",
            { folder, {} }, "Compute them again.");
    CLIP_TRY(impl->add(folder, std::move(stored)));
    CLIP_TRY(impl->addNewParts());
    return FeatureReader(std::move(impl));
}

const FeatureManifest& FeatureReader::manifest() const
{
    return m_impl->stored().manifest;
}

std::vector<std::int64_t> FeatureReader::videoIds() const
{
    std::vector<std::int64_t> ids;
    ids.reserve(m_impl->records.size());
    for (const auto& [id, place] : m_impl->records)
        ids.push_back(id);
    return ids;
}

std::int64_t FeatureReader::videoCount() const
{
    return static_cast<std::int64_t>(m_impl->records.size());
}

std::int64_t FeatureReader::totalSeconds() const
{
    std::int64_t total = 0;
    for (const auto& [id, place] : m_impl->records)
        total += place.record.seconds;
    return total;
}

std::optional<FeatureView> FeatureReader::find(std::int64_t videoId) const
{
    const auto found = m_impl->records.find(videoId);
    if (found == m_impl->records.end())
        return std::nullopt;
    const FeatureRecord& record = found->second.record;
    const std::int64_t dim = m_impl->stored().manifest.dim;
    const std::size_t count = std::size_t(record.seconds) * static_cast<std::size_t>(dim);
    const std::byte* data = found->second.source->shards.at(record.shard).at(record.byteOffset);
    return FeatureView{ record.videoId, record.contentHash,
        { reinterpret_cast<const std::uint16_t*>(data), count }, record.seconds, dim };
}

Result<bool> FeatureReader::refresh()
{
    const auto rebuilt = [this] {
        return fail(ErrorKind::Conflict, "The vectors were rebuilt from something else.",
            { m_impl->sources.front()->folder, {} }, "Open them again.");
    };
    bool more = false;
    for (const auto& source : m_impl->sources) {
        auto stored = readFeatureManifest(source->folder);
        if (!stored && stored.error().kind == ErrorKind::NotFound)
            return rebuilt();
        if (!stored)
            return fail(std::move(stored).error());
        CLIP_TRY_ASSIGN(FeatureIndex index,
            readFeatureIndex(source->folder, source->stored.manifest.dim, source->nextOffset));
        if (stored->manifest.fingerprint != source->stored.manifest.fingerprint
            || (source->inode != 0 && index.inode != source->inode))
            return rebuilt();
        more = more || !index.records.empty();
        CLIP_TRY(m_impl->take(*source, std::move(index)));
    }
    const std::size_t before = m_impl->sources.size();
    CLIP_TRY(m_impl->addNewParts());
    for (std::size_t at = before; at < m_impl->sources.size(); ++at)
        more = more || m_impl->sources[at]->nextOffset > 0;
    return more;
}

} // namespace clipscope::store
