#include "store/event_messages.h"

#include <array>
#include <bit>
#include <cstring>

namespace clipscope::store {

namespace {

static_assert(std::endian::native == std::endian::little, "the records are little-endian");
constexpr int wireVarint = 0, wireEightBytes = 1, wireBytes = 2, wireFourBytes = 5;

constexpr std::array<std::uint32_t, 256> crcTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
        table[byte] = crc;
    }
    return table;
}();

template<typename Number> void append(std::string& bytes, Number value)
{
    const std::size_t at = bytes.size();
    bytes.resize(at + sizeof(value));
    std::memcpy(bytes.data() + at, &value, sizeof(value));
}

template<typename Number> Number numberAt(std::string_view bytes, std::size_t at)
{
    Number value{};
    std::memcpy(&value, bytes.data() + at, sizeof(value));
    return value;
}

std::string summaryEvent(double seconds, std::int64_t step, const Message& value)
{
    Message summary;
    summary.bytes(1, value.text());
    Message event;
    event.real(1, seconds).number(2, step).bytes(5, summary.text());
    return event.text();
}

} // namespace

void Message::varint(std::uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        m_bytes += static_cast<char>(value | 0x80);
    m_bytes += static_cast<char>(value);
}

void Message::key(int field, int wireType)
{
    varint(static_cast<std::uint64_t>(field << 3 | wireType));
}

Message& Message::number(int field, std::int64_t value)
{
    key(field, wireVarint);
    varint(static_cast<std::uint64_t>(value));
    return *this;
}

Message& Message::real(int field, double value)
{
    key(field, wireEightBytes);
    append(m_bytes, value);
    return *this;
}

Message& Message::single(int field, float value)
{
    key(field, wireFourBytes);
    append(m_bytes, value);
    return *this;
}

Message& Message::bytes(int field, std::string_view value)
{
    key(field, wireBytes);
    varint(value.size());
    m_bytes += value;
    return *this;
}

Message& Message::packed(int field, std::span<const double> values)
{
    return bytes(field, { reinterpret_cast<const char*>(values.data()), values.size_bytes() });
}

std::string versionEvent(double seconds)
{
    Message event;
    event.real(1, seconds).bytes(3, "brain.Event:2");
    return event.text();
}

std::string startEvent(double seconds, std::int64_t step)
{
    constexpr std::int64_t statusStart = 1;
    Message session;
    session.number(1, statusStart);
    Message event;
    event.real(1, seconds).number(2, step).bytes(7, session.text());
    return event.text();
}

std::string scalarEvent(double seconds, std::int64_t step, std::string_view tag, double value)
{
    Message summaryValue;
    summaryValue.bytes(1, tag).single(2, static_cast<float>(value));
    return summaryEvent(seconds, step, summaryValue);
}

std::string histogramEvent(
    double seconds, std::int64_t step, std::string_view tag, const EventHistogram& histogram)
{
    Message proto;
    proto.real(1, histogram.low).real(2, histogram.high).real(3, histogram.count);
    proto.real(4, histogram.sum).real(5, histogram.sumOfSquares);
    proto.packed(6, histogram.limits).packed(7, histogram.counts);
    Message summaryValue;
    summaryValue.bytes(1, tag).bytes(5, proto.text());
    return summaryEvent(seconds, step, summaryValue);
}

std::string textEvent(
    double seconds, std::int64_t step, std::string_view tag, std::string_view markdown)
{
    constexpr std::int64_t typeString = 7, classTensor = 2;
    Message dimension, shape, tensor, plugin, metadata, summaryValue;
    dimension.number(1, 1);
    shape.bytes(2, dimension.text());
    tensor.number(1, typeString).bytes(2, shape.text()).bytes(8, markdown);
    plugin.bytes(1, "text");
    metadata.bytes(1, plugin.text()).number(4, classTensor);
    summaryValue.bytes(1, tag).bytes(8, tensor.text()).bytes(9, metadata.text());
    return summaryEvent(seconds, step, summaryValue);
}

std::uint32_t maskedCrc(std::string_view bytes)
{
    std::uint32_t crc = ~0u;
    for (const char byte : bytes)
        crc = (crc >> 8) ^ crcTable[(crc ^ static_cast<unsigned char>(byte)) & 0xff];
    return std::rotr(~crc, 15) + 0xa282ead8u;
}

std::string eventRecord(std::string_view bytes)
{
    std::string record;
    append(record, static_cast<std::uint64_t>(bytes.size()));
    append(record, maskedCrc(record));
    record += bytes;
    append(record, maskedCrc(bytes));
    return record;
}

std::size_t wholeEventRecords(std::string_view file)
{
    constexpr std::size_t head = 12, foot = 4;
    std::size_t at = 0;
    while (file.size() - at >= head + foot) {
        const auto length = numberAt<std::uint64_t>(file, at);
        if (numberAt<std::uint32_t>(file, at + 8) != maskedCrc(file.substr(at, 8))
            || length > file.size() - at - head - foot
            || numberAt<std::uint32_t>(file, at + head + length)
                != maskedCrc(file.substr(at + head, length)))
            break;
        at += head + length + foot;
    }
    return at;
}

} // namespace clipscope::store
