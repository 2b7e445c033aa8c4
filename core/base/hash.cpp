#include "base/hash.h"

#include <xxhash.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <vector>

namespace clipscope {

struct Hasher::Impl
{
    XXH3_state_t* state = XXH3_createState();
    Impl() { XXH3_128bits_reset(state); }
    ~Impl() { XXH3_freeState(state); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
};

Hasher::Hasher()
    : m_impl(std::make_unique<Impl>())
{
}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::add(std::span<const std::byte> bytes)
{
    XXH3_128bits_update(m_impl->state, bytes.data(), bytes.size());
}

void Hasher::add(std::string_view text)
{
    add(std::as_bytes(std::span(text.data(), text.size())));
}

std::string Hasher::hex() const
{
    const XXH128_hash_t hash = XXH3_128bits_digest(m_impl->state);
    std::array<char, 33> text{};
    std::snprintf(text.data(), text.size(), "%016llx%016llx",
        static_cast<unsigned long long>(hash.high64), static_cast<unsigned long long>(hash.low64));
    return text.data();
}

std::string hashOf(std::string_view text)
{
    Hasher hasher;
    hasher.add(text);
    return hasher.hex();
}

Result<std::string> hashOfFile(const std::filesystem::path& path, std::stop_token stop)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return fail(std::filesystem::exists(path) ? ErrorKind::Io : ErrorKind::NotFound,
            "The file cannot be opened.", { path, {} });
    Hasher hasher;
    std::vector<char> buffer(std::size_t(1) << 20);
    while (file) {
        if (stop.stop_requested())
            return fail(ErrorKind::Cancelled, "Stopped while reading.", { path, {} });
        file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        hasher.add(std::string_view(buffer.data(), static_cast<std::size_t>(file.gcount())));
    }
    if (file.bad())
        return fail(ErrorKind::Io, "The file cannot be read.", { path, {} });
    return hasher.hex();
}

} // namespace clipscope
