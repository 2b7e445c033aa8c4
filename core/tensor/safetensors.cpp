#include "tensor/tensor_file.h"

#include "base/files.h"
#include "base/guarded.h"
#include "base/json.h"
#include "tensor/make_tensor.h"
#include "tensor/safetensors_header.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace clipscope::tensor {

namespace {

Result<TensorFile> read(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(auto opened, MappedFile::open(path));
    const auto mapping = std::make_shared<MappedFile>(std::move(opened));
    CLIP_TRY_ASSIGN(auto header, parseSafetensors(mapping->bytes(), path));
    TensorFile file;
    file.metadata = std::move(header.metadata);
    for (const SafetensorsEntry& entry : header.entries)
        file.tensors[entry.name]
            = tensorOver(header.data.subspan(entry.begin, entry.end - entry.begin), entry.type,
                entry.shape, mapping);
    return file;
}

Status write(const std::filesystem::path& path, const TensorFile& file)
{
    std::vector<const std::pair<const std::string, at::Tensor>*> order;
    for (const auto& item : file.tensors)
        order.push_back(&item);
    std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
        return a->second.element_size() > b->second.element_size();
    });
    Json header = Json::object();
    if (!file.metadata.empty())
        header["__metadata__"] = Json(file.metadata);
    std::uint64_t position = 0;
    for (const auto* item : order) {
        const auto type = elementType(item->second.scalar_type());
        if (!type)
            return fail(ErrorKind::Unsupported,
                std::string("safetensors cannot hold the number type ")
                    + c10::toString(item->second.scalar_type()) + ".",
                { path, "tensor " + item->first });
        const std::uint64_t end = position + item->second.nbytes();
        header[item->first] = { { "dtype", safetensorsName(*type) },
            { "shape", item->second.sizes().vec() }, { "data_offsets", { position, end } } };
        position = end;
    }
    std::string text = dump(header);
    text.resize((text.size() + 7) / 8 * 8, ' ');
    const std::uint64_t headerSize = text.size();

    CLIP_TRY_ASSIGN(auto out, AtomicFile::create(path));
    CLIP_TRY(out.write(std::as_bytes(std::span(&headerSize, 1))));
    CLIP_TRY(out.write(text));
    for (const auto* item : order) {
        const at::Tensor plain = item->second.detach().cpu().contiguous();
        CLIP_TRY(out.write(
            std::span(static_cast<const std::byte*>(plain.const_data_ptr()), plain.nbytes())));
    }
    return out.commit();
}

} // namespace

Result<TensorFile> readSafetensors(const std::filesystem::path& path)
{
    return guarded([&] { return read(path); });
}

Status writeSafetensors(const std::filesystem::path& path, const TensorFile& file)
{
    return guarded([&] { return write(path, file); });
}

} // namespace clipscope::tensor
