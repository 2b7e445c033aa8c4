#pragma once

#include "base/result.h"
#include "store/feature_shards.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::store {

// The files of a feature folder (docs/formats/features.md). Private to the module.

constexpr const char* featureIndexName = "videos.idx";
std::filesystem::path featureShardPath(const std::filesystem::path& folder, std::uint32_t shard);

/// The parts of a feature folder that single shares wrote, in the order of their names; each is a
/// feature folder of its own.
std::vector<std::filesystem::path> featureParts(const std::filesystem::path& folder);

/// Where one video lies; 64 bytes in videos.idx, little-endian, with a checksum.
struct FeatureRecord
{
    static constexpr std::size_t bytesOnDisk = 64;
    std::int64_t videoId = 0;
    std::uint64_t byteOffset = 0;
    std::uint32_t shard = 0;
    std::uint32_t seconds = 0;
    std::string contentHash; ///< at most 32 bytes

    std::string encode() const;
    /// False when the checksum is wrong.
    static bool decode(std::string_view bytes, FeatureRecord& record);
};

/// What videos.idx says and the shards really hold.
struct FeatureIndex
{
    std::vector<FeatureRecord> records; ///< in the order of writing
    std::uint64_t nextOffset = 0; ///< behind the last good record: what follows is torn
    std::uint64_t inode = 0; ///< of videos.idx
};

/// Reads the good records from `offset` on. A record is good when its checksum is right and its
/// shard reaches as far as it says. Errors: Io. A missing file has no records.
Result<FeatureIndex> readFeatureIndex(
    const std::filesystem::path& folder, std::int64_t dim, std::uint64_t offset = 0);

struct StoredManifest
{
    FeatureManifest manifest;
    std::uint64_t shardBytes = 0;
};
/// Errors: NotFound, Unsupported (newer format), BadInput, Io.
Result<StoredManifest> readFeatureManifest(const std::filesystem::path& folder);
Status writeFeatureManifest(const std::filesystem::path& folder, const StoredManifest& stored);

} // namespace clipscope::store
