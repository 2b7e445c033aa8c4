#include "train/trainer.h"

#include "base/figures.h"
#include "base/guarded.h"
#include "base/json.h"
#include "base/random.h"
#include "model/contrast.h"
#include "train/video_vectors.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace clipscope::train {

namespace {

constexpr const char* stateKey = "clipscope.training-state";
constexpr const char* configKey = "clipscope.config";

tl::unexpected<Error> badState(const std::filesystem::path& path)
{
    return fail(ErrorKind::BadInput, "The file holds no state of a training.", { path, stateKey });
}

double secondsSince(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<float> numbersOf(const at::Tensor& values)
{
    const at::Tensor there = values.to(at::kCPU, at::kFloat).contiguous();
    const auto* first = there.const_data_ptr<float>();
    return std::vector<float>(first, first + there.numel());
}

} // namespace

double hardNegativeShare(const StepReport& report)
{
    const auto hard = std::count_if(
        report.margins.begin(), report.margins.end(), [](float margin) { return margin < 0.0F; });
    return report.margins.empty()
        ? 0.0
        : static_cast<double>(hard) / static_cast<double>(report.margins.size());
}

double medianMargin(const StepReport& report)
{
    if (report.margins.empty())
        return 0.0;
    std::vector<float> margins = report.margins;
    const auto middle = margins.begin() + static_cast<std::ptrdiff_t>(margins.size() / 2);
    std::nth_element(margins.begin(), middle, margins.end());
    return *middle;
}

Trainer::Trainer(model::VideoClip network, const data::TrainingSet& set, data::Split split,
    data::ClipSampler sampler, const TrainerConfig& config, const tensor::Ranks& ranks)
    : m_set(&set)
    , m_ranks(&ranks)
    , m_split(std::move(split))
    , m_sampler(sampler)
    , m_config(config)
    , m_evaluationPairs(data::captionPairs(set,
          m_split.validation.empty() ? m_split.training : m_split.validation,
          network.config().video.maxSeconds, config.maxEvaluationPairs))
    , m_network(std::move(network))
    , m_adam(m_network.parameters().all(), config.adam)
    , m_average(m_network.parameters().all(), config.averageDecay)
    , m_scaler(config.compute.precision == at::kHalf)
    , m_guard(config.divergenceFactor)
{
    m_network.parameters().setRequiresGrad(true);
    m_sums = std::make_unique<GradientSums>(m_network.parameters().all(), ranks);
    if (m_config.clusters.kind == BatchKind::Random)
        m_config.clusters.videos = m_config.batchVideos;
}

Result<Trainer> Trainer::create(model::VideoClip network, const data::TrainingSet& set,
    data::Split split, const TrainerConfig& config, const tensor::Ranks& ranks)
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
    if (config.clusters.kind == BatchKind::Retrieval
        && config.clusters.candidates < config.clusters.videos)
        return fail(ErrorKind::BadInput,
            "A cluster of " + std::to_string(config.clusters.videos) + " videos cannot be drawn of "
                + std::to_string(config.clusters.candidates) + " candidates.",
            {}, "Set train.cluster-candidates to twice train.cluster-videos, as the paper does.");
    network.parameters().moveTo(config.compute.device, at::kFloat);
    return Trainer(std::move(network), set, std::move(split), sampler, config, ranks);
}

Status Trainer::beginEpoch(StepReport& report)
{
    const auto start = std::chrono::steady_clock::now();
    const data::EpochSeed seed{ m_config.seed, m_plan.epoch() + 1 };
    if (m_config.clusters.kind == BatchKind::Random) {
        report.begunEpoch = shuffledClusters(m_split.training, m_config.clusters.videos, seed);
    } else {
        CLIP_TRY_ASSIGN(const at::Tensor vectors,
            videoVectors(m_network, *m_set, m_sampler, m_split.training, m_config.clipsPerVector,
                seed, m_config.compute, *m_ranks));
        CLIP_TRY_ASSIGN(report.begunEpoch,
            retrievedClusters(m_split.training,
                { vectors.const_data_ptr<float>(), static_cast<std::size_t>(vectors.numel()) },
                vectors.size(1), m_config.clusters, seed));
        report.retrievalSeconds = secondsSince(start);
    }
    m_plan.begin(seed.epoch, report.begunEpoch);
    return {};
}

