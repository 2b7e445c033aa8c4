#include "model/bert.h"

#include "base/require.h"
#include "model/packed_attention.h"
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
        Layer layer;
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

Bert::Linear Bert::addLinear(const std::string& name, std::int64_t out, std::int64_t in)
{
    return { m_parameters.add(name + ".weight", { out, in }),
        m_parameters.add(name + ".bias", { out }) };
}

Bert::Linear Bert::addNorm(const std::string& name)
{
    return { m_parameters.add(name + ".weight", { m_config.width }),
        m_parameters.add(name + ".bias", { m_config.width }) };
}

at::Tensor Bert::norm(const at::Tensor& x, const Linear& weights) const
{
    return at::layer_norm(
        x, { m_config.width }, weights.weight, weights.bias, m_config.layerNormEps);
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

/// Everything but the attention proper works on tokens, whatever sequence they belong to.
at::Tensor Bert::attention(const Layer& layer, const at::Tensor& x, const TokenLayout& layout,
    const at::Tensor& mask) const
{
    const auto through = [](const Linear& linear, const at::Tensor& input) {
        return at::linear(input, linear.weight, linear.bias);
    };
    const at::Tensor query = through(layer.query, x), key = through(layer.key, x),
                     value = through(layer.value, x);
    const double dropout = m_training ? m_config.dropout : 0.0;
    if (!layout.keys.defined())
        return through(layer.attentionOut,
            packedAttention(query, key, value, layout.lengths, m_config.heads, dropout));
    const std::int64_t B = layout.keys.size(0), L = layout.keys.size(1), D = m_config.width;
    const auto heads = [&](const at::Tensor& tokens) {
        return tokens.view({ B, L, m_config.heads, D / m_config.heads }).transpose(1, 2);
    };
    const at::Tensor mixed
        = at::scaled_dot_product_attention(heads(query), heads(key), heads(value), mask, dropout);
    return through(layer.attentionOut, mixed.transpose(1, 2).reshape({ B * L, D }));
}

at::Tensor Bert::through(const Layer& layer, const at::Tensor& input, const TokenLayout& layout,
    const at::Tensor& mask) const
{
    const at::Tensor x
        = norm(input + dropped(attention(layer, input, layout, mask)), layer.attentionNorm);
    const at::Tensor wide
        = at::gelu(at::linear(x, layer.intermediate.weight, layer.intermediate.bias));
    return norm(
        x + dropped(at::linear(wide, layer.output.weight, layer.output.bias)), layer.outputNorm);
}

at::Tensor Bert::encode(
    const at::Tensor& input, const TokenLayout& layout, std::vector<at::Tensor>* layers) const
{
    at::Tensor x = input, mask;
    if (layout.keys.defined()) // [B, H, L, L] as a bias: nothing to add where a key may be seen
        mask = at::zeros(layout.keys.sizes(), x.options().requires_grad(false))
                   .masked_fill(layout.keys.logical_not(), -INFINITY)
                   .unsqueeze(1)
                   .unsqueeze(1)
                   .expand({ -1, m_config.heads, layout.keys.size(1), -1 });
    const bool recompute = m_recompute && m_training && x.requires_grad();
    for (const Layer& layer : m_layers) {
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
