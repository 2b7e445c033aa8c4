#include "model/bert.h"

#include "base/require.h"
#include "model/layer_norm.h"
#include "model/recompute.h"

#include <ATen/ATen.h>

#include <cmath>

namespace clipscope::model {

Bert::Bert(const BertConfig& config)
    : m_config(config)
{
    CLIP_REQUIRE(config.heads > 0 && config.width % config.heads == 0,
        "width " + std::to_string(config.width) + ", heads " + std::to_string(config.heads));
    const std::int64_t D = config.width;
    m_words = m_parameters.add("embeddings.word_embeddings.weight", { config.vocabulary, D });
    m_positions
        = m_parameters.add("embeddings.position_embeddings.weight", { config.positions, D });
    m_types = m_parameters.add("embeddings.token_type_embeddings.weight", { config.tokenTypes, D });
    m_embeddingNorm = addNorm("embeddings.LayerNorm");
    for (std::int64_t i = 0; i < config.layers; ++i) {
        const std::string name = "encoder.layer." + std::to_string(i) + ".";
        EncoderLayer layer;
        layer.query = addLinear(name + "attention.self.query", D, D);
        layer.key = addLinear(name + "attention.self.key", D, D);
        layer.value = addLinear(name + "attention.self.value", D, D);
        layer.attentionOut = addLinear(name + "attention.output.dense", D, D);
        layer.attentionNorm = addNorm(name + "attention.output.LayerNorm");
        layer.intermediate = addLinear(name + "intermediate.dense", config.feedForward, D);
        layer.output = addLinear(name + "output.dense", D, config.feedForward);
        layer.outputNorm = addNorm(name + "output.LayerNorm");
        m_layers.push_back(std::move(layer));
    }
}

Linear Bert::addLinear(const std::string& name, std::int64_t out, std::int64_t in)
{
    return { m_parameters.add(name + ".weight", { out, in }),
        m_parameters.add(name + ".bias", { out }) };
}

Linear Bert::addNorm(const std::string& name)
{
    return { m_parameters.add(name + ".weight", { m_config.width }),
        m_parameters.add(name + ".bias", { m_config.width }) };
}

at::Tensor Bert::norm(const at::Tensor& x, const Linear& weights) const
{
    return layerNorm(x, weights.weight, weights.bias, m_config.layerNormEps);
}

at::Tensor Bert::dropped(const at::Tensor& x) const
{
    return m_training && m_config.dropout > 0.0 ? at::dropout(x, m_config.dropout, true) : x;
}

at::Tensor Bert::wordEmbeddings(const at::Tensor& ids) const
{
    return at::embedding(m_words, ids);
}

at::Tensor Bert::embed(const at::Tensor& words, const at::Tensor& positions) const
{
    const at::Tensor types = m_types.select(0, 0);
    return dropped(norm(words + at::embedding(m_positions, positions) + types, m_embeddingNorm));
}

at::Tensor Bert::attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
    const TokenLayout& layout, const at::Tensor& mask) const
{
    const std::int64_t H = m_config.heads, D = m_config.width;
    const double dropout = m_training ? m_config.dropout : 0.0;
    if (!layout.keys.defined())
        return packedAttention(query, key, value, layout.sequences, H, dropout);
    const std::int64_t B = layout.keys.size(0), L = layout.keys.size(1);
    const auto heads = [&](const at::Tensor& tokens) {
        return tokens.view({ B, L, H, D / H }).transpose(1, 2);
    };
    return at::scaled_dot_product_attention(heads(query), heads(key), heads(value), mask, dropout)
        .transpose(1, 2)
        .reshape({ B * L, D });
}

at::Tensor Bert::onCard(const EncoderLayer& layer, const at::Tensor& input,
    const TokenLayout& layout, const at::Tensor& mask) const
{
    const double dropout = m_training ? m_config.dropout : 0.0;
    const auto pass = [&](const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                          bool learns) {
        if (!layout.keys.defined())
            return packedAttentionPass(
                query, key, value, layout.sequences, m_config.heads, dropout, learns);
        return trackedAttention(query, key, value, learns,
            [&](const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
                return attention(q, k, v, layout, mask);
            });
    };
    return encoderLayer(layer, input, pass, m_config.layerNormEps, dropout);
}

/// Everything but the attention proper works on tokens, whatever sequence they belong to.
at::Tensor Bert::through(const EncoderLayer& layer, const at::Tensor& input,
    const TokenLayout& layout, const at::Tensor& mask) const
{
    if (input.is_cuda())
        return onCard(layer, input, layout, mask);
    const at::Tensor mixed = attention(applied(layer.query, input), applied(layer.key, input),
        applied(layer.value, input), layout, mask);
    const at::Tensor x
        = norm(input + dropped(applied(layer.attentionOut, mixed)), layer.attentionNorm);
    return norm(x + dropped(applied(layer.output, at::gelu(applied(layer.intermediate, x)))),
        layer.outputNorm);
}

at::Tensor Bert::encode(
    const at::Tensor& input, const TokenLayout& layout, std::vector<at::Tensor>* layers) const
{
    if (input.size(0) == 0)
        return input;
    at::Tensor x = input, mask;
    if (layout.keys.defined()) // [B, H, L, L] as a bias: nothing to add where a key may be seen
        mask = at::zeros(layout.keys.sizes(), x.options().requires_grad(false))
                   .masked_fill(layout.keys.logical_not(), -INFINITY)
                   .unsqueeze(1)
                   .unsqueeze(1)
                   .expand({ -1, m_config.heads, layout.keys.size(1), -1 });
    const bool recompute = m_recompute && m_training && x.requires_grad();
    for (const EncoderLayer& layer : m_layers) {
        x = recompute ? recomputed(x,
                [this, &layer, layout, mask](
                    const at::Tensor& kept) { return through(layer, kept, layout, mask); })
                      : through(layer, x, layout, mask);
        if (layers != nullptr)
            layers->push_back(x);
    }
    return x;
}

} // namespace clipscope::model
