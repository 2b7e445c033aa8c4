#include "tensor/safetensors_header.h"

#include "base/json.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <utility>

namespace clipscope::tensor {

namespace {

constexpr std::array<std::pair<std::string_view, ElementType>, 10> typeNames{ {
    { "F64", ElementType::Float64 },
    { "F32", ElementType::Float32 },
    { "F16", ElementType::Float16 },
    { "BF16", ElementType::BFloat16 },
    { "I64", ElementType::Int64 },
    { "I32", ElementType::Int32 },
    { "I16", ElementType::Int16 },
    { "I8", ElementType::Int8 },
    { "U8", ElementType::UInt8 },
    { "BOOL", ElementType::Bool },
} };
constexpr std::uint64_t longestHeader = 100'000'000;

/// Takes the header apart while it is read. A document in memory would be many times its length,
/// and would keep only the last of two tensors with one name.
class HeaderParser final : public nlohmann::json_sax<Json>
{
public:
    explicit HeaderParser(const std::filesystem::path& path)
        : m_path(path)
    {
    }
    SafetensorsHeader header;
    Status status;

    bool null() override { return scalar(); }
    bool boolean(bool) override { return scalar(); }
    bool number_integer(number_integer_t) override { return scalar(); }
    bool number_float(number_float_t, const string_t&) override { return scalar(); }
    bool binary(binary_t&) override { return scalar(); }
    bool number_unsigned(number_unsigned_t number) override
    {
        if (m_state == State::Shape) {
            if (number > (1ull << 48) || entry().shape.size() >= mostDimensions)
                return broken("The shape is larger than any memory.");
            entry().shape.push_back(static_cast<std::int64_t>(number));
            return true;
        }
        if (m_state == State::Offsets && m_offsets < 2) {
            (m_offsets++ == 0 ? entry().begin : entry().end) = number;
            return true;
        }
        return scalar();
    }
    bool string(string_t& text) override
    {
        if (m_state == State::Metadata) {
            header.metadata[m_key] = std::move(text);
            return true;
        }
        if (m_state != State::Entry || m_key != "dtype")
            return scalar();
        const auto type = std::find_if(typeNames.begin(), typeNames.end(),
            [&](const auto& known) { return known.first == text; });
        if (type == typeNames.end()) {
            status = fail(ErrorKind::Unsupported, "The number type " + text + " is not supported.",
                { m_path, where() });
            return false;
        }
        entry().type = type->second;
        m_hasType = true;
        return true;
    }
    bool key(string_t& text) override
    {
        if (m_state == State::Top && text != metadataKey) {
            if (!m_names.insert(text).second)
                return broken("Two tensors have the same name.", "tensor " + text);
            header.entries.push_back({});
            entry().name = text;
            m_hasType = m_hasShape = false;
            m_offsets = 0;
        }
        m_key = std::move(text);
        return true;
    }
    bool start_object(std::size_t) override
    {
        switch (m_state) {
        case State::Begin:
            m_state = State::Top;
            return true;
        case State::Top:
            m_state = m_key == metadataKey ? State::Metadata : State::Entry;
            return true;
        default:
            return nested();
        }
    }
    bool end_object() override
    {
        if (m_state == State::Entry && !(m_hasType && m_hasShape && m_offsets == 2))
            return broken("The entry lacks dtype, shape or data_offsets.");
        m_state = m_state == State::Top ? State::End : State::Top;
        return true;
    }
    bool start_array(std::size_t) override
    {
        if (m_state != State::Entry || (m_key != "shape" && m_key != "data_offsets"))
            return nested();
        m_state = m_key == "shape" ? State::Shape : State::Offsets;
        if (m_state == State::Shape ? std::exchange(m_hasShape, true) : m_offsets > 0)
            return broken("The entry tells its shape or data_offsets twice.");
        return true;
    }
    bool end_array() override
    {
        m_state = State::Entry;
        return true;
    }
    bool parse_error(std::size_t position, const std::string&,
        const nlohmann::detail::exception& problem) override
    {
        const std::string text = problem.what();
        const std::size_t detail = text.find(": ");
        return broken("The header is not JSON: "
                + (detail == std::string::npos ? text : text.substr(detail + 2)) + ".",
            "byte " + std::to_string(sizeof(std::uint64_t) + position));
    }

private:
    enum class State { Begin, Top, Metadata, Entry, Shape, Offsets, End };
    static constexpr std::string_view metadataKey = "__metadata__";

