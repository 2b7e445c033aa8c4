#pragma once

#include "tensor/tensor_file.h"

namespace clipscope::tensor {

/// Reads the state dict of a file written by torch.save(), old stream or zip, without running
/// anything: the pickle inside is interpreted with a short list of constructors (tensors,
/// storages, containers, numpy scalars); every other class becomes an opaque value, and
/// a call into the operating system or the interpreter is refused by name.
///
/// The tensors are those of the outermost dict or of its entry "model" or "state_dict" (fairseq,
/// training frameworks); nested dicts are joined by dots. Views of one storage share memory.
/// Memory: the file is mapped; tensors that are not aligned in it are copied when it is read. They
/// may be read-only memory: clone() before writing into one.
/// Errors: NotFound, Io; BadInput with byte (broken, forbidden call, view outside of its storage,
/// more work or memory than any checkpoint asks for, no tensors in it); Unsupported (compressed
/// archive, big-endian, quantised or sparse tensors). Threads: any thread at once.
Result<TensorFile> readTorchFile(const std::filesystem::path& path);

/// Reads either format, told by the file's first bytes.
/// Errors: as readSafetensors() and readTorchFile().
/// Threads: any thread at once.
Result<TensorFile> readTensors(const std::filesystem::path& path);

} // namespace clipscope::tensor
