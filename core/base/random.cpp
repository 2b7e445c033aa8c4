#include "base/random.h"

#include "base/require.h"

namespace clipscope {

namespace {

std::uint64_t mix(std::uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

constexpr std::uint64_t goldenGamma = 0x9E3779B97F4A7C15u;

} // namespace

Random::Random(std::initializer_list<std::uint64_t> keys)
    : m_state(0)
{
    for (const std::uint64_t key : keys)
        m_state = mix(m_state + goldenGamma + key);
}

std::uint64_t Random::next()
{
    m_state += goldenGamma;
    return mix(m_state);
}

double Random::uniform()
{
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::int64_t Random::uniformInteger(std::int64_t low, std::int64_t high)
{
    CLIP_REQUIRE(low <= high, std::to_string(low) + " > " + std::to_string(high));
    const std::uint64_t count
        = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    if (count == 0)
        return static_cast<std::int64_t>(next());
    // Values above the largest multiple of `count` are redrawn, so that no value is favoured.
    const std::uint64_t limit = ~std::uint64_t(0) - (~std::uint64_t(0) % count + 1) % count;
    std::uint64_t value = next();
    while (value > limit)
        value = next();
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + value % count);
}

} // namespace clipscope
