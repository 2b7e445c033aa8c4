#include "tensor/torch_archive.h"

#include "tensor/pickle.h"
#include "tensor/zip_entries.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace clipscope::tensor {

namespace {

using Kind = PickleValue::Kind;
using Values = std::vector<PickleValue*>;

constexpr int deepestDictionary = 16;
constexpr std::size_t mostNames = 200'000, longestName = 1000, longestKey = 100;
/// Expanded views repeat few numbers many times; without a bound a tiny file could ask for
/// terabytes as soon as somebody copies its tensors.
constexpr std::uint64_t mostRepeats = 16, alwaysAllowedBytes = 64ull << 20;

constexpr std::array<std::pair<std::string_view, ElementType>, 11> storageTypes{ {
    { "DoubleStorage", ElementType::Float64 },
    { "FloatStorage", ElementType::Float32 },
    { "HalfStorage", ElementType::Float16 },
    { "BFloat16Storage", ElementType::BFloat16 },
    { "LongStorage", ElementType::Int64 },
    { "IntStorage", ElementType::Int32 },
    { "ShortStorage", ElementType::Int16 },
    { "CharStorage", ElementType::Int8 },
    { "ByteStorage", ElementType::UInt8 },
    { "BoolStorage", ElementType::Bool },
    { "UntypedStorage", ElementType::UInt8 },
} };

/// 0x1950a86a20f9469cfc6c as the pickle LONG1 of ten bytes, behind the two of the protocol.
constexpr std::array<unsigned char, 12> streamMagic{ 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20,
    0x6a, 0xa8, 0x50, 0x19 };

/// Everything about one file while it is read.
class Parser final
{
public:
    Parser(std::span<const std::byte> bytes, const std::filesystem::path& path)
        : m_bytes(bytes)
        , m_path(path)
    {
    }
    Result<TorchArchive> parse();

private:
    /// A storage, or the part of one that an old file gives a name of its own.
    struct Part
    {
        std::size_t storage = 0;
        std::int64_t offset = 0, count = 0;
    };

    tl::unexpected<Error> broken(std::string message, std::string where = {}) const
    {
        return fail(ErrorKind::BadInput, std::move(message), { m_path, std::move(where) },
            "The file is damaged or not a PyTorch checkpoint; fetch it again.");
    }
    PickleReader reader(std::span<const std::byte> bytes);
    Result<PickleValue*> construct(const std::string& global, const Values& arguments);
    Result<PickleValue*> resolve(const PickleValue& id);
    Result<std::size_t> storageNamed(const std::string& key, ElementType type, std::int64_t count);
    Result<TorchArchive::View> view(const Values& arguments);
    Result<std::vector<std::int64_t>> integers(const PickleValue& value) const;
    Result<PickleValue*> readZip();
    Result<PickleValue*> readStream();
    Status fillStorages(std::span<const std::byte> bytes, const PickleValue& keys);
    Status flatten(const PickleValue& dictionary, const std::string& prefix, int depth);

