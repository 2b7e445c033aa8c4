#pragma once

#include <cstdint>
#include <span>

namespace clipscope::retrieval {

/// Inner products of a float query with binary16 rows, read in place: nothing is converted or
/// copied, so mapped shards stay mapped and the speed is that of the memory.
/// Shapes:  rows [N, D] binary16 bits, row-major; query [D]; scores [N], all sizes must fit.
///          A row's score depends on the row and the query alone, not on its neighbours: rows may
///          be shared among threads in any way.
/// Threads: any thread at once; uses the calling thread only.
/// Cost:    AVX-512 or AVX2 with F16C where the processor has them, plain C++ elsewhere (slow).
void scoreHalves(
    std::span<const std::uint16_t> rows, std::span<const float> query, std::span<float> scores);

} // namespace clipscope::retrieval
