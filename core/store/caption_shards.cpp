#include "store/caption_shards.h"

#include "base/files.h"
#include "base/hash.h"
#include "base/require.h"
#include "store/bytes.h"

#include <algorithm>
#include <atomic>
#include <limits>

#include <sys/mman.h>

namespace clipscope::store {

namespace {

constexpr std::string_view magic = "CLIPCAPS";
constexpr std::uint32_t formatVersion = 1;
constexpr std::size_t headBytes = 16, recordBytes = 48, footerBytes = 128, originBytes = 32;
constexpr std::size_t checkedFooterBytes = footerBytes - 8;

/// Where a video lies in the file; `recordBytes` on disk.
struct Record
{
    std::int64_t videoId = 0;
    std::uint64_t offset = 0, nameOffset = 0;
    std::uint32_t captions = 0, tokens = 0, nameBytes = 0, hashBytes = 0;
    std::uint64_t checksum = 0;

    /// Of the arrays, without what fills up to 8.
    std::uint64_t bytes() const
    {
        return std::uint64_t(captions) * sizeof(CaptionTimes)
            + (std::uint64_t(captions) + 1 + tokens) * 4;
    }
};

void encode(const Record& record, std::string& out)
{
    std::string bytes(recordBytes, '\0');
    put(bytes, 0, record.videoId);
    put(bytes, 8, record.offset);
    put(bytes, 16, record.nameOffset);
    put(bytes, 24, record.captions);
    put(bytes, 28, record.tokens);
    put(bytes, 32, record.nameBytes);
    put(bytes, 36, record.hashBytes);
    put(bytes, 40, record.checksum);
    out += bytes;
}

Record decode(std::string_view bytes)
{
    return { get<std::int64_t>(bytes, 0), get<std::uint64_t>(bytes, 8),
        get<std::uint64_t>(bytes, 16), get<std::uint32_t>(bytes, 24), get<std::uint32_t>(bytes, 28),
        get<std::uint32_t>(bytes, 32), get<std::uint32_t>(bytes, 36),
        get<std::uint64_t>(bytes, 40) };
}

template<typename T> std::string_view bytesOf(std::span<const T> values)
{
    return { reinterpret_cast<const char*>(values.data()), values.size_bytes() };
}

std::string head()
{
    std::string bytes(headBytes, '\0');
    bytes.replace(0, magic.size(), magic);
    put(bytes, 8, formatVersion);
    return bytes;
}

std::string origin(std::string_view bytes, std::size_t at)
{
    const std::string_view field = bytes.substr(at, originBytes);
    return std::string(field.substr(0, field.find('\0')));
}

} // namespace

CaptionList::CaptionList(std::span<const CaptionTimes> times,
    std::span<const std::uint32_t> tokenStarts, std::span<const std::int32_t> ids)
    : m_times(times)
    , m_tokenStarts(tokenStarts)
    , m_ids(ids)
{
    CLIP_REQUIRE(tokenStarts.size() == times.size() + 1, std::to_string(tokenStarts.size()));
}

TokenCaption CaptionList::operator[](std::size_t at) const
{
    const std::size_t begin = std::min<std::size_t>(m_tokenStarts[at], m_ids.size());
    const std::size_t end = std::clamp<std::size_t>(m_tokenStarts[at + 1], begin, m_ids.size());
    return { m_times[at].startSeconds, m_times[at].stopSeconds, m_ids.subspan(begin, end - begin) };
}

void CaptionTable::add(double startSeconds, double stopSeconds, std::span<const std::int32_t> ids)
{
    m_times.push_back({ startSeconds, stopSeconds });
    m_ids.insert(m_ids.end(), ids.begin(), ids.end());
    m_tokenStarts.push_back(static_cast<std::uint32_t>(m_ids.size()));
}

void CaptionTable::clear()
{
    m_times.clear();
    m_tokenStarts.assign(1, 0);
    m_ids.clear();
}

struct CaptionShardWriter::Impl
{
    AtomicFile file;
    std::filesystem::path path;
    std::string pending; // of the file's content, not written yet
    std::string table, names;
    std::uint64_t offset = headBytes; // of the next video
    std::int64_t videos = 0, captions = 0, tokens = 0;

