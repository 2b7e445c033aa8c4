#pragma once

#include "benchmarks/annotations.h"
#include "tasks/protocols.h"

#include <chrono>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace clipscope::tasks {

// Private to the module: what the protocols share.

/// One run of a protocol: asks the model and the source, collects what comes of it.
class ProtocolRun final
{
public:
    ProtocolRun(const EmbeddingModel& model, const VideoSource& videos, JobContext context)
        : m_model(model)
        , m_videos(videos)
        , m_context(context)
    {
    }
    const EmbeddingModel& model() const { return m_model; }
    benchmarks::Evaluation& evaluation() { return m_evaluation; }

    /// Vectors of texts. Shapes: float32 [N, D]. Errors: Cancelled, BadInput.
    Result<at::Tensor> texts(const std::vector<std::string>& texts);
    /// Nothing is remembered as missing. Errors: Cancelled, as the source.
    Result<std::optional<BenchmarkVideo>> video(const std::string& name);
    /// Vectors of clips. Shapes: as EmbeddingModel::clipVectors(). Errors: Cancelled, BadInput.
    Result<at::Tensor> clips(std::span<const at::Tensor> clips);
    /// Progress of a phase, which begins with `done` 0.
    void show(const char* phase, std::size_t done, std::size_t total, const char* unit);

    /// What a figure is over some of the items, by their numbers.
    using FigureOver = std::function<double(std::span<const std::size_t>)>;
    /// Adds a figure over `items` items with its interval.
    void addFigure(std::string name, std::size_t items, const FigureOver& figure,
        std::optional<double> chance = std::nullopt);
    /// Adds a figure of the items' ranks, from 1; a miss is infinite.
    void addRankFigure(std::string name, std::span<const double> ranks,
        const std::function<double(const std::vector<double>&)>& figure,
        std::optional<double> chance = std::nullopt);
    /// Adds sum of `numerators` / sum of `denominators`, with its interval over the items; without
    /// denominators the mean. Shapes: one each an item.
    void addRatio(std::string name, std::span<const double> numerators,
        std::optional<double> chance = std::nullopt, std::span<const double> denominators = {});
    /// Adds R@1, R@5 and R@10 as far as `ks` says. Ranks as in addRankFigure().
    void addRecalls(std::span<const double> ranks, std::span<const int> ks,
        std::optional<double> candidates = std::nullopt);
    /// Errors: NotFound when no item could be evaluated.
    Result<benchmarks::Evaluation> finish(benchmarks::Benchmark benchmark);

private:
    Status checkStop() const;

    const EmbeddingModel& m_model;
    const VideoSource& m_videos;
    JobContext m_context;
    benchmarks::Evaluation m_evaluation;
    std::set<std::string> m_missing;
    std::chrono::steady_clock::time_point m_phaseBegan;
};

/// Rows of each row's scores, highest first, the first among equals. Shapes: [N, M] -> int64 [N,
/// M].
at::Tensor orderOf(const at::Tensor& scores);

// The protocols, each for its kind of items.
Status rankClips(ProtocolRun& run, const std::vector<benchmarks::ClipItem>& items);
Status chooseTexts(ProtocolRun& run, const std::vector<benchmarks::ChoiceItem>& items);
Status rankParts(ProtocolRun& run, const std::vector<benchmarks::PartItem>& items);
Status labelActions(ProtocolRun& run, const benchmarks::ActionBenchmark& benchmark);
/// `videos`: those that test.
Status placeSteps(ProtocolRun& run, const std::vector<labels::Task>& tasks,
    const std::vector<benchmarks::StepVideo>& videos);

} // namespace clipscope::tasks
