#include "store/feature_index.h"

#include "base/files.h"
#include "base/require.h"
#include "store/append_file.h"
#include "store/bytes.h"

#include <algorithm>
#include <system_error>

namespace clipscope::store {

namespace {

constexpr std::int64_t formatVersion = 1;
constexpr const char* formatName = "clipscope-features";
constexpr const char* manifestName = "manifest.json";
constexpr std::size_t hashBytes = 32;
constexpr std::size_t checkedBytes = FeatureRecord::bytesOnDisk - 8;

} // namespace

std::filesystem::path featureShardPath(const std::filesystem::path& folder, std::uint32_t shard)
{
    const std::string number = std::to_string(shard);
    return folder
        / ("shard-" + std::string(number.size() < 5 ? 5 - number.size() : 0, '0') + number
            + ".f16");
}

std::vector<std::filesystem::path> featureParts(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> parts;
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(folder, code))
        if (entry.path().filename().string().starts_with("part-") && entry.is_directory(code))
            parts.push_back(entry.path());
    std::sort(parts.begin(), parts.end());
    return parts;
}

std::string FeatureRecord::encode() const
{
    CLIP_REQUIRE(contentHash.size() <= hashBytes, contentHash);
    std::string bytes(bytesOnDisk, '\0');
    put(bytes, 0, videoId);
    put(bytes, 8, byteOffset);
    put(bytes, 16, shard);
    put(bytes, 20, seconds);
    std::copy(contentHash.begin(), contentHash.end(), bytes.begin() + 24);
    put(bytes, checkedBytes, checksumOf(std::string_view(bytes).substr(0, checkedBytes)));
    return bytes;
}

bool FeatureRecord::decode(std::string_view bytes, FeatureRecord& record)
{
    if (get<std::uint64_t>(bytes, checkedBytes) != checksumOf(bytes.substr(0, checkedBytes)))
        return false;
    record.videoId = get<std::int64_t>(bytes, 0);
    record.byteOffset = get<std::uint64_t>(bytes, 8);
    record.shard = get<std::uint32_t>(bytes, 16);
    record.seconds = get<std::uint32_t>(bytes, 20);
    const std::string_view hash = bytes.substr(24, hashBytes);
    record.contentHash = hash.substr(0, hash.find('\0'));
    return true;
}

Result<FeatureIndex> readFeatureIndex(
    const std::filesystem::path& folder, std::int64_t dim, std::uint64_t offset)
{
    FeatureIndex index;
    index.nextOffset = offset;
    auto tail = readTail(folder / featureIndexName, offset);
    if (!tail && tail.error().kind == ErrorKind::NotFound)
        return index;
    if (!tail)
        return fail(std::move(tail).error());
    index.inode = tail->inode;
    std::map<std::uint32_t, std::uint64_t> shardSizes;
    const auto reaches = [&](const FeatureRecord& record) {
        const auto [size, isNew] = shardSizes.try_emplace(record.shard, 0);
        if (isNew) {
            std::error_code code;
            size->second = std::filesystem::file_size(featureShardPath(folder, record.shard), code);
            if (code)
                size->second = 0;
        }
        const std::uint64_t bytes = std::uint64_t(record.seconds) * std::uint64_t(dim) * 2;
        return record.byteOffset % 2 == 0 && bytes <= size->second
            && record.byteOffset <= size->second - bytes;
    };
    const std::string_view bytes = tail->bytes;
    for (std::size_t at = 0; at + FeatureRecord::bytesOnDisk <= bytes.size();
         at += FeatureRecord::bytesOnDisk) {
        FeatureRecord record;
        if (!FeatureRecord::decode(bytes.substr(at, FeatureRecord::bytesOnDisk), record)
            || !reaches(record))
            continue;
        index.records.push_back(std::move(record));
        index.nextOffset = offset + at + FeatureRecord::bytesOnDisk;
    }
    return index;
}

Result<StoredManifest> readFeatureManifest(const std::filesystem::path& folder)
{
    const std::filesystem::path file = folder / manifestName;
    auto read = readJson(file);
    if (!read && read.error().kind == ErrorKind::NotFound)
        return fail(
            ErrorKind::NotFound, "There are no vectors in this folder yet.", { folder, {} });
    if (!read)
        return fail(std::move(read).error());
    const Json& json = *read;
    const auto number = [&json](const char* key) {
        return json.contains(key) && json[key].is_number_integer() ? json[key].get<std::int64_t>()
                                                                   : std::int64_t(0);
    };
    const auto text = [&json](const char* key) {
        return json.contains(key) && json[key].is_string() ? json[key].get<std::string>()
                                                           : std::string();
    };
    if (!json.is_object() || text("format") != formatName)
        return fail(
            ErrorKind::BadInput, "This is not the manifest of a feature folder.", { file, {} });
    if (number("version") > formatVersion)
        return fail(ErrorKind::Unsupported,
            "The vectors have format version " + std::to_string(number("version"))
                + ", this Clipscope knows versions up to " + std::to_string(formatVersion) + ".",
            { file, {} }, "Use the newer Clipscope that made them, or extract again.");
    StoredManifest stored;
    stored.manifest = { text("name"), text("fingerprint"), number("dim"),
        json.contains("details") ? json["details"] : Json::object() };
    stored.shardBytes
        = static_cast<std::uint64_t>(std::max<std::int64_t>(0, number("shard_bytes")));
    if (stored.manifest.dim < 1 || stored.manifest.dim > (1 << 20) || stored.shardBytes == 0)
        return fail(ErrorKind::BadInput, "The manifest is damaged: dim or shard_bytes is missing.",
            { file, {} }, "Delete the folder and extract again.");
    return stored;
}

Status writeFeatureManifest(const std::filesystem::path& folder, const StoredManifest& stored)
{
    const Json json{ { "format", formatName }, { "version", formatVersion },
        { "name", stored.manifest.name }, { "fingerprint", stored.manifest.fingerprint },
        { "dim", stored.manifest.dim }, { "shard_bytes", stored.shardBytes },
        { "details", stored.manifest.details } };
    return writeFileAtomically(folder / manifestName, dump(json, 2) + "\n");
}

} // namespace clipscope::store
