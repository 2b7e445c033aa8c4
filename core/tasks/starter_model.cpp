#include "tasks/starter_model.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/require.h"
#include "model/efficientnet_lite.h"
#include "tasks/starter.h"
#include "tasks/text_side.h"
#include "tensor/tensor_file.h"

#include <torch/nn/functional/linear.h>
#include <torch/nn/functional/normalization.h>
#include <torch/types.h>

#include <cmath>

namespace clipscope::tasks {

namespace {

/// Any value from 2 to 3 finds about as much; at 1 recall is lower on every set of queries.
constexpr double temperature = 2.5;
/// The same for texts, whose cosines with the class texts take the place of the logits.
constexpr double textTemperature = 0.05;
/// How much of the mean class text is taken off a text.
constexpr double meanShare = 0.5;
/// Cosine below which a moment is called weak (docs/formats/starter.md).
constexpr float weakScore = 0.3F;

/// Square roots of chances as a unit vector in the plane of the class texts.
at::Tensor rooted(const StarterConcepts& concepts, const at::Tensor& chances)
{
    return unit(chances.sqrt().matmul(concepts.basis));
}

/// Two unit vectors as one.
at::Tensor joined(const at::Tensor& a, const at::Tensor& b)
{
    return torch::cat({ a, b }, -1) * std::sqrt(0.5);
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
    int dim() const override
    {
        return static_cast<int>(m_concepts.mean.size(0) + m_concepts.basis.size(1));
    }
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
        EmbeddedTexts result{ starterTexts(m_concepts, unit(embedded.vectors)), {} };
        if (!embedded.cut.empty())
            result.notes.push_back("The query is longer than the model reads; only its first "
                + std::to_string(m_tower.config().maxTokens) + " word pieces count.");
        result.cut = std::move(embedded.cut);
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

at::Tensor unit(const at::Tensor& vectors)
{
    return torch::nn::functional::normalize(
        vectors, torch::nn::functional::NormalizeFuncOptions().p(2).dim(-1));
}

StarterConcepts conceptsOf(const at::Tensor& classTexts)
{
    StarterConcepts concepts;
    concepts.mean = classTexts.mean(0);
    concepts.meanings = unit(classTexts - concepts.mean);
    concepts.basis = std::get<0>(torch::linalg_svd(concepts.meanings, /*full_matrices=*/false));
    return concepts;
}

at::Tensor starterStates(const StarterConcepts& concepts, const at::Tensor& features)
{
    const auto logits = torch::nn::functional::linear(features, concepts.fcWeight, concepts.fcBias);
    const auto chances = (logits / temperature).softmax(-1);
    return joined(unit(chances.matmul(concepts.meanings)), rooted(concepts, chances));
}

at::Tensor starterTexts(const StarterConcepts& concepts, const at::Tensor& vectors)
{
    const auto chances = (vectors.matmul(concepts.meanings.t()) / textTemperature).softmax(-1);
    return joined(unit(vectors - meanShare * concepts.mean), rooted(concepts, chances));
}

Result<StarterConcepts> starterConcepts(
    const tensor::TensorFile& file, const std::filesystem::path& path)
{
    constexpr const char* remedy = "Make it again with `clipscope-cli make-starter`.";
    const auto config = file.metadata.find("clipscope.config");
    CLIP_TRY_ASSIGN(
        const Json about, parseJson(config == file.metadata.end() ? "{}" : config->second, path));
    if (!about.is_object() || about.value("format", 0) != starterFormat)
        return fail(ErrorKind::BadInput, "The starter was made by another version of the program.",
            { path, {} }, remedy);
    const auto find = [&](const char* name) {
        const auto found = file.tensors.find(name);
        return found == file.tensors.end() ? at::Tensor() : found->second.to(torch::kFloat32);
    };
    StarterConcepts concepts{ find("encoder._fc.weight"), find("encoder._fc.bias"),
        find("concept.meanings"), find("concept.mean"), find("concept.basis") };
    const auto has = [](const at::Tensor& tensor, std::initializer_list<std::int64_t> shape) {
        return tensor.defined() && tensor.sizes() == at::IntArrayRef(shape);
    };
    constexpr std::int64_t C = model::EfficientNetLite0::classCount;
    constexpr std::int64_t X = model::EfficientNetLite0::featureWidth;
    const std::int64_t D = starterTextConfig().bert.width;
    if (!has(concepts.fcWeight, { C, X }) || !has(concepts.fcBias, { C })
        || !has(concepts.meanings, { C, D }) || !has(concepts.mean, { D })
        || !has(concepts.basis, { C, D }))
        return fail(
            ErrorKind::BadInput, "The starter lacks its concept tensors.", { path, {} }, remedy);
    return concepts;
}

Result<std::unique_ptr<EmbeddingModel>> loadStarterModel(const CheckpointInfo& info)
{
    CLIP_TRY_ASSIGN(const auto file, tensor::readSafetensors(info.path));
    CLIP_TRY_ASSIGN(auto concepts, starterConcepts(file, info.path));
    const auto vocabulary = file.metadata.find(vocabularyKey);
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
        std::move(concepts), hashOf("starter states 2|" + hash));
}

} // namespace clipscope::tasks
