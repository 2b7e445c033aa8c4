#pragma once

#include "model/encoder_layer.h"
#include "model/packed_attention.h"
#include "tensor/parameters.h"

#include <optional>

namespace clipscope::model {

/// Sizes of a BERT encoder; the defaults are bert-base-uncased.
struct BertConfig
{
    std::int64_t vocabulary = 30522;
    std::int64_t width = 768; ///< D
    std::int64_t layers = 12;
    std::int64_t heads = 12; ///< divides width
    std::int64_t feedForward = 3072;
    std::int64_t positions = 512; ///< longest sequence
    std::int64_t tokenTypes = 2;
    double layerNormEps = 1e-12;
    double dropout = 0.1; ///< embeddings, attention, outputs; only while training

    bool operator==(const BertConfig&) const = default;
};

/// How the rows of a token matrix [S, D] form sequences, one after another.
struct TokenLayout
{
    Sequences sequences; ///< whose lengths sum to S
    /// bool [B, L] of a padded batch, all of whose lengths are L: true = may be attended to, at
    /// least one a row. Undefined: every token may, and there is no padding.
    at::Tensor keys;
};

/// The BERT embeddings and encoder under their usual names (`embeddings.*`, `encoder.layer.N.*`),
/// the one implementation behind both towers, for training and for inference.
///
/// Threads: const calls from any thread at once; setTraining() and the parameters one at a time.
/// Source:  bert-base layout of videoclip.md section 2 (GELU by erf, LayerNorm after the residual).
class Bert final
{
public:
    /// Requires heads to divide width. Weights are not initialised.
    explicit Bert(const BertConfig& config);

    const BertConfig& config() const { return m_config; }
    tensor::ParameterSet& parameters() { return m_parameters; }
    const tensor::ParameterSet& parameters() const { return m_parameters; }
    void setTraining(bool training) { m_training = training; }
    /// While training, layers keep their input alone and compute the rest once more in the backward
    /// pass: a third more time for a fraction of the memory. Off after construction.
    void setRecompute(bool recompute) { m_recompute = recompute; }

    /// Of the weights.
    at::Device device() const { return m_words.device(); }

    /// Rows of the word embedding. Shapes: ids int64 [...] in [0, vocabulary) -> [..., D].
    at::Tensor wordEmbeddings(const at::Tensor& ids) const;
    /// Adds position and type embeddings, LayerNorm, dropout.
    /// Shapes: words [..., D], positions int64 that broadcast to [...] -> [..., D].
    at::Tensor embed(const at::Tensor& words, const at::Tensor& positions) const;
    /// All layers. Shapes: x [S, D] -> [S, D], tokens as `layout` says. When `layers` is given, the
    /// output of every layer is appended to it.
    at::Tensor encode(const at::Tensor& x, const TokenLayout& layout,
        std::vector<at::Tensor>* layers = nullptr) const;

private:
    Linear addLinear(const std::string& name, std::int64_t out, std::int64_t in);
    Linear addNorm(const std::string& name);
    at::Tensor norm(const at::Tensor& x, const Linear& weights) const;
    at::Tensor dropped(const at::Tensor& x) const;
    at::Tensor through(const EncoderLayer& layer, const at::Tensor& x, const TokenLayout& layout,
        const at::Tensor& mask) const;
    at::Tensor onCard(const EncoderLayer& layer, const at::Tensor& x, const TokenLayout& layout,
        const at::Tensor& mask) const;
    at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
        const TokenLayout& layout, const at::Tensor& mask) const;

    BertConfig m_config;
    bool m_training = false, m_recompute = false;
    tensor::ParameterSet m_parameters;
    at::Tensor m_words, m_positions, m_types;
    Linear m_embeddingNorm;
    std::vector<EncoderLayer> m_layers;
};

} // namespace clipscope::model
