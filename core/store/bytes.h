#pragma once

#include "base/hash.h"

#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace clipscope::store {

// Little-endian numbers in records of a fixed size. Private to the module.

static_assert(std::endian::native == std::endian::little, "the files are little-endian");

template<typename Number> void put(std::string& bytes, std::size_t at, Number value)
{
    std::memcpy(bytes.data() + at, &value, sizeof(value));
}

template<typename Number> Number get(std::string_view bytes, std::size_t at)
{
    Number value{};
    std::memcpy(&value, bytes.data() + at, sizeof(value));
    return value;
}

/// First 16 hexadecimal digits of a hash, as a number.
inline std::uint64_t checksumOfHex(std::string_view hex)
{
    std::uint64_t checksum = 0;
    std::from_chars(hex.data(), hex.data() + 16, checksum, 16);
    return checksum;
}

inline std::uint64_t checksumOf(std::string_view bytes)
{
    return checksumOfHex(hashOf(bytes));
}

} // namespace clipscope::store
