#include "jobs/weights_layout.h"

#include "base/files.h"
#include "model/s3d.h"
#include "model/video_clip.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <optional>

namespace clipscope::jobs {

namespace {

constexpr std::string_view videoClipMark = "video_encoder.", s3dMark = "mixed_3b.",
                           bertMark = "encoder.layer.";

/// The shortest P such that a name of the file is P + mark + anything, P being whole words.
std::optional<std::string> prefixBefore(const tensor::TensorFile& file, std::string_view mark)
{
    std::optional<std::string> best;
    for (const auto& [name, value] : file.tensors) {
        const std::size_t at = name.find(mark);
        if (at != std::string::npos && (at == 0 || name[at - 1] == '.')
            && (!best || at < best->size()))
            best = name.substr(0, at);
    }
    return best;
}

/// Names that BERT's first releases used.
void renameOldNorms(tensor::TensorFile& file)
{
    constexpr std::pair<std::string_view, std::string_view> renames[]
        = { { "LayerNorm.gamma", "LayerNorm.weight" }, { "LayerNorm.beta", "LayerNorm.bias" } };
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& [name, value] : file.tensors)
        for (const auto& [before, now] : renames)
            if (name.ends_with(before))
                found.emplace_back(
                    name, name.substr(0, name.size() - before.size()) + std::string(now));
    for (const auto& [before, now] : found) {
        auto node = file.tensors.extract(before);
        node.key() = now;
        file.tensors.insert(std::move(node));
    }
}

/// The network is made to ask it for its names; a few odd shapes must not make that one of
/// terabytes.
Status checkPlausible(const tensor::TensorFile& file, const model::BertConfig& bert)
{
    double held = 0.0;
    for (const auto& [name, value] : file.tensors)
        held += static_cast<double>(value.numel());
    const auto D = static_cast<double>(bert.width), F = static_cast<double>(bert.feedForward);
    const double asked = D * static_cast<double>(bert.vocabulary + bert.positions)
        + static_cast<double>(bert.layers) * (4 * D * D + 2 * D * F);
    if (asked > 2 * held + 1e6)
        return fail(ErrorKind::BadInput,
            "The shapes are those of a network of width " + std::to_string(bert.width) + " and "
                + std::to_string(bert.layers)
                + " layers, but less than half of its numbers are there.");
    return {};
}

void wantParameters(const tensor::ParameterSet& parameters, WeightsLayout& layout)
{
    for (const tensor::NamedTensor& item : parameters.all())
        layout.wanted.emplace_back(item.name, item.tensor.sizes().vec());
}

Result<model::VideoClipConfig> videoClipConfig(
    const tensor::TensorFile& file, const ImportWeightsSettings& settings, WeightsLayout& layout)
{
    if (const auto own = file.metadata.find("clipscope.config"); own != file.metadata.end()) {
        layout.metadata["clipscope.config"] = own->second;
        return model::videoClipConfigFromJson(own->second, settings.file);
    }
    const auto mlp = file.tensors.find(layout.prefix + "video_encoder.videomlp.linear1.weight");
    const bool told = settings.heads > 0
        || (mlp != file.tensors.end() && mlp->second.dim() == 2 && mlp->second.size(0) % 64 == 0);
    // One head has the shapes of any number of them.
    CLIP_TRY_ASSIGN(auto config,
        model::videoClipConfigFromTensors(file, layout.prefix, told ? settings.heads : 1));
    if (told)
        layout.metadata["clipscope.config"] = model::toJsonText(config);
    else
        layout.notes.push_back("The number of attention heads cannot be told from the shapes, so "
                               "nothing can compute with the file yet; import it again with "
                               "--heads N.");
    return config;
}

Status layOutVideoClip(
    const tensor::TensorFile& file, const ImportWeightsSettings& settings, WeightsLayout& layout)
{
    layout.kind = WeightsKind::VideoClip;
    layout.title = "VideoCLIP model";
    layout.kept = { "video_encoder.classifier." };
    layout.unused = { "position_ids", "pooler." };
    CLIP_TRY_ASSIGN(const auto config, videoClipConfig(file, settings, layout));
    CLIP_TRY(checkPlausible(file, config.video.bert));
    CLIP_TRY(checkPlausible(file, config.text.bert));
    wantParameters(model::VideoClip(config).parameters(), layout);
    layout.vocabulary = config.text.bert.vocabulary;
    for (const char* key : { "clipscope.encoder", "clipscope.encoder-fingerprint" })
        if (const auto own = file.metadata.find(key); own != file.metadata.end())
            layout.metadata[key] = own->second;
    if (!layout.metadata.contains("clipscope.encoder") && config.video.inputWidth == 512)
        layout.metadata["clipscope.encoder"] = "s3d";
    return {};
}

Status layOutS3d(const tensor::TensorFile& file, WeightsLayout& layout)
{
    constexpr std::int64_t usualWidth = 512, mostWidth = 16384;
    layout.kind = WeightsKind::S3d;
    layout.title = "S3D video encoder";
    layout.kept = { "text_module." };
    layout.unused = { "num_batches_tracked" };
    const auto fc = file.tensors.find(layout.prefix + "fc.bias");
    const std::int64_t width = fc == file.tensors.end() ? usualWidth : fc->second.numel();
    if (width < 1 || width > mostWidth)
        return fail(ErrorKind::BadInput,
            "The embedding is " + std::to_string(width) + " numbers wide, which no S3D is.",
            { {}, "tensor " + layout.prefix + "fc.bias" });
    layout.wanted = model::S3d::weightShapes(width);
    return {};
}

/// What config.json beside a Hugging Face file says of how the network computes.
Status readBertConfig(
    const std::filesystem::path& path, std::int64_t& heads, std::optional<double>& layerNormEps)
{
    CLIP_TRY_ASSIGN(const Json json, readJson(path));
    const auto word = [&](const char* key, const std::string& usual) {
        return json.is_object() && json.contains(key) && json[key].is_string()
            ? json[key].get<std::string>()
            : usual;
    };
    for (const auto& [key, usual] :
        std::initializer_list<std::pair<const char*, const char*>>{ { "model_type", "bert" },
            { "hidden_act", "gelu" }, { "position_embedding_type", "absolute" } })
        if (word(key, usual) != usual)
            return fail(ErrorKind::Unsupported,
                std::string("The model is not a plain BERT: its ") + key + " is " + word(key, usual)
                    + ".",
                { path, key }, "Take a BERT or MiniLM.");
    if (heads == 0 && json.is_object() && json.contains("num_attention_heads")
        && json["num_attention_heads"].is_number_integer())
        heads = json["num_attention_heads"].get<std::int64_t>();
    if (json.is_object() && json.contains("layer_norm_eps") && json["layer_norm_eps"].is_number())
        layerNormEps = json["layer_norm_eps"].get<double>();
    return {};
}

Status layOutBert(
    const tensor::TensorFile& file, const ImportWeightsSettings& settings, WeightsLayout& layout)
{
    layout.kind = WeightsKind::Bert;
    layout.title = "BERT text encoder";
    layout.unused = { "position_ids", "pooler.", "cls.predictions.", "cls.seq_relationship." };
    std::int64_t heads = settings.heads;
    std::optional<double> layerNormEps;
    const auto beside = settings.file.parent_path() / "config.json";
    std::error_code error;
    if (std::filesystem::is_regular_file(beside, error))
        CLIP_TRY(readBertConfig(beside, heads, layerNormEps));
    CLIP_TRY_ASSIGN(auto bert, model::bertConfigFromTensors(file, layout.prefix, heads));
    if (bert.tokenTypes < 2)
        return fail(ErrorKind::Unsupported,
            "The model has one token type, as RoBERTa and its like, which count positions in "
            "another way.",
            { {}, "tensor " + layout.prefix + "embeddings.token_type_embeddings.weight" },
            "Take a BERT or MiniLM.");
    CLIP_TRY(checkPlausible(file, bert));
    bert.layerNormEps = layerNormEps.value_or(bert.layerNormEps);
    wantParameters(model::Bert(bert).parameters(), layout);
    layout.metadata["clipscope.config"] = model::toJsonText(bert);
    layout.vocabulary = bert.vocabulary;
    return {};
}

std::string firstNames(const tensor::TensorFile& file)
{
    constexpr std::size_t shown = 5;
    std::string text;
    std::size_t count = 0;
    for (auto it = file.tensors.begin(); it != file.tensors.end() && count < shown; ++it, ++count)
        text += (text.empty() ? "" : ", ") + it->first;
    return text + (file.tensors.size() > shown ? ", ..." : "");
}

} // namespace