    std::span<const std::byte> m_bytes;
    const std::filesystem::path& m_path;
    std::map<std::string, std::span<const std::byte>, std::less<>> m_entries; ///< of a zip archive
    std::string m_folder; ///< of the zip archive, with slash
    std::map<std::string, std::size_t, std::less<>> m_storageOf; ///< by key
    std::vector<Part> m_parts; ///< by the number in a pickle's value
    std::vector<TorchArchive::View> m_views; ///< likewise
    std::uint64_t m_storageBytes = 0, m_viewBytes = 0;
    std::size_t m_names = 0;
    std::vector<PickleReader> m_reader; ///< one: it owns the values
    TorchArchive m_archive;
};

PickleReader Parser::reader(std::span<const std::byte> bytes)
{
    return PickleReader(
        bytes, { m_path, {} },
        [this](const std::string& global, const Values& arguments) {
            return construct(global, arguments);
        },
        [this](const PickleValue& id) { return resolve(id); });
}

Result<std::vector<std::int64_t>> Parser::integers(const PickleValue& value) const
{
    if (value.items.size() > mostDimensions)
        return broken("A tensor has more dimensions than any tensor of a checkpoint.");
    std::vector<std::int64_t> numbers;
    for (const PickleValue* item : value.items) {
        if (item->kind != Kind::Integer || item->integer < 0)
            return broken("A tensor has a size that is not a number.");
        numbers.push_back(item->integer);
    }
    return numbers;
}

/// Arguments: storage, offset, sizes, strides, ...
Result<TorchArchive::View> Parser::view(const Values& arguments)
{
    if (arguments.size() < 4 || arguments[0]->kind != Kind::Storage
        || arguments[1]->kind != Kind::Integer || arguments[1]->integer < 0)
        return broken("A tensor is described in an unknown way.");
    const Part& part = m_parts[static_cast<std::size_t>(arguments[0]->integer)];
    TorchArchive::View view;
    view.storage = part.storage;
    CLIP_TRY_ASSIGN(view.sizes, integers(*arguments[2]));
    CLIP_TRY_ASSIGN(view.strides, integers(*arguments[3]));
    if (view.sizes.size() != view.strides.size())
        return broken("A tensor has another number of sizes than of strides.");
    const auto bytes = denseBytes(view.sizes, m_archive.storages[part.storage].type);
    std::int64_t last = arguments[1]->integer;
    bool fits = bytes.has_value();
    for (std::size_t i = 0; fits && i < view.sizes.size(); ++i) {
        std::int64_t reach = 0;
        fits = !__builtin_mul_overflow(
                   std::max<std::int64_t>(view.sizes[i] - 1, 0), view.strides[i], &reach)
            && !__builtin_add_overflow(last, reach, &last);
    }
    if (!fits)
        return broken("A tensor is larger than any memory.");
    if (*bytes > 0 && last >= part.count)
        return broken("A tensor reaches beyond its storage.");
    m_viewBytes += *bytes; // each is below 2^63 and the sum is looked at after each
    if (m_viewBytes > mostRepeats * m_bytes.size() + alwaysAllowedBytes)
        return broken("The tensors are many times larger than the file.");
    if (*bytes > 0)
        view.offset = part.offset + arguments[1]->integer;
    return view;
}

Result<PickleValue*> Parser::construct(const std::string& global, const Values& arguments)
{
    PickleReader& owner = m_reader.front();
    if (global == "collections.OrderedDict" || global == "builtins.dict") {
        PickleValue* dictionary = owner.make(Kind::Dictionary);
        if (!arguments.empty()) {
            CLIP_TRY(owner.spend(arguments[0]->items.size()));
            for (const PickleValue* pair : arguments[0]->items)
                if (pair->items.size() == 2)
                    dictionary->entries.emplace_back(pair->items[0], pair->items[1]);
        }
        return dictionary;
    }
    if (global == "torch._utils._rebuild_tensor" || global == "torch._utils._rebuild_tensor_v2") {
        CLIP_TRY_ASSIGN(auto made, view(arguments));
        PickleValue* value = owner.make(Kind::Tensor);
        value->integer = static_cast<std::int64_t>(m_views.size());
        m_views.push_back(std::move(made));
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
    return nullptr;
}

/// ("storage", type, key, location, element count[, view]).
Result<PickleValue*> Parser::resolve(const PickleValue& id)
{
    const Values& parts = id.items;
    if (parts.size() < 5 || !parts[0]->isText("storage") || parts[1]->kind != Kind::Global
        || parts[2]->text.size() > longestKey || parts[4]->kind != Kind::Integer
        || parts[4]->integer < 0)
        return broken("The file refers to something else than a tensor's storage.");
    const std::string_view global = parts[1]->text;
    const auto type
        = std::find_if(storageTypes.begin(), storageTypes.end(), [&](const auto& known) {
              return global.starts_with("torch.") && global.ends_with(known.first)
                  && global[global.size() - known.first.size() - 1] == '.';
          });
    if (type == storageTypes.end())
        return fail(ErrorKind::Unsupported,
            "Tensors of the kind " + std::string(global) + " are not supported.", { m_path, {} });
    const std::string key
        = parts[2]->kind == Kind::Integer ? std::to_string(parts[2]->integer) : parts[2]->text;
    CLIP_TRY_ASSIGN(const std::size_t storage, storageNamed(key, type->second, parts[4]->integer));
    Part part{ storage, 0, m_archive.storages[storage].count };
    if (parts.size() > 5 && parts[5]->kind == Kind::Sequence && parts[5]->items.size() == 3) {
        part.offset = parts[5]->items[1]->integer;
        const std::int64_t size = parts[5]->items[2]->integer;
        if (part.offset < 0 || size < 0 || part.offset > part.count
            || size > part.count - part.offset)
            return broken("A part of storage " + key + " reaches beyond it.");
        part.count = size;
    }
    PickleValue* value = m_reader.front().make(Kind::Storage);
    value->integer = static_cast<std::int64_t>(m_parts.size());
    m_parts.push_back(part);
    return value;
}

/// Of a zip archive: an entry. Of a stream: bytes that fillStorages() finds, since the data come
/// after the pickle.
Result<std::size_t> Parser::storageNamed(
    const std::string& key, ElementType type, std::int64_t count)
{
    if (const auto known = m_storageOf.find(key); known != m_storageOf.end()) {
        if (m_archive.storages[known->second].type != type)
            return broken("Storage " + key + " is used with two number types.");
        return known->second;
    }
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(static_cast<std::uint64_t>(count), byteSize(type), &bytes)
        || __builtin_add_overflow(m_storageBytes, bytes, &m_storageBytes)
        || m_storageBytes > m_bytes.size())
        return broken("Storage " + key + " is larger than the file.");
    TorchArchive::Storage storage{ type, count, {} };
    if (m_archive.format == TorchArchive::Format::Zip) {
        const auto entry = m_entries.find(m_folder + "data/" + key);
        if (entry == m_entries.end())
            return broken("Storage " + key + " is missing from the archive.");
        if (entry->second.size() < bytes)
            return broken(
                "Storage " + key + " is shorter than its tensors.", "entry " + entry->first);
        storage.bytes = entry->second.first(bytes);
    }
    m_archive.storages.push_back(storage);
    return m_storageOf.emplace(key, m_archive.storages.size() - 1).first->second;
}

Result<PickleValue*> Parser::readZip()
{
    CLIP_TRY_ASSIGN(m_entries, zipEntries(m_bytes, m_path));
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
    m_reader.push_back(reader(pickle->second));
    return m_reader.front().next();
}

Result<PickleValue*> Parser::readStream()
{
    m_archive.format = TorchArchive::Format::Stream;
    if (!looksLikeTorchStream(m_bytes))
        return broken("The file is not a PyTorch checkpoint.", "byte 0");
    m_reader.push_back(reader(m_bytes));
    PickleReader& stream = m_reader.front();
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
    CLIP_TRY(fillStorages(m_bytes.subspan(stream.position()), *keys));
    return root;
}

Status Parser::fillStorages(std::span<const std::byte> bytes, const PickleValue& keys)
{
    std::size_t filled = 0;
    for (const PickleValue* key : keys.items) {
        const auto found = m_storageOf.find(key->text);
        if (found == m_storageOf.end() || key->kind != Kind::Text)
            return broken("The file holds data of a storage that nobody uses.");
        TorchArchive::Storage& storage = m_archive.storages[found->second];
        if (storage.bytes.data() != nullptr)
            return broken("The file holds data of storage " + key->text + " twice.");
        const std::size_t size = static_cast<std::size_t>(storage.count) * byteSize(storage.type);
        std::int64_t count = 0;
        if (bytes.size() < sizeof count)
            return broken("The data of storage " + key->text + " are missing.");
        std::memcpy(&count, bytes.data(), sizeof count);
        bytes = bytes.subspan(sizeof count);
        if (count != storage.count || bytes.size() < size)
            return broken("The data of storage " + key->text + " are cut off or of another size.");
        storage.bytes = bytes.first(size);
        bytes = bytes.subspan(size);
        ++filled;
    }
    if (filled != m_archive.storages.size())
        return broken("The data of some tensors are missing.");
    return {};
}

Status Parser::flatten(const PickleValue& dictionary, const std::string& prefix, int depth)
{
    if (depth > deepestDictionary)
        return broken("The dictionaries of the file are nested too deep.");
    for (const auto& [key, value] : dictionary.entries) {
        if (++m_names > mostNames)
            return broken("The dictionaries of the file hold more names than any checkpoint.");
        if (key->kind != Kind::Text)
            continue;
        if (value->kind != Kind::Tensor && value->kind != Kind::Dictionary
            && value->kind != Kind::Opaque)
            continue;
        if (prefix.size() + key->text.size() > longestName)
            return broken("A tensor's name is longer than any name.");
        const std::string name = prefix + key->text;
        if (value->kind == Kind::Tensor)
            m_archive.tensors[name] = m_views[static_cast<std::size_t>(value->integer)];
        else if (value->kind == Kind::Dictionary)
            CLIP_TRY(flatten(*value, name + ".", depth + 1));
        else if (value->text.starts_with("torch._utils._rebuild_"))
            return fail(ErrorKind::Unsupported,
                "The file holds a tensor of a kind that is not supported (" + value->text + ").",
                { m_path, "tensor " + name }, "Save plain dense tensors.");
    }
    return {};
}

Result<TorchArchive> Parser::parse()
{
    CLIP_TRY_ASSIGN(const PickleValue* state, looksLikeZip(m_bytes) ? readZip() : readStream());
    for (const std::string_view inner : { "model", "state_dict" })
        for (const auto& [key, value] : state->entries)
            if (m_archive.tensors.empty() && key->isText(inner) && value->kind == Kind::Dictionary)
                CLIP_TRY(flatten(*value, {}, 0));
    if (m_archive.tensors.empty())
        CLIP_TRY(flatten(*state, {}, 0));
    if (m_archive.tensors.empty())
        return broken("The checkpoint holds no named tensors.");
    return std::move(m_archive);
}

} // namespace

bool looksLikeTorchStream(std::span<const std::byte> bytes)
{
    constexpr std::size_t protocolSize = 2;
    return bytes.size() >= protocolSize + streamMagic.size()
        && std::memcmp(bytes.data() + protocolSize, streamMagic.data(), streamMagic.size()) == 0;
}

Result<TorchArchive> parseTorchFile(
    std::span<const std::byte> bytes, const std::filesystem::path& path)
{
    return Parser(bytes, path).parse();
}

} // namespace clipscope::tensor
