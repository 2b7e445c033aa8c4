#include "tensor/torch_file.h"

#include "base/files.h"
#include "base/guarded.h"
#include "tensor/pickle.h"
#include "tensor/zip_entries.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace clipscope::tensor {

namespace {

using Kind = PickleValue::Kind;
using Values = std::vector<PickleValue*>;

constexpr int deepestDictionary = 16;

struct TypeName
{
    std::string_view name;
    at::ScalarType type;
};
constexpr std::array<TypeName, 11> storageTypes{ { { "DoubleStorage", at::kDouble },
    { "FloatStorage", at::kFloat }, { "HalfStorage", at::kHalf },
    { "BFloat16Storage", at::kBFloat16 }, { "LongStorage", at::kLong }, { "IntStorage", at::kInt },
    { "ShortStorage", at::kShort }, { "CharStorage", at::kChar }, { "ByteStorage", at::kByte },
    { "BoolStorage", at::kBool }, { "UntypedStorage", at::kByte } } };

/// Everything about one file while it is read.
class Archive final
{
public:
    Archive(std::filesystem::path path, std::shared_ptr<MappedFile> mapping)
        : m_path(std::move(path))
        , m_mapping(std::move(mapping))
    {
    }
    Result<TensorFile> read();

private:
    tl::unexpected<Error> broken(std::string message, std::string where = {}) const
    {
        return fail(ErrorKind::BadInput, std::move(message), { m_path, std::move(where) },
            "The file is damaged or not a PyTorch checkpoint; fetch it again.");
    }
    PickleReader reader(std::span<const std::byte> bytes);
    Result<PickleValue*> construct(const std::string& global, const Values& arguments);
    Result<PickleValue*> resolve(const PickleValue& id);
    Result<at::Tensor> zipStorage(const std::string& key, at::ScalarType type, std::int64_t count);
    Result<at::Tensor> view(const Values& arguments) const;
    Result<PickleValue*> readZip();
    Result<PickleValue*> readLegacy();
    Status fillStorages(std::span<const std::byte> bytes, const PickleValue& keys);
    Status flatten(
        const PickleValue& dictionary, const std::string& prefix, int depth, TensorFile& out) const;

    std::filesystem::path m_path;
    std::shared_ptr<MappedFile> m_mapping;
    std::map<std::string, std::span<const std::byte>, std::less<>> m_entries;
    std::string m_folder; ///< of the zip archive, with slash
    std::map<std::string, at::Tensor> m_storages;
    std::uint64_t m_storageBytes = 0;
    std::deque<PickleReader> m_readers; ///< they own the values
};

PickleReader Archive::reader(std::span<const std::byte> bytes)
{
    return PickleReader(
        bytes, { m_path, {} },
        [this](const std::string& global, const Values& arguments) {
            return construct(global, arguments);
        },
        [this](const PickleValue& id) { return resolve(id); });
}

Result<std::vector<std::int64_t>> integers(const PickleValue& value)
{
    std::vector<std::int64_t> numbers;
    for (const PickleValue* item : value.items) {
        if (item->kind != Kind::Integer || item->integer < 0)
            return fail(ErrorKind::BadInput, "A tensor has a size that is not a number.");
        numbers.push_back(item->integer);
    }
    return numbers;
}

/// Arguments: storage, offset, sizes, strides, ...
Result<at::Tensor> Archive::view(const Values& arguments) const
{
    if (arguments.size() < 4 || arguments[0]->kind != Kind::Storage
        || arguments[1]->kind != Kind::Integer || arguments[1]->integer < 0)
        return broken("A tensor is described in an unknown way.");
    const at::Tensor& storage = arguments[0]->tensor;
    CLIP_TRY_ASSIGN(const auto sizes, integers(*arguments[2]));
    CLIP_TRY_ASSIGN(const auto strides, integers(*arguments[3]));
    if (sizes.size() != strides.size() || sizes.size() > 16)
        return broken("A tensor has another number of sizes than of strides.");
    std::int64_t count = 1, last = arguments[1]->integer;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        std::int64_t reach = 0;
        if (__builtin_mul_overflow(count, sizes[i], &count)
            || __builtin_mul_overflow(std::max<std::int64_t>(sizes[i] - 1, 0), strides[i], &reach)
            || __builtin_add_overflow(last, reach, &last))
            return broken("A tensor is larger than any memory.");
    }
    const bool empty = std::find(sizes.begin(), sizes.end(), 0) != sizes.end();
    if (!empty && last >= storage.numel())
        return broken("A tensor reaches beyond its storage.");
    // Expanded views repeat few numbers many times; without a bound a tiny file could ask for
    // terabytes as soon as somebody copies the tensor.
    constexpr std::int64_t mostElements = 1ll << 34;
    if (count > mostElements)
        return broken("A tensor is larger than any checkpoint has.");
    if (empty)
        return at::empty(sizes, storage.options());
    return storage.as_strided(sizes, strides, storage.storage_offset() + arguments[1]->integer);
}