Result<EpochPlan::Step> Trainer::nextVideos(StepReport& report)
{
    const std::int64_t clusters
        = std::max<std::int64_t>(1, m_config.batchVideos / m_config.clusters.videos);
    for (;;) {
        if (m_plan.isExhausted())
            CLIP_TRY(beginEpoch(report));
        auto step = m_plan.take(clusters);
        if (!step.videos.empty()) // films can go between two sessions
            return step;
    }
}

Trainer::Share Trainer::shareOf(
    const std::vector<data::ClipPair>& pairs, const std::vector<std::int64_t>& videos) const
{
    const auto count = static_cast<std::int64_t>(videos.size());
    const std::int64_t perVideo = static_cast<std::int64_t>(pairs.size()) / count;
    Share share;
    for (std::int64_t rank = 0; rank < m_ranks->size(); ++rank) {
        const std::int64_t begin = rank * count / m_ranks->size() * perVideo;
        const std::int64_t end = (rank + 1) * count / m_ranks->size() * perVideo;
        share.counts.push_back(end - begin);
        if (rank == m_ranks->rank())
            share.begin = begin, share.end = end;
    }
    return share;
}

std::string Trainer::namesOf(const std::vector<std::int64_t>& videos) const
{
    std::string names;
    for (std::size_t at = 0; at < std::min<std::size_t>(videos.size(), 3); ++at)
        names += (at > 0 ? ", " : "") + std::string(m_set->video(videos[at]).name);
    return videos.size() > 3 ? names + ", …" : names;
}

Result<std::pair<at::Tensor, at::Tensor>> Trainer::encode(
    std::span<const data::ClipPair> pairs, std::int64_t firstRow)
{
    const auto there = [&](const at::Tensor& tensor) { return tensor.to(m_config.compute.device); };
    const auto start = std::chrono::steady_clock::now();
    CLIP_TRY_ASSIGN(
        const data::Batch batch, m_set->batch(pairs, m_network.config().text.maxTokens));
    m_attempt.dataSeconds += secondsSince(start);
    tensor::seedRandom(Random({ m_config.seed, static_cast<std::uint64_t>(m_attempt.step),
                                  static_cast<std::uint64_t>(firstRow) })
                           .next());
    const tensor::AutocastScope autocast(m_config.compute);
    return std::pair(
        m_network.video().encode(there(batch.features), there(batch.videoMask)).to(at::kFloat),
        m_network.text().encode(there(batch.ids), there(batch.textMask)).to(at::kFloat));
}

