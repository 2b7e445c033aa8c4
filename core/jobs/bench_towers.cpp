#include "jobs/bench_parts.h"

#include "jobs/bench_plain_towers.h"
#include "tensor/device.h"

#include <ATen/ATen.h>

namespace clipscope::jobs {

namespace {

Status forward(Towers& towers, Way way, const TowersBatch& batch)
{
    const tensor::InferenceScope inference;
    towers.setTraining(false);
    encoded(towers, way, batch);
    return {};
}

Status forwardBackward(
    Towers& towers, Way way, const TowersBatch& batch, const tensor::Compute& compute)
{
    towers.setTraining(true);
    model::ContrastiveLoss loss;
    {
        const tensor::AutocastScope autocast(compute);
        const auto [video, text] = encoded(towers, way, batch);
        loss = model::contrastiveLoss(video, text);
    }
    loss.total.backward();
    towers.network.parameters().dropGradients();
    return {};
}

} // namespace

Result<std::vector<Measurement>> benchTowers(const BenchSettings& settings, JobContext context)
{
    CLIP_TRY_ASSIGN(const at::Device device, deviceOf(settings));
    const model::VideoClipConfig config;
    TowersBatch batch = madeUpBatch(settings.pairs, config, device);
    Towers towers(config, nullptr, device), cast(config, &towers.network, device);
    CLIP_TRY(sameVectors(towers, batch));
    cast.network.parameters().moveTo(device, at::kBFloat16);
    towers.network.parameters().setRequiresGrad(true);
    TowersBatch castBatch = batch;
    castBatch.features = batch.features.to(at::kBFloat16);

    const auto pairs = static_cast<double>(settings.pairs);
    auto all = matrixProducts(settings, device);
    for (const auto type : { at::kFloat, at::kBFloat16 }) {
        const std::string end = type == at::kFloat ? ", float32" : ", bfloat16";
        for (const Way way : { Way::Ours, Way::Plain }) {
            const std::string start = way == Way::Ours ? "towers" : "padded eager towers";
            Towers& encoder = type == at::kFloat ? towers : cast;
            const TowersBatch& input = type == at::kFloat ? batch : castBatch;
            all.push_back({ start + ", forward" + end, "pairs/s", pairs,
                [&encoder, &input, way] { return forward(encoder, way, input); },
                batch.operations });
            all.push_back({ start + ", forward and backward" + end, "pairs/s", pairs,
                [&towers, &batch, way, type, device] {
                    return forwardBackward(towers, way, batch, { device, type });
                },
                3.0 * batch.operations });
        }
    }
    CLIP_TRY(race(all, "towers", settings.rounds, context, device));
    auto lines = ratesOf(all);
    for (const char* what : { ", forward, ", ", forward and backward, " })
        for (const char* type : { "float32", "bfloat16" })
            compare(lines, std::string("towers") + what + type,
                std::string("padded eager towers") + what + type);
    lines.push_back({ "arithmetic of the padded batch", batch.paddedOperations / batch.operations,
        "times that of its tokens", 0.0, {}, {} });
    return lines;
}

} // namespace clipscope::jobs
