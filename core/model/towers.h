#pragma once

#include "model/bert.h"

namespace clipscope::model {

/// How the states of a sequence become one vector; a mean over some of its tokens.
enum class Pooling {
    Reference, ///< valid tokens and [SEP], without [CLS]: VideoCLIP
    AllValid, ///< every valid token, [CLS] and [SEP] too: sentence encoders such as MiniLM
};

/// Mean of `hidden` over the tokens where `mask` holds, without column 0 for Pooling::Reference.
/// Shapes: hidden [B, L, D], mask bool [B, L] -> [B, D]; zeros where no token is left.
at::Tensor pooled(const at::Tensor& hidden, const at::Tensor& mask, Pooling pooling);

struct TextTowerConfig
{
    BertConfig bert;
    Pooling pooling = Pooling::Reference;
    std::int64_t maxTokens = 61; ///< words, without [CLS] and [SEP]

    bool operator==(const TextTowerConfig&) const = default;
};

/// A plain BERT over [CLS] words [SEP]; MiniLM sentence encoders load into it as they are.
/// Threads: const calls from any thread at once.
/// Source:  videoclip.md section 2, text tower.
class TextTower final
{
public:
    explicit TextTower(const TextTowerConfig& config);

    const TextTowerConfig& config() const { return m_config; }
    tensor::ParameterSet& parameters() { return m_bert.parameters(); }
    const tensor::ParameterSet& parameters() const { return m_bert.parameters(); }
    void setTraining(bool training) { m_bert.setTraining(training); }
    void setRecompute(bool recompute) { m_bert.setRecompute(recompute); }

    /// Shapes: ids int64 [B, L], [CLS] words [SEP] then padding; mask bool [B, L] -> [B, L, D].
    /// `layers`, when given, gets the embeddings and every layer's output.
    at::Tensor hidden(const at::Tensor& ids, const at::Tensor& mask,
        std::vector<at::Tensor>* layers = nullptr) const;
    /// One vector a text, not normalised; padding costs nothing: it is left out before the
    /// embedding. The inputs may lie on the CPU whatever the weights' device is, and the mask had
    /// better. Shapes: as hidden() -> [B, D], on the weights' device.
    at::Tensor encode(const at::Tensor& ids, const at::Tensor& mask) const;

private:
    TextTowerConfig m_config;
    Bert m_bert;
};

struct VideoTowerConfig
{
    BertConfig bert = { .layers = 6 };
    std::int64_t inputWidth = 512; ///< Df, numbers per second
    std::int64_t maxSeconds = 32;
    std::int64_t clsId = 101, sepId = 102; ///< words whose embeddings frame the sequence

    bool operator==(const VideoTowerConfig&) const = default;
};

/// Whether the states of the seconds may look at [CLS].
enum class ClsKey {
    Visible,
    Masked, ///< as the reference does for COIN and CrossTask
};

/// [CLS] v1..vT [SEP] through a video MLP and BERT. [SEP] has position maxSeconds + 1 however many
/// seconds there are, so that dropping padding changes nothing.
/// Threads: const calls from any thread at once.
/// Source:  videoclip.md section 2, video tower; parameter names `videomlp.*`, `bert.*`.
class VideoTower final
{
public:
    explicit VideoTower(const VideoTowerConfig& config);

    const VideoTowerConfig& config() const { return m_config; }
    tensor::ParameterSet& parameters() { return m_parameters; }
    const tensor::ParameterSet& parameters() const { return m_parameters; }
    void setTraining(bool training) { m_bert.setTraining(training); }
    void setRecompute(bool recompute) { m_bert.setRecompute(recompute); }

    /// Shapes: features [B, T, Df] -> [B, T, D].
    at::Tensor videoMlp(const at::Tensor& features) const;
    /// Shapes: features float [B, T, Df], T in [0, maxSeconds]; mask bool [B, T], true = valid
    /// -> [B, T + 2, D]: [CLS], the seconds, [SEP]. `layers` as in TextTower::hidden().
    at::Tensor hidden(const at::Tensor& features, const at::Tensor& mask,
        ClsKey cls = ClsKey::Visible, std::vector<at::Tensor>* layers = nullptr) const;
    /// States of the seconds alone, without [CLS] and [SEP]. Shapes: as hidden() -> [B, T, D].
    at::Tensor secondStates(
        const at::Tensor& features, const at::Tensor& mask, ClsKey cls = ClsKey::Visible) const;
    /// One vector a clip, not normalised; padding costs nothing: it is left out before the video
    /// MLP, and before features on the CPU go to the weights' device. Shapes: as hidden() -> [B,
    /// D], on the weights' device; mask as in TextTower::encode().
    at::Tensor encode(const at::Tensor& features, const at::Tensor& mask) const;

private:
    void requireFits(const at::Tensor& features, const at::Tensor& mask) const;
    at::Tensor frame() const; ///< word embeddings of [CLS] and [SEP], [2, D]
    at::Tensor keys(const at::Tensor& mask, ClsKey cls) const;

    VideoTowerConfig m_config;
    Bert m_bert;
    at::Tensor m_linear1, m_bias1, m_normWeight, m_normBias, m_linear2, m_bias2;
    tensor::ParameterSet m_parameters;
};

} // namespace clipscope::model
