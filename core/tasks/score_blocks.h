#pragma once

#include <cstddef>
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

/// One label's vector and the column of a table that gets its scores.
struct ScoreColumn
{
    std::span<const float> query; ///< [D]
    std::size_t column = 0;
};

/// Inner products of several queries with the states of one video, a few rows at a time, so that
/// the states are read from memory once. Each is the same number that scoreBlocks() gives.
/// Shapes:  states [T, D] binary16 bits; scores [T, columns] row-major, other columns untouched.
/// Threads: as scoreBlocks().
void scoreColumns(std::span<const std::uint16_t> states, std::span<const ScoreColumn> queries,
    std::size_t columns, std::span<float> scores);

} // namespace clipscope::tasks
