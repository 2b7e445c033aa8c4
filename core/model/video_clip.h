#pragma once

#include "model/towers.h"

#include <map>
#include <string>

namespace clipscope::model {

struct VideoClipConfig
{
    VideoTowerConfig video;
    TextTowerConfig text;

    bool operator==(const VideoClipConfig&) const = default;
};

/// The config as the text of a checkpoint's metadata `clipscope.config`, and back.
/// Errors: BadInput naming the field (missing, wrong type, sizes no network can have).
std::string toJsonText(const VideoClipConfig& config);
std::string toJsonText(const BertConfig& config);
Result<VideoClipConfig> videoClipConfigFromJson(
    std::string_view text, const std::filesystem::path& file = {});

/// The config a file's tensors have, for checkpoints that carry none (fairseq files): sizes are
/// read off the shapes below `prefix`. No shape tells the number of attention heads; 0 takes 12 for
/// a width of 384 (MiniLM) and width / 64 for other multiples of 64.
/// Errors: BadInput when the tensors are not a VideoCLIP model (a BERT), or the heads not told.
Result<VideoClipConfig> videoClipConfigFromTensors(
    const tensor::TensorFile& file, std::string_view prefix, std::int64_t heads = 0);
Result<BertConfig> bertConfigFromTensors(
    const tensor::TensorFile& file, std::string_view prefix, std::int64_t heads = 0);

/// Errors: BadInput naming the field when no network can have these sizes.
Status checkConfig(const VideoClipConfig& config);

/// VideoCLIP: two separate towers. A score is the plain dot product of the two vectors.
/// Parameters: `video_encoder.*`, `text_encoder.*`, the reference's names without "mmmodel.".
/// Threads: const calls from any thread at once.
/// Source:  Xu et al. 2021; MMFusionSeparate of the reference.
class VideoClip final
{
public:
    /// Requires a config that passes checkConfig(). Weights are not initialised.
    explicit VideoClip(const VideoClipConfig& config);

    /// A checkpoint of ours (config in its metadata) or of the reference, for inference.
    /// Errors: NotFound, Io, BadInput (names what is missing).
    static Result<VideoClip> open(const std::filesystem::path& path);

    const VideoClipConfig& config() const { return m_config; }
    tensor::ParameterSet& parameters() { return m_parameters; }
    const tensor::ParameterSet& parameters() const { return m_parameters; }
    TextTower& text() { return m_text; }
    const TextTower& text() const { return m_text; }
    VideoTower& video() { return m_video; }
    const VideoTower& video() const { return m_video; }
    /// Dropout on or off; off after construction.
    void setTraining(bool training);
    /// As Bert::setRecompute().
    void setRecompute(bool recompute);

private:
    VideoClipConfig m_config;
    VideoTower m_video;
    TextTower m_text;
    tensor::ParameterSet m_parameters;
};

/// The symmetric loss over a batch of pairs, row i belonging to row i; temperature 1, mean over
/// rows.
struct ContrastiveLoss
{
    at::Tensor total; ///< sum of both directions, 0-d, differentiable
    at::Tensor videoToText, textToVideo; ///< 0-d
};

/// Shapes: video [B, D], text [B, D], any float type; computed in float32.
/// Source: videoclip.md section 6, MMContraLoss of the reference.
ContrastiveLoss contrastiveLoss(const at::Tensor& video, const at::Tensor& text);

} // namespace clipscope::model
