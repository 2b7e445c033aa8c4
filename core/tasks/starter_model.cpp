#include "tasks/starter_model.h"

#include "base/hash.h"
#include "base/require.h"
#include "model/efficientnet_lite.h"
#include "tasks/starter.h"
#include "tasks/text_side.h"
#include "tensor/tensor_file.h"

#include <torch/torch.h>

namespace clipscope::tasks {

namespace {

/// Any value from 2 to 4 finds about as much; at 1 recall is lower on every set of queries.
constexpr double temperature = 2.5;
/// Cosine below which a moment is called weak (docs/formats/starter.md).
constexpr float weakScore = 0.3F;

at::Tensor unit(const at::Tensor& x)
{
    return torch::nn::functional::normalize(
        x, torch::nn::functional::NormalizeFuncOptions().p(2).dim(-1));
}

class StarterModel final : public EmbeddingModel
{
public:
    StarterModel(CheckpointInfo info, model::TextTower tower, text::WordPiece words,
        StarterConcepts concepts, std::string fingerprint)
        : m_info(std::move(info))
        , m_tower(std::move(tower))
        , m_words(std::move(words))
        , m_concepts(std::move(concepts))
        , m_fingerprint(std::move(fingerprint))
    {
    }
    const CheckpointInfo& info() const override { return m_info; }
    std::string fingerprint() const override { return m_fingerprint; }
    int dim() const override { return static_cast<int>(m_tower.config().bert.width); }
    int featureDim() const override
    {
        return static_cast<int>(model::EfficientNetLite0::featureWidth);
    }
    float weakBelow() const override { return weakScore; }

    at::Tensor secondStates(const at::Tensor& features) const override
    {
        const tensor::InferenceScope inference;
        return starterStates(m_concepts, features.to(torch::kFloat32));
    }

    Result<EmbeddedTexts> embedTexts(std::span<const std::string> texts) const override
    {
        const tensor::InferenceScope inference;
        CLIP_TRY_ASSIGN(auto embedded, embedThrough(m_words, m_tower, texts));
        EmbeddedTexts result{ unit(embedded.vectors), {} };
        if (!embedded.cut.empty())
            result.notes.push_back("The query is longer than the model reads; only its first "
                + std::to_string(m_tower.config().maxTokens) + " word pieces count.");
        return result;
    }

private:
    CheckpointInfo m_info;
    model::TextTower m_tower;
    text::WordPiece m_words;
    StarterConcepts m_concepts;
    std::string m_fingerprint;
};

} // namespace

at::Tensor starterStates(const StarterConcepts& concepts, const at::Tensor& features)
{
    const auto logits = torch::nn::functional::linear(features, concepts.fcWeight, concepts.fcBias);
    return unit((logits / temperature).softmax(-1).matmul(concepts.meanings));
}

Result<StarterConcepts> starterConcepts(
    const tensor::TensorFile& file, const std::filesystem::path& path)
{
    const auto find = [&](const char* name) {
        const auto found = file.tensors.find(name);
        return found == file.tensors.end() ? at::Tensor() : found->second.to(torch::kFloat32);
    };
    StarterConcepts concepts{ find("encoder._fc.weight"), find("encoder._fc.bias"),
        find("concept.meanings") };
    const auto has = [](const at::Tensor& tensor, std::initializer_list<std::int64_t> shape) {
        return tensor.defined() && tensor.sizes() == at::IntArrayRef(shape);
    };
    constexpr std::int64_t C = model::EfficientNetLite0::classCount;
    constexpr std::int64_t X = model::EfficientNetLite0::featureWidth;
    if (!has(concepts.fcWeight, { C, X }) || !has(concepts.fcBias, { C })
        || !has(concepts.meanings, { C, starterTextConfig().bert.width }))
        return fail(ErrorKind::BadInput, "The starter lacks its concept tensors.", { path, {} },
            "Make it again with `clipscope-cli make-starter`.");
    return concepts;
}

Result<std::unique_ptr<EmbeddingModel>> loadStarterModel(const CheckpointInfo& info)
{
    CLIP_TRY_ASSIGN(const auto file, tensor::readSafetensors(info.path));
    CLIP_TRY_ASSIGN(auto concepts, starterConcepts(file, info.path));
    const auto vocabulary = file.metadata.find("clipscope.vocabulary");
    if (vocabulary == file.metadata.end())
        return fail(ErrorKind::BadInput, "The starter has no vocabulary.", { info.path, {} },
            "Make it again with `clipscope-cli make-starter`.");
    CLIP_TRY_ASSIGN(auto words, text::WordPiece::fromText(vocabulary->second, info.path));
    model::TextTower tower(starterTextConfig());
    tensor::LoadOptions options;
    options.prefix = "text.";
    options.share = true;
    CLIP_TRY(tensor::loadAll(tower.parameters(), file, options, info.path));
    CLIP_TRY_ASSIGN(const std::string hash, hashOfFile(info.path));
    return std::make_unique<StarterModel>(info, std::move(tower), std::move(words),
        std::move(concepts), hashOf("starter states: temperature 2.5|" + hash));
}

} // namespace clipscope::tasks
