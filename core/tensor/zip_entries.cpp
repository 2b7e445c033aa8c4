#include "tensor/zip_entries.h"

#include <algorithm>
#include <cstring>

namespace clipscope::tensor {

namespace {

constexpr std::uint32_t localSignature = 0x04034b50, centralSignature = 0x02014b50,
                        endSignature = 0x06054b50, end64Signature = 0x06064b50,
                        locatorSignature = 0x07064b50;

/// Reads little-endian numbers; out of range reads give 0 and are remembered.
class Cursor final
{
public:
    Cursor(std::span<const std::byte> bytes, std::uint64_t position)
        : m_bytes(bytes)
        , m_position(position)
    {
    }
    std::uint64_t number(std::size_t size)
    {
        std::uint64_t value = 0;
        if (!fits(size))
            return 0;
        std::memcpy(&value, m_bytes.data() + m_position, size);
        m_position += size;
        return value;
    }
    std::span<const std::byte> take(std::uint64_t size)
    {
        if (!fits(size))
            return {};
        m_position += size;
        return m_bytes.subspan(m_position - size, size);
    }
    void skip(std::uint64_t size) { take(size); }
    bool good() const { return m_good; }
    std::uint64_t position() const { return m_position; }

private:
    bool fits(std::uint64_t size)
    {
        m_good = m_good && m_position <= m_bytes.size() && size <= m_bytes.size() - m_position;
        return m_good;
    }
    std::span<const std::byte> m_bytes;
    std::uint64_t m_position;
    bool m_good = true;
};

struct Directory
{
    std::uint64_t begin = 0, count = 0;
};

tl::unexpected<Error> broken(
    const std::filesystem::path& path, std::string message, std::uint64_t at)
{
    return fail(ErrorKind::BadInput, std::move(message), { path, "byte " + std::to_string(at) },
        "The file is damaged or was cut off; fetch it again.");
}

Result<Directory> findDirectory(std::span<const std::byte> bytes, const std::filesystem::path& path)
{
    constexpr std::uint64_t endSize = 22, longestComment = 65535, locatorSize = 20;
    if (bytes.size() < endSize)
        return broken(path, "The archive is too short.", bytes.size());
    const std::uint64_t last = bytes.size() - endSize;
    const std::uint64_t first = last > longestComment ? last - longestComment : 0;
    for (std::uint64_t at = last + 1; at-- > first;) {
        Cursor end(bytes, at);
        if (end.number(4) != endSignature)
            continue;
        end.skip(6);
        Directory directory;
        directory.count = end.number(2);
        end.skip(4);
        directory.begin = end.number(4);
        if (at >= locatorSize) {
            Cursor locator(bytes, at - locatorSize);
            if (locator.number(4) == locatorSignature) {
                locator.skip(4);
                Cursor end64(bytes, locator.number(8));
                if (end64.number(4) != end64Signature)
                    return broken(path, "The archive's zip64 record is missing.", at);
                end64.skip(28);
                directory.count = end64.number(8);
                end64.skip(8);
                directory.begin = end64.number(8);
                if (!end64.good())
                    return broken(path, "The archive's zip64 record is cut off.", at);
            }
        }
        return directory;
    }
    return broken(path, "The archive has no directory.", bytes.size());
}

struct Central
{
    std::string name;
    std::uint64_t flags = 0, method = 0, packed = 0, size = 0, local = 0;
};

Result<Central> readCentral(Cursor& cursor, const std::filesystem::path& path)
{
    const std::uint64_t at = cursor.position();
    if (cursor.number(4) != centralSignature)
        return broken(path, "The archive's directory is damaged.", at);
    Central entry;
    cursor.skip(4);
    entry.flags = cursor.number(2);
    entry.method = cursor.number(2);
    cursor.skip(8);
    entry.packed = cursor.number(4);
    entry.size = cursor.number(4);
    const std::uint64_t nameSize = cursor.number(2), extraSize = cursor.number(2),
                        commentSize = cursor.number(2);
    cursor.skip(8);
    entry.local = cursor.number(4);
    const auto name = cursor.take(nameSize);
    entry.name.assign(reinterpret_cast<const char*>(name.data()), name.size());
    Cursor extra(cursor.take(extraSize), 0);
    cursor.skip(commentSize);
    if (!cursor.good())
        return broken(path, "The archive's directory is cut off.", at);
    while (extra.good()) {
        const std::uint64_t id = extra.number(2), size = extra.number(2);
        Cursor field(extra.take(size), 0);
        if (!extra.good() || id != 1) // 1 = zip64: only the fields that did not fit
            continue;
        for (std::uint64_t* value : { &entry.size, &entry.packed, &entry.local })
            if (*value == 0xffffffff)
                *value = field.number(8);
        if (!field.good())
            return broken(path, "The archive's directory is damaged.", at);
    }
    return entry;
}

} // namespace

bool looksLikeZip(std::span<const std::byte> bytes)
{
    return Cursor(bytes, 0).number(4) == localSignature;
}

Result<std::map<std::string, std::span<const std::byte>, std::less<>>> zipEntries(
    std::span<const std::byte> bytes, const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(const Directory directory, findDirectory(bytes, path));
    std::map<std::string, std::span<const std::byte>, std::less<>> entries;
    Cursor cursor(bytes, directory.begin);
    for (std::uint64_t i = 0; i < directory.count; ++i) {
        CLIP_TRY_ASSIGN(const Central entry, readCentral(cursor, path));
        if (entry.method != 0 || (entry.flags & 1) != 0 || entry.packed != entry.size)
            return fail(ErrorKind::Unsupported,
                "The entry " + entry.name + " is compressed, which PyTorch never does.",
                { path, "byte " + std::to_string(entry.local) }, "Save the checkpoint again.");
        Cursor local(bytes, entry.local);
        if (local.number(4) != localSignature)
            return broken(
                path, "The entry " + entry.name + " is not where it should be.", entry.local);
        local.skip(22);
        const std::uint64_t nameSize = local.number(2), extraSize = local.number(2);
        local.skip(nameSize);
        local.skip(extraSize);
        const auto data = local.take(entry.size);
        if (!local.good())
            return broken(path, "The entry " + entry.name + " is cut off.", entry.local);
        if (!entries.emplace(entry.name, data).second)
            return broken(path, "Two entries are named " + entry.name + ".", entry.local);
    }
    return entries;
}

} // namespace clipscope::tensor
