#include "benchmarks/benchmark.h"

#include <algorithm>
#include <array>

namespace clipscope::benchmarks {

namespace {

// Xu et al. 2021, tables 1 to 5.
constexpr std::array youCook2{ PublishedFigure{ "R@1", 0.227, 0.322 },
    PublishedFigure{ "R@5", 0.504, 0.626 }, PublishedFigure{ "R@10", 0.631, 0.750 } };
constexpr std::array msrVtt{ PublishedFigure{ "R@1", 0.104, 0.309 },
    PublishedFigure{ "R@5", 0.222, 0.554 }, PublishedFigure{ "R@10", 0.300, 0.668 } };
constexpr std::array msrVttChoice{ PublishedFigure{ "accuracy", 0.739, 0.921 } };
constexpr std::array didemo{ PublishedFigure{ "R@1", 0.166, std::nullopt },
    PublishedFigure{ "R@5", 0.469, std::nullopt } };
constexpr std::array coin{ PublishedFigure{ "accuracy", 0.589, 0.687 } };
constexpr std::array crossTask{ PublishedFigure{ "recall", 0.339, 0.473 } };

constexpr std::array<BenchmarkFacts, 6> facts{ {
    { Benchmark::YouCook2, Question::WhichClip, "youcook2", "YouCook2",
        "youcookii_annotations_trainval.json, or a CSV with the columns end, start, task, text and "
        "video_id.",
        "Every clip of the validation videos, its first 32 seconds, is ranked for every sentence "
        "by the dot product; rank 1 + number of clips with a higher score.",
        youCook2 },
    { Benchmark::MsrVtt, Question::WhichClip, "msr-vtt", "MSR-VTT",
        "The 1k-A test list: CSV with the columns key, vid_key, video_id and sentence.",
        "The first 32 seconds of each of the 1,000 test videos are ranked for every sentence by "
        "the dot product; rank 1 + number of videos with a higher score.",
        msrVtt },
    { Benchmark::MsrVttChoice, Question::WhichText, "msr-vtt-choice", "MSR-VTT multiple choice",
        "The multiple-choice test list, tab-separated with the columns vid_key, a1 to a5 and "
        "answer.",
        "Of five sentences the one with the highest dot product with the first 32 seconds of the "
        "video is chosen.",
        msrVttChoice },
    { Benchmark::Didemo, Question::WhichPart, "didemo", "DiDeMo", "test_data.json.",
        "The 21 runs of five-second pieces of a video's first 30 seconds are ranked for every "
        "description; the three of the annotators who are met best count.",
        didemo },
    { Benchmark::Coin, Question::WhichAction, "coin", "COIN action segmentation", "COIN.json.",
        "Every second gets the action with the highest score in windows of 32 seconds every 16, or "
        "none below the threshold, the largest product of two actions; share of the right seconds "
        "of all test videos, those without an action included.",
        coin },
    { Benchmark::CrossTask, Question::WhichSeconds, "crosstask", "CrossTask",
        "The folder of the release, with tasks_primary.txt, videos.csv, videos_val.csv and the "
        "folder annotations.",
        "Every step of a video's task gets one second, in order, so that the sum of log-softmax "
        "scores is largest; share of steps whose second lies in a true segment, mean over tasks.",
        crossTask },
} };

} // namespace

const BenchmarkFacts& factsOf(Benchmark benchmark)
{
    return facts[static_cast<std::size_t>(benchmark)];
}

std::span<const BenchmarkFacts> allBenchmarks()
{
    return facts;
}

std::optional<Benchmark> benchmarkOf(std::string_view name)
{
    const auto found = std::ranges::find(facts, name, &BenchmarkFacts::name);
    return found == facts.end() ? std::nullopt : std::optional(found->benchmark);
}

std::string benchmarkNames()
{
    std::string names;
    for (const BenchmarkFacts& each : facts)
        names.append(names.empty() ? "" : ", ").append(each.name);
    return names;
}

const PublishedFigure* publishedOf(const BenchmarkFacts& facts, std::string_view figureName)
{
    const auto found = std::ranges::find(facts.published, figureName, &PublishedFigure::name);
    return found == facts.published.end() ? nullptr : &*found;
}

bool isRank(std::string_view figureName)
{
    return figureName == "median rank";
}

} // namespace clipscope::benchmarks
