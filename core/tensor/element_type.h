#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace clipscope::tensor {

/// Number types that the file formats share with LibTorch. The readers' parsing parts know these
/// alone: they are built, and fuzzed, without LibTorch.
enum class ElementType {
    Float64,
    Float32,
    Float16,
    BFloat16,
    Int64,
    Int32,
    Int16,
    Int8,
    UInt8,
    Bool,
};

std::size_t byteSize(ElementType type);

/// More than any tensor of a checkpoint has.
constexpr std::size_t mostDimensions = 16;

/// Bytes of a dense array of that shape, 0 when a size is 0. Nothing when there are too many
/// dimensions, a size is negative, or strides or bytes would not fit 63 bits.
std::optional<std::uint64_t> denseBytes(std::span<const std::int64_t> shape, ElementType type);

} // namespace clipscope::tensor
