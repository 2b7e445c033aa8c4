#pragma once

#include "base/random.h"
#include "model/video_clip.h"

namespace clipscope::model {

/// True for BERT weights without a VideoCLIP model around them.
bool isBertAlone(const tensor::TensorFile& file);

/// A VideoCLIP model that begins as the paper's: the text tower with all layers of a BERT, the
/// video tower with its first `wanted.video.bert.layers`, the video MLP drawn from `random`. Width,
/// feed-forward width and the text tower's layers are the BERT's, and so are the heads unless its
/// width is that of `wanted`; words and positions are the first of the BERT's. The model owns its
/// weights.
/// Errors: BadInput naming the tensor that is missing or too small, or a size that does not fit.
/// Source: videoclip.md section 2, initialisation of the video tower.
Result<VideoClip> videoClipFromBert(const tensor::TensorFile& bert, const VideoClipConfig& wanted,
    Random random, const std::filesystem::path& path);

} // namespace clipscope::model
