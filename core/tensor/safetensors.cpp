#include "tensor/tensor_file.h"

#include "base/files.h"
#include "base/guarded.h"
#include "base/json.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace clipscope::tensor {

namespace {

static_assert(std::endian::native == std::endian::little, "the file formats are little-endian");

struct TypeName
{
    std::string_view name;
    at::ScalarType type;
};
constexpr std::array<TypeName, 10> typeNames{ { { "F64", at::kDouble }, { "F32", at::kFloat },
    { "F16", at::kHalf }, { "BF16", at::kBFloat16 }, { "I64", at::kLong }, { "I32", at::kInt },
    { "I16", at::kShort }, { "I8", at::kChar }, { "U8", at::kByte }, { "BOOL", at::kBool } } };
constexpr std::uint64_t longestHeader = 256ull << 20;

struct Entry
{
    std::string name;
    at::ScalarType type = at::kFloat;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0, end = 0;
};

tl::unexpected<Error> broken(
    const std::filesystem::path& path, std::string message, std::string where)
{
    return fail(ErrorKind::BadInput, std::move(message), { path, std::move(where) },
        "The file is damaged or not a safetensors file; fetch it again.");
}

Result<Entry> parseEntry(
    const std::string& name, const Json& json, const std::filesystem::path& path)
{
    const std::string where = "tensor " + name;
    if (!json.is_object() || !json.contains("dtype") || !json["dtype"].is_string()
        || !json.contains("shape") || !json["shape"].is_array() || !json.contains("data_offsets")
        || !json["data_offsets"].is_array() || json["data_offsets"].size() != 2)
        return broken(path, "The entry lacks dtype, shape or data_offsets.", where);
    Entry entry;
    entry.name = name;
    const auto typeName = json["dtype"].get<std::string>();
    const auto type = std::find_if(typeNames.begin(), typeNames.end(),
        [&](const TypeName& candidate) { return candidate.name == typeName; });
    if (type == typeNames.end())
        return fail(ErrorKind::Unsupported, "The number type " + typeName + " is not supported.",
            { path, where });
    entry.type = type->type;
    std::uint64_t bytes = c10::elementSize(entry.type);
    for (const Json& size : json["shape"]) {
        if (!size.is_number_unsigned() || size.get<std::uint64_t>() > (1ull << 48))
            return broken(path, "The shape holds something that is not a size.", where);
        entry.shape.push_back(size.get<std::int64_t>());
        if (__builtin_mul_overflow(bytes, size.get<std::uint64_t>(), &bytes))
            return broken(path, "The shape is larger than any memory.", where);
    }
    if (!json["data_offsets"][0].is_number_unsigned()
        || !json["data_offsets"][1].is_number_unsigned())
        return broken(path, "The data offsets are not numbers.", where);
    entry.begin = json["data_offsets"][0].get<std::uint64_t>();
    entry.end = json["data_offsets"][1].get<std::uint64_t>();
    if (entry.end < entry.begin || entry.end - entry.begin != bytes)
        return broken(path, "The data offsets do not fit shape and number type.", where);
    return entry;
}

/// Data must be covered exactly once, as the format demands: an overlap or a hole could hide
/// content from a checker.
Status checkCoverage(
    std::vector<Entry>& entries, std::uint64_t dataSize, const std::filesystem::path& path)
{
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::uint64_t position = 0;
    for (const Entry& entry : entries) {
        if (entry.begin != position)
            return broken(path,
                entry.begin < position ? "The data of two tensors overlap."
                                       : "There is a hole before the data of a tensor.",
                "tensor " + entry.name);
        position = entry.end;
    }
    if (position > dataSize)
        return broken(
            path, "The file is shorter than its tensors.", "byte " + std::to_string(dataSize));
    if (position < dataSize)
        return broken(
            path, "There is data behind the last tensor.", "byte " + std::to_string(position));
    return {};
}

at::Tensor tensorAt(
    const Entry& entry, const std::byte* data, const std::shared_ptr<MappedFile>& mapping)
{
    const auto options = at::TensorOptions().dtype(entry.type);
    const std::byte* first = data + entry.begin;
    if (entry.begin == entry.end)
        return at::empty(entry.shape, options);
    if (std::bit_cast<std::uintptr_t>(first) % c10::elementSize(entry.type) != 0) {
        at::Tensor copy = at::empty(entry.shape, options);
        std::memcpy(copy.data_ptr(), first, entry.end - entry.begin);
        return copy;
    }
    // from_blob wants a writable pointer; the header says that the memory is read-only.
    return at::from_blob(
        const_cast<std::byte*>(first), entry.shape, [mapping](void*) {}, options);
}

Result<TensorFile> read(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(auto opened, MappedFile::open(path));
    const auto mapping = std::make_shared<MappedFile>(std::move(opened));
    const std::span<const std::byte> bytes = mapping->bytes();
    std::uint64_t headerSize = 0;
    if (bytes.size() < sizeof headerSize)
        return broken(path, "The file is too short to be a safetensors file.", "byte 0");
    std::memcpy(&headerSize, bytes.data(), sizeof headerSize);
    if (headerSize > longestHeader || headerSize > bytes.size() - sizeof headerSize)
        return broken(path, "The header is longer than the file.", "byte 0");
    const std::string_view text(
        reinterpret_cast<const char*>(bytes.data()) + sizeof headerSize, headerSize);
    CLIP_TRY_ASSIGN(const Json header, parseJson(text, path));
    if (!header.is_object())
        return broken(path, "The header is not a JSON object.", "byte 8");

    TensorFile file;
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items()) {
        if (name == "__metadata__") {
            for (const auto& [key, word] : value.items())
                if (word.is_string())
                    file.metadata[key] = word.get<std::string>();
            continue;
        }
        CLIP_TRY_ASSIGN(auto entry, parseEntry(name, value, path));
        entries.push_back(std::move(entry));
    }
    const std::uint64_t dataBegin = sizeof headerSize + headerSize;
    CLIP_TRY(checkCoverage(entries, bytes.size() - dataBegin, path));
    for (const Entry& entry : entries) {
        if (!file.tensors.emplace(entry.name, tensorAt(entry, bytes.data() + dataBegin, mapping))
                 .second)
            return broken(path, "Two tensors have the same name.", "tensor " + entry.name);
    }
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
        const auto type = std::find_if(typeNames.begin(), typeNames.end(),
            [&](const TypeName& known) { return known.type == item->second.scalar_type(); });
        if (type == typeNames.end())
            return fail(ErrorKind::Unsupported,
                std::string("safetensors cannot hold the number type ")
                    + c10::toString(item->second.scalar_type()) + ".",
                { path, "tensor " + item->first });
        const std::uint64_t end = position + item->second.nbytes();
        header[item->first] = { { "dtype", type->name }, { "shape", item->second.sizes().vec() },
            { "data_offsets", { position, end } } };
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
