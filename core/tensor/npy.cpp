#include "tensor/npy.h"

#include "base/files.h"
#include "base/guarded.h"

#include <ATen/ATen.h>

#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <regex>

namespace clipscope::tensor {

namespace {

constexpr std::string_view magic("\x93NUMPY", 6);

struct TypeName
{
    std::string_view name;
    at::ScalarType type;
};
constexpr std::array<TypeName, 9> typeNames{ { { "<f8", at::kDouble }, { "<f4", at::kFloat },
    { "<f2", at::kHalf }, { "<i8", at::kLong }, { "<i4", at::kInt }, { "<i2", at::kShort },
    { "|i1", at::kChar }, { "|u1", at::kByte }, { "|b1", at::kBool } } };

struct Header
{
    at::ScalarType type = at::kFloat;
    std::vector<std::int64_t> shape;
    bool fortranOrder = false;
    std::size_t dataBegin = 0;
    std::size_t dataSize = 0;
};

tl::unexpected<Error> broken(const std::filesystem::path& path, std::string message, std::size_t at)
{
    return fail(ErrorKind::BadInput, std::move(message), { path, "byte " + std::to_string(at) },
        "The file is damaged or not a numpy array; make it again.");
}

Result<Header> parseDictionary(
    const std::string& text, const std::filesystem::path& path, std::size_t at)
{
    // numpy writes exactly these three entries; nothing else is evaluated.
    std::smatch type, order, shape;
    if (!std::regex_search(text, type, std::regex("'descr'\\s*:\\s*'([^']*)'"))
        || !std::regex_search(text, order, std::regex("'fortran_order'\\s*:\\s*(True|False)"))
        || !std::regex_search(text, shape, std::regex("'shape'\\s*:\\s*\\(([0-9, L]*)\\)")))
        return broken(path, "The header does not name type, order and shape.", at);
    Header header;
    header.fortranOrder = order[1] == "True";
    const auto known = std::find_if(typeNames.begin(), typeNames.end(),
        [&](const TypeName& candidate) { return candidate.name == type[1].str(); });
    if (known == typeNames.end())
        return fail(ErrorKind::Unsupported,
            "Arrays of the type " + type[1].str() + " are not supported.",
            { path, "byte " + std::to_string(at) });
    header.type = known->type;
    header.dataSize = c10::elementSize(header.type);
    const std::string sizes = shape[1];
    const std::regex number("[0-9]+");
    for (std::sregex_iterator it(sizes.begin(), sizes.end(), number), end; it != end; ++it) {
        std::int64_t size = 0;
        if (it->length() > 15)
            return broken(path, "The shape is larger than any memory.", at);
        for (const char digit : it->str())
            size = size * 10 + (digit - '0');
        if (__builtin_mul_overflow(
                header.dataSize, static_cast<std::size_t>(size), &header.dataSize))
            return broken(path, "The shape is larger than any memory.", at);
        header.shape.push_back(size);
    }
    return header;
}

Result<Header> parseHeader(std::span<const std::byte> bytes, const std::filesystem::path& path)
{
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!text.starts_with(magic) || text.size() < 12)
        return broken(path, "The file is not a numpy array.", 0);
    const int version = text[6];
    if (version < 1 || version > 3)
        return fail(ErrorKind::Unsupported,
            "Version " + std::to_string(version) + " of the npy format is not supported.",
            { path, "byte 6" });
    const std::size_t lengthSize = version == 1 ? 2 : 4;
    std::size_t length = 0;
    std::memcpy(&length, text.data() + 8, lengthSize);
    const std::size_t begin = 8 + lengthSize;
    if (length > text.size() - begin)
        return broken(path, "The header is longer than the file.", 8);
    CLIP_TRY_ASSIGN(
        auto header, parseDictionary(std::string(text.substr(begin, length)), path, begin));
    header.dataBegin = begin + length;
    if (header.dataSize > text.size() - header.dataBegin)
        return broken(path, "The file is shorter than its array.", text.size());
    return header;
}

Result<at::Tensor> read(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(auto opened, MappedFile::open(path));
    const auto mapping = std::make_shared<MappedFile>(std::move(opened));
    CLIP_TRY_ASSIGN(const Header header, parseHeader(mapping->bytes(), path));
    std::vector<std::int64_t> shape = header.shape;
    if (header.fortranOrder)
        std::reverse(shape.begin(), shape.end());
    const auto options = at::TensorOptions().dtype(header.type);
    const std::byte* first = mapping->bytes().data() + header.dataBegin;
    at::Tensor tensor;
    if (header.dataSize == 0) {
        tensor = at::empty(shape, options);
    } else if (std::bit_cast<std::uintptr_t>(first) % c10::elementSize(header.type) != 0) {
        tensor = at::empty(shape, options);
        std::memcpy(tensor.data_ptr(), first, header.dataSize);
    } else {
        tensor = at::from_blob(
            const_cast<std::byte*>(first), shape, [mapping](void*) {}, options);
    }
    if (header.fortranOrder) {
        std::vector<std::int64_t> reversed(shape.size());
        for (std::size_t i = 0; i < shape.size(); ++i)
            reversed[i] = static_cast<std::int64_t>(shape.size() - 1 - i);
        tensor = tensor.permute(reversed);
    }
    return tensor;
}

Status write(const std::filesystem::path& path, const at::Tensor& tensor)
{
    const auto known = std::find_if(typeNames.begin(), typeNames.end(),
        [&](const TypeName& candidate) { return tensor.scalar_type() == candidate.type; });
    if (known == typeNames.end())
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
    std::string text = "{'descr': '" + std::string(known->name)
        + "', 'fortran_order': False, 'shape': (" + shape + "), }";
    // numpy aligns the data to 64 bytes and ends the header with a line feed.
    text.resize((magic.size() + 4 + text.size() + 1 + 63) / 64 * 64 - magic.size() - 4 - 1, ' ');
    text += '\n';
    const auto length = static_cast<std::uint16_t>(text.size());

    const at::Tensor plain = tensor.detach().cpu().contiguous();
    CLIP_TRY_ASSIGN(auto out, AtomicFile::create(path));
    CLIP_TRY(out.write(magic));
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

Status writeNpy(const std::filesystem::path& path, const at::Tensor& tensor)
{
    return guarded([&] { return write(path, tensor); });
}

} // namespace clipscope::tensor