Result<WeightsLayout> weightsLayoutOf(
    tensor::TensorFile& file, const ImportWeightsSettings& settings)
{
    renameOldNorms(file);
    struct Known
    {
        WeightsKindWish kind;
        std::string_view mark;
    };
    WeightsLayout layout;
    Status status = fail(ErrorKind::BadInput,
        "The file holds " + std::to_string(file.tensors.size()) + " tensors, but "
            + (settings.kind == WeightsKindWish::Auto ? "none of the networks known here: "
                                                      : "not the network that --kind asks for: ")
            + firstNames(file) + ".",
        {},
        "Known are VideoCLIP checkpoints of fairseq, S3D trained on HowTo100M, and BERT or MiniLM "
        "of Hugging Face.");
    // A VideoCLIP file holds the names of BERT too: the order tells them apart.
    for (const Known& known : { Known{ WeightsKindWish::VideoClip, videoClipMark },
             Known{ WeightsKindWish::S3d, s3dMark }, Known{ WeightsKindWish::Bert, bertMark } }) {
        if (settings.kind != WeightsKindWish::Auto && settings.kind != known.kind)
            continue;
        const auto prefix = prefixBefore(file, known.mark);
        if (!prefix)
            continue;
        layout.prefix = *prefix;
        status = known.kind == WeightsKindWish::VideoClip ? layOutVideoClip(file, settings, layout)
            : known.kind == WeightsKindWish::S3d          ? layOutS3d(file, layout)
                                                          : layOutBert(file, settings, layout);
        break;
    }
    if (status)
        return layout;
    if (status.error().place.file.empty())
        status.error().place.file = settings.file;
    return fail(std::move(status).error());
}

} // namespace clipscope::jobs
