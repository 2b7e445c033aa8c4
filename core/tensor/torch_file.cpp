#include "tensor/torch_file.h"

#include "base/files.h"
#include "base/guarded.h"
#include "tensor/make_tensor.h"
#include "tensor/npy_header.h"
#include "tensor/safetensors_header.h"
#include "tensor/torch_archive.h"
#include "tensor/zip_entries.h"

#include <ATen/ATen.h>

#include <map>

namespace clipscope::tensor {

namespace {

Result<TensorFile> read(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(auto opened, MappedFile::open(path));
    const auto mapping = std::make_shared<MappedFile>(std::move(opened));
    CLIP_TRY_ASSIGN(const TorchArchive archive, parseTorchFile(mapping->bytes(), path));
    TensorFile file;
    // Only storages with named tensors: those of an optimiser may be most of a checkpoint.
    std::map<std::size_t, at::Tensor> storages;
    for (const auto& [name, view] : archive.tensors) {
        const TorchArchive::Storage& storage = archive.storages[view.storage];
        at::Tensor& whole = storages[view.storage];
        if (!whole.defined())
            whole = tensorOver(storage.bytes, storage.type, { storage.count }, mapping);
        file.tensors[name] = whole.as_strided(view.sizes, view.strides, view.offset);
    }
    return file;
}

} // namespace

Result<TensorFile> readTorchFile(const std::filesystem::path& path)
{
    return guarded([&] { return read(path); });
}

std::string_view fileFormatName(FileFormat format)
{
    switch (format) {
    case FileFormat::Safetensors:
        return "safetensors";
    case FileFormat::TorchZip:
        return "torch-zip";
    case FileFormat::TorchStream:
        return "torch-stream";
    case FileFormat::Npy:
        return "npy";
    }
    return "";
}

Result<FileFormat> fileFormatOf(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(const auto mapping, MappedFile::open(path));
    const auto bytes = mapping.bytes();
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.starts_with(npyMagic))
        return FileFormat::Npy;
    if (looksLikeZip(bytes))
        return FileFormat::TorchZip;
    if (looksLikeTorchStream(bytes))
        return FileFormat::TorchStream;
    // Eight bytes of length, then the JSON object.
    if (text.size() > 8 && text[8] == '{')
        return FileFormat::Safetensors;
    const bool page = text.starts_with("<!DOCTYPE") || text.starts_with("<!doctype")
        || text.starts_with("<html");
    return fail(ErrorKind::BadInput,
        page ? "The file is a web page, not weights."
             : "The file is no PyTorch checkpoint, safetensors or numpy file.",
        { path, "byte 0" }, "The file is damaged or was not downloaded whole; fetch it again.");
}

std::string_view typeName(at::ScalarType type)
{
    const auto known = elementType(type);
    return known ? safetensorsName(*known) : c10::toString(type);
}

Result<TensorFile> readTensors(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(const FileFormat format, fileFormatOf(path));
    if (format == FileFormat::Npy)
        return fail(ErrorKind::BadInput, "The file is one array, not named tensors.", { path, {} });
    return format == FileFormat::Safetensors ? readSafetensors(path) : readTorchFile(path);
}

} // namespace clipscope::tensor
