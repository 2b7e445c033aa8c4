#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace clipscope::benchmarks {

/// The six end tasks of VideoCLIP (Xu et al. 2021).
enum class Benchmark : std::uint8_t { YouCook2, MsrVtt, MsrVttChoice, Didemo, Coin, CrossTask };

/// What the items of a benchmark ask for.
enum class Question : std::uint8_t {
    WhichClip, ///< the clip that a text belongs to, among all clips
    WhichText, ///< the text that a video belongs to, among five
    WhichPart, ///< the part of a video that a text tells of
    WhichAction, ///< the action of every second
    WhichSeconds, ///< the second of every step of a task
};

/// A figure of the paper, 0 to 1.
struct PublishedFigure
{
    std::string_view name; ///< as in Figure::name
    double zeroShot = 0.0;
    std::optional<double> fineTuned;
};

/// What there is to know about a benchmark before it is run.
struct BenchmarkFacts
{
    Benchmark benchmark = Benchmark::YouCook2;
    Question question = Question::WhichClip;
    std::string_view name; ///< "youcook2": on the command line, in files
    std::string_view title; ///< "YouCook2"
    std::string_view files; ///< which annotation files it reads, one sentence
    std::string_view protocol; ///< what is measured and how, for people
    std::span<const PublishedFigure> published;
};

const BenchmarkFacts& factsOf(Benchmark benchmark);
/// In the order of the paper's tables.
std::span<const BenchmarkFacts> allBenchmarks();
std::optional<Benchmark> benchmarkOf(std::string_view name);
std::string benchmarkNames(); ///< "youcook2, msr-vtt, ..."
/// Null when the paper has no such figure.
const PublishedFigure* publishedOf(const BenchmarkFacts& facts, std::string_view figureName);
/// Whether a figure is a rank, from 1, and not a share.
bool isRank(std::string_view figureName);

} // namespace clipscope::benchmarks
