#include "base/files.h"
#include "base/require.h"
#include "base/system_error.h"
#include "store/append_file.h"
#include "store/feature_index.h"
#include "store/feature_shards.h"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <thread>
#include <unordered_map>

namespace clipscope::store {

namespace {

/// Removes data files that belong to no manifest.
Status removeData(const std::filesystem::path& folder)
{
    std::error_code code;
    std::vector<std::filesystem::path> doomed;
    for (const auto& entry : std::filesystem::directory_iterator(folder, code)) {
        const std::string name = entry.path().filename().string();
        if (name == featureIndexName || (name.starts_with("shard-") && name.ends_with(".f16")))
            doomed.push_back(entry.path());
    }
    for (const auto& file : doomed)
        if (!std::filesystem::remove(file, code) && code)
            return fail(systemError("The old vectors cannot be removed", file, code.value()));
    return {};
}

Status checkSame(const FeatureManifest& stored, const FeatureManifest& wanted,
    const std::filesystem::path& folder)
{
    if (stored.fingerprint == wanted.fingerprint && stored.dim == wanted.dim)
        return {};
    return fail(ErrorKind::Conflict,
        "The vectors here were made by '" + stored.name + "' with fingerprint " + stored.fingerprint
            + ", wanted is '" + wanted.name + "' with " + wanted.fingerprint + ".",
        { folder, {} }, "Delete the folder to compute them anew.");
}

} // namespace

struct FeatureWriter::Impl
{
    std::filesystem::path folder;
    StoredManifest stored;
    FileLock lock;
    AppendFile index;
    AppendFile shard;
    std::uint32_t shardNumber = 0;
    std::unordered_map<std::int64_t, std::string> contentHashes;