Result<PickleValue*> Archive::construct(const std::string& global, const Values& arguments)
{
    PickleReader& owner = m_readers.back();
    if (global == "collections.OrderedDict" || global == "builtins.dict") {
        PickleValue* dictionary = owner.make(Kind::Dictionary);
        if (!arguments.empty())
            for (const PickleValue* pair : arguments[0]->items)
                if (pair->items.size() == 2)
                    dictionary->entries.emplace_back(pair->items[0], pair->items[1]);
        return dictionary;
    }
    if (global == "torch._utils._rebuild_tensor" || global == "torch._utils._rebuild_tensor_v2") {
        CLIP_TRY_ASSIGN(at::Tensor made, view(arguments));
        PickleValue* value = owner.make(Kind::Tensor);
        value->tensor = std::move(made);
        return value;
    }
    if (global == "torch._utils._rebuild_parameter"
        || global == "torch._utils._rebuild_parameter_with_state") {
        if (arguments.empty() || arguments[0]->kind != Kind::Tensor)
            return broken("A parameter is described in an unknown way.");
        return arguments[0];
    }
    if (global == "torch.Size" && arguments.size() == 1)
        return arguments[0];
    if (global.starts_with("torch._utils._rebuild_"))
        return fail(ErrorKind::Unsupported,
            "The file holds tensors of a kind that is not supported (" + global + ").",
            { m_path, {} }, "Save plain dense tensors.");
    return nullptr;
}

/// ("storage", type, key, location, element count[, view]).
Result<PickleValue*> Archive::resolve(const PickleValue& id)
{
    const Values& parts = id.items;
    if (parts.size() < 5 || !parts[0]->isText("storage") || parts[1]->kind != Kind::Global
        || parts[4]->kind != Kind::Integer || parts[4]->integer < 0)
        return broken("The file refers to something else than a tensor's storage.");
    const std::string_view global = parts[1]->text;
    const auto type
        = std::find_if(storageTypes.begin(), storageTypes.end(), [&](const TypeName& t) {
              return global.starts_with("torch.") && global.ends_with(t.name)
                  && global[global.size() - t.name.size() - 1] == '.';
          });
    if (type == storageTypes.end())
        return fail(ErrorKind::Unsupported,
            "Tensors of the kind " + std::string(global) + " are not supported.", { m_path, {} });
    const std::string key
        = parts[2]->kind == Kind::Integer ? std::to_string(parts[2]->integer) : parts[2]->text;
    auto found = m_storages.find(key);
    if (found == m_storages.end()) {
        CLIP_TRY_ASSIGN(at::Tensor made, zipStorage(key, type->type, parts[4]->integer));
        found = m_storages.emplace(key, std::move(made)).first;
    }
    if (found->second.scalar_type() != type->type)
        return broken("Storage " + key + " is used with two number types.");
    PickleValue* value = m_readers.back().make(Kind::Storage);
    value->tensor = found->second;
    if (parts.size() > 5 && parts[5]->kind == Kind::Sequence && parts[5]->items.size() == 3) {
        const std::int64_t offset = parts[5]->items[1]->integer, size = parts[5]->items[2]->integer;
        if (offset < 0 || size < 0 || offset > value->tensor.numel()
            || size > value->tensor.numel() - offset)
            return broken("A part of storage " + key + " reaches beyond it.");
        value->tensor = value->tensor.narrow(0, offset, size);
    }
    return value;
}

