#include "jobs/bench_parts.h"

#include "jobs/bench_plain_towers.h"
#include "model/contrast.h"
#include "tensor/device.h"
#include "train/optimiser.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

namespace clipscope::jobs {

namespace {

constexpr double rate = 1e-5, clipNorm = 2.0;

/// A whole step as training makes it: packed towers, loss by tiles, one pass over the weights.
class OwnStep final
{
public:
    explicit OwnStep(Towers& towers)
        : m_towers(towers)
        , m_adam(towers.network.parameters().all(), {})
    {
    }
    void operator()(const TowersBatch& batch, const tensor::Compute& compute)
    {
        m_towers.setTraining(true);
        at::Tensor video, text;
        {
            const tensor::AutocastScope autocast(compute);
            std::tie(video, text) = encoded(m_towers, Way::Ours, batch);
        }
        video = video.to(at::kFloat);
        text = text.to(at::kFloat);
        const model::Contrast found = model::contrast(video, text);
        torch::autograd::backward({ video, text }, { found.videoGradient, found.textGradient });
        const double norm = train::gradientNorm(m_towers.network.parameters().all());
        m_adam.step(rate, train::clipFactor(norm, clipNorm));
        m_towers.network.parameters().dropGradients();
    }

private:
    Towers& m_towers;
    train::Adam m_adam;
};

/// The same written the straightforward way, one LibTorch operation after another.
class PlainStep final
{
public:
    explicit PlainStep(Towers& towers)
        : m_towers(towers)
    {
        for (const auto& parameter : towers.network.parameters().all()) {
            m_first.push_back(at::zeros_like(parameter.tensor));
            m_second.push_back(at::zeros_like(parameter.tensor));
        }
    }
    void operator()(const TowersBatch& batch, const tensor::Compute& compute)
    {
        m_towers.setTraining(true);
        model::ContrastiveLoss loss;
        {
            const tensor::AutocastScope autocast(compute);
            const auto [video, text] = encoded(m_towers, Way::Plain, batch);
            loss = model::contrastiveLoss(video, text);
        }
        loss.total.backward();
        const at::NoGradGuard noGrad;
        const auto& parameters = m_towers.network.parameters().all();
        double squares = 0.0;
        for (const auto& parameter : parameters)
            if (parameter.tensor.grad().defined())
                squares += std::pow(parameter.tensor.grad().norm().item<double>(), 2);
        const double factor = train::clipFactor(std::sqrt(squares), clipNorm);
        for (std::size_t at = 0; at < parameters.size(); ++at) {
            at::Tensor weight = parameters[at].tensor;
            if (!weight.grad().defined())
                continue;
            weight.mutable_grad().mul_(factor);
            m_first[at].mul_(0.9).add_(weight.grad(), 0.1);
            m_second[at].mul_(0.98).addcmul_(weight.grad(), weight.grad(), 0.02);
            weight.addcdiv_(m_first[at], m_second[at].sqrt().add_(1e-8), -rate);
        }
        m_towers.network.parameters().dropGradients();
    }

private:
    Towers& m_towers;
    std::vector<at::Tensor> m_first, m_second;
};

} // namespace

Result<std::vector<Measurement>> benchTrain(const BenchSettings& settings, JobContext context)
{
    CLIP_TRY_ASSIGN(const at::Device device, deviceOf(settings));
    const model::VideoClipConfig config;
    const TowersBatch batch = madeUpBatch(settings.pairs, config, device);
    Towers own(config, nullptr, device), plain(config, &own.network, device);
    CLIP_TRY(sameVectors(own, batch));
    own.network.parameters().setRequiresGrad(true);
    plain.network.parameters().setRequiresGrad(true);
    OwnStep ownStep(own);
    PlainStep plainStep(plain);
    const auto pairs = static_cast<double>(settings.pairs);
    auto all = matrixProducts(settings, device);
    for (const auto type : { at::kFloat, at::kBFloat16 }) {
        const std::string end = type == at::kFloat ? ", float32" : ", bfloat16";
        const tensor::Compute compute{ device, type };
        all.push_back({ "training step" + end, "pairs/s", pairs,
            sure([&, compute] { ownStep(batch, compute); }), 3.0 * batch.operations });
        all.push_back({ "plain training step" + end, "pairs/s", pairs,
            sure([&, compute] { plainStep(batch, compute); }), 3.0 * batch.operations });
    }
    CLIP_TRY(race(all, "train", settings.rounds, context, device));
    auto lines = ratesOf(all);
    for (const char* type : { "float32", "bfloat16" }) {
        compare(lines, std::string("training step, ") + type,
            std::string("plain training step, ") + type);
        const auto step = std::find_if(lines.begin(), lines.end(), [&](const Measurement& line) {
            return line.name == std::string("training step, ") + type;
        });
        // Xu et al. 2021: 25 epochs of 1.1 million videos with 16 pairs each.
        constexpr double recipePairs = 25.0 * 1.1e6 * 16.0, secondsPerHour = 3600.0;
        lines.push_back({ std::string("the paper's recipe, ") + type,
            recipePairs / step->value / secondsPerHour, "hours at this rate", 0.0, {}, {} });
    }
    lines.push_back(
        { "arithmetic of a pair", 3e-9 * batch.operations / pairs, "GFLOP", 0.0, {}, {} });
    return lines;
}

} // namespace clipscope::jobs
