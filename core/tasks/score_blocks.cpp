#include "tasks/score_blocks.h"

#include "retrieval/half_scores.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <vector>

namespace clipscope::tasks {

namespace {

/// Rows scored by one thread at a time: small enough to share the work, large enough to pay.
constexpr std::size_t rowsPerPiece = 4096;
/// Rows that stay in the second cache while all queries pass over them: 96 KiB at 768 numbers.
constexpr std::size_t rowsPerTile = 64;

} // namespace

void scoreBlocks(std::span<const ScoreBlock> blocks, std::span<const float> query)
{
    std::vector<ScoreBlock> pieces;
    for (const ScoreBlock& block : blocks)
        for (std::size_t first = 0; first < block.scores.size(); first += rowsPerPiece) {
            const std::size_t count = std::min(rowsPerPiece, block.scores.size() - first);
            pieces.push_back({ block.states.subspan(first * query.size(), count * query.size()),
                block.scores.subspan(first, count) });
        }
    at::parallel_for(
        0, static_cast<std::int64_t>(pieces.size()), 1, [&](std::int64_t begin, std::int64_t end) {
            for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
                retrieval::scoreHalves(pieces[i].states, query, pieces[i].scores);
        });
}

void scoreColumns(std::span<const std::uint16_t> states, std::span<const ScoreColumn> queries,
    std::size_t columns, std::span<float> scores)
{
    if (queries.empty())
        return;
    const std::size_t D = queries.front().query.size(), T = scores.size() / columns;
    const auto tiles = static_cast<std::int64_t>((T + rowsPerTile - 1) / rowsPerTile);
    at::parallel_for(0, tiles, 8, [&](std::int64_t begin, std::int64_t end) {
        std::array<float, rowsPerTile> column{};
        for (auto tile = static_cast<std::size_t>(begin); tile < static_cast<std::size_t>(end);
             ++tile) {
            const std::size_t first = tile * rowsPerTile, count = std::min(rowsPerTile, T - first);
            for (const ScoreColumn& query : queries) {
                retrieval::scoreHalves(states.subspan(first * D, count * D), query.query,
                    std::span(column).first(count));
                for (std::size_t i = 0; i < count; ++i)
                    scores[(first + i) * columns + query.column] = column[i];
            }
        }
    });
}

} // namespace clipscope::tasks
