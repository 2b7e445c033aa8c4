#include "jobs/bench_plain_towers.h"

#include "tensor/device.h"

#include <ATen/ATen.h>

#include <cmath>

namespace clipscope::jobs {

namespace {

at::Tensor mean(const at::Tensor& states, const at::Tensor& mask)
{
    const std::int64_t L = mask.size(1) - 1; // without [CLS]
    const at::Tensor weights = mask.narrow(1, 1, L).unsqueeze(2).to(states.scalar_type());
    return (states.narrow(1, 1, L) * weights).sum(1) / weights.sum(1);
}
double bertOperations(const model::BertConfig& bert, std::int64_t length)
{
    const auto L = static_cast<double>(length), D = static_cast<double>(bert.width),
               F = static_cast<double>(bert.feedForward);
    return static_cast<double>(bert.layers)
        * (2.0 * L * (4.0 * D * D + 2.0 * D * F) + 4.0 * L * L * D);
}

} // namespace

at::Tensor PlainTowers::text(const at::Tensor& ids, const at::Tensor& mask) const
{
    const auto& bert = m_network.config().text.bert;
    const at::Tensor words = at::embedding(weight("text_encoder.embeddings.word_embeddings"), ids);
    const at::Tensor positions = at::arange(ids.size(1), ids.options());
    return mean(encode("text_encoder.", bert, words, positions, mask), mask);
}
at::Tensor PlainTowers::video(const at::Tensor& features, const at::Tensor& mask) const
{
    const auto& config = m_network.config().video;
    const std::int64_t B = features.size(0), T = features.size(1);
    const std::string mlp = "video_encoder.videomlp.", bert = "video_encoder.bert.";
    at::Tensor seconds = at::gelu(linear(mlp + "linear1", features));
    seconds = linear(mlp + "linear2", norm(mlp + "LayerNorm", seconds, 1e-5));
    const auto longs = features.options().dtype(at::kLong);
    const auto frame = [&](std::int64_t id) {
        return at::embedding(
            weight(bert + "embeddings.word_embeddings"), at::full({ B, 1 }, id, longs));
    };
    const at::Tensor words = at::cat({ frame(config.clsId).to(seconds.scalar_type()), seconds,
                                         frame(config.sepId).to(seconds.scalar_type()) },
        1);
    const at::Tensor positions = at::arange(T + 2, longs); // padded: [SEP] is always last
    const at::Tensor one = at::ones({ B, 1 }, mask.options());
    const at::Tensor keys = at::cat({ one, mask, one }, 1);
    return mean(encode(bert, config.bert, words, positions, keys), keys);
}

at::Tensor PlainTowers::weight(const std::string& name) const
{
    return m_network.parameters().find(name + ".weight");
}
at::Tensor PlainTowers::linear(const std::string& name, const at::Tensor& x) const
{
    return at::linear(x, weight(name), m_network.parameters().find(name + ".bias"));
}
at::Tensor PlainTowers::norm(const std::string& name, const at::Tensor& x, double eps) const
{
    return at::layer_norm(
        x, { x.size(-1) }, weight(name), m_network.parameters().find(name + ".bias"), eps);
}
at::Tensor PlainTowers::dropped(const at::Tensor& x, double rate) const
{
    return at::dropout(x, rate, m_training);
}
at::Tensor PlainTowers::encode(const std::string& prefix, const model::BertConfig& bert,
    const at::Tensor& words, const at::Tensor& positions, const at::Tensor& mask) const
{
    const std::int64_t B = words.size(0), L = words.size(1), H = bert.heads;
    const std::int64_t d = bert.width / H;
    const std::string embeddings = prefix + "embeddings.";
    at::Tensor x = words + at::embedding(weight(embeddings + "position_embeddings"), positions)
        + weight(embeddings + "token_type_embeddings").select(0, 0);
    x = dropped(norm(embeddings + "LayerNorm", x, bert.layerNormEps), bert.dropout);
    const at::Tensor bias
        = mask.logical_not().unsqueeze(1).unsqueeze(1).to(x.scalar_type()) * -10000.0;
    for (std::int64_t i = 0; i < bert.layers; ++i) {
        const std::string layer = prefix + "encoder.layer." + std::to_string(i) + ".";
        const auto heads = [&](const char* name) {
            return linear(layer + "attention.self." + name, x)
                .view({ B, L, H, d })
                .permute({ 0, 2, 1, 3 });
        };
        const at::Tensor scores
            = at::matmul(heads("query"), heads("key").transpose(-1, -2)) / std::sqrt(d) + bias;
        const at::Tensor mixed
            = at::matmul(dropped(at::softmax(scores, -1), bert.dropout), heads("value"));
        const at::Tensor joined
            = mixed.permute({ 0, 2, 1, 3 }).contiguous().view({ B, L, bert.width });
        x = norm(layer + "attention.output.LayerNorm",
            x + dropped(linear(layer + "attention.output.dense", joined), bert.dropout),
            bert.layerNormEps);
        const at::Tensor wide = at::gelu(linear(layer + "intermediate.dense", x));
        x = norm(layer + "output.LayerNorm",
            x + dropped(linear(layer + "output.dense", wide), bert.dropout), bert.layerNormEps);
    }
    return x;
}

TowersBatch madeUpBatch(std::int64_t pairs, const model::VideoClipConfig& config, at::Device device)
{
    Random random({ 23 });
    const std::int64_t T = config.video.maxSeconds, L = config.text.maxTokens + 2;
    const auto D = static_cast<double>(config.video.bert.width);
    TowersBatch batch;
    batch.features = at::rand({ pairs, T, config.video.inputWidth });
    batch.ids = at::randint(1000, config.text.bert.vocabulary, { pairs, L }, at::kLong);
    batch.videoMask = at::zeros({ pairs, T }, at::kBool);
    batch.textMask = at::zeros({ pairs, L }, at::kBool);
    for (std::int64_t i = 0; i < pairs; ++i) {
        const std::int64_t seconds = random.uniformInteger(3, T);
        const std::int64_t tokens = std::min(
            random.uniformInteger(8, 64) + random.uniformInteger(0, 9), config.text.maxTokens);
        batch.videoMask[i].narrow(0, 0, seconds).fill_(true);
        batch.textMask[i].narrow(0, 0, tokens + 2).fill_(true);
        const auto operations = [&](std::int64_t clip, std::int64_t text) {
            return bertOperations(config.video.bert, clip + 2)
                + bertOperations(config.text.bert, text)
                + 2.0 * static_cast<double>(clip)
                * (static_cast<double>(config.video.inputWidth) * D + D * D);
        };
        batch.operations += operations(seconds, tokens + 2);
        batch.paddedOperations += operations(T, L);
    }
    batch.features = batch.features.to(device);
    batch.ids = batch.ids.to(device);
    batch.videoMaskThere = batch.videoMask.to(device);
    batch.textMaskThere = batch.textMask.to(device);
    return batch;
}

Towers::Towers(
    const model::VideoClipConfig& config, const model::VideoClip* weights, at::Device device)
    : network(config)
    , plain(network)
{
    if (weights == nullptr)
        network.parameters().initialise(Random({ 5 }));
    else
        for (const auto& item : weights->parameters().all())
            network.parameters().find(item.name).copy_(item.tensor);
    network.parameters().moveTo(device, at::kFloat);
}

void Towers::setTraining(bool training)
{
    network.setTraining(training);
    plain.setTraining(training);
}

std::pair<at::Tensor, at::Tensor> encoded(const Towers& towers, Way way, const TowersBatch& batch)
{
    if (way == Way::Ours)
        return { towers.network.video().encode(batch.features, batch.videoMask),
            towers.network.text().encode(batch.ids, batch.textMask) };
    return { towers.plain.video(batch.features, batch.videoMaskThere),
        towers.plain.text(batch.ids, batch.textMaskThere) };
}

Status sameVectors(Towers& towers, const TowersBatch& batch)
{
    const tensor::InferenceScope inference;
    const auto ours = encoded(towers, Way::Ours, batch), plain = encoded(towers, Way::Plain, batch);
    const auto gap = [](const at::Tensor& a, const at::Tensor& b) {
        return ((a - b).abs().max() / b.abs().max()).item<double>();
    };
    const double largest = std::max(gap(ours.first, plain.first), gap(ours.second, plain.second));
    if (!(largest < 1e-4))
        return fail(ErrorKind::Internal,
            "The towers and their plain counterpart differ by " + std::to_string(largest) + ".");
    return {};
}

} // namespace clipscope::jobs
