#pragma once

#include "tensor/tensor_file.h"

namespace clipscope::tensor {

/// Reads the state dict of a file written by torch.save(), old stream or zip, without running
/// anything: the pickle inside is interpreted with a short list of constructors (tensors,
/// storages, containers); every other class becomes an opaque value, and
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

enum class FileFormat { Safetensors, TorchZip, TorchStream, Npy };
/// "safetensors", "torch-zip", "torch-stream", "npy".
std::string_view fileFormatName(FileFormat format);

/// Tells a file's format by its first bytes.
/// Errors: NotFound, Io; BadInput when it is none of them, saying so of web pages.
/// Threads: any thread at once.
Result<FileFormat> fileFormatOf(const std::filesystem::path& path);

/// A number type's name in reports and in safetensors files: "F32", "BF16", "I64"; LibTorch's name
/// for a type that the formats lack.
std::string_view typeName(at::ScalarType type);

/// Reads safetensors files and either kind of torch.save(), told by fileFormatOf().
/// Errors: as fileFormatOf(), readSafetensors() and readTorchFile(); BadInput for .npy files.
/// Threads: any thread at once.
Result<TensorFile> readTensors(const std::filesystem::path& path);

} // namespace clipscope::tensor
