#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace clipscope::store {

/// A file that only grows. Private to the module.
/// Threads: one thread at a time.
class AppendFile final
{
public:
    /// Makes the file when it is missing. Errors: NotFound (folder missing), Io.
    static Result<AppendFile> open(const std::filesystem::path& path);
    AppendFile(AppendFile&& other) noexcept;
    AppendFile& operator=(AppendFile&& other) noexcept;
    ~AppendFile();

    std::uint64_t size() const { return m_size; }
    const std::filesystem::path& path() const { return m_path; }
    /// Errors: Io; the file then has the size it had before.
    Status append(std::span<const std::byte> bytes);
    Status truncate(std::uint64_t size);
    /// Waits until the disk has the content. Errors: Io.
    Status sync();

private:
    AppendFile() = default;
    std::filesystem::path m_path;
    int m_descriptor = -1;
    std::uint64_t m_size = 0;
};

/// What a file holds from `offset` on; empty when it is shorter.
struct FileTail
{
    std::string bytes;
    std::uint64_t inode = 0; ///< tells a replaced file from a grown one
};
/// Errors: NotFound, Io.
Result<FileTail> readTail(const std::filesystem::path& path, std::uint64_t offset);

/// Makes the folder's entries durable.
void syncFolder(const std::filesystem::path& folder);

} // namespace clipscope::store
