#pragma once

#include "data/clip_sampler.h"
#include "data/epoch.h"
#include "data/training_set.h"
#include "model/video_clip.h"
#include "tensor/device.h"
#include "train/checkpoint.h"
#include "train/evaluation.h"
#include "train/optimiser.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace clipscope::train {

struct TrainerConfig
{
    std::uint64_t seed = 1;
    std::int64_t batchVideos = 32;
    data::SamplingConfig sampling;
    Schedule schedule;
    double clipNorm = 2.0;
    AdamConfig adam;
    std::int64_t maxEvaluationPairs = 512;
    std::int64_t maxSkippedInARow = 10;
    tensor::Compute compute; ///< precision of matrix products; weights stay float32
};

/// What one step did.
struct StepReport
{
    std::int64_t step = 0; ///< from 1
    std::int64_t epoch = 0; ///< from 1
    std::int64_t pairs = 0;
    double loss = 0.0, videoToText = 0.0, textToVideo = 0.0;
    double gradientNorm = 0.0; ///< before clipping
    double learningRate = 0.0;
    bool skipped = false; ///< loss or gradient was not a number: nothing was changed
};

/// Trains the two towers on the pairs of a set with the symmetric loss.
///
/// Batches, dropout and order depend on (seed, epoch, video) and (seed, step) alone, so a run that
/// was stopped and resumed gives the same losses, bit by bit, on a CPU with the same number of
/// threads.
/// Owns:    the network. The set must outlive the trainer.
/// Threads: one thread at a time; uses LibTorch's own threads.
/// Source:  videoclip.md sections 4 and 6; retrieval-augmented batches (section 5) will replace
///          data::shuffledBatches().
class Trainer final
{
public:
    /// Errors: BadInput when sampling, sizes or features do not fit the network.
    static Result<Trainer> create(model::VideoClip network, const data::TrainingSet& set,
        data::Split split, const TrainerConfig& config);

    /// One update. Errors: BadInput after maxSkippedInARow steps whose loss or gradient was not a
    /// number (names the films of the last batch); OutOfMemory; the weights are those of the last
    /// good step.
    Result<StepReport> step();
    std::int64_t stepsDone() const { return m_step; }

    /// Measures the pairs of the validation films or, without any, of the training films; keeps
    /// the best loss in mind. Errors: OutOfMemory.
    Result<Evaluation> evaluate();
    bool evaluatesTrainingFilms() const { return m_split.validation.empty(); }
    /// True when the last evaluate() had the lowest loss so far.
    bool lastIsBest() const { return m_lastIsBest; }
    double bestLoss() const { return m_bestLoss; }

    const model::VideoClip& network() const { return m_network; }
    /// Weights with the model's config and the step in the metadata.
    tensor::TensorFile weights() const;
    /// Everything else needed to go on.
    tensor::TensorFile state() const;
    /// Goes on from weights() and state() of an earlier trainer.
    /// Errors: BadInput naming what does not fit; the trainer is then not usable.
    Status restore(const TrainingCheckpoint& checkpoint);

private:
    Trainer(model::VideoClip network, const data::TrainingSet& set, data::Split split,
        data::ClipSampler sampler, const TrainerConfig& config);
    const std::vector<std::int64_t>& nextVideos();
    std::string namesOf(const std::vector<std::int64_t>& videos) const;
    void update(const data::Batch& batch, StepReport& report);

    const data::TrainingSet* m_set;
    data::Split m_split;
    data::ClipSampler m_sampler;
    TrainerConfig m_config;
    std::vector<data::ClipPair> m_evaluationPairs;
    model::VideoClip m_network;
    Adam m_adam;
    std::int64_t m_step = 0, m_epoch = 0;
    std::vector<std::vector<std::int64_t>> m_batches; // of m_epoch
    std::size_t m_nextBatch = 0;
    std::int64_t m_skippedInARow = 0;
    double m_bestLoss = std::numeric_limits<double>::infinity();
    bool m_lastIsBest = false;
};

} // namespace clipscope::train
