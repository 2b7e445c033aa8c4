#pragma once

#include <cstdint>
#include <span>

namespace clipscope::tasks {

/// Consecutive second states of one video and where their scores go.
struct ScoreBlock
{
    std::span<const std::uint16_t> states; ///< [N, D] binary16 bits
    std::span<float> scores; ///< [N]
};

/// Inner products of the query with all blocks, shared among LibTorch's threads.
/// Shapes:  query [D] float32.
/// Threads: one call at a time (it uses all of LibTorch's threads); blocks on nothing else.
void scoreBlocks(std::span<const ScoreBlock> blocks, std::span<const float> query);

} // namespace clipscope::tasks
