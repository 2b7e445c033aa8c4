#pragma once

#include "base/json.h"
#include "base/result.h"
#include "store/share.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::store {

/// What the vectors of a folder are and what they were made from.
struct FeatureManifest
{
    std::string name; ///< encoder or checkpoint: "efficientnet-lite0", "starter", "run-3.best"
    std::string fingerprint; ///< of weights, preprocessing, rate: equal means interchangeable
    std::int64_t dim = 0; ///< numbers per second
    Json details = Json::object(); ///< for people: frames per second, weights file, ...

    bool operator==(const FeatureManifest&) const = default;
};

/// The vectors of one video; valid as long as the FeatureReader lives.
/// Shapes: `halves` is [seconds, dim] IEEE binary16 bits, row-major, contiguous.
struct FeatureView
{
    std::int64_t videoId = 0;
    std::string_view contentHash;
    std::span<const std::uint16_t> halves;
    std::int64_t seconds = 0;
    std::int64_t dim = 0;
};

/// What open() does with a folder made from something else.
enum class OnMismatch {
    Refuse, ///< Conflict, folder untouched
    Rebuild, ///< the old vectors are removed
};

/// Appends per-second vectors to a folder of shards (docs/formats/features.md).
///
/// Crash safety: a video is in or it is not. Data is synced before its record; whatever a crash,
/// kill or full disk left behind is cut off by the next open().
/// Threads: one thread at a time; append() blocks until the disk has it. Readers may be open in
///          any process beside it, and so may writers of other shares, each in a part of its own.
class FeatureWriter final
{
public:
    static constexpr std::uint64_t defaultShardBytes = 4ull << 30;

    /// Makes the folder when needed. `shardBytes`: a new data file is begun beyond this size.
    /// `share`: a share writes into its own part of the folder and blocks only itself. A folder
    /// that is new or was made from something else needs the whole for a moment.
    /// Errors: Conflict (another writer of the same, named by process id; other fingerprint or dim
    ///         with Refuse), Unsupported (newer format), BadInput (manifest damaged), Io.
    static Result<FeatureWriter> open(const std::filesystem::path& folder,
        const FeatureManifest& manifest, OnMismatch onMismatch = OnMismatch::Refuse,
        std::uint64_t shardBytes = defaultShardBytes, const Share& share = {});
    FeatureWriter(FeatureWriter&&) noexcept;
    FeatureWriter& operator=(FeatureWriter&&) noexcept;
    ~FeatureWriter();

    /// True when the video is in, made from this content, whichever share brought it: as of open()
    /// for those of others.
    bool contains(std::int64_t videoId, std::string_view contentHash) const;
    /// Adds one video; one already there is superseded. `halves` is [seconds, dim].
    /// Errors: Io (disk full has a hint); the folder then is as before the call.
    Status append(std::int64_t videoId, std::string_view contentHash,
        std::span<const std::uint16_t> halves, std::int64_t seconds);

private:
    struct Impl;
    explicit FeatureWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// Reads what FeatureWriters wrote, all shares as one; maps the shards, copies nothing.
/// Threads: const functions any thread at once; refresh() excludes all others.
class FeatureReader final
{
public:
    /// Incomplete records at the end (a writer at work, a crash) are not shown.
    /// Errors: NotFound (no features there yet), Conflict (`expectedFingerprint` given and
    ///         different), Unsupported (newer format), BadInput (damaged), Io.
    static Result<FeatureReader> open(
        const std::filesystem::path& folder, std::string_view expectedFingerprint = {});
    FeatureReader(FeatureReader&&) noexcept;
    FeatureReader& operator=(FeatureReader&&) noexcept;
    ~FeatureReader();

    const FeatureManifest& manifest() const;
    /// Ascending.
    std::vector<std::int64_t> videoIds() const;
    std::int64_t videoCount() const;
    std::int64_t totalSeconds() const;
    std::optional<FeatureView> find(std::int64_t videoId) const;

    /// Takes in videos appended since; cost: reads only the new records. True when there were any.
    /// Views handed out before stay valid. Errors: Conflict when the folder was rebuilt from
    /// something else (open it again), Io.
    Result<bool> refresh();

private:
    struct Impl;
    explicit FeatureReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::store
