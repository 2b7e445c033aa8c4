#pragma once

#include "base/result.h"
#include "tensor/element_type.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::tensor {

constexpr std::string_view npyMagic("\x93NUMPY", 6);

/// numpy's code of a number type; "" for bfloat16, which it lacks.
std::string_view npyCode(ElementType type);

/// What stands in front of the data of a .npy file.
struct NpyHeader
{
    enum class Content {
        Numbers, ///< of `type`
        Utf32, ///< texts of `textWidth` bytes, four a character, filled up with zeros
        Bytes, ///< texts of `textWidth` bytes, filled up with zeros
    };
    Content content = Content::Numbers;
    ElementType type = ElementType::Float32;
    std::size_t textWidth = 0;
    std::vector<std::int64_t> shape;
    bool fortranOrder = false;
    std::span<const std::byte> data; ///< as many bytes as shape and type ask for
};

/// Reads the header of a whole .npy file (versions 1 to 3) without evaluating anything.
/// Errors: BadInput with byte (not npy, broken header, too short); Unsupported (newer version,
/// big-endian, object or record arrays).
/// Threads: any thread at once.
Result<NpyHeader> parseNpy(std::span<const std::byte> bytes, const std::filesystem::path& path);

/// The texts of a header with Content::Utf32 or Content::Bytes, as UTF-8, in order.
/// Errors: BadInput with byte when a text is no Unicode or not one-dimensional.
Result<std::vector<std::string>> npyTexts(
    const NpyHeader& header, const std::filesystem::path& path);

} // namespace clipscope::tensor
