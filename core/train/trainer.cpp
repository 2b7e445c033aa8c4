#include "train/trainer.h"

#include "base/guarded.h"
#include "base/json.h"
#include "base/random.h"

#include <torch/torch.h>

#include <cmath>

namespace clipscope::train {

namespace {

constexpr const char* stateKey = "clipscope.training-state";
constexpr const char* configKey = "clipscope.config";

tl::unexpected<Error> badState(const std::filesystem::path& path)
{
    return fail(ErrorKind::BadInput, "The file holds no state of a training.", { path, stateKey });
}

} // namespace

Trainer::Trainer(model::VideoClip network, const data::TrainingSet& set, data::Split split,
    data::ClipSampler sampler, const TrainerConfig& config)
    : m_set(&set)
    , m_split(std::move(split))
    , m_sampler(sampler)
    , m_config(config)
    , m_evaluationPairs(data::captionPairs(set.videos(),
          m_split.validation.empty() ? m_split.training : m_split.validation,
          network.config().video.maxSeconds, config.maxEvaluationPairs))
    , m_network(std::move(network))
    , m_adam(m_network.parameters().all(), config.adam)
{
    m_network.parameters().setRequiresGrad(true);
}

Result<Trainer> Trainer::create(model::VideoClip network, const data::TrainingSet& set,
    data::Split split, const TrainerConfig& config)
{
    CLIP_TRY_ASSIGN(const auto sampler, data::ClipSampler::create(config.sampling));
    const model::VideoTowerConfig& video = network.config().video;
    if (video.inputWidth != set.featureWidth())
        return fail(ErrorKind::BadInput,
            "The model reads " + std::to_string(video.inputWidth)
                + " numbers per second, the features have " + std::to_string(set.featureWidth())
                + ".",
            {}, "Train on the features of the encoder the checkpoint was made with.");
    if (config.sampling.videoSecondsHigh > video.maxSeconds)
        return fail(ErrorKind::BadInput,
            "Video clips of " + std::to_string(config.sampling.videoSecondsHigh)
                + " s are longer than the " + std::to_string(video.maxSeconds)
                + " s the model takes.");
    network.parameters().moveTo(config.compute.device, at::kFloat);
    return Trainer(std::move(network), set, std::move(split), sampler, config);
}

const std::vector<std::int64_t>& Trainer::nextVideos()
{
    if (m_nextBatch == m_batches.size()) {
        ++m_epoch;
        m_nextBatch = 0;
        m_batches = data::shuffledBatches(
            m_split.training, m_config.batchVideos, { m_config.seed, m_epoch });
    }
    return m_batches[m_nextBatch++];
}

std::string Trainer::namesOf(const std::vector<std::int64_t>& videos) const
{
    std::string names;
    for (std::size_t at = 0; at < std::min<std::size_t>(videos.size(), 3); ++at)
        names += (at > 0 ? ", " : "") + m_set->videos()[static_cast<std::size_t>(videos[at])].name;
    return videos.size() > 3 ? names + ", …" : names;
}

void Trainer::update(const data::Batch& batch, StepReport& report)
{
    const auto there = [&](const at::Tensor& tensor) { return tensor.to(m_config.compute.device); };
    tensor::seedRandom(Random({ m_config.seed, static_cast<std::uint64_t>(report.step) }).next());
    m_network.setTraining(true);
    m_network.parameters().dropGradients();
    at::Tensor video, text;
    {
        const tensor::AutocastScope autocast(m_config.compute);
        video = m_network.video().encode(there(batch.features), there(batch.videoMask));
        text = m_network.text().encode(there(batch.ids), there(batch.textMask));
    }
    const model::ContrastiveLoss loss
        = model::contrastiveLoss(video.to(at::kFloat), text.to(at::kFloat));
    report.loss = loss.total.item<double>();
    report.videoToText = loss.videoToText.item<double>();
    report.textToVideo = loss.textToVideo.item<double>();
    if (std::isfinite(report.loss)) {
        loss.total.backward();
        report.gradientNorm = gradientNorm(m_network.parameters().all());
    }
    report.skipped = !std::isfinite(report.loss) || !std::isfinite(report.gradientNorm);
    if (!report.skipped)
        m_adam.step(report.learningRate, clipFactor(report.gradientNorm, m_config.clipNorm));
    m_network.parameters().dropGradients();
}

Result<StepReport> Trainer::step()
{
    return guarded([&]() -> Result<StepReport> {
        const std::vector<std::int64_t>& videos = nextVideos();
        std::vector<data::ClipPair> pairs;
        for (const std::int64_t index : videos)
            m_sampler.sample(m_set->videos()[static_cast<std::size_t>(index)], index,
                { m_config.seed, m_epoch }, pairs);
        StepReport report;
        report.step = m_step + 1;
        report.epoch = m_epoch;
        report.pairs = static_cast<std::int64_t>(pairs.size());
        report.learningRate = m_config.schedule.rateAfter(m_step);
        update(m_set->batch(pairs, m_network.config().text.maxTokens), report);
        ++m_step;
        m_skippedInARow = report.skipped ? m_skippedInARow + 1 : 0;
        if (m_skippedInARow >= m_config.maxSkippedInARow)
            return fail(ErrorKind::BadInput,
                "The loss was not a number in " + std::to_string(m_skippedInARow)
                    + " steps running, last in step " + std::to_string(m_step) + " with "
                    + namesOf(videos) + ".",
                {}, "Lower the learning rate, or extract the features of these films again.");
        return report;
    });
}

Result<Evaluation> Trainer::evaluate()
{
    return guarded([&]() -> Result<Evaluation> {
        const Evaluation evaluation
            = evaluatePairs(m_network, *m_set, m_evaluationPairs, m_config.compute);
        m_lastIsBest = evaluation.loss < m_bestLoss;
        if (m_lastIsBest)
            m_bestLoss = evaluation.loss;
        return evaluation;
    });
}

tensor::TensorFile Trainer::weights() const
{
    tensor::TensorFile file;
    m_network.parameters().exportTo(file);
    file.metadata["clipscope.kind"] = "videoclip";
    file.metadata[configKey] = model::toJsonText(m_network.config());
    setStep(file, m_step);
    return file;
}

tensor::TensorFile Trainer::state() const
{
    tensor::TensorFile file;
    m_adam.exportTo(file);
    Json json{ { "epoch", m_epoch }, { "next-batch", m_nextBatch },
        { "skipped-in-a-row", m_skippedInARow } };
    if (std::isfinite(m_bestLoss))
        json["best-loss"] = m_bestLoss;
    file.metadata[stateKey] = dump(json);
    setStep(file, m_step);
    return file;
}

Status Trainer::restore(const TrainingCheckpoint& checkpoint)
{
    return guarded([&]() -> Status {
        const auto stored = checkpoint.state.metadata.find(stateKey);
        const auto step = stepOf(checkpoint.state);
        if (stored == checkpoint.state.metadata.end() || !step)
            return badState(checkpoint.statePath);
        CLIP_TRY_ASSIGN(const Json json, parseJson(stored->second, checkpoint.statePath));
        for (const char* key : { "epoch", "next-batch", "skipped-in-a-row" })
            if (!json.is_object() || !json.contains(key) || !json[key].is_number_unsigned())
                return badState(checkpoint.statePath);
        CLIP_TRY(tensor::loadAll(
            m_network.parameters(), checkpoint.weights, {}, checkpoint.weightsPath));
        CLIP_TRY(m_adam.importFrom(checkpoint.state, checkpoint.statePath));
        m_step = *step;
        m_epoch = json["epoch"].get<std::int64_t>();
        m_skippedInARow = json["skipped-in-a-row"].get<std::int64_t>();
        m_bestLoss = json.value("best-loss", std::numeric_limits<double>::infinity());
        m_batches = m_epoch == 0 ? std::vector<std::vector<std::int64_t>>()
                                 : data::shuffledBatches(m_split.training, m_config.batchVideos,
                                     { m_config.seed, m_epoch });
        // The set may have become smaller since.
        m_nextBatch = std::min(m_batches.size(), json["next-batch"].get<std::size_t>());
        return {};
    });
}

} // namespace clipscope::train
