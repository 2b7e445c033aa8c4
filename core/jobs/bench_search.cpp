#include "jobs/bench_parts.h"

#include "base/half.h"
#include "base/random.h"
#include "retrieval/vector_index.h"
#include "tasks/moments.h"
#include "tasks/score_blocks.h"
#include "tensor/device.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <numeric>

namespace clipscope::jobs {

namespace {

constexpr std::int64_t secondsPerVideo = 360;

/// The same rows in the three forms, and a query.
struct GeneratedStates
{
    std::vector<std::uint16_t> halves;
    std::vector<float> query;
    std::vector<float> scores;
    std::vector<tasks::ScoreBlock> blocks;
};

GeneratedStates generate(std::int64_t seconds, std::int64_t width)
{
    GeneratedStates states;
    const auto D = static_cast<std::size_t>(width), N = static_cast<std::size_t>(seconds);
    Random random({ 17 });
    // A pool of values is enough: what is measured does not look at them.
    std::vector<std::uint16_t> pool(1 << 16);
    for (auto& half : pool)
        half = halfFromFloat(static_cast<float>(random.uniform() - 0.5));
    states.halves.resize(N * D);
    for (std::size_t i = 0; i < states.halves.size(); ++i)
        states.halves[i] = pool[(i * 2654435761U >> 7) & 0xffff];
    states.query.resize(D);
    for (auto& value : states.query)
        value = static_cast<float>(random.uniform() - 0.5);
    states.scores.resize(N);
    for (std::size_t first = 0; first < N; first += secondsPerVideo) {
        const std::size_t count = std::min<std::size_t>(secondsPerVideo, N - first);
        states.blocks.push_back({ std::span(states.halves).subspan(first * D, count * D),
            std::span(states.scores).subspan(first, count) });
    }
    return states;
}

/// Moments of all videos in order, as a search session finds them.
std::vector<tasks::Moment> bestMoments(const std::vector<tasks::ScoreBlock>& blocks)
{
    std::vector<std::vector<tasks::Moment>> perVideo(blocks.size());
    at::parallel_for(
        0, static_cast<std::int64_t>(blocks.size()), 16, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t v = begin; v < end; ++v)
                perVideo[static_cast<std::size_t>(v)]
                    = tasks::momentsOf(v, blocks[static_cast<std::size_t>(v)].scores, {});
        });
    std::vector<tasks::Moment> all;
    for (const auto& moments : perVideo)
        all.insert(all.end(), moments.begin(), moments.end());
    tasks::orderMoments(all, 20);
    return all;
}

/// FAISS's exact index over the rows.
Result<retrieval::VectorIndex> flatIndex(const at::Tensor& rows)
{
    CLIP_TRY_ASSIGN(auto index, retrieval::VectorIndex::create(static_cast<int>(rows.size(1))));
    constexpr std::int64_t atOnce = 10'000;
    for (std::int64_t first = 0; first < rows.size(0); first += atOnce) {
        const auto part
            = rows.slice(0, first, std::min(first + atOnce, rows.size(0))).to(at::kFloat);
        std::vector<std::int64_t> ids(static_cast<std::size_t>(part.size(0)));
        std::iota(ids.begin(), ids.end(), first);
        CLIP_TRY(index.add(
            ids, { part.const_data_ptr<float>(), static_cast<std::size_t>(part.numel()) }));
    }
    return index;
}

} // namespace

Result<std::vector<Measurement>> benchSearch(const BenchSettings& settings, JobContext context)
{
    const tensor::InferenceScope inference;
    GeneratedStates states = generate(settings.querySeconds, settings.queryWidth);
    const auto rows = at::from_blob(states.halves.data(),
        { settings.querySeconds, settings.queryWidth }, at::TensorOptions(at::kHalf));
    const auto query = at::from_blob(states.query.data(), { settings.queryWidth }, at::kFloat);
    const auto rowsBFloat16 = rows.to(at::kBFloat16), queryBFloat16 = query.to(at::kBFloat16);
    CLIP_TRY_ASSIGN(const auto index, flatIndex(rows));
    std::vector<Contestant> all{
        { "query, with moments", "ms", 0.0, sure([&] {
             tasks::scoreBlocks(states.blocks, states.query);
             (void)bestMoments(states.blocks);
         }) },
        { "query, binary16 in place", "ms", 0.0,
            sure([&] { tasks::scoreBlocks(states.blocks, states.query); }) },
        { "query, LibTorch bfloat16", "ms", 0.0,
            sure([&] { (void)at::mv(rowsBFloat16, queryBFloat16); }) },
        { "query, FAISS float32", "ms", 0.0,
            [&]() -> Status {
                CLIP_TRY(index.search(states.query, 20));
                return {};
            } },
    };
    CLIP_TRY(race(all, "search", settings.rounds, context));
    std::vector<Measurement> lines;
    for (const Contestant& one : all)
        lines.push_back({ one.name, 1000.0 * one.best, one.unit, 0.0, {}, {} });
    for (std::size_t i = 0; i + 1 < lines.size(); ++i)
        compare(lines, lines[i].name, lines.back().name);
    const double bytes = 2.0 * static_cast<double>(settings.querySeconds)
        * static_cast<double>(settings.queryWidth);
    lines.push_back(
        { "query, binary16 in place, memory", 1e-9 * bytes / all[1].best, "GB/s", 0.0, {}, {} });
    return lines;
}

} // namespace clipscope::jobs
