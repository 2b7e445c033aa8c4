#pragma once

#include "data/batch_loader.h"
#include "data/clip_sampler.h"
#include "data/epoch.h"
#include "data/training_set.h"
#include "model/video_clip.h"
#include "tensor/device.h"
#include "tensor/ranks.h"
#include "train/checkpoint.h"
#include "train/clusters.h"
#include "train/divergence_guard.h"
#include "train/epoch_plan.h"
#include "train/evaluation.h"
#include "train/gradient_sums.h"
#include "train/loss_scaler.h"
#include "train/optimiser.h"
#include "train/weight_average.h"

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace clipscope::train {

struct TrainerConfig
{
    std::uint64_t seed = 1;
    std::int64_t batchVideos = 32; ///< of all ranks together
    data::SamplingConfig sampling;
    ClusterConfig clusters;
    std::int64_t clipsPerVector = 16; ///< of a video, for retrieval
    std::int64_t pairsAtOnce = 0; ///< through the towers with gradients; 0: all of the batch
    bool recompute = false; ///< layers keep their input alone (model::Bert::setRecompute())
    std::int64_t lossTileRows = 1024;
    bool gatherNegatives = true; ///< false: each rank has the negatives of its own share alone
    Schedule schedule;
    double clipNorm = 2.0;
    AdamConfig adam;
    double averageDecay = 0.0; ///< of the moving average of the weights; 0: none
    double divergenceFactor = 3.0; ///< 0: never stops
    std::int64_t maxEvaluationPairs = 512;
    tensor::Compute compute; ///< precision of matrix products; weights stay float32
};

/// What one step did, of all ranks together.
struct StepReport
{
    std::int64_t step = 0; ///< from 1
    std::int64_t epoch = 0; ///< from 1
    std::int64_t firstCluster = 0, clusters = 0; ///< of the epoch, whose videos it took
    std::vector<Cluster> begunEpoch; ///< all clusters of the epoch, in its first step
    std::vector<data::ClipPair> pairs;
    std::vector<float> losses, margins; ///< of the pairs (model::Contrast)
    double loss = 0.0, videoToText = 0.0, textToVideo = 0.0;
    double gradientNorm = 0.0; ///< before clipping
    double learningRate = 0.0;
    double lossScale = 1.0;
    bool skipped = false; ///< float16 overflowed: nothing was changed
    double dataSeconds = 0.0; ///< waited for the batch
    double retrievalSeconds = 0.0; ///< building the clusters of the epoch
};

/// Share of the pairs whose text scores higher with another video of the batch than with its own.
double hardNegativeShare(const StepReport& report);
double medianMargin(const StepReport& report);

/// Trains the two towers on the pairs of a set with the symmetric loss.
///
/// Batches, dropout and order depend on (seed, epoch, video) and (seed, step) alone, so a run that
/// was stopped and resumed gives the same losses, bit by bit, on a CPU with the same number of
/// threads. The batch of a step is shared among the ranks; its videos do not depend on how many
/// there are.
/// A batch larger than pairsAtOnce goes through the towers twice: once for its vectors, and once in
/// parts for the gradients, so that the negatives stay those of the whole batch while memory is
/// that of a part (gradient caching, Gao et al. 2021).
/// Owns:    the network. The set and the ranks must outlive the trainer.
/// Threads: one thread at a time; uses LibTorch's own threads.
/// Source:  videoclip.md sections 4, 5 and 6.
class Trainer final
{
public:
    /// Errors: BadInput when sampling, sizes or features do not fit the network.
    static Result<Trainer> create(model::VideoClip network, const data::TrainingSet& set,
        data::Split split, const TrainerConfig& config, const tensor::Ranks& ranks);

    /// One update. Errors: BadInput when loss or gradient is not a number or runs away (names the
    /// films of the batch); Io when another rank is gone; as data::TrainingSet::batch();
    /// OutOfMemory. After an error the weights
    /// are those of the last good step, and attempt() tells of the step that failed.
    Result<StepReport> step();
    const StepReport& attempt() const { return m_attempt; }
    std::int64_t stepsDone() const { return m_step; }

    /// Measures the pairs of the validation films or, without any, of the training films, with the
    /// moving average of the weights where there is one; keeps the best loss in mind.
    /// Errors: OutOfMemory; as data::TrainingSet::batch().
    Result<Evaluation> evaluate();
    bool evaluatesTrainingFilms() const { return m_split.validation.empty(); }
    /// True when the last evaluate() had the lowest loss so far.
    bool lastIsBest() const { return m_lastIsBest; }
    double bestLoss() const { return m_bestLoss; }

    model::VideoClip& network() { return m_network; }
    const model::VideoClip& network() const { return m_network; }
    /// Weights with the model's config and the step in the metadata.
    tensor::TensorFile weights() const;
    /// As weights(), of the moving average where there is one: what evaluate() measures.
    tensor::TensorFile measuredWeights();
    /// Everything else needed to go on.
    tensor::TensorFile state() const;
    /// Goes on from weights() and state() of an earlier trainer. Returns how many videos of the
    /// epoch under way are no longer there; they are left out.
    /// Errors: BadInput naming what does not fit; the trainer is then not usable.
    Result<std::int64_t> restore(const TrainingCheckpoint& checkpoint);

private:
    /// The rows of this rank in the pairs of all.
    struct Share
    {
        std::int64_t begin = 0, end = 0;
        std::vector<std::int64_t> counts; ///< rows of every rank
    };
    struct Gradients
    {
        PairVectors of; ///< of the loss, for this rank's rows
        std::int64_t sharers = 1; ///< ranks whose losses are averaged
    };
    Trainer(model::VideoClip network, const data::TrainingSet& set, data::Split split,
        data::ClipSampler sampler, const TrainerConfig& config, const tensor::Ranks& ranks);
    std::int64_t clustersPerStep() const;
    Status beginEpoch(StepReport& report);
    Result<EpochPlan::Step> nextVideos(StepReport& report);
    std::vector<data::ClipPair> pairsOf(const EpochPlan::Step& step) const;
    Share shareOf(
        const std::vector<data::ClipPair>& pairs, const std::vector<std::int64_t>& videos) const;
    /// The pairs from row `begin` of a share on that go through the towers at once.
    std::span<const data::ClipPair> part(
        std::span<const data::ClipPair> pairs, const Share& share, std::int64_t begin) const;
    std::string namesOf(const std::vector<std::int64_t>& videos) const;
    /// The batch of these pairs; the loader begins with the `following` ones meanwhile.
    Result<data::Batch> load(
        std::span<const data::ClipPair> pairs, std::span<const data::ClipPair> following);
    /// Both towers over some pairs; `firstRow` in the whole batch seeds dropout.
    Result<PairVectors> encode(std::span<const data::ClipPair> pairs, std::int64_t firstRow,
        std::span<const data::ClipPair> following);
    /// All of the share: with gradients when one part is all, else without.
    Result<PairVectors> encodeShare(const Share& share);
    /// Loss and gradients of the whole batch; fills in the report of the step.
    Result<Gradients> contrastOf(const PairVectors& own, const Share& share);
    Status gradients(const Share& share);
    Status work(const EpochPlan::Step& videos);
    Status applyGradients(StepReport& report, const std::vector<std::int64_t>& videos);

    const data::TrainingSet* m_set;
    const tensor::Ranks* m_ranks;
    data::Split m_split;
    data::ClipSampler m_sampler;
    TrainerConfig m_config;
    std::vector<data::ClipPair> m_evaluationPairs;
    model::VideoClip m_network;
    Adam m_adam;
    WeightAverage m_average;
    LossScaler m_scaler;
    DivergenceGuard m_guard;
    std::unique_ptr<GradientSums> m_sums;
    std::int64_t m_step = 0;
    EpochPlan m_plan;
    StepReport m_attempt;
    data::BatchLoader m_loader;
    std::deque<std::vector<data::ClipPair>> m_asked; // of the loader, not taken yet
    std::vector<data::ClipPair> m_following; // first part of the next step
    double m_bestLoss = std::numeric_limits<double>::infinity();
    bool m_lastIsBest = false;
};

} // namespace clipscope::train
