#pragma once

#include "base/result.h"

#include <ATen/core/Tensor.h>

namespace clipscope::tensor {

/// Maps a numpy .npy file (versions 1 to 3, C or Fortran order). The tensor is read-only memory:
/// clone() before writing into it.
/// Errors: NotFound, Io; BadInput with byte (not npy, broken header, too short); Unsupported
/// (big-endian, object, record or text arrays).
/// Threads: any thread at once.
Result<at::Tensor> readNpy(const std::filesystem::path& path);

/// Reads a one-dimensional array of texts (numpy's `<U` and `|S`), such as a list of words.
/// Errors: as readNpy(); BadInput when it is no list of texts or a text is no Unicode.
/// Threads: any thread at once.
Result<std::vector<std::string>> readNpyTexts(const std::filesystem::path& path);

/// Replaces `path` by a version 1 file in C order, the bytes numpy.save() would write.
/// Errors: Io (old file untouched); Unsupported (bfloat16 has no numpy type).
/// Threads: any thread at once.
Status writeNpy(const std::filesystem::path& path, const at::Tensor& tensor);

} // namespace clipscope::tensor
