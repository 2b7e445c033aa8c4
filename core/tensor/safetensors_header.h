#pragma once

#include "base/result.h"
#include "tensor/element_type.h"

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace clipscope::tensor {

/// The format's name of a number type: "F32", "BF16", "BOOL".
std::string_view safetensorsName(ElementType type);

struct SafetensorsEntry
{
    std::string name;
    ElementType type = ElementType::Float32;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0, end = 0; ///< of `data` in SafetensorsHeader
};

/// What a safetensors file holds, in the order of the data.
struct SafetensorsHeader
{
    std::vector<SafetensorsEntry> entries;
    std::map<std::string, std::string, std::less<>> metadata;
    std::span<const std::byte> data;
};

/// Reads the header of a whole file. Memory stays within a few times the header's length, which is
/// at most 100 MB as in the format's own implementation.
/// Errors: BadInput with byte or tensor name, as readSafetensors().
/// Threads: any thread at once.
Result<SafetensorsHeader> parseSafetensors(
    std::span<const std::byte> bytes, const std::filesystem::path& path);

} // namespace clipscope::tensor
