#include "tensor/npy.h"

#include "base/files.h"
#include "base/guarded.h"
#include "tensor/make_tensor.h"
#include "tensor/npy_header.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <memory>

namespace clipscope::tensor {

namespace {

Result<at::Tensor> read(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(auto opened, MappedFile::open(path));
    const auto mapping = std::make_shared<MappedFile>(std::move(opened));
    CLIP_TRY_ASSIGN(const NpyHeader header, parseNpy(mapping->bytes(), path));
    if (header.content != NpyHeader::Content::Numbers)
        return fail(ErrorKind::Unsupported, "The array holds texts, not numbers.", { path, {} });
    std::vector<std::int64_t> shape = header.shape;
    if (!header.fortranOrder)
        return tensorOver(header.data, header.type, shape, mapping);
    std::reverse(shape.begin(), shape.end());
    std::vector<std::int64_t> reversed(shape.size());
    for (std::size_t i = 0; i < shape.size(); ++i)
        reversed[i] = static_cast<std::int64_t>(shape.size() - 1 - i);
    return tensorOver(header.data, header.type, shape, mapping).permute(reversed);
}

Status write(const std::filesystem::path& path, const at::Tensor& tensor)
{
    const auto type = elementType(tensor.scalar_type());
    const std::string_view code = type ? npyCode(*type) : "";
    if (code.empty())
        return fail(ErrorKind::Unsupported,
            std::string("numpy files cannot hold the number type ")
                + c10::toString(tensor.scalar_type()) + ".",
            { path, {} });
    std::string shape;
    for (const std::int64_t size : tensor.sizes())
        shape += std::to_string(size) + ", ";
    if (tensor.dim() > 1)
        shape.resize(shape.size() - 2);
    else if (tensor.dim() == 1)
        shape.resize(shape.size() - 1);
    std::string text = "{'descr': '" + std::string(code) + "', 'fortran_order': False, 'shape': ("
        + shape + "), }";
    // numpy aligns the data to 64 bytes and ends the header with a line feed.
    text.resize(
        (npyMagic.size() + 4 + text.size() + 1 + 63) / 64 * 64 - npyMagic.size() - 4 - 1, ' ');
    text += '\n';
    const auto length = static_cast<std::uint16_t>(text.size());

    const at::Tensor plain = tensor.detach().cpu().contiguous();
    CLIP_TRY_ASSIGN(auto out, AtomicFile::create(path));
    CLIP_TRY(out.write(npyMagic));
    CLIP_TRY(out.write(std::string_view("\x01\x00", 2)));
    CLIP_TRY(out.write(std::as_bytes(std::span(&length, 1))));
    CLIP_TRY(out.write(text));
    CLIP_TRY(out.write(
        std::span(static_cast<const std::byte*>(plain.const_data_ptr()), plain.nbytes())));
    return out.commit();
}

} // namespace

Result<at::Tensor> readNpy(const std::filesystem::path& path)
{
    return guarded([&] { return read(path); });
}

Result<std::vector<std::string>> readNpyTexts(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(const auto mapping, MappedFile::open(path));
    CLIP_TRY_ASSIGN(const NpyHeader header, parseNpy(mapping.bytes(), path));
    return npyTexts(header, path);
}

Status writeNpy(const std::filesystem::path& path, const at::Tensor& tensor)
{
    return guarded([&] { return write(path, tensor); });
}

} // namespace clipscope::tensor
