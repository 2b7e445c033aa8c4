#include "model/s3d_text.h"

#include "base/guarded.h"
#include "base/require.h"
#include "tensor/device.h"

#include <ATen/ATen.h>

namespace clipscope::model {

Result<S3dText> S3dText::create(
    const tensor::TensorFile& file, std::string_view prefix, const std::filesystem::path& fileName)
{
    return guarded([&]() -> Result<S3dText> {
        const std::string start = std::string(prefix) + "text_module.";
        S3dText head;
        const struct
        {
            const char* name;
            at::Tensor& tensor;
            std::int64_t dimensions;
        } parts[] = { { "word_embd.weight", head.m_words, 2 }, { "fc1.weight", head.m_weight1, 2 },
            { "fc1.bias", head.m_bias1, 1 }, { "fc2.weight", head.m_weight2, 2 },
            { "fc2.bias", head.m_bias2, 1 } };
        const auto wrong = [&](const char* name) {
            return fail(ErrorKind::BadInput,
                "The file does not hold the text head of S3D: " + start + name
                    + " is missing or has another shape.",
                { fileName, "tensor " + start + name },
                "Install the S3D weights trained on HowTo100M (s3d_howto100m.pth).");
        };
        for (const auto& part : parts) {
            const auto found = file.tensors.find(start + part.name);
            if (found == file.tensors.end() || found->second.dim() != part.dimensions)
                return wrong(part.name);
            part.tensor = found->second.to(at::kCPU, at::kFloat);
        }
        if (head.m_weight1.size(1) != head.m_words.size(1))
            return wrong("fc1.weight");
        if (head.m_bias1.size(0) != head.m_weight1.size(0))
            return wrong("fc1.bias");
        if (head.m_weight2.size(1) != head.m_weight1.size(0))
            return wrong("fc2.weight");
        if (head.m_bias2.size(0) != head.m_weight2.size(0))
            return wrong("fc2.bias");
        return head;
    });
}

at::Tensor S3dText::embedding(const at::Tensor& ids) const
{
    CLIP_REQUIRE(ids.dim() == 2 && ids.size(1) > 0, "ids must be [N, W]");
    const tensor::InferenceScope inference;
    const at::Tensor states = at::linear(at::embedding(m_words, ids), m_weight1, m_bias1).relu_();
    return at::linear(states.amax(1), m_weight2, m_bias2);
}

} // namespace clipscope::model
