#pragma once

#include "model/video_clip.h"

#include <cstdint>
#include <utility>

namespace clipscope::jobs {

// What the bench measures the towers against. Private to the module.

/// The towers written the straightforward way: batches padded to the longest input there can be,
/// one LibTorch operation after another. Same weights, same maths, dropout included.
class PlainTowers final
{
public:
    /// The network must outlive it.
    explicit PlainTowers(const model::VideoClip& network)
        : m_network(network)
    {
    }
    void setTraining(bool training) { m_training = training; }

    at::Tensor text(const at::Tensor& ids, const at::Tensor& mask) const;
    at::Tensor video(const at::Tensor& features, const at::Tensor& mask) const;

private:
    at::Tensor weight(const std::string& name) const;
    at::Tensor linear(const std::string& name, const at::Tensor& x) const;
    at::Tensor norm(const std::string& name, const at::Tensor& x, double eps) const;
    at::Tensor dropped(const at::Tensor& x, double rate) const;
    at::Tensor encode(const std::string& prefix, const model::BertConfig& bert,
        const at::Tensor& words, const at::Tensor& positions, const at::Tensor& mask) const;

    const model::VideoClip& m_network;
    bool m_training = false;
};

/// A batch as training draws it: clips of 3 to 32 seconds, texts of 8 to 64 word pieces that the
/// last caption overshoots by up to nine, cut at 61.
struct TowersBatch
{
    at::Tensor features, ids; ///< on the device of the towers
    at::Tensor videoMask, textMask; ///< on the CPU, where the packed towers read them
    at::Tensor videoMaskThere, textMaskThere; ///< on the device, for the padded towers
    double operations = 0.0, paddedOperations = 0.0; ///< forward, of valid tokens and of all
};

TowersBatch madeUpBatch(
    std::int64_t pairs, const model::VideoClipConfig& config, at::Device device);

/// One network in float32 for training and, cast, in bfloat16 for encoding.
struct Towers
{
    /// With the weights of another network, or random ones.
    Towers(
        const model::VideoClipConfig& config, const model::VideoClip* weights, at::Device device);
    void setTraining(bool training);

    model::VideoClip network;
    PlainTowers plain;
};

enum class Way { Ours, Plain };

/// Video and text vectors of a batch.
std::pair<at::Tensor, at::Tensor> encoded(const Towers& towers, Way way, const TowersBatch& batch);
/// Both ways must give the same vectors, or their speeds say nothing. Errors: Internal.
Status sameVectors(Towers& towers, const TowersBatch& batch);

} // namespace clipscope::jobs
