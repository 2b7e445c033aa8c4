#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::store {

/// Units: seconds, half-open [startSeconds, stopSeconds).
struct CaptionTimes
{
    double startSeconds = 0.0, stopSeconds = 0.0;
    bool operator==(const CaptionTimes&) const = default;
};

/// A caption as the text tower sees it; valid as long as what it was taken from.
struct TokenCaption
{
    double startSeconds = 0.0, stopSeconds = 0.0;
    std::span<const std::int32_t> ids; ///< without [CLS] and [SEP]; may be empty
};

/// The captions of one video: a view of ragged arrays. Whatever the arrays hold, no caption reaches
/// beyond them.
/// Shapes: times [n], tokenStarts [n + 1] counted from the first token of the video, ids
///         [tokenStarts[n]].
/// Threads: as what it was taken from.
class CaptionList final
{
public:
    CaptionList() = default;
    CaptionList(std::span<const CaptionTimes> times, std::span<const std::uint32_t> tokenStarts,
        std::span<const std::int32_t> ids);

    std::size_t size() const { return m_times.size(); }
    bool empty() const { return m_times.empty(); }
    TokenCaption operator[](std::size_t at) const;
    /// All tokens, one caption after the other.
    std::span<const std::int32_t> ids() const { return m_ids; }
    std::span<const CaptionTimes> times() const { return m_times; }
    std::span<const std::uint32_t> tokenStarts() const { return m_tokenStarts; }

private:
    std::span<const CaptionTimes> m_times;
    std::span<const std::uint32_t> m_tokenStarts;
    std::span<const std::int32_t> m_ids;
};

/// The arrays of a CaptionList, owned.
class CaptionTable final
{
public:
    void add(double startSeconds, double stopSeconds, std::span<const std::int32_t> ids);
    void clear();
    bool empty() const { return m_times.empty(); }
    /// Valid until the next change.
    CaptionList list() const { return { m_times, m_tokenStarts, m_ids }; }

private:
    std::vector<CaptionTimes> m_times;
    std::vector<std::uint32_t> m_tokenStarts{ 0 };
    std::vector<std::int32_t> m_ids;
};

/// What a shard was made from.
struct CaptionOrigin
{
    std::string fingerprint; ///< of vocabulary and caption settings; 32 bytes at most
    std::string content; ///< of the captions it was made from; 32 bytes at most
    bool operator==(const CaptionOrigin&) const = default;
};

/// Writes tokenised captions of many videos into one file (docs/formats/captions.md), in one pass.
///
/// Memory:  48 bytes and the name of each video.
/// Threads: one thread at a time.
class CaptionShardWriter final
{
public:
    /// Makes the folder when needed. Errors: Io.
    static Result<CaptionShardWriter> create(const std::filesystem::path& file);
    CaptionShardWriter(CaptionShardWriter&&) noexcept;
    CaptionShardWriter& operator=(CaptionShardWriter&&) noexcept;
    ~CaptionShardWriter();

    /// Errors: Io; BadInput when the captions or the name of one video are too many for 32 bits.
    Status append(std::int64_t videoId, std::string_view name, std::string_view contentHash,
        const CaptionList& captions);
    std::int64_t videoCount() const;
    std::int64_t captionCount() const;
    std::int64_t tokenCount() const;
    /// The file appears under its name, in place of an older one; without it no trace stays.
    /// Errors: Io.
    Status commit(const CaptionOrigin& origin);

private:
    struct Impl;
    explicit CaptionShardWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// What a shard says of a video; valid as long as the shard.
struct ShardVideo
{
    std::int64_t videoId = 0;
    std::string_view name, contentHash;
    CaptionList captions;
};

/// Maps what a CaptionShardWriter wrote; only the table of the videos is read at once.
///
/// Pages of captions that were looked at are given back to the system by and by, so that the memory
/// a process holds stays bounded however many videos it visits.
/// Threads: const, any thread at once.
class CaptionShard final
{
public:
    /// Errors: NotFound; Io; Unsupported (newer format); BadInput with the byte when it is not a
    /// shard, is cut off, or its table is damaged.
    static Result<CaptionShard> open(const std::filesystem::path& file);
    CaptionShard(CaptionShard&&) noexcept;
    CaptionShard& operator=(CaptionShard&&) noexcept;
    ~CaptionShard();

    const CaptionOrigin& origin() const;
    const std::filesystem::path& file() const;
    std::int64_t videoCount() const;
    std::int64_t captionCount() const;
    std::int64_t tokenCount() const;
    /// In the order of writing. Requires: index in [0, videoCount()).
    ShardVideo video(std::int64_t index) const;
    std::int64_t videoId(std::int64_t index) const;
    std::int64_t captionCount(std::int64_t index) const;
    /// Whether the captions of a video are those that were written.
    /// Errors: BadInput naming the file and the video.
    Status check(std::int64_t index) const;

private:
    struct Impl;
    explicit CaptionShard(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::store
