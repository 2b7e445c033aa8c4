#include "base/half.h"

#include "base/require.h"

#include <bit>
#include <string>

namespace clipscope {

std::uint16_t halfFromFloat(float value)
{
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = (bits >> 16) & 0x8000u;
    const std::uint32_t magnitude = bits & 0x7FFFFFFFu;
    if (magnitude >= 0x7F800000u) // infinity or NaN
        return static_cast<std::uint16_t>(
            sign | 0x7C00u | (magnitude > 0x7F800000u ? 0x0200u : 0u));
    if (magnitude >= 0x477FF000u) // rounds beyond the largest half
        return static_cast<std::uint16_t>(sign | 0x7C00u);
    if (magnitude < 0x38800000u) { // subnormal half: let the float adder round at the right place
        const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
        return static_cast<std::uint16_t>(
            sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3F000000u));
    }
    const std::uint32_t odd = (magnitude >> 13) & 1u;
    return static_cast<std::uint16_t>(sign | ((magnitude - 0x38000000u + 0x0FFFu + odd) >> 13));
}

float floatFromHalf(std::uint16_t bits)
{
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
    const std::uint32_t magnitude = bits & 0x7FFFu;
    if (magnitude >= 0x7C00u)
        return std::bit_cast<float>(sign | 0x7F800000u | ((magnitude & 0x3FFu) << 13));
    // The product is exact and also gives subnormal halves their value.
    const float scaled = std::bit_cast<float>(magnitude << 13) * 0x1.0p112f;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(scaled));
}

void halvesFromFloats(std::span<const float> from, std::span<std::uint16_t> to)
{
    CLIP_REQUIRE(from.size() == to.size(), std::to_string(from.size()));
    for (std::size_t i = 0; i < from.size(); ++i)
        to[i] = halfFromFloat(from[i]);
}

void floatsFromHalves(std::span<const std::uint16_t> from, std::span<float> to)
{
    CLIP_REQUIRE(from.size() == to.size(), std::to_string(from.size()));
    for (std::size_t i = 0; i < from.size(); ++i)
        to[i] = floatFromHalf(from[i]);
}

} // namespace clipscope
