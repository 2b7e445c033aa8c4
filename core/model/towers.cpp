#include "model/towers.h"

#include "base/require.h"

#include <ATen/ATen.h>

namespace clipscope::model {

namespace {

at::Tensor longRange(std::int64_t count, at::Device device)
{
    return at::arange(count, at::TensorOptions().dtype(at::kLong).device(device));
}

/// Columns up to the last one that is valid in some row, at least one.
std::int64_t usedColumns(const at::Tensor& mask)
{
    const at::Tensor columns = mask.any(0).nonzero();
    return columns.numel() == 0 ? 0 : columns.max().item<std::int64_t>() + 1;
}

} // namespace

at::Tensor pooled(const at::Tensor& hidden, const at::Tensor& mask, Pooling pooling)
{
    at::Tensor weights = mask.to(hidden.scalar_type());
    if (pooling == Pooling::Reference)
        weights = at::cat(
            { at::zeros_like(weights.narrow(1, 0, 1)), weights.narrow(1, 1, weights.size(1) - 1) },
            1);
    const at::Tensor sum = at::bmm(weights.unsqueeze(1), hidden).squeeze(1);
    return sum / weights.sum(1, true).clamp_min(1.0);
}

TextTower::TextTower(const TextTowerConfig& config)
    : m_config(config)
    , m_bert(config.bert)
{
    CLIP_REQUIRE(config.maxTokens + 2 <= config.bert.positions,
        "maxTokens " + std::to_string(config.maxTokens));
}

at::Tensor TextTower::hidden(
    const at::Tensor& ids, const at::Tensor& mask, std::vector<at::Tensor>* layers) const
{
    CLIP_REQUIRE(
        ids.dim() == 2 && ids.sizes() == mask.sizes() && ids.size(1) <= m_config.bert.positions,
        "ids of " + std::to_string(ids.size(-1)) + " columns");
    const at::Tensor x
        = m_bert.embed(m_bert.wordEmbeddings(ids), longRange(ids.size(1), ids.device()));
    if (layers != nullptr)
        layers->push_back(x);
    return m_bert.encode(x, mask, layers);
}

at::Tensor TextTower::encode(const at::Tensor& ids, const at::Tensor& mask) const
{
    const std::int64_t L = std::max<std::int64_t>(usedColumns(mask), 1);
    const at::Tensor used = mask.narrow(1, 0, L);
    return pooled(hidden(ids.narrow(1, 0, L), used), used, m_config.pooling);
}

VideoTower::VideoTower(const VideoTowerConfig& config)
    : m_config(config)
    , m_bert(config.bert)
{
    CLIP_REQUIRE(config.maxSeconds + 2 <= config.bert.positions
            && std::max(config.clsId, config.sepId) < config.bert.vocabulary,
        "maxSeconds " + std::to_string(config.maxSeconds));
    const std::int64_t D = config.bert.width;
    m_linear1 = m_parameters.add("videomlp.linear1.weight", { D, config.inputWidth });
    m_bias1 = m_parameters.add("videomlp.linear1.bias", { D });
    m_normWeight = m_parameters.add("videomlp.LayerNorm.weight", { D });
    m_normBias = m_parameters.add("videomlp.LayerNorm.bias", { D });
    m_linear2 = m_parameters.add("videomlp.linear2.weight", { D, D });
    m_bias2 = m_parameters.add("videomlp.linear2.bias", { D });
    m_parameters.include("bert.", m_bert.parameters());
}

at::Tensor VideoTower::videoMlp(const at::Tensor& features) const
{
    // This LayerNorm alone has PyTorch's default eps.
    constexpr double normEps = 1e-5;
    const at::Tensor x = at::layer_norm(at::gelu(at::linear(features, m_linear1, m_bias1)),
        { m_config.bert.width }, m_normWeight, m_normBias, normEps);
    return at::linear(x, m_linear2, m_bias2);
}

at::Tensor VideoTower::keys(const at::Tensor& mask, ClsKey cls) const
{
    const at::Tensor one = at::ones({ mask.size(0), 1 }, mask.options());
    return at::cat({ cls == ClsKey::Visible ? one : one.logical_not(), mask, one }, 1);
}

at::Tensor VideoTower::hidden(const at::Tensor& features, const at::Tensor& mask, ClsKey cls,
    std::vector<at::Tensor>* layers) const
{
    CLIP_REQUIRE(features.dim() == 3 && mask.dim() == 2 && features.size(1) == mask.size(1)
            && features.size(1) <= m_config.maxSeconds && features.size(2) == m_config.inputWidth,
        "features of " + std::to_string(features.size(1)) + " seconds");
    const std::int64_t B = features.size(0), T = features.size(1);
    const at::Device device = features.device();
    const auto longs = at::TensorOptions().dtype(at::kLong).device(device);
    const at::Tensor frame = m_bert.wordEmbeddings(
        at::stack({ at::full({}, m_config.clsId, longs), at::full({}, m_config.sepId, longs) }));
    const at::Tensor seconds = videoMlp(features);
    const at::Tensor ends
        = frame.to(seconds.scalar_type()).unsqueeze(0).expand({ B, 2, m_config.bert.width });
    const at::Tensor words = at::cat({ ends.narrow(1, 0, 1), seconds, ends.narrow(1, 1, 1) }, 1);
    const at::Tensor positions
        = at::cat({ longRange(T + 1, device), at::full({ 1 }, m_config.maxSeconds + 1, longs) });
    const at::Tensor x = m_bert.embed(words, positions);
    if (layers != nullptr)
        layers->push_back(x);
    return m_bert.encode(x, keys(mask, cls), layers);
}

at::Tensor VideoTower::secondStates(
    const at::Tensor& features, const at::Tensor& mask, ClsKey cls) const
{
    return hidden(features, mask, cls).narrow(1, 1, features.size(1));
}

at::Tensor VideoTower::encode(const at::Tensor& features, const at::Tensor& mask) const
{
    const std::int64_t T = usedColumns(mask);
    const at::Tensor used = mask.narrow(1, 0, T);
    return pooled(
        hidden(features.narrow(1, 0, T), used), keys(used, ClsKey::Visible), Pooling::Reference);
}

} // namespace clipscope::model
