#include "train/trainer.h"

#include "base/figures.h"
#include "base/guarded.h"
#include "base/json.h"
#include "base/random.h"
#include "model/contrast.h"
#include "train/video_vectors.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

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
    , m_loader(set, m_network.config().text.maxTokens)
{
    m_network.parameters().setRequiresGrad(true);
    m_network.setRecompute(config.recompute);
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

std::int64_t Trainer::clustersPerStep() const
{
    return std::max<std::int64_t>(1, m_config.batchVideos / m_config.clusters.videos);
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
    for (;;) {
        if (m_plan.isExhausted())
            CLIP_TRY(beginEpoch(report));
        auto step = m_plan.take(clustersPerStep());
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

std::vector<data::ClipPair> Trainer::pairsOf(const EpochPlan::Step& step) const
{
    std::vector<data::ClipPair> pairs;
    for (const std::int64_t index : step.videos)
        m_sampler.sample(m_set->video(index), index, { m_config.seed, m_plan.epoch() }, pairs);
    return pairs;
}

std::span<const data::ClipPair> Trainer::part(
    std::span<const data::ClipPair> pairs, const Share& share, std::int64_t begin) const
{
    const std::int64_t rows = share.end - share.begin;
    const std::int64_t most = m_config.pairsAtOnce > 0 ? m_config.pairsAtOnce : rows;
    return pairs.subspan(static_cast<std::size_t>(share.begin + begin),
        static_cast<std::size_t>(std::clamp<std::int64_t>(rows - begin, 0, most)));
}

Result<data::Batch> Trainer::load(
    std::span<const data::ClipPair> pairs, std::span<const data::ClipPair> following)
{
    const auto ask = [&](std::span<const data::ClipPair> wanted) {
        m_asked.emplace_back(wanted.begin(), wanted.end());
        m_loader.prepare(m_asked.back());
    };
    // What was asked for before a failed step is of no use any more.
    while (!m_asked.empty()
        && !std::equal(
            pairs.begin(), pairs.end(), m_asked.front().begin(), m_asked.front().end())) {
        (void)m_loader.take();
        m_asked.pop_front();
    }
    if (m_asked.empty())
        ask(pairs);
    if (!following.empty())
        ask(following);
    const double before = m_loader.waitedSeconds();
    auto batch = m_loader.take();
    m_asked.pop_front();
    m_attempt.dataSeconds += m_loader.waitedSeconds() - before;
    return batch;
}

Result<PairVectors> Trainer::encode(std::span<const data::ClipPair> pairs, std::int64_t firstRow,
    std::span<const data::ClipPair> following)
{
    CLIP_TRY_ASSIGN(const data::Batch batch, load(pairs, following));
    tensor::seedRandom(Random({ m_config.seed, static_cast<std::uint64_t>(m_attempt.step),
                                  static_cast<std::uint64_t>(firstRow) })
                           .next());
    return encodeBatch(m_network, batch, m_config.compute);
}

Result<PairVectors> Trainer::encodeShare(const Share& share)
{
    const std::int64_t rows = share.end - share.begin;
    const auto all = std::span<const data::ClipPair>(m_attempt.pairs);
    const auto first = part(all, share, 0);
    if (rows > 0 && static_cast<std::int64_t>(first.size()) == rows)
        return encode(first, share.begin, m_following);
    const at::NoGradGuard noGrad;
    const at::Tensor none = at::zeros(
        { 0, m_network.config().text.bert.width }, at::TensorOptions(m_config.compute.device));
    std::vector<at::Tensor> videos{ none }, texts{ none };
    for (std::int64_t begin = 0; begin < rows;) {
        const auto now = part(all, share, begin);
        const auto next = begin + static_cast<std::int64_t>(now.size());
        CLIP_TRY_ASSIGN(const PairVectors some,
            encode(now, share.begin + begin, next < rows ? part(all, share, next) : first));
        videos.push_back(some.video);
        texts.push_back(some.text);
        begin = next;
    }
    return PairVectors{ at::cat(videos), at::cat(texts) };
}

Result<Trainer::Gradients> Trainer::contrastOf(const PairVectors& own, const Share& share)
{
    StepReport& report = m_attempt;
    if (m_config.gatherNegatives) {
        CLIP_TRY_ASSIGN(const at::Tensor videos, m_ranks->gathered(own.video, share.counts));
        CLIP_TRY_ASSIGN(const at::Tensor texts, m_ranks->gathered(own.text, share.counts));
        const model::Contrast found = model::contrast(videos, texts, m_config.lossTileRows);
        report.videoToText = found.videoToText;
        report.textToVideo = found.textToVideo;
        report.losses = numbersOf(found.losses);
        report.margins = numbersOf(found.margins);
        const std::int64_t rows = share.end - share.begin;
        return Gradients{ { found.videoGradient.narrow(0, share.begin, rows),
                              found.textGradient.narrow(0, share.begin, rows) },
            1 };
    }
    const auto options = own.video.options().requires_grad(false);
    at::Tensor means = at::zeros({ 2 }, options), losses = at::zeros({ 0 }, options);
    at::Tensor margins = losses;
    Gradients gradients{ { at::zeros_like(own.video), at::zeros_like(own.text) },
        std::count_if(share.counts.begin(), share.counts.end(),
            [](std::int64_t count) { return count > 0; }) };
    if (share.end > share.begin) {
        const model::Contrast found = model::contrast(own.video, own.text, m_config.lossTileRows);
        means = at::tensor({ found.videoToText, found.textToVideo }).to(options);
        losses = found.losses;
        margins = found.margins;
        gradients.of = { found.videoGradient, found.textGradient };
    }
    CLIP_TRY(m_ranks->sum(means));
    CLIP_TRY_ASSIGN(losses, m_ranks->gathered(losses, share.counts));
    CLIP_TRY_ASSIGN(margins, m_ranks->gathered(margins, share.counts));
    const auto both = numbersOf(means / static_cast<double>(gradients.sharers));
    report.videoToText = both[0];
    report.textToVideo = both[1];
    report.losses = numbersOf(losses);
    report.margins = numbersOf(margins);
    return gradients;
}

Status Trainer::gradients(const Share& share)
{
    m_network.setTraining(true);
    m_network.parameters().dropGradients();
    CLIP_TRY_ASSIGN(const PairVectors own, encodeShare(share));
    CLIP_TRY_ASSIGN(const Gradients wanted, contrastOf(own, share));
    m_attempt.loss = m_attempt.videoToText + m_attempt.textToVideo;

    const double scale = m_scaler.scale();
    const std::int64_t rows = share.end - share.begin;
    const auto backward = [&](const PairVectors& vectors, std::int64_t begin) {
        const std::int64_t count = vectors.video.size(0);
        if (begin + count == rows)
            m_sums->begin(); // sums over the ranks overlap the last pass
        torch::autograd::backward({ vectors.video, vectors.text },
            { wanted.of.video.narrow(0, begin, count) * scale,
                wanted.of.text.narrow(0, begin, count) * scale });
    };
    if (rows == 0) {
        m_sums->begin();
    } else if (own.video.requires_grad()) {
        backward(own, 0);
    } else {
        const auto all = std::span<const data::ClipPair>(m_attempt.pairs);
        for (std::int64_t begin = 0; begin < rows;) {
            const auto now = part(all, share, begin);
            const auto next = begin + static_cast<std::int64_t>(now.size());
            CLIP_TRY_ASSIGN(const PairVectors some,
                encode(now, share.begin + begin,
                    next < rows ? part(all, share, next)
                                : std::span<const data::ClipPair>(m_following)));
            backward(some, begin);
            begin = next;
        }
    }
    return m_sums->finish(1.0 / static_cast<double>(wanted.sharers));
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
    m_attempt.pairs = pairsOf(videos);
    m_following.clear();
    if (!m_plan.isExhausted()) { // an epoch's first batch waits for its clusters
        const EpochPlan::Step next = m_plan.peek(clustersPerStep());
        if (!next.videos.empty()) {
            const auto pairs = pairsOf(next);
            const auto first = part(pairs, shareOf(pairs, next.videos), 0);
            m_following.assign(first.begin(), first.end());
        }
    }
    CLIP_TRY(gradients(shareOf(m_attempt.pairs, videos.videos)));
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
