#pragma once

#include "base/files.h"
#include "tensor/element_type.h"

#include <ATen/core/Tensor.h>

#include <memory>

namespace clipscope::tensor {

at::ScalarType scalarType(ElementType type);
/// Nothing for types that no file format of ours holds (complex, quantised).
std::optional<ElementType> elementType(at::ScalarType type);

/// A dense tensor over bytes of a mapped file, which it keeps alive; it is read-only memory. Bytes
/// that are not aligned for their type are copied instead.
/// Requires: `bytes` lie in `mapping` and are denseBytes(shape, type) long.
at::Tensor tensorOver(std::span<const std::byte> bytes, ElementType type, at::IntArrayRef shape,
    const std::shared_ptr<MappedFile>& mapping);

} // namespace clipscope::tensor