/// Of a zip archive: the mapped entry. Of a legacy stream: memory that fillStorages() fills, since
/// the data come after the pickle.
Result<at::Tensor> Archive::zipStorage(
    const std::string& key, at::ScalarType type, std::int64_t count)
{
    const auto options = at::TensorOptions().dtype(type);
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(static_cast<std::uint64_t>(count), c10::elementSize(type), &bytes)
        || __builtin_add_overflow(m_storageBytes, bytes, &m_storageBytes)
        || m_storageBytes > m_mapping->bytes().size())
        return broken("Storage " + key + " is larger than the file.");
    if (m_entries.empty())
        return at::empty({ count }, options);
    const auto entry = m_entries.find(m_folder + "data/" + key);
    if (entry == m_entries.end())
        return broken("Storage " + key + " is missing from the archive.");
    if (entry->second.size() < bytes)
        return broken("Storage " + key + " is shorter than its tensors.", "entry " + entry->first);
    if (bytes == 0)
        return at::empty({ count }, options);
    const std::byte* first = entry->second.data();
    if (std::bit_cast<std::uintptr_t>(first) % c10::elementSize(type) != 0) {
        at::Tensor copy = at::empty({ count }, options);
        std::memcpy(copy.data_ptr(), first, bytes);
        return copy;
    }
    return at::from_blob(
        const_cast<std::byte*>(first), { count }, [mapping = m_mapping](void*) {}, options);
}

Result<PickleValue*> Archive::readZip()
{
    CLIP_TRY_ASSIGN(m_entries, zipEntries(m_mapping->bytes(), m_path));
    const auto pickle = std::find_if(m_entries.begin(), m_entries.end(), [](const auto& entry) {
        return entry.first == "data.pkl" || entry.first.ends_with("/data.pkl");
    });
    if (pickle == m_entries.end())
        return broken("The archive is not a PyTorch checkpoint: it lacks data.pkl.");
    m_folder = pickle->first.substr(0, pickle->first.size() - std::string_view("data.pkl").size());
    const auto order = m_entries.find(m_folder + "byteorder");
    if (order != m_entries.end() && !order->second.empty() && order->second[0] == std::byte('b'))
        return fail(ErrorKind::Unsupported, "The checkpoint was written on a big-endian machine.",
            { m_path, "entry " + order->first }, "Save it again on an ordinary machine.");
    m_readers.push_back(reader(pickle->second));
    return m_readers.back().next();
}

Result<PickleValue*> Archive::readLegacy()
{
    const auto bytes = m_mapping->bytes();
    // 0x1950a86a20f9469cfc6c as the pickle LONG1 of ten bytes.
    constexpr std::array<unsigned char, 12> magic{ 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20,
        0x6a, 0xa8, 0x50, 0x19 };
    if (bytes.size() < 14 || std::memcmp(bytes.data() + 2, magic.data(), magic.size()) != 0)
        return broken("The file is not a PyTorch checkpoint.", "byte 0");
    m_readers.push_back(reader(bytes));
    PickleReader& stream = m_readers.back();
    CLIP_TRY(stream.next());
    CLIP_TRY_ASSIGN(const PickleValue* const version, stream.next());
    if (version->integer != 1001)
        return fail(ErrorKind::Unsupported, "The version of the checkpoint format is not known.",
            { m_path, {} });
    CLIP_TRY_ASSIGN(const PickleValue* const system, stream.next());
    for (const auto& [key, value] : system->entries)
        if (key->isText("little_endian") && value->integer == 0)
            return fail(ErrorKind::Unsupported,
                "The checkpoint was written on a big-endian machine.", { m_path, {} });
    CLIP_TRY_ASSIGN(PickleValue* const root, stream.next());
    CLIP_TRY_ASSIGN(const PickleValue* const keys, stream.next());
    CLIP_TRY(fillStorages(bytes.subspan(stream.position()), *keys));
    return root;
}