Status Trainer::gradients(StepReport& report, const Share& share)
{
    m_network.setTraining(true);
    m_network.parameters().dropGradients();
    const std::int64_t rows = share.end - share.begin;
    const std::int64_t atOnce
        = m_config.pairsAtOnce > 0 ? m_config.pairsAtOnce : std::max<std::int64_t>(rows, 1);
    const auto part = [&](std::int64_t begin) {
        return std::span(report.pairs)
            .subspan(static_cast<std::size_t>(share.begin + begin),
                static_cast<std::size_t>(std::min(atOnce, rows - begin)));
    };
    // The vectors of this rank; with gradients when one part is all.
    const bool inParts = rows > atOnce;
    const at::Tensor none = at::zeros(
        { 0, m_network.config().text.bert.width }, at::TensorOptions(m_config.compute.device));
    std::vector<at::Tensor> videos{ none }, texts{ none };
    if (rows > 0 && !inParts) {
        CLIP_TRY_ASSIGN(const auto both, encode(part(0), share.begin));
        videos = { both.first };
        texts = { both.second };
    } else {
        const at::NoGradGuard noGrad;
        for (std::int64_t begin = 0; begin < rows; begin += atOnce) {
            CLIP_TRY_ASSIGN(const auto both, encode(part(begin), share.begin + begin));
            videos.push_back(both.first);
            texts.push_back(both.second);
        }
    }
    const at::Tensor video = at::cat(videos), text = at::cat(texts);

    at::Tensor videoGradient = video.detach(), textGradient = text.detach(), losses, margins;
    std::int64_t sharers = 1; // ranks whose means are averaged
    if (m_config.gatherNegatives) {
        CLIP_TRY_ASSIGN(const at::Tensor allVideos, m_ranks->gathered(video, share.counts));
        CLIP_TRY_ASSIGN(const at::Tensor allTexts, m_ranks->gathered(text, share.counts));
        const model::Contrast found = model::contrast(allVideos, allTexts, m_config.lossTileRows);
        report.videoToText = found.videoToText;
        report.textToVideo = found.textToVideo;
        losses = found.losses;
        margins = found.margins;
        videoGradient = found.videoGradient.narrow(0, share.begin, rows);
        textGradient = found.textGradient.narrow(0, share.begin, rows);
    } else {
        at::Tensor sums = at::zeros({ 2 }, video.options());
        losses = margins = at::zeros({ 0 }, video.options());
        if (rows > 0) {
            const model::Contrast found = model::contrast(video, text, m_config.lossTileRows);
            sums = at::tensor({ found.videoToText, found.textToVideo }).to(sums);
            losses = found.losses;
            margins = found.margins;
            videoGradient = found.videoGradient;
            textGradient = found.textGradient;
        }
        sharers = std::count_if(
            share.counts.begin(), share.counts.end(), [](std::int64_t count) { return count > 0; });
        CLIP_TRY(m_ranks->sum(sums));
        const auto means = numbersOf(sums / static_cast<double>(sharers));
        report.videoToText = means[0];
        report.textToVideo = means[1];
        CLIP_TRY_ASSIGN(losses, m_ranks->gathered(losses, share.counts));
        CLIP_TRY_ASSIGN(margins, m_ranks->gathered(margins, share.counts));
    }
    report.loss = report.videoToText + report.textToVideo;
    report.losses = numbersOf(losses);
    report.margins = numbersOf(margins);

    const double scale = m_scaler.scale();
    const auto backward = [&](const at::Tensor& v, const at::Tensor& t, std::int64_t begin) {
        torch::autograd::backward({ v, t },
            { videoGradient.narrow(0, begin, v.size(0)) * scale,
                textGradient.narrow(0, begin, t.size(0)) * scale });
    };
    if (rows <= atOnce)
        m_sums->begin();
    if (rows > 0 && !inParts)
        backward(video, text, 0);
    for (std::int64_t begin = 0; inParts && begin < rows; begin += atOnce) {
        CLIP_TRY_ASSIGN(const auto both, encode(part(begin), share.begin + begin));
        if (begin + atOnce >= rows)
            m_sums->begin(); // sums overlap the last part
        backward(both.first, both.second, begin);
    }
    return m_sums->finish(1.0 / static_cast<double>(sharers));
}

Status Trainer::applyGradients(StepReport& report, const std::vector<std::int64_t>& videos)
{
    const auto& parameters = m_network.parameters().all();
    report.lossScale = m_scaler.scale();
    report.gradientNorm = gradientNorm(parameters) / report.lossScale;
    const std::string where = "step " + std::to_string(report.step) + " with " + namesOf(videos);
    const bool finite = std::isfinite(report.loss) && std::isfinite(report.gradientNorm);
    if (!finite && m_scaler.isActive()) {
        m_scaler.overflowed();
        report.skipped = true;
        if (!m_scaler.isExhausted())
            return {};
    }
    if (!finite)
        return fail(ErrorKind::BadInput,
            std::string("The ") + (std::isfinite(report.loss) ? "gradient" : "loss")
                + " is not a number in " + where + ".",
            {},
            "Extract the features of these films again, or fork the run from its last "
            "checkpoint with a lower train.learning-rate.");
    const double chance = 2.0 * std::log(static_cast<double>(report.pairs.size()));
    if (m_guard.hasDiverged(report.loss, chance))
        return fail(ErrorKind::BadInput,
            "The loss runs away: its mean is " + fixed(m_guard.mean(), 2) + " at " + where
                + ", it was " + fixed(m_guard.lowest(), 2) + " (chance: " + fixed(chance, 2) + ").",
            {},
            "Fork the run from its best checkpoint with a lower train.learning-rate; "
            "train.divergence-factor says when to stop.");
    m_adam.step(
        report.learningRate, clipFactor(report.gradientNorm, m_config.clipNorm) / report.lossScale);
    m_scaler.wasClean();
    m_average.update();
    return {};
}