    SafetensorsEntry& entry() { return header.entries.back(); }
    std::string where() const
    {
        return m_state == State::Begin || header.entries.empty()
            ? "byte 8"
            : "tensor " + header.entries.back().name;
    }
    bool broken(std::string message) { return broken(std::move(message), where()); }
    bool broken(std::string message, std::string place)
    {
        status = fail(ErrorKind::BadInput, std::move(message), { m_path, std::move(place) },
            "The file is damaged or not a safetensors file; fetch it again.");
        return false;
    }
    /// A value where another kind of value must stand. In the metadata it does no harm.
    bool scalar()
    {
        switch (m_state) {
        case State::Begin:
            return broken("The header is not a JSON object.");
        case State::Metadata:
            return true;
        case State::Shape:
            return broken("The shape holds something that is not a size.");
        case State::Offsets:
            return broken("The data offsets are not two numbers.");
        default:
            return broken("The entry holds something unknown at \"" + m_key + "\".");
        }
    }

    bool nested()
    {
        return m_state == State::Metadata ? broken("The metadata holds more than texts.")
                                          : scalar();
    }

    const std::filesystem::path& m_path;
    State m_state = State::Begin;
    std::string m_key;
    std::set<std::string, std::less<>> m_names;
    bool m_hasType = false, m_hasShape = false;
    int m_offsets = 0;
};

tl::unexpected<Error> broken(
    const std::filesystem::path& path, std::string message, std::string where)
{
    return fail(ErrorKind::BadInput, std::move(message), { path, std::move(where) },
        "The file is damaged or not a safetensors file; fetch it again.");
}

/// Data must be covered exactly once, as the format demands: an overlap or a hole could hide
/// content from a checker.
Status checkCoverage(SafetensorsHeader& header, const std::filesystem::path& path)
{
    std::sort(header.entries.begin(), header.entries.end(),
        [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
            return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
        });
    std::uint64_t position = 0;
    for (const SafetensorsEntry& entry : header.entries) {
        const std::string where = "tensor " + entry.name;
        const auto bytes = denseBytes(entry.shape, entry.type);
        if (!bytes)
            return broken(path, "The shape is larger than any memory.", where);
        if (entry.end < entry.begin || entry.end - entry.begin != *bytes)
            return broken(path, "The data offsets do not fit shape and number type.", where);
        if (entry.begin != position)
            return broken(path,
                entry.begin < position ? "The data of two tensors overlap."
                                       : "There is a hole before the data of a tensor.",
                where);
        position = entry.end;
    }
    const std::uint64_t size = header.data.size();
    if (position > size)
        return broken(
            path, "The file is shorter than its tensors.", "byte " + std::to_string(size));
    if (position < size)
        return broken(
            path, "There is data behind the last tensor.", "byte " + std::to_string(position));
    return {};
}

} // namespace

std::string_view safetensorsName(ElementType type)
{
    return std::find_if(typeNames.begin(), typeNames.end(), [&](const auto& known) {
        return known.second == type;
    })->first;
}

Result<SafetensorsHeader> parseSafetensors(
    std::span<const std::byte> bytes, const std::filesystem::path& path)
{
    std::uint64_t size = 0;
    if (bytes.size() < sizeof size)
        return broken(path, "The file is too short to be a safetensors file.", "byte 0");
    std::memcpy(&size, bytes.data(), sizeof size);
    if (size > longestHeader || size > bytes.size() - sizeof size)
        return broken(path, "The header is longer than the file.", "byte 0");
    const std::string_view text(
        reinterpret_cast<const char*>(bytes.data()) + sizeof size, static_cast<std::size_t>(size));
    HeaderParser parser(path);
    const bool parsed = Json::sax_parse(text, &parser);
    CLIP_TRY(parser.status);
    if (!parsed)
        return broken(path, "The header is not JSON.", "byte 8");
    parser.header.data = bytes.subspan(sizeof size + static_cast<std::size_t>(size));
    CLIP_TRY(checkCoverage(parser.header, path));
    return std::move(parser.header);
}

} // namespace clipscope::tensor
