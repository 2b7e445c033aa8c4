#pragma once

#include <cstdint>
#include <span>

namespace clipscope {

/// IEEE binary16 stored in 16 bits; round to nearest even.
std::uint16_t halfFromFloat(float value);
float floatFromHalf(std::uint16_t bits);
/// Both spans have the same length.
void halvesFromFloats(std::span<const float> from, std::span<std::uint16_t> to);
void floatsFromHalves(std::span<const std::uint16_t> from, std::span<float> to);

} // namespace clipscope