Status Trainer::work(const EpochPlan::Step& videos)
{
    m_attempt.step = m_step + 1;
    m_attempt.epoch = m_plan.epoch();
    m_attempt.firstCluster = videos.firstCluster;
    m_attempt.clusters = videos.clusters;
    m_attempt.learningRate = m_config.schedule.rateAfter(m_step);
    for (const std::int64_t index : videos.videos)
        m_sampler.sample(
            m_set->video(index), index, { m_config.seed, m_plan.epoch() }, m_attempt.pairs);
    CLIP_TRY(gradients(m_attempt, shareOf(m_attempt.pairs, videos.videos)));
    CLIP_TRY(applyGradients(m_attempt, videos.videos));
    m_network.parameters().dropGradients();
    ++m_step;
    return {};
}

Result<StepReport> Trainer::step()
{
    m_attempt = {};
    auto videos = guarded([&] { return nextVideos(m_attempt); });
    if (!videos)
        return fail(std::move(videos).error());
    if (auto done = guarded([&] { return work(*videos); }); !done) {
        m_network.parameters().dropGradients();
        m_plan.giveBack(*videos, !m_attempt.begunEpoch.empty());
        return fail(std::move(done).error());
    }
    return m_attempt;
}

Result<Evaluation> Trainer::evaluate()
{
    return guarded([&]() -> Result<Evaluation> {
        m_average.swap();
        auto measured = evaluatePairs(m_network, *m_set, m_evaluationPairs, m_config.compute);
        m_average.swap();
        CLIP_TRY_ASSIGN(const Evaluation evaluation, std::move(measured));
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

tensor::TensorFile Trainer::measuredWeights()
{
    m_average.swap();
    tensor::TensorFile file = weights();
    m_average.swap();
    return file;
}

tensor::TensorFile Trainer::state() const
{
    tensor::TensorFile file;
    m_adam.exportTo(file);
    m_average.exportTo(file);
    m_plan.exportTo(file, *m_set);
    Json json{ { "loss-scale", m_scaler.scale() }, { "clean-steps", m_scaler.cleanInARow() },
        { "mean-loss", m_guard.mean() }, { "lowest-loss", m_guard.lowest() } };
    if (std::isfinite(m_bestLoss))
        json["best-loss"] = m_bestLoss;
    file.metadata[stateKey] = dump(json);
    setStep(file, m_step);
    return file;
}

Result<std::int64_t> Trainer::restore(const TrainingCheckpoint& checkpoint)
{
    return guarded([&]() -> Result<std::int64_t> {
        const auto stored = checkpoint.state.metadata.find(stateKey);
        const auto step = stepOf(checkpoint.state);
        if (stored == checkpoint.state.metadata.end() || !step)
            return badState(checkpoint.statePath);
        CLIP_TRY_ASSIGN(const Json json, parseJson(stored->second, checkpoint.statePath));
        for (const char* key : { "loss-scale", "clean-steps", "mean-loss", "lowest-loss" })
            if (!json.is_object() || !json.contains(key) || !json[key].is_number())
                return badState(checkpoint.statePath);
        CLIP_TRY(tensor::loadAll(
            m_network.parameters(), checkpoint.weights, {}, checkpoint.weightsPath));
        CLIP_TRY(m_adam.importFrom(checkpoint.state, checkpoint.statePath));
        CLIP_TRY(m_average.importFrom(checkpoint.state, checkpoint.statePath));
        CLIP_TRY_ASSIGN(const std::int64_t missing,
            m_plan.importFrom(checkpoint.state, checkpoint.statePath, *m_set));
        m_step = *step;
        m_scaler.restore(json["loss-scale"].get<double>(), json["clean-steps"].get<std::int64_t>());
        m_guard.restore(json["mean-loss"].get<double>(), json["lowest-loss"].get<double>());
        m_bestLoss = json.value("best-loss", std::numeric_limits<double>::infinity());
        return missing;
    });
}

} // namespace clipscope::train
