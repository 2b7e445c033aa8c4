#pragma once

#include "tensor/tensor_file.h"

namespace clipscope::model {

/// The text head that MIL-NCE trained along with S3D: a table of words, a layer, the maximum over
/// the words, a layer. Its vectors are compared with S3d::embedding() by dot product.
/// Threads: const, any thread at once.
/// Source:  Miech et al. 2020; videoclip.md section 1, names of s3d_howto100m below `text_module.`.
class S3dText final
{
public:
    /// Takes the tensors named prefix + "text_module." + name, in float32 on the CPU.
    /// Errors: BadInput naming a tensor that is missing or has another shape.
    static Result<S3dText> create(const tensor::TensorFile& file, std::string_view prefix,
        const std::filesystem::path& fileName = {});

    /// Words that have an id, 0 (padding) included.
    std::int64_t wordCount() const { return m_words.size(0); }
    /// Width of an embedding, as S3d::featureWidth().
    std::int64_t width() const { return m_bias2.size(0); }
    /// Shapes: ids int64 [N, W], text::WordList::ids() row by row, in [0, wordCount()), W at least
    /// 1 -> float32 [N, width()]. Padding takes part in the maximum, as in the reference.
    at::Tensor embedding(const at::Tensor& ids) const;

private:
    S3dText() = default;
    at::Tensor m_words, m_weight1, m_bias1, m_weight2, m_bias2;
};

} // namespace clipscope::model
