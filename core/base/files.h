#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace clipscope {

/// Reads a whole file.
/// Errors: NotFound, Io; BadInput when it is larger than `maxBytes`.
Result<std::string> readFile(
    const std::filesystem::path& path, std::uint64_t maxBytes = 1ull << 32);

/// Replaces `path` by `content` so that a reader, also after a crash, sees the old or the new
/// whole: temporary file beside it, fsync, rename, fsync of the folder.
/// Errors: Io; the old file is untouched and no temporary file stays.
Status writeFileAtomically(const std::filesystem::path& path, std::string_view content);

/// A file that appears under its name only on commit(); dropped without a trace otherwise.
/// Threads: one thread at a time.
class AtomicFile final
{
public:
    /// Errors: Io (folder missing, not writable, disk full).
    static Result<AtomicFile> create(const std::filesystem::path& path);
    AtomicFile(AtomicFile&&) noexcept;
    AtomicFile& operator=(AtomicFile&&) noexcept;
    ~AtomicFile();

    /// Errors: Io (names the file; disk full has its own hint).
    Status write(std::span<const std::byte> bytes);
    Status write(std::string_view text);
    std::uint64_t bytesWritten() const;
    /// Flushes, syncs and renames. Nothing may be written afterwards.
    Status commit();

private:
    struct Impl;
    explicit AtomicFile(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// A file mapped read-only into memory; not read until touched.
/// Threads: const, any thread at once.
class MappedFile final
{
public:
    /// Errors: NotFound, Io. An empty file maps to an empty span.
    static Result<MappedFile> open(const std::filesystem::path& path);
    MappedFile(MappedFile&&) noexcept;
    MappedFile& operator=(MappedFile&&) noexcept;
    ~MappedFile();
    std::span<const std::byte> bytes() const;

private:
    MappedFile() = default;
    const std::byte* m_data = nullptr;
    std::size_t m_size = 0;
};

/// An exclusive lock on a file, held until destruction or process death.
/// Threads: one thread at a time.
class FileLock final
{
public:
    /// Errors: Conflict (names the holder's process id when known), Io.
    static Result<FileLock> acquire(const std::filesystem::path& path);
    FileLock(FileLock&&) noexcept;
    FileLock& operator=(FileLock&&) noexcept;
    ~FileLock();

private:
    FileLock() = default;
    int m_descriptor = -1;
};

/// Folder of installed models: $CLIPSCOPE_MODELS, else the user's data folder + /clipscope/models.
std::filesystem::path modelsFolder();
/// Makes a folder and those above it, where they are missing. `what` begins the message: "The
/// models folder". Errors: Io.
Status makeFolder(std::string_view what, const std::filesystem::path& folder);

/// Whether this process may write there; when not, errno says why.
bool isWritable(const std::filesystem::path& path);

/// UTF-8 of a path, for messages, JSON and the catalogue.
std::string utf8(const std::filesystem::path& path);
std::filesystem::path pathFromUtf8(std::string_view text);

} // namespace clipscope