    /// Begins a new data file when the present one is full.
    Status makeRoomFor(std::uint64_t bytes)
    {
        if (shard.size() == 0 || shard.size() + bytes <= stored.shardBytes)
            return {};
        CLIP_TRY_ASSIGN(
            AppendFile next, AppendFile::open(featureShardPath(folder, shardNumber + 1)));
        CLIP_TRY(next.truncate(0)); // left over from a crash before its first record
        syncFolder(folder);
        shard = std::move(next);
        ++shardNumber;
        return {};
    }
};

FeatureWriter::FeatureWriter(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
FeatureWriter::FeatureWriter(FeatureWriter&&) noexcept = default;
FeatureWriter& FeatureWriter::operator=(FeatureWriter&&) noexcept = default;
FeatureWriter::~FeatureWriter() = default;

namespace {

/// Removes parts made from something else, unless somebody works on one.
void removeStaleParts(const std::filesystem::path& folder, const FeatureManifest& manifest)
{
    for (const auto& part : featureParts(folder)) {
        const auto found = readFeatureManifest(part);
        if (found && checkSame(found->manifest, manifest, part))
            continue;
        std::error_code code;
        if (const auto lock = FileLock::acquire(part / "lock"))
            std::filesystem::remove_all(part, code);
    }
}

/// The manifest that the folder has from now on; data of another one is removed or refused.
Result<StoredManifest> settleManifest(const std::filesystem::path& folder,
    const FeatureManifest& manifest, OnMismatch onMismatch, std::uint64_t shardBytes)
{
    auto found = readFeatureManifest(folder);
    const bool missing = !found && found.error().kind == ErrorKind::NotFound;
    if (!found && !missing)
        return fail(std::move(found).error());
    const bool rebuild = found && onMismatch == OnMismatch::Rebuild
        && !checkSame(found->manifest, manifest, folder);
    if (!missing && !rebuild) {
        CLIP_TRY(checkSame(found->manifest, manifest, folder));
        return found;
    }
    // Without a manifest there are no vectors, so a crash in between leaves none.
    std::error_code code;
    std::filesystem::remove(folder / "manifest.json", code);
    CLIP_TRY(removeData(folder));
    removeStaleParts(folder, manifest);
    const StoredManifest stored{ manifest, shardBytes };
    CLIP_TRY(writeFeatureManifest(folder, stored));
    return stored;
}

/// What stands in the folder and all its parts made from the same.
Result<std::unordered_map<std::int64_t, std::string>> knownContent(
    const std::filesystem::path& folder, const FeatureManifest& manifest)
{
    std::unordered_map<std::int64_t, std::string> hashes;
    auto folders = featureParts(folder);
    folders.push_back(folder);
    for (const auto& place : folders) {
        const auto found = readFeatureManifest(place);
        if (!found || !checkSame(found->manifest, manifest, place))
            continue;
        CLIP_TRY_ASSIGN(const FeatureIndex index, readFeatureIndex(place, manifest.dim));
        for (const FeatureRecord& record : index.records)
            hashes.insert_or_assign(record.videoId, record.contentHash);
    }
    return hashes;
}

/// Makes sure that the whole folder has this manifest before a share adds a part to it. The one who
/// comes first does it, the others wait for the moment that takes.
Status settleWhole(const std::filesystem::path& folder, const FeatureManifest& manifest,
    OnMismatch onMismatch, std::uint64_t shardBytes)
{
    constexpr int attempts = 50; // five seconds
    for (int attempt = 0;; ++attempt) {
        const auto found = readFeatureManifest(folder);
        if (found && checkSame(found->manifest, manifest, folder))
            return {};
        auto lock = FileLock::acquire(folder / "lock");
        if (lock) {
            CLIP_TRY(settleManifest(folder, manifest, onMismatch, shardBytes));
            return {};
        }
        if (lock.error().kind != ErrorKind::Conflict || attempt == attempts)
            return fail(std::move(lock).error());
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

Status makeFeatureFolder(const std::filesystem::path& folder)
{
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    if (code)
        return fail(systemError("The folder cannot be made", folder, code.value()));
    return {};
}

} // namespace

Result<FeatureWriter> FeatureWriter::open(const std::filesystem::path& whole,
    const FeatureManifest& manifest, OnMismatch onMismatch, std::uint64_t shardBytes,
    const Share& share)
{
    CLIP_REQUIRE(manifest.dim > 0 && shardBytes > 0, manifest.name);
    const std::filesystem::path folder = share.isAll() ? whole : whole / share.folderName();
    CLIP_TRY(makeFeatureFolder(whole));
    if (!share.isAll()) {
        CLIP_TRY(settleWhole(whole, manifest, onMismatch, shardBytes));
        CLIP_TRY(makeFeatureFolder(folder));
    }
    CLIP_TRY_ASSIGN(FileLock lock, FileLock::acquire(folder / "lock"));
    CLIP_TRY_ASSIGN(
        StoredManifest stored, settleManifest(folder, manifest, onMismatch, shardBytes));

    CLIP_TRY_ASSIGN(const FeatureIndex known, readFeatureIndex(folder, manifest.dim));
    std::uint32_t last = 0;
    for (const FeatureRecord& record : known.records)
        last = std::max(last, record.shard);
    std::uint64_t end = 0;
    for (const FeatureRecord& record : known.records)
        if (record.shard == last)
            end = std::max(end,
                record.byteOffset
                    + std::uint64_t(record.seconds) * static_cast<std::uint64_t>(manifest.dim) * 2);
    CLIP_TRY_ASSIGN(auto contentHashes, knownContent(whole, manifest));
    CLIP_TRY_ASSIGN(AppendFile index, AppendFile::open(folder / featureIndexName));
    CLIP_TRY(index.truncate(known.nextOffset));
    CLIP_TRY_ASSIGN(AppendFile shard, AppendFile::open(featureShardPath(folder, last)));
    CLIP_TRY(shard.truncate(end));
    syncFolder(folder);
    return FeatureWriter(std::unique_ptr<Impl>(new Impl{ folder, std::move(stored), std::move(lock),
        std::move(index), std::move(shard), last, std::move(contentHashes) }));
}

bool FeatureWriter::contains(std::int64_t videoId, std::string_view contentHash) const
{
    const auto found = m_impl->contentHashes.find(videoId);
    return found != m_impl->contentHashes.end() && found->second == contentHash;
}

Status FeatureWriter::append(std::int64_t videoId, std::string_view contentHash,
    std::span<const std::uint16_t> halves, std::int64_t seconds)
{
    const std::int64_t dim = m_impl->stored.manifest.dim;
    CLIP_REQUIRE(seconds >= 0 && seconds <= UINT32_MAX
            && halves.size() == static_cast<std::size_t>(seconds * dim),
        std::to_string(halves.size()) + " numbers for " + std::to_string(seconds) + " x "
            + std::to_string(dim));
    CLIP_TRY(m_impl->makeRoomFor(halves.size_bytes()));
    const std::uint64_t shardEnd = m_impl->shard.size();
    const std::uint64_t indexEnd = m_impl->index.size();
    const FeatureRecord record{ videoId, shardEnd, m_impl->shardNumber,
        static_cast<std::uint32_t>(seconds), std::string(contentHash) };
    // The record goes in only when the disk has the data: a record is a promise.
    Status status = m_impl->shard.append(std::as_bytes(halves));
    if (status)
        status = m_impl->shard.sync();
    if (status) {
        const std::string bytes = record.encode();
        status = m_impl->index.append(std::as_bytes(std::span(bytes)));
    }
    if (status)
        status = m_impl->index.sync();
    if (!status) {
        (void)m_impl->index.truncate(indexEnd);
        (void)m_impl->shard.truncate(shardEnd);
        return status;
    }
    m_impl->contentHashes.insert_or_assign(videoId, record.contentHash);
    return {};
}

} // namespace clipscope::store
