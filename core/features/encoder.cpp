#include "features/encoder.h"

#include "base/hash.h"
#include "model/efficientnet_lite.h"
#include "model/random_features.h"
#include "model/s3d.h"
#include "tensor/torch_file.h"

#include <torch/nn/functional/normalization.h>
#include <torch/types.h>

#include <optional>

namespace clipscope::features {

namespace {

const char* const liteName = "efficientnet-lite0";
const char* const s3dName = "s3d";
const char* const randomName = "random-spatiotemporal";

class LiteEncoder final : public Encoder
{
public:
    LiteEncoder(model::EfficientNetLite0 network, std::string fingerprint, tensor::Compute compute)
        : m_network(std::move(network))
        , m_fingerprint(std::move(fingerprint))
        , m_compute(compute)
    {
    }
    std::string name() const override { return liteName; }
    std::string fingerprint() const override { return m_fingerprint; }
    int dim() const override { return static_cast<int>(model::EfficientNetLite0::featureWidth); }
    media::SamplePlan plan() const override { return media::starterPlan(); }
    int preferredBatch() const override { return m_compute.device.is_cuda() ? 128 : 16; }
    std::string placement() const override { return m_compute.toString(); }

    at::Tensor encode(const at::Tensor& frames) const override
    {
        const tensor::InferenceScope inference;
        const auto flat = frames.flatten(0, 1).to(m_compute.device);
        const auto features = m_network.features(model::EfficientNetLite0::normalised(flat));
        return features.view({ frames.size(0), frames.size(1), -1 }).mean(1).to(at::kCPU);
    }

private:
    model::EfficientNetLite0 m_network;
    std::string m_fingerprint;
    tensor::Compute m_compute;
};

class S3dEncoder final : public Encoder
{
public:
    S3dEncoder(model::S3d network, std::string fingerprint, tensor::Compute compute)
        : m_network(std::move(network))
        , m_fingerprint(std::move(fingerprint))
        , m_compute(compute)
    {
    }
    std::string name() const override { return s3dName; }
    std::string fingerprint() const override { return m_fingerprint; }
    int dim() const override { return static_cast<int>(m_network.featureWidth()); }
    media::SamplePlan plan() const override { return media::s3dPlan(); }
    int preferredBatch() const override { return m_compute.device.is_cuda() ? 32 : 1; }
    std::string placement() const override { return m_compute.toString(); }

    at::Tensor encode(const at::Tensor& frames) const override
    {
        const tensor::InferenceScope inference;
        const auto clips = model::S3d::normalised(frames.to(m_compute.device));
        const auto embedding = m_network.embedding(m_network.pooled(clips));
        // Stored unit length, as the reference's extractor does (videoclip.md section 1).
        return torch::nn::functional::normalize(
            embedding, torch::nn::functional::NormalizeFuncOptions().p(2).dim(1))
            .to(at::kCPU);
    }

private:
    model::S3d m_network;
    std::string m_fingerprint;
    tensor::Compute m_compute;
};

class RandomEncoder final : public Encoder
{
public:
    explicit RandomEncoder(const tensor::Compute& compute)
        : m_network(compute)
        , m_compute(compute)
    {
    }
    static std::string recipeFingerprint() { return hashOf(model::RandomFeatures::recipe()); }

    std::string name() const override { return randomName; }
    std::string fingerprint() const override { return recipeFingerprint(); }
    int dim() const override { return static_cast<int>(model::RandomFeatures::featureWidth); }
    media::SamplePlan plan() const override
    {
        constexpr int size = static_cast<int>(model::RandomFeatures::imageSize);
        return { static_cast<int>(model::RandomFeatures::framesPerSecond),
            media::FrameChoice::Nearest, media::Squash{ size, size } };
    }
    int preferredBatch() const override { return m_compute.device.is_cuda() ? 128 : 16; }
    std::string placement() const override { return m_compute.toString(); }

