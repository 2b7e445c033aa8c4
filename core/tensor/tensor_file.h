#pragma once

#include "base/result.h"

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

namespace clipscope::tensor {

/// Named tensors and free text, as a checkpoint file holds them.
/// Threads: const, any thread at once.
struct TensorFile
{
    std::map<std::string, at::Tensor, std::less<>> tensors;
    std::map<std::string, std::string, std::less<>> metadata;
};

/// Maps a safetensors file; tensors are read from disk when they are first touched and keep the
/// mapping alive. They are read-only memory: clone() before writing into one.
/// Errors: NotFound, Io; BadInput with byte or tensor name (truncated, header not JSON, offsets
/// out of range, overlapping or leaving holes, sizes that do not fit shape and dtype);
/// Unsupported for dtypes LibTorch cannot hold.
/// Threads: any thread at once.
Result<TensorFile> readSafetensors(const std::filesystem::path& path);

/// Replaces `path` as a whole; tensors of any device and layout are written contiguous, widest
/// types first (so that all are aligned), then by name. Reading gives equal tensors, bit for bit.
/// Errors: Io (old file untouched); Unsupported for dtypes the format lacks.
/// Threads: any thread at once.
Status writeSafetensors(const std::filesystem::path& path, const TensorFile& file);

} // namespace clipscope::tensor
