#pragma once

#include "base/result.h"

#include <map>
#include <span>
#include <string>

namespace clipscope::tensor {

/// True when the bytes start as a zip archive does.
bool looksLikeZip(std::span<const std::byte> bytes);

/// The stored (not compressed) entries of a zip archive, as parts of `bytes`. Zip64 is understood.
/// Nothing is unpacked, so memory stays within a few times the directory.
/// Errors: BadInput with byte (broken, two entries of one name); Unsupported for compressed or
/// encrypted entries.
Result<std::map<std::string, std::span<const std::byte>, std::less<>>> zipEntries(
    std::span<const std::byte> bytes, const std::filesystem::path& path);

} // namespace clipscope::tensor
