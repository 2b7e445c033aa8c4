#pragma once

#include "base/json.h"
#include "base/result.h"
#include "benchmarks/benchmark.h"
#include "benchmarks/figures.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace clipscope::benchmarks {

/// What a model answered to an item.
struct Answer
{
    std::string video; ///< the benchmark's name of it
    std::int64_t videoId = 0; ///< of the project; 0: not in it
    std::int64_t startSecond = 0, stopSecond = 0; ///< [start, stop) of the video
    std::string text;
    double score = 0.0;
    bool isRight = false;

    bool operator==(const Answer&) const = default;
};

/// One item: a text, a video or a step, and how the model did on it.
struct ItemResult
{
    Answer truth; ///< what was right; its score is that of the right answer
    /// WhichClip, WhichPart: the rank, from 1 (no value: a miss). WhichText, WhichSeconds: 1 right,
    /// 0 wrong. WhichAction: share of the video's seconds that are right.
    std::optional<double> value;
    std::vector<Answer> answers; ///< the model's, best first; at most `answersKept`

    bool operator==(const ItemResult&) const = default;
};
inline constexpr std::size_t answersKept = 5;

/// A figure of a model on a benchmark.
struct Figure
{
    std::string name; ///< "R@1", "R@5", "R@10", "median rank", "accuracy", "mIoU", "recall"
    double value = 0.0; ///< 0 to 1, but for the median rank
    Interval interval;
    std::optional<double> chance; ///< what guessing gives, where that is known

    bool operator==(const Figure&) const = default;
};

/// A file or folder that an evaluation read.
struct EvaluationInput
{
    std::filesystem::path path;
    std::string hash;

    bool operator==(const EvaluationInput&) const = default;
};

/// A model on a benchmark.
struct Evaluation
{
    Benchmark benchmark = Benchmark::YouCook2;
    std::string checkpoint, checkpointTitle; ///< names
    std::string checkpointFingerprint, features; ///< of weights; of the features they read
    EvaluationInput annotations;
    std::string programVersion;
    std::int64_t madeAt = 0; ///< Unix time, seconds
    double elapsedSeconds = 0.0;
    std::int64_t itemsInBenchmark = 0; ///< items.size() of them could be evaluated
    std::int64_t candidates = 0; ///< that one item chooses from, where all have the same; else 0
    std::vector<std::string> missingVideos; ///< without features, sorted
    std::vector<Figure> figures; ///< the first one is the one to name if only one can be
    std::vector<ItemResult> items; ///< in the order of the benchmark
    std::vector<std::string> notes; ///< for people

    /// All videos were there: the figures may stand beside published ones.
    bool isComplete() const { return missingVideos.empty(); }
    bool operator==(const Evaluation&) const = default;
};

/// docs/formats/evaluation.md.
Json toJson(const Evaluation& evaluation);
/// Errors: Unsupported (newer format), BadInput naming the member.
Result<Evaluation> evaluationFromJson(const Json& json, const std::filesystem::path& file = {});

/// PROJECT/evaluations/CHECKPOINT/BENCHMARK.json.
std::filesystem::path evaluationPath(
    const std::filesystem::path& project, const std::string& checkpoint, Benchmark benchmark);
/// Replaces the file as a whole. Errors: Io; the old file is untouched.
Status writeEvaluation(const std::filesystem::path& file, const Evaluation& evaluation);
/// Errors: NotFound, Io, as evaluationFromJson().
Result<Evaluation> readEvaluation(const std::filesystem::path& file);
/// The files of all evaluations of a project, sorted. None when there is no such folder.
/// Errors: Io.
Result<std::vector<std::filesystem::path>> evaluationFiles(const std::filesystem::path& project);

} // namespace clipscope::benchmarks
