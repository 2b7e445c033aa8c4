#include "tensor/make_tensor.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

namespace clipscope::tensor {

namespace {

static_assert(std::endian::native == std::endian::little, "the file formats are little-endian");

constexpr std::array<std::pair<ElementType, at::ScalarType>, 10> types{ {
    { ElementType::Float64, at::kDouble },
    { ElementType::Float32, at::kFloat },
    { ElementType::Float16, at::kHalf },
    { ElementType::BFloat16, at::kBFloat16 },
    { ElementType::Int64, at::kLong },
    { ElementType::Int32, at::kInt },
    { ElementType::Int16, at::kShort },
    { ElementType::Int8, at::kChar },
    { ElementType::UInt8, at::kByte },
    { ElementType::Bool, at::kBool },
} };

/// Gives the pages of copied bytes back: they can be read again, and a file is not in memory twice.
void forget(std::span<const std::byte> bytes)
{
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto first = std::bit_cast<std::uintptr_t>(bytes.data());
    const std::uintptr_t begin = (first + page - 1) / page * page;
    const std::uintptr_t end = (first + bytes.size()) / page * page;
    if (begin < end)
        ::madvise(std::bit_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

} // namespace

at::ScalarType scalarType(ElementType type)
{
    return std::find_if(types.begin(), types.end(), [&](const auto& known) {
        return known.first == type;
    })->second;
}

std::optional<ElementType> elementType(at::ScalarType type)
{
    const auto found = std::find_if(
        types.begin(), types.end(), [&](const auto& known) { return known.second == type; });
    return found == types.end() ? std::nullopt : std::optional(found->first);
}

at::Tensor tensorOver(std::span<const std::byte> bytes, ElementType type, at::IntArrayRef shape,
    const std::shared_ptr<MappedFile>& mapping)
{
    const auto options = at::TensorOptions().dtype(scalarType(type));
    if (bytes.empty())
        return at::empty(shape, options);
    if (std::bit_cast<std::uintptr_t>(bytes.data()) % byteSize(type) != 0) {
        at::Tensor copy = at::empty(shape, options);
        std::memcpy(copy.data_ptr(), bytes.data(), bytes.size());
        forget(bytes);
        return copy;
    }
    // from_blob wants a writable pointer; the header says that the memory is read-only.
    return at::from_blob(
        const_cast<std::byte*>(bytes.data()), shape, [mapping](void*) {}, options);
}

} // namespace clipscope::tensor
