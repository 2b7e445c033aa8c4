#include "tasks/score_blocks.h"

#include "retrieval/half_scores.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

namespace clipscope::tasks {

namespace {

/// Rows scored by one thread at a time: small enough to share the work, large enough to pay.
constexpr std::size_t rowsPerPiece = 4096;

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

} // namespace clipscope::tasks
