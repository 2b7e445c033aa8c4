#include "tensor/torch_file.h"

#include "base/files.h"
#include "base/guarded.h"
#include "tensor/make_tensor.h"
#include "tensor/torch_archive.h"

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

Result<TensorFile> readTensors(const std::filesystem::path& path)
{
    bool json = false;
    {
        CLIP_TRY_ASSIGN(const auto mapping, MappedFile::open(path));
        // safetensors: eight bytes of length, then the JSON object.
        const auto bytes = mapping.bytes();
        json = bytes.size() > 8 && bytes[8] == std::byte('{');
    }
    return json ? readSafetensors(path) : readTorchFile(path);
}

} // namespace clipscope::tensor