Status Archive::fillStorages(std::span<const std::byte> bytes, const PickleValue& keys)
{
    for (const PickleValue* key : keys.items) {
        const auto found = m_storages.find(key->text);
        if (found == m_storages.end())
            return broken("The file holds data of storage " + key->text + ", which nobody uses.");
        const at::Tensor& storage = found->second;
        std::int64_t count = 0;
        if (bytes.size() < sizeof count)
            return broken("The data of storage " + key->text + " are missing.");
        std::memcpy(&count, bytes.data(), sizeof count);
        bytes = bytes.subspan(sizeof count);
        if (count != storage.numel() || bytes.size() < storage.nbytes())
            return broken("The data of storage " + key->text + " are cut off or of another size.");
        if (count > 0)
            std::memcpy(storage.data_ptr(), bytes.data(), storage.nbytes());
        bytes = bytes.subspan(storage.nbytes());
    }
    if (keys.items.size() != m_storages.size())
        return broken("The data of some tensors are missing.");
    return {};
}

Status Archive::flatten(
    const PickleValue& dictionary, const std::string& prefix, int depth, TensorFile& out) const
{
    if (depth > deepestDictionary)
        return broken("The dictionaries of the file are nested too deep.");
    for (const auto& [key, value] : dictionary.entries) {
        if (key->kind != Kind::Text)
            continue;
        const std::string name = prefix + key->text;
        if (value->kind == Kind::Tensor)
            out.tensors[name] = value->tensor;
        else if (value->kind == Kind::Dictionary)
            CLIP_TRY(flatten(*value, name + ".", depth + 1, out));
    }
    return {};
}

Result<TensorFile> Archive::read()
{
    CLIP_TRY_ASSIGN(
        const PickleValue* state, looksLikeZip(m_mapping->bytes()) ? readZip() : readLegacy());
    for (const std::string_view inner : { "model", "state_dict" })
        for (const auto& [key, value] : state->entries)
            if (key->isText(inner) && value->kind == Kind::Dictionary) {
                TensorFile file;
                CLIP_TRY(flatten(*value, {}, 0, file));
                if (!file.tensors.empty())
                    return file;
            }
    TensorFile file;
    CLIP_TRY(flatten(*state, {}, 0, file));
    if (file.tensors.empty())
        return broken("The checkpoint holds no named tensors.");
    return file;
}

} // namespace

Result<TensorFile> readTorchFile(const std::filesystem::path& path)
{
    return guarded([&]() -> Result<TensorFile> {
        CLIP_TRY_ASSIGN(auto mapping, MappedFile::open(path));
        return Archive(path, std::make_shared<MappedFile>(std::move(mapping))).read();
    });
}

Result<TensorFile> readTensors(const std::filesystem::path& path)
{
    return guarded([&]() -> Result<TensorFile> {
        std::array<char, 16> head{};
        {
            CLIP_TRY_ASSIGN(const auto mapping, MappedFile::open(path));
            const auto bytes = mapping.bytes();
            std::memcpy(head.data(), bytes.data(), std::min(bytes.size(), head.size()));
        }
        // safetensors: eight bytes of length, then the JSON object.
        const std::string_view json = "{";
        return std::string_view(head.data() + 8, 1) == json ? readSafetensors(path)
                                                            : readTorchFile(path);
    });
}

} // namespace clipscope::tensor
