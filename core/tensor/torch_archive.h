#pragma once

#include "base/result.h"
#include "tensor/element_type.h"

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace clipscope::tensor {

/// The state dict of a file written by torch.save(), as parts of that file's bytes.
struct TorchArchive
{
    /// A run of numbers in the file.
    struct Storage
    {
        ElementType type = ElementType::Float32;
        std::int64_t count = 0;
        std::span<const std::byte> bytes; ///< count * byteSize(type) of them
    };
    /// A view of a storage: element (i, j) is number offset + i * strides[0] + j * strides[1].
    struct View
    {
        std::size_t storage = 0; ///< position in `storages`
        std::int64_t offset = 0;
        std::vector<std::int64_t> sizes, strides; ///< inside of the storage unless a size is 0
    };
    enum class Format { Zip, Stream };

    Format format = Format::Zip;
    std::vector<Storage> storages;
    std::map<std::string, View, std::less<>> tensors;
};

/// True when the bytes start as a stream of torch.save() before version 1.6 does.
bool looksLikeTorchStream(std::span<const std::byte> bytes);

/// Reads a whole file, old stream or zip, without running anything; see readTorchFile(). The
/// tensors' numbers are not touched.
/// Errors: as readTorchFile().
/// Threads: any thread at once.
Result<TorchArchive> parseTorchFile(
    std::span<const std::byte> bytes, const std::filesystem::path& path);

} // namespace clipscope::tensor
