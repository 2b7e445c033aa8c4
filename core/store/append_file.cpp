#include "store/append_file.h"

#include "base/system_error.h"

#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace clipscope::store {

Result<AppendFile> AppendFile::open(const std::filesystem::path& path)
{
    AppendFile file;
    file.m_path = path;
    file.m_descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file.m_descriptor < 0)
        return fail(systemError("The file cannot be opened for writing", path, errno));
    const off_t end = ::lseek(file.m_descriptor, 0, SEEK_END);
    if (end < 0)
        return fail(systemError("The file cannot be read", path, errno));
    file.m_size = static_cast<std::uint64_t>(end);
    return file;
}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : m_path(std::move(other.m_path))
    , m_descriptor(std::exchange(other.m_descriptor, -1))
    , m_size(other.m_size)
{
}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept
{
    std::swap(m_path, other.m_path);
    std::swap(m_descriptor, other.m_descriptor);
    std::swap(m_size, other.m_size);
    return *this;
}

AppendFile::~AppendFile()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

Status AppendFile::append(std::span<const std::byte> bytes)
{
    std::uint64_t at = m_size;
    while (!bytes.empty()) {
        const ssize_t written
            = ::pwrite(m_descriptor, bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (written < 0) {
            if (errno == EINTR)
                continue;
            const int code = errno;
            // Should cutting fail too, the next open() recognises the rest as torn.
            (void)truncate(m_size);
            return fail(systemError("The file cannot be written", m_path, code));
        }
        at += static_cast<std::uint64_t>(written);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    m_size = at;
    return {};
}

Status AppendFile::truncate(std::uint64_t size)
{
    if (::ftruncate(m_descriptor, static_cast<off_t>(size)) != 0)
        return fail(systemError("The file cannot be shortened", m_path, errno));
    m_size = size;
    return {};
}

Status AppendFile::sync()
{
    if (::fdatasync(m_descriptor) != 0)
        return fail(systemError("The file cannot be written", m_path, errno));
    return {};
}

Result<FileTail> readTail(const std::filesystem::path& path, std::uint64_t offset)
{
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail(systemError("The file cannot be opened", path, errno));
    struct stat status = {};
    int code = ::fstat(descriptor, &status) == 0 ? 0 : errno;
    FileTail tail;
    tail.inode = status.st_ino;
    const auto end = static_cast<std::uint64_t>(status.st_size);
    if (code == 0 && end > offset) {
        tail.bytes.resize(end - offset);
        std::size_t done = 0;
        while (done < tail.bytes.size()) {
            const ssize_t got = ::pread(descriptor, tail.bytes.data() + done,
                tail.bytes.size() - done, static_cast<off_t>(offset + done));
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                code = errno;
            if (got <= 0)
                break; // shortened meanwhile, or unreadable
            done += static_cast<std::size_t>(got);
        }
        tail.bytes.resize(done);
    }
    ::close(descriptor);
    if (code != 0)
        return fail(systemError("The file cannot be read", path, code));
    return tail;
}

void syncFolder(const std::filesystem::path& folder)
{
    if (const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        descriptor >= 0) {
        ::fsync(descriptor);
        ::close(descriptor);
    }
}

} // namespace clipscope::store
