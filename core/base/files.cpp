#include "base/files.h"

#include "base/system_error.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace clipscope {

namespace {

Status writeAll(
    int descriptor, const char* data, std::size_t size, const std::filesystem::path& path)
{
    while (size > 0) {
        const ssize_t written = ::write(descriptor, data, size);
        if (written < 0) {
            if (errno == EINTR)
                continue;
            return fail(systemError("The file cannot be written", path, errno));
        }
        data += written;
        size -= static_cast<std::size_t>(written);
    }
    return {};
}

} // namespace

Result<std::string> readFile(const std::filesystem::path& path, std::uint64_t maxBytes)
{
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail(systemError("The file cannot be opened", path, errno));
    struct Closer
    {
        int descriptor;
        ~Closer() { ::close(descriptor); }
    } closer{ descriptor };
    std::string content;
    std::string buffer(std::size_t(1) << 16, '\0');
    for (;;) {
        const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(systemError("The file cannot be read", path, errno));
        if (count == 0)
            return content;
        content.append(buffer, 0, static_cast<std::size_t>(count));
        if (content.size() > maxBytes)
            return fail(ErrorKind::BadInput,
                "The file is larger than the " + std::to_string(maxBytes) + " bytes allowed here.",
                { path, {} });
    }
}

Status writeFileAtomically(const std::filesystem::path& path, std::string_view content)
{
    CLIP_TRY_ASSIGN(AtomicFile file, AtomicFile::create(path));
    CLIP_TRY(file.write(content));
    return file.commit();
}

struct AtomicFile::Impl
{
    std::filesystem::path path;
    std::filesystem::path temporary;
    int descriptor = -1;
    std::uint64_t bytes = 0;

    Impl() = default;
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl()
    {
        if (descriptor >= 0) {
            ::close(descriptor);
            ::unlink(temporary.c_str());
        }
    }
};

AtomicFile::AtomicFile(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
AtomicFile::AtomicFile(AtomicFile&&) noexcept = default;
AtomicFile& AtomicFile::operator=(AtomicFile&&) noexcept = default;
AtomicFile::~AtomicFile() = default;

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& path)
{
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    std::string pattern = path.string() + ".XXXXXX";
    impl->descriptor = ::mkostemp(pattern.data(), O_CLOEXEC);
    if (impl->descriptor < 0)
        return fail(systemError("The file cannot be created", path, errno));
    impl->temporary = pattern;
    return AtomicFile(std::move(impl));
}

Status AtomicFile::write(std::span<const std::byte> bytes)
{
    CLIP_TRY(writeAll(m_impl->descriptor, reinterpret_cast<const char*>(bytes.data()), bytes.size(),
        m_impl->path));
    m_impl->bytes += bytes.size();
    return {};
}

Status AtomicFile::write(std::string_view text)
{
    return write(std::as_bytes(std::span(text.data(), text.size())));
}

std::uint64_t AtomicFile::bytesWritten() const
{
    return m_impl->bytes;
}

Status AtomicFile::commit()
{
    // mkostemp makes files for the owner alone; a project may be shared with a group.
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::fchmod(m_impl->descriptor, 0666 & ~mask);
    if (::fsync(m_impl->descriptor) != 0)
        return fail(systemError("The file cannot be written", m_impl->path, errno));
    if (::rename(m_impl->temporary.c_str(), m_impl->path.c_str()) != 0)
        return fail(systemError("The file cannot be replaced", m_impl->path, errno));
    ::close(std::exchange(m_impl->descriptor, -1));
    std::filesystem::path folder = m_impl->path.parent_path();
    if (folder.empty())
        folder = ".";
    if (const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        handle >= 0) {
        ::fsync(handle);
        ::close(handle);
    }
    return {};
}

Result<MappedFile> MappedFile::open(const std::filesystem::path& path)
{
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail(systemError("The file cannot be opened", path, errno));
    struct stat status
    {
    };
    MappedFile mapped;
    int code = 0;
    if (::fstat(descriptor, &status) != 0) {
        code = errno;
    } else if (!S_ISREG(status.st_mode)) {
        code = EINVAL;
    } else if (status.st_size > 0) {
        mapped.m_size = static_cast<std::size_t>(status.st_size);
        void* data = ::mmap(nullptr, mapped.m_size, PROT_READ, MAP_SHARED, descriptor, 0);
        if (data == MAP_FAILED) {
            code = errno;
            mapped.m_size = 0;
        } else {
            mapped.m_data = static_cast<const std::byte*>(data);
        }
    }
    ::close(descriptor);
    if (code != 0)
        return fail(systemError("The file cannot be mapped", path, code));
    return mapped;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : m_data(std::exchange(other.m_data, nullptr))
    , m_size(std::exchange(other.m_size, 0))
{
}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept
{
    std::swap(m_data, other.m_data);
    std::swap(m_size, other.m_size);
    return *this;
}

MappedFile::~MappedFile()
{
    if (m_data)
        ::munmap(const_cast<std::byte*>(m_data), m_size);
}

std::span<const std::byte> MappedFile::bytes() const
{
    return { m_data, m_size };
}

Result<FileLock> FileLock::acquire(const std::filesystem::path& path)
{
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return fail(systemError("The lock file cannot be opened", path, errno));
    FileLock lock;
    lock.m_descriptor = descriptor;
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return fail(systemError("The file cannot be locked", path, errno));
        char holder[32] = {};
        const ssize_t count = ::pread(descriptor, holder, sizeof(holder) - 1, 0);
        const std::string who
            = count > 0 ? " (process " + std::to_string(std::atoll(holder)) + ")" : "";
        return fail(ErrorKind::Conflict, "Another process" + who + " is using it.", { path, {} },
            "Wait until it is done or stop it.");
    }
    const std::string mine = std::to_string(::getpid()) + "\n";
    if (::ftruncate(descriptor, 0) == 0)
        CLIP_TRY(writeAll(descriptor, mine.data(), mine.size(), path));
    return lock;
}

FileLock::FileLock(FileLock&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

FileLock& FileLock::operator=(FileLock&& other) noexcept
{
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

FileLock::~FileLock()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor); // closing gives the lock back
}

std::filesystem::path modelsFolder()
{
    if (const char* chosen = std::getenv("CLIPSCOPE_MODELS"); chosen && *chosen)
        return chosen;
    if (const char* data = std::getenv("XDG_DATA_HOME"); data && *data)
        return std::filesystem::path(data) / "clipscope" / "models";
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home && *home ? home : ".") / ".local/share/clipscope/models";
}

Status makeFolder(std::string_view what, const std::filesystem::path& folder)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        return fail(ErrorKind::Io, std::string(what) + " cannot be made: " + error.message() + ".",
            { folder, {} });
    return {};
}

bool isWritable(const std::filesystem::path& path)
{
    return ::access(path.c_str(), W_OK) == 0;
}

std::string utf8(const std::filesystem::path& path)
{
    const std::u8string text = path.u8string();
    return { reinterpret_cast<const char*>(text.data()), text.size() };
}

std::filesystem::path pathFromUtf8(std::string_view text)
{
    return std::filesystem::path(
        std::u8string(reinterpret_cast<const char8_t*>(text.data()), text.size()));
}

} // namespace clipscope
