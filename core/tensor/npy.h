#pragma once

#include "base/result.h"

#include <ATen/core/Tensor.h>

namespace clipscope::tensor {

/// Maps a numpy .npy file (versions 1 to 3, C or Fortran order). The tensor is read-only memory:
/// clone() before writing into it.
/// Errors: NotFound, Io; BadInput with byte (not npy, broken header, too short); Unsupported
/// (big-endian, object or text arrays).
/// Threads: any thread at once.
Result<at::Tensor> readNpy(const std::filesystem::path& path);

/// Replaces `path` by a version 1 file in C order, the bytes numpy.save() would write.
/// Errors: Io (old file untouched); Unsupported (bfloat16 has no numpy type).
/// Threads: any thread at once.
Status writeNpy(const std::filesystem::path& path, const at::Tensor& tensor);

} // namespace clipscope::tensor
