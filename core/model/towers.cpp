#include "model/towers.h"

#include "base/require.h"
#include "model/layer_norm.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace clipscope::model {

namespace {

at::Tensor longRange(std::int64_t count, at::Device device)
{
    return at::arange(count, at::TensorOptions().dtype(at::kLong).device(device));
}

/// Without waiting for the device; what comes from the CPU is staged before this returns.
at::Tensor sent(const at::Tensor& x, at::Device device)
{
    return x.to(device, /*non_blocking=*/true);
}

/// The valid tokens of a padded batch alone, sequences in the order of their lengths. All of it is
/// found on the CPU, so that a graphics card is never waited for.
struct Packed
{
    at::Tensor mask; ///< bool [B, L], of the padded batch
    std::vector<std::int64_t> lengths; ///< of the sequences, without empty ones
    at::Tensor sequences; ///< int64 [B'], rows of the batch in that order, without empty ones
    at::Tensor rows, columns; ///< int64 [S], where in the batch each token stood
};

Packed packed(const at::Tensor& anywhere)
{
    Packed all;
    all.mask = anywhere.cpu();
    const at::Tensor lengths = all.mask.sum(1);
    const at::Tensor order = lengths.argsort(/*stable=*/true);
    const at::Tensor tokens = all.mask.index_select(0, order).nonzero();
    const at::Tensor sorted = lengths.index_select(0, order);
    const auto* from = sorted.const_data_ptr<std::int64_t>();
    all.lengths.assign(std::upper_bound(from, from + sorted.size(0), 0), from + sorted.size(0));
    const auto count = static_cast<std::int64_t>(all.lengths.size());
    all.sequences = order.narrow(0, order.size(0) - count, count);
    all.rows = order.index_select(0, tokens.select(1, 0));
    all.columns = tokens.select(1, 1);
    return all;
}

/// The sum of each sequence's rows. Shapes: x [S, D] -> [sequences, D].
at::Tensor sequenceSums(const at::Tensor& x, const std::vector<std::int64_t>& lengths)
{
    if (!x.is_cpu() && !lengths.empty()) // one kernel; float32, for it sums in the type it is given
        return at::segment_reduce(x.to(at::kFloat), "sum",
            sent(at::tensor(lengths, at::kLong), x.device()), {}, {}, 0, /*unsafe=*/true)
            .to(x.scalar_type());
    std::vector<at::Tensor> sums{ x.new_zeros({ 0, x.size(1) }) };
    for (const at::Tensor& sequence : x.split_with_sizes(lengths))
        sums.push_back(sequence.sum(0, true));
    return at::cat(sums);
}

/// pooled() of a batch whose tokens were packed. Shapes: states [S, D] -> [B, D].
at::Tensor pooledPacked(const at::Tensor& states, const Packed& packed, Pooling pooling)
{
    const bool reference = pooling == Pooling::Reference;
    const auto like
        = [&](const at::Tensor& x) { return sent(x, states.device()).to(states.scalar_type()); };
    const auto counted = reference ? states * like(packed.columns.ne(0).unsqueeze(1)) : states;
    const at::Tensor sum = states.new_zeros({ packed.mask.size(0), states.size(1) })
                               .index_copy(0, sent(packed.sequences, states.device()),
                                   sequenceSums(counted, packed.lengths));
    const std::int64_t first = reference ? 1 : 0;
    const at::Tensor count = packed.mask.narrow(1, first, packed.mask.size(1) - first).sum(1, true);
    return sum / like(count.clamp_min(1));
}

/// A padded batch as one group of tokens, and its layers given back as a batch.
at::Tensor encodePadded(
    const Bert& bert, const at::Tensor& x, const at::Tensor& keys, std::vector<at::Tensor>* layers)
{
    const std::int64_t B = x.size(0), L = x.size(1);
    std::vector<at::Tensor> flat;
    const at::Tensor states = bert.encode(x.flatten(0, 1),
        { { std::vector<std::int64_t>(static_cast<std::size_t>(B), L), {} }, keys },
        layers == nullptr ? nullptr : &flat);
    if (layers != nullptr) {
        layers->push_back(x);
        for (const at::Tensor& layer : flat)
            layers->push_back(layer.view(x.sizes()));
    }
    return states.view(x.sizes());
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
    return encodePadded(m_bert, x, mask, layers);
}

at::Tensor TextTower::encode(const at::Tensor& ids, const at::Tensor& mask) const
{
    CLIP_REQUIRE(
        ids.dim() == 2 && ids.sizes() == mask.sizes() && ids.size(1) <= m_config.bert.positions,
        "ids of " + std::to_string(ids.size(-1)) + " columns");
    const Packed tokens = packed(mask);
    const at::Device device = m_bert.device();
    const at::Tensor words = ids.flatten().index_select(
        0, sent(tokens.rows * ids.size(1) + tokens.columns, ids.device()));
    const at::Tensor x
        = m_bert.embed(m_bert.wordEmbeddings(sent(words, device)), sent(tokens.columns, device));
    return pooledPacked(
        m_bert.encode(x, { Sequences::on(device, tokens.lengths), {} }), tokens, m_config.pooling);
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
    const at::Tensor x = layerNorm(
        at::gelu(at::linear(features, m_linear1, m_bias1)), m_normWeight, m_normBias, normEps);
    return at::linear(x, m_linear2, m_bias2);
}

void VideoTower::requireFits(const at::Tensor& features, const at::Tensor& mask) const
{
    CLIP_REQUIRE(features.dim() == 3 && mask.dim() == 2 && features.size(1) == mask.size(1)
            && features.size(1) <= m_config.maxSeconds && features.size(2) == m_config.inputWidth,
        "features of " + std::to_string(features.size(1)) + " seconds");
}

at::Tensor VideoTower::frame() const
{
    const at::Tensor ids = at::tensor({ m_config.clsId, m_config.sepId }, at::kLong);
    return m_bert.wordEmbeddings(ids.to(m_linear1.device()));
}

at::Tensor VideoTower::keys(const at::Tensor& mask, ClsKey cls) const
{
    const at::Tensor one = at::ones({ mask.size(0), 1 }, mask.options());
    return at::cat({ cls == ClsKey::Visible ? one : one.logical_not(), mask, one }, 1);
}

at::Tensor VideoTower::hidden(const at::Tensor& features, const at::Tensor& mask, ClsKey cls,
    std::vector<at::Tensor>* layers) const
{
    requireFits(features, mask);
    const std::int64_t B = features.size(0), T = features.size(1);
    const at::Device device = features.device();
    const auto longs = at::TensorOptions().dtype(at::kLong).device(device);
    const at::Tensor seconds = videoMlp(features);
    const at::Tensor ends
        = frame().to(seconds.scalar_type()).unsqueeze(0).expand({ B, 2, m_config.bert.width });
    const at::Tensor words = at::cat({ ends.narrow(1, 0, 1), seconds, ends.narrow(1, 1, 1) }, 1);
    const at::Tensor positions
        = at::cat({ longRange(T + 1, device), at::full({ 1 }, m_config.maxSeconds + 1, longs) });
    const at::Tensor x = m_bert.embed(words, positions);
    return encodePadded(m_bert, x, keys(mask, cls), layers);
}

at::Tensor VideoTower::secondStates(
    const at::Tensor& features, const at::Tensor& mask, ClsKey cls) const
{
    return hidden(features, mask, cls).narrow(1, 1, features.size(1));
}

at::Tensor VideoTower::encode(const at::Tensor& features, const at::Tensor& mask) const
{
    requireFits(features, mask);
    const std::int64_t T = features.size(1);
    const Packed tokens = packed(keys(mask, ClsKey::Visible));
    const at::Device device = m_bert.device();
    const at::Tensor isSecond = tokens.columns.gt(0).logical_and(tokens.columns.le(T));
    const at::Tensor where = (tokens.rows * T + tokens.columns - 1).masked_select(isSecond);
    const at::Tensor seconds = videoMlp(
        sent(features.flatten(0, 1).index_select(0, sent(where, features.device())), device));
    // Rows 0 and 1 are [CLS] and [SEP], the seconds follow in the order of the tokens.
    const at::Tensor words = at::cat({ frame().to(seconds.scalar_type()), seconds });
    const at::Tensor isSep = tokens.columns.gt(T);
    const at::Tensor row = at::where(isSecond, isSecond.cumsum(0) + 1, isSep.to(at::kLong));
    const at::Tensor positions = tokens.columns.masked_fill(isSep, m_config.maxSeconds + 1);
    const at::Tensor x
        = m_bert.embed(words.index_select(0, sent(row, device)), sent(positions, device));
    return pooledPacked(m_bert.encode(x, { Sequences::on(device, tokens.lengths), {} }), tokens,
        Pooling::Reference);
}

} // namespace clipscope::model
