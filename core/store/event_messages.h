#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace clipscope::store {

// The few messages of TensorBoard's event files, encoded by hand (docs/adr/0010). Private to the
// module.
// Source: tensorflow/core/util/event.proto, framework/summary.proto, framework/tensor.proto and
//         lib/io/record_writer.cc.

/// A protocol buffer being written; fields in the order of the calls.
class Message final
{
public:
    Message& number(int field, std::int64_t value);
    Message& real(int field, double value);
    Message& single(int field, float value);
    /// Also for messages within messages.
    Message& bytes(int field, std::string_view value);
    Message& packed(int field, std::span<const double> values);
    const std::string& text() const { return m_bytes; }

private:
    void varint(std::uint64_t value);
    void key(int field, int wireType);
    std::string m_bytes;
};

/// A histogram as TensorBoard keeps it: bucket i ends at limits[i].
struct EventHistogram
{
    double low = 0.0, high = 0.0, count = 0.0, sum = 0.0, sumOfSquares = 0.0;
    std::span<const double> limits, counts; ///< of one length
};

// Event messages. `seconds` are those since 1970.
std::string versionEvent(double seconds);
/// A session begins: what earlier files hold of `step` and later ones does not count any more.
std::string startEvent(double seconds, std::int64_t step);
std::string scalarEvent(double seconds, std::int64_t step, std::string_view tag, double value);
std::string histogramEvent(
    double seconds, std::int64_t step, std::string_view tag, const EventHistogram& histogram);
std::string textEvent(
    double seconds, std::int64_t step, std::string_view tag, std::string_view markdown);

/// CRC-32C (Castagnoli), masked as records have it.
std::uint32_t maskedCrc(std::string_view bytes);
/// A TFRecord: length, its checksum, the bytes, their checksum; little-endian.
std::string eventRecord(std::string_view bytes);
/// Bytes at the begin of `file` that are whole records with right checksums.
std::size_t wholeEventRecords(std::string_view file);

} // namespace clipscope::store