    at::Tensor encode(const at::Tensor& frames) const override
    {
        const tensor::InferenceScope inference;
        return m_network.features(frames).to(at::kCPU);
    }

private:
    model::RandomFeatures m_network;
    tensor::Compute m_compute;
};

/// Where the weights of an encoder lie and what must be changed when its preprocessing changes.
struct WeightsPlace
{
    std::filesystem::path path;
    std::string prefix;
    std::string recipe;
};

Result<WeightsPlace> weightsPlace(
    const std::string& name, const std::filesystem::path& modelsFolder)
{
    if (name == liteName) {
        const auto path = modelsFolder / "starter.safetensors";
        if (!std::filesystem::exists(path))
            return fail(ErrorKind::NotFound,
                "The starter's image encoder is not installed: starter.safetensors is missing.",
                { path, {} },
                "Make it with `clipscope-setup starter`, in a checkout with `./dev starter`.");
        return WeightsPlace{ path, "encoder.",
            "lite0: frame at each whole second, squash 224, (x-127)/128" };
    }
    if (name == s3dName) {
        for (const char* file : { "s3d.safetensors", "s3d_howto100m.pth" })
            if (const auto path = modelsFolder / file; std::filesystem::exists(path))
                return WeightsPlace{ path, "",
                    "s3d: 30 frames/s, short side 224, centre crop as ffmpeg does, unit length" };
        return fail(ErrorKind::NotFound,
            "The encoder s3d has no weights: neither s3d.safetensors nor s3d_howto100m.pth is "
            "in the models folder.",
            { modelsFolder, {} },
            "Install the released s3d_howto100m.pth (MIL-NCE on HowTo100M, about 120 MB) with "
            "`clipscope-cli import-weights s3d_howto100m.pth`, or use the encoder "
            "efficientnet-lite0.");
    }
    return fail(ErrorKind::BadInput, "There is no encoder named \"" + name + "\".", {},
        "Known encoders: efficientnet-lite0, s3d, random-spatiotemporal.");
}

bool belongsToEncoder(const std::string& name, const WeightsPlace& place)
{
    return name.starts_with(place.prefix) && name.find("text_module.") == std::string::npos
        && name.find("num_batches_tracked") == std::string::npos;
}

/// Hash over names, shapes and bytes, so that the same weights from a .pth and a safetensors file
/// have one fingerprint and other parts of the file (the starter's texts) do not change it.
std::string fingerprintOf(const tensor::TensorFile& file, const WeightsPlace& place)
{
    Hasher hasher;
    hasher.add(place.recipe);
    for (const auto& [name, value] : file.tensors) {
        if (!belongsToEncoder(name, place))
            continue;
        const auto plain = value.contiguous();
        hasher.add(name.substr(place.prefix.size()));
        hasher.add(c10::str(plain.sizes(), plain.scalar_type()));
        hasher.add(
            std::span(static_cast<const std::byte*>(plain.const_data_ptr()), plain.nbytes()));
    }
    return hasher.hex();
}

} // namespace

const std::vector<std::string>& encoderNames()
{
    static const std::vector<std::string> names{ liteName, s3dName, randomName };
    return names;
}

Result<std::unique_ptr<Encoder>> loadEncoder(const std::string& name,
    const std::filesystem::path& modelsFolder, const tensor::Compute& compute)
{
    if (name == randomName)
        return std::make_unique<RandomEncoder>(compute);
    CLIP_TRY_ASSIGN(const WeightsPlace place, weightsPlace(name, modelsFolder));
    CLIP_TRY_ASSIGN(const tensor::TensorFile file, tensor::readTensors(place.path));
    std::string fingerprint = fingerprintOf(file, place);
    if (name == liteName) {
        CLIP_TRY_ASSIGN(auto network,
            model::EfficientNetLite0::create(file, place.prefix, compute, place.path));
        return std::make_unique<LiteEncoder>(std::move(network), std::move(fingerprint), compute);
    }
    CLIP_TRY_ASSIGN(auto network, model::S3d::create(file, place.prefix, compute, place.path));
    return std::make_unique<S3dEncoder>(std::move(network), std::move(fingerprint), compute);
}

Result<std::string> encoderFingerprint(
    const std::string& name, const std::filesystem::path& modelsFolder)
{
    if (name == randomName)
        return RandomEncoder::recipeFingerprint();
    CLIP_TRY_ASSIGN(const WeightsPlace place, weightsPlace(name, modelsFolder));
    CLIP_TRY_ASSIGN(const tensor::TensorFile file, tensor::readTensors(place.path));
    return fingerprintOf(file, place);
}

} // namespace clipscope::features
