#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"
#include "base/settings.h"
#include "data/clip_sampler.h"
#include "store/run_folder.h"
#include "tensor/device.h"
#include "train/clusters.h"
#include "train/evaluation.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace clipscope::jobs {

/// Where the videos of a training come from.
enum class PretrainSource {
    Project, ///< the catalogue's captions and the features of an encoder
    HowTo100m, ///< what runImportSource() took in
};

/// Settings of `clipscope-cli pretrain`. The defaults train a small model on some twenty short
/// films in a few minutes on two cores; the paper's are named in the help of each.
struct PretrainSettings
{
    // Said on the command line, not in the run's config.toml.
    std::filesystem::path project;
    std::string name; ///< of the run; empty: the next free "run-N"
    std::string resume; ///< name of a run to go on with, or to begin; its config.toml then counts
    std::string from; ///< checkpoint or BERT to begin with: a file, or a name as in `info`
    SettingSources sources; ///< what config.toml says about where the settings came from

    PretrainSource source = PretrainSource::Project;
    std::string encoder; ///< empty: the first of features::encoderNames() that has features
    std::string vocabulary; ///< vocab.txt; empty: the starter's
    bool deduplicate = false;
    std::int64_t captionCharacters = 96, captionTokens = 32;
    std::string validationList; ///< file of names; empty: a fraction of all
    double validationFraction = 0.1;
    std::int64_t validationLeast = 10;
    std::int64_t evaluationPairs = 512;

    std::int64_t width = 256, heads = 4, feedForward = 1024;
    std::int64_t videoLayers = 2, textLayers = 2;
    std::int64_t maxSeconds = 32, maxTokens = 61;
    double dropout = 0.1;

    std::int64_t steps = 300;
    std::int64_t batchVideos = 32, pairsPerVideo = 2;
    data::ClipKind clips = data::ClipKind::Overlapped;
    std::int64_t textBudgetLow = 8, textBudgetHigh = 64;
    std::int64_t videoSecondsLow = 3, videoSecondsHigh = 32;
    train::BatchKind batches = train::BatchKind::Random;
    std::int64_t clusterVideos = 32, clusterCandidates = 64, retrievalClips = 16;
    retrieval::NeighbourSearch::Kind index = retrieval::NeighbourSearch::Kind::Exact;
    std::int64_t indexExactBelow = 100'000, indexLists = 512, indexProbes = 8;
    std::int64_t pairsAtOnce = 0;
    bool gatherNegatives = true, activationCheckpointing = false;
    double learningRate = 5e-4;
    std::int64_t warmupSteps = 30;
    double clipNorm = 2.0, beta1 = 0.9, beta2 = 0.98, eps = 1e-8;
    double averageDecay = 0.0, divergenceFactor = 3.0;
    std::int64_t seed = 1;
    std::int64_t reportEvery = 10, evaluateEvery = 50, checkpointEvery = 100;
    tensor::DeviceWish device = tensor::DeviceWish::Auto;
    tensor::PrecisionWish precision = tensor::PrecisionWish::Auto; ///< float32 on the CPU
};
void describe(SettingsVisitor& visitor, PretrainSettings& settings);

struct PretrainReport
{
    std::string run;
    std::filesystem::path folder;
    store::RunPhase phase = store::RunPhase::Finished; ///< Finished, Paused or Stopped
    std::int64_t steps = 0, totalSteps = 0;
    int rank = 0, ranks = 1; ///< of the process that reports
    std::int64_t trainingVideos = 0, validationVideos = 0;
    double loss = 0.0; ///< of the last step
    std::optional<train::Evaluation> first, last; ///< before the first step; the newest
    double bestLoss = 0.0; ///< lowest loss of any evaluation, NaN before the first
    double elapsedSeconds = 0.0;
    std::vector<std::string> notes; ///< what the numbers do not mean
};
Json toJson(const PretrainReport& report);

/// Trains on the captioned videos of a project that have features, in runs/NAME
/// (docs/formats/run-folder.md).
///
/// A stop token, or `stop` or `pause` in the run's control file, saves a checkpoint and leaves with
/// phase Stopped or Paused. A killed run resumes from its last checkpoint; metrics and records of
/// later steps are dropped and written again.
/// Under torchrun or Slurm (tensor::ranksFromEnvironment()) the processes train one model together;
/// rank 0 alone writes, and new runs need a name that all agree on.
/// Progress: phase "train", unit "steps".
/// Errors: Io when another rank is gone; NotFound (project, run, checkpoint, features, captions),
/// Conflict (run exists, or another process works on it), BadInput (sizes that do not fit, a loss
/// that is not a number or runs away), Io, OutOfMemory. Before the run folder is made nothing is
/// written but the shard of the project's captions; afterwards the run's state is "failed".
Result<PretrainReport> runPretrain(const PretrainSettings& settings, JobContext context);

/// Checks everything that runPretrain() would and makes the run's folder, for another process to
/// begin it by `resume`. Returns its name. Errors: as runPretrain().
Result<std::string> createRun(const PretrainSettings& settings);

} // namespace clipscope::jobs
