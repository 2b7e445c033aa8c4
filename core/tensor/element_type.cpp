#include "tensor/element_type.h"

#include <algorithm>

namespace clipscope::tensor {

std::size_t byteSize(ElementType type)
{
    switch (type) {
    case ElementType::Float64:
    case ElementType::Int64:
        return 8;
    case ElementType::Float32:
    case ElementType::Int32:
        return 4;
    case ElementType::Float16:
    case ElementType::BFloat16:
    case ElementType::Int16:
        return 2;
    case ElementType::Int8:
    case ElementType::UInt8:
    case ElementType::Bool:
        return 1;
    }
    return 0;
}

std::optional<std::uint64_t> denseBytes(std::span<const std::int64_t> shape, ElementType type)
{
    if (shape.size() > mostDimensions)
        return std::nullopt;
    auto bytes = static_cast<std::int64_t>(byteSize(type));
    // A size of 0 counts as 1 here: strides are computed of the other sizes all the same.
    for (const std::int64_t size : shape)
        if (size < 0 || __builtin_mul_overflow(bytes, std::max<std::int64_t>(size, 1), &bytes))
            return std::nullopt;
    const bool empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
    return empty ? 0 : static_cast<std::uint64_t>(bytes);
}

} // namespace clipscope::tensor