    Status add(std::string_view bytes)
    {
        constexpr std::size_t atOnce = 1 << 20;
        pending += bytes;
        return pending.size() < atOnce ? Status() : flush();
    }
    Status flush()
    {
        CLIP_TRY(file.write(pending));
        pending.clear();
        return {};
    }
};

CaptionShardWriter::CaptionShardWriter(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
CaptionShardWriter::CaptionShardWriter(CaptionShardWriter&&) noexcept = default;
CaptionShardWriter& CaptionShardWriter::operator=(CaptionShardWriter&&) noexcept = default;
CaptionShardWriter::~CaptionShardWriter() = default;

Result<CaptionShardWriter> CaptionShardWriter::create(const std::filesystem::path& file)
{
    CLIP_TRY(makeFolder("The captions folder", file.parent_path()));
    CLIP_TRY_ASSIGN(auto out, AtomicFile::create(file));
    auto impl = std::make_unique<Impl>(Impl{ std::move(out), file, {}, {}, {} });
    CLIP_TRY(impl->add(head()));
    return CaptionShardWriter(std::move(impl));
}

Status CaptionShardWriter::append(std::int64_t videoId, std::string_view name,
    std::string_view contentHash, const CaptionList& captions)
{
    constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max() / 2;
    if (captions.size() > most || captions.ids().size() > most || name.size() > most
        || contentHash.size() > most)
        return fail(ErrorKind::BadInput,
            "There are too many captions of \"" + std::string(name.substr(0, 100)) + "\".",
            { m_impl->path, {} });
    std::string block;
    block += bytesOf(captions.times());
    if (captions.empty())
        block.append(4, '\0');
    else
        block += bytesOf(captions.tokenStarts());
    block += bytesOf(captions.ids());
    Record record{ videoId, m_impl->offset, m_impl->names.size(),
        static_cast<std::uint32_t>(captions.size()),
        static_cast<std::uint32_t>(captions.ids().size()), static_cast<std::uint32_t>(name.size()),
        static_cast<std::uint32_t>(contentHash.size()), checksumOf(block) };
    block.resize((block.size() + 7) / 8 * 8, '\0');
    CLIP_TRY(m_impl->add(block));
    m_impl->offset += block.size();
    encode(record, m_impl->table);
    m_impl->names += name;
    m_impl->names += contentHash;
    ++m_impl->videos;
    m_impl->captions += record.captions;
    m_impl->tokens += record.tokens;
    return {};
}

std::int64_t CaptionShardWriter::videoCount() const
{
    return m_impl->videos;
}
std::int64_t CaptionShardWriter::captionCount() const
{
    return m_impl->captions;
}
std::int64_t CaptionShardWriter::tokenCount() const
{
    return m_impl->tokens;
}

Status CaptionShardWriter::commit(const CaptionOrigin& origin)
{
    CLIP_REQUIRE(origin.fingerprint.size() <= originBytes && origin.content.size() <= originBytes,
        origin.fingerprint);
    std::string footer(footerBytes, '\0');
    footer.replace(0, magic.size(), magic);
    put(footer, 8, formatVersion);
    put(footer, 12, static_cast<std::uint32_t>(footerBytes));
    put(footer, 16, static_cast<std::uint64_t>(m_impl->videos));
    put(footer, 24, static_cast<std::uint64_t>(m_impl->captions));
    put(footer, 32, static_cast<std::uint64_t>(m_impl->tokens));
    put(footer, 40, m_impl->offset);
    put(footer, 48, static_cast<std::uint64_t>(m_impl->names.size()));
    footer.replace(56, origin.fingerprint.size(), origin.fingerprint);
    footer.replace(56 + originBytes, origin.content.size(), origin.content);
    Hasher hasher;
    hasher.add(m_impl->table);
    hasher.add(m_impl->names);
    hasher.add(std::string_view(footer).substr(0, checkedFooterBytes));
    put(footer, checkedFooterBytes, checksumOfHex(hasher.hex()));
    CLIP_TRY(m_impl->flush());
    CLIP_TRY(m_impl->file.write(m_impl->table));
    CLIP_TRY(m_impl->file.write(m_impl->names));
    CLIP_TRY(m_impl->file.write(footer));
    return m_impl->file.commit();
}

struct CaptionShard::Impl
{
    Impl(MappedFile mapped, std::filesystem::path file)
        : mapping(std::move(mapped))
        , path(std::move(file))
    {
    }
    MappedFile mapping;
    std::filesystem::path path;
    std::string_view bytes, table, names;
    CaptionOrigin origin;
    std::int64_t videos = 0, captions = 0, tokens = 0;
    /// Bytes that may have become resident since they were last given back.
    std::atomic<std::uint64_t> touched = 0;

    Record record(std::int64_t index) const
    {
        CLIP_REQUIRE(index >= 0 && index < videos, std::to_string(index));
        return decode(table.substr(static_cast<std::size_t>(index) * recordBytes, recordBytes));
    }
    std::string_view block(const Record& record) const
    {
        return bytes.substr(record.offset, record.bytes());
    }
    void touch(const Record& record)
    {
        // The system maps up to 64 kB around a page that is asked for.
        constexpr std::uint64_t around = 64 << 10, most = 128ull << 20;
        if ((touched += around + record.bytes()) < most)
            return;
        touched = 0;
        advise(MADV_DONTNEED);
    }
    /// Tells the system about the pages of the captions; a hint that may be refused.
    void advise(int advice) const
    {
        constexpr std::size_t page = 4096;
        const auto end = static_cast<std::size_t>(table.data() - bytes.data()) / page * page;
        if (end > 0)
            (void)::madvise(const_cast<char*>(bytes.data()), end, advice);
    }
    tl::unexpected<Error> damaged(std::string_view what, std::uint64_t byte) const
    {
        return fail(ErrorKind::BadInput, "The caption shard is damaged: " + std::string(what) + ".",
            { path, "byte " + std::to_string(byte) }, "Delete it; it is made again.");
    }
    Status read();
    Status readTable();
};

Status CaptionShard::Impl::read()
{
    if (!bytes.starts_with(magic))
        return fail(ErrorKind::BadInput, "This is not a caption shard.", { path, "byte 0" });
    if (bytes.size() < headBytes + footerBytes)
        return damaged("it is cut off", bytes.size());
    if (const auto version = get<std::uint32_t>(bytes, 8); version > formatVersion)
        return fail(ErrorKind::Unsupported,
            "The captions have format version " + std::to_string(version)
                + ", this Clipscope knows versions up to " + std::to_string(formatVersion) + ".",
            { path, {} }, "Use the newer Clipscope that made them, or delete the file.");
    const std::uint64_t end = bytes.size() - footerBytes;
    const std::string_view footer = bytes.substr(end);
    if (!footer.starts_with(magic))
        return damaged("it is cut off", bytes.size());
    const auto count = get<std::uint64_t>(footer, 16);
    const auto tableOffset = get<std::uint64_t>(footer, 40);
    const auto nameBytes = get<std::uint64_t>(footer, 48);
    if (tableOffset < headBytes || tableOffset > end || tableOffset % 8 != 0
        || count > (end - tableOffset) / recordBytes
        || nameBytes != end - tableOffset - count * recordBytes)
        return damaged("its parts do not fit", end);
    table = bytes.substr(tableOffset, count * recordBytes);
    names = bytes.substr(tableOffset + table.size(), nameBytes);
    Hasher hasher;
    hasher.add(table);
    hasher.add(names);
    hasher.add(footer.substr(0, checkedFooterBytes));
    if (checksumOfHex(hasher.hex()) != get<std::uint64_t>(footer, checkedFooterBytes))
        return damaged("its table was changed", tableOffset);
    videos = static_cast<std::int64_t>(count);
    captions = static_cast<std::int64_t>(get<std::uint64_t>(footer, 24));
    tokens = static_cast<std::int64_t>(get<std::uint64_t>(footer, 32));
    origin = { store::origin(footer, 56), store::origin(footer, 56 + originBytes) };
    return readTable();
}

Status CaptionShard::Impl::readTable()
{
    const auto tableOffset = static_cast<std::uint64_t>(table.data() - bytes.data());
    for (std::int64_t index = 0; index < videos; ++index) {
        const Record one = record(index);
        const std::uint64_t texts = std::uint64_t(one.nameBytes) + one.hashBytes;
        if (one.offset % 8 != 0 || one.offset < headBytes || one.offset > tableOffset
            || one.bytes() > tableOffset - one.offset || one.nameOffset > names.size()
            || texts > names.size() - one.nameOffset)
            return damaged("a video lies outside",
                tableOffset + static_cast<std::uint64_t>(index) * recordBytes);
    }
    return {};
}

CaptionShard::CaptionShard(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
CaptionShard::CaptionShard(CaptionShard&&) noexcept = default;
CaptionShard& CaptionShard::operator=(CaptionShard&&) noexcept = default;
CaptionShard::~CaptionShard() = default;

Result<CaptionShard> CaptionShard::open(const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(auto mapping, MappedFile::open(file));
    auto impl = std::make_unique<Impl>(std::move(mapping), file);
    const auto bytes = impl->mapping.bytes();
    impl->bytes = { reinterpret_cast<const char*>(bytes.data()), bytes.size() };
    CLIP_TRY(impl->read());
    // Videos are visited in no order: what lies beside one need not be read with it.
    impl->advise(MADV_RANDOM);
    return CaptionShard(std::move(impl));
}

const CaptionOrigin& CaptionShard::origin() const
{
    return m_impl->origin;
}
const std::filesystem::path& CaptionShard::file() const
{
    return m_impl->path;
}
std::int64_t CaptionShard::videoCount() const
{
    return m_impl->videos;
}
std::int64_t CaptionShard::captionCount() const
{
    return m_impl->captions;
}
std::int64_t CaptionShard::tokenCount() const
{
    return m_impl->tokens;
}

ShardVideo CaptionShard::video(std::int64_t index) const
{
    const Record record = m_impl->record(index);
    m_impl->touch(record);
    const char* block = m_impl->block(record).data();
    const auto* times = reinterpret_cast<const CaptionTimes*>(block);
    const auto* starts = reinterpret_cast<const std::uint32_t*>(times + record.captions);
    const auto* ids = reinterpret_cast<const std::int32_t*>(starts + record.captions + 1);
    return { record.videoId, m_impl->names.substr(record.nameOffset, record.nameBytes),
        m_impl->names.substr(record.nameOffset + record.nameBytes, record.hashBytes),
        { { times, record.captions }, { starts, std::size_t(record.captions) + 1 },
            { ids, record.tokens } } };
}

std::int64_t CaptionShard::videoId(std::int64_t index) const
{
    return m_impl->record(index).videoId;
}

std::int64_t CaptionShard::captionCount(std::int64_t index) const
{
    return m_impl->record(index).captions;
}

Status CaptionShard::check(std::int64_t index) const
{
    const Record record = m_impl->record(index);
    if (checksumOf(m_impl->block(record)) == record.checksum)
        return {};
    return m_impl->damaged("the captions of \""
            + std::string(m_impl->names.substr(record.nameOffset, record.nameBytes))
            + "\" were changed",
        record.offset);
}

} // namespace clipscope::store
