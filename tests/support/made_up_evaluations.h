#pragma once

#include "benchmarks/evaluation.h"

#include <algorithm>
#include <string>

namespace clipscope::test {

/// An evaluation of `items` items whose ranks, or shares of what is right, go up item by item; the
/// first one's video is number 1 of the project, those of the others are not in it.
inline benchmarks::Evaluation madeUpEvaluation(
    benchmarks::Benchmark benchmark, const std::string& checkpoint, int items, double value)
{
    using benchmarks::Question;
    const benchmarks::BenchmarkFacts& facts = benchmarks::factsOf(benchmark);
    const bool ranked
        = facts.question == Question::WhichClip || facts.question == Question::WhichPart;
    benchmarks::Evaluation made;
    made.benchmark = benchmark;
    made.checkpoint = checkpoint;
    made.checkpointTitle = "Checkpoint " + checkpoint;
    made.annotations = { "/annotations/list.json", "0123" };
    made.madeAt = 4'000'000'000; // later than any file
    made.itemsInBenchmark = items;
    const std::string name
        = facts.published.empty() ? "accuracy" : std::string(facts.published[0].name);
    made.figures.push_back({ name, value, { value - 0.02, value + 0.03 }, 0.05 });
    if (ranked)
        made.figures.push_back({ "median rank", 2.5, { 2.0, 4.0 }, std::nullopt });
    for (int i = 0; i < items; ++i) {
        benchmarks::ItemResult item;
        item.truth = { "film-" + std::to_string(i + 1), i == 0 ? 1 : 0, 5 * i, 5 * i + 10,
            "sentence " + std::to_string(i + 1), 0.5, false };
        item.value = ranked ? i + 1.0 : static_cast<double>(i) / std::max(1, items - 1);
        item.answers.push_back({ "film-1", 1, 20, 30, "first answer", 0.75, i == 0 });
        item.answers.push_back({ "film-9", 0, 0, 5, "second answer", 0.25, false });
        made.items.push_back(std::move(item));
    }
    return made;
}

} // namespace clipscope::test
