#pragma once

#include "base/job_context.h"
#include "base/result.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace clipscope {

/// XXH3 128 bit, streamed; 32 lower-case hex digits. For identity, not against attackers.
/// Threads: one thread at a time.
class Hasher final
{
public:
    Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;
    ~Hasher();
    void add(std::span<const std::byte> bytes);
    void add(std::string_view text);
    std::string hex() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

std::string hashOf(std::string_view text);
/// Errors: NotFound, Io, Cancelled. Cost: reads the whole file.
Result<std::string> hashOfFile(const std::filesystem::path& path, std::stop_token stop = {});

} // namespace clipscope
