#pragma once

#include <cstdint>
#include <initializer_list>

namespace clipscope {

/// Small counter-free generator (SplitMix64) seeded by any number of keys, so that draws depend on
/// (seed, epoch, video) alone and never on the number of threads. The sequence is part of the
/// file-format promise of resumable runs: do not change it.
/// Threads: one thread at a time.
class Random final
{
public:
    explicit Random(std::initializer_list<std::uint64_t> keys);
    std::uint64_t next();
    /// Uniform in [0, 1).
    double uniform();
    /// Uniform integer in the closed range [low, high].
    std::int64_t uniformInteger(std::int64_t low, std::int64_t high);
    bool coin() { return (next() >> 63) != 0; }
    /// The whole state, to be stored and given back.
    std::uint64_t state() const { return m_state; }
    void setState(std::uint64_t state) { m_state = state; }

private:
    std::uint64_t m_state;
};

} // namespace clipscope
