#include "model/video_clip.h"

#include "base/json.h"
#include "base/require.h"
#include "tensor/torch_file.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <charconv>
#include <functional>

namespace clipscope::model {

namespace {

constexpr std::string_view metadataKey = "clipscope.config";
constexpr std::string_view videoMark = "video_encoder.videomlp.linear1.weight";
constexpr std::string_view textMark = "text_encoder.embeddings.word_embeddings.weight";

Json toJson(const BertConfig& bert)
{
    return { { "vocabulary", bert.vocabulary }, { "width", bert.width }, { "layers", bert.layers },
        { "heads", bert.heads }, { "feed-forward", bert.feedForward },
        { "positions", bert.positions }, { "token-types", bert.tokenTypes },
        { "layer-norm-eps", bert.layerNormEps }, { "dropout", bert.dropout } };
}

/// Reads numbers out of one JSON object; the first one missing is remembered.
class Fields final
{
public:
    Fields(const Json& json, std::string name, const std::filesystem::path& file)
        : m_json(json)
        , m_name(std::move(name))
        , m_file(file)
    {
    }
    template<typename Number> void read(const char* key, Number& value)
    {
        if (m_json.is_object() && m_json.contains(key) && m_json[key].is_number())
            value = m_json[key].get<Number>();
        else if (m_status)
            m_status = fail(ErrorKind::BadInput,
                "The model's config lacks the number " + m_name + "." + key + ".",
                { m_file, std::string(metadataKey) });
    }
    void read(BertConfig& bert)
    {
        read("vocabulary", bert.vocabulary);
        read("width", bert.width);
        read("layers", bert.layers);
        read("heads", bert.heads);
        read("feed-forward", bert.feedForward);
        read("positions", bert.positions);
        read("token-types", bert.tokenTypes);
        read("layer-norm-eps", bert.layerNormEps);
        read("dropout", bert.dropout);
    }
    const Status& status() const { return m_status; }

private:
    const Json& m_json;
    std::string m_name;
    std::filesystem::path m_file;
    Status m_status;
};

constexpr std::int64_t mostLayers = 1000;

Status checkBert(const BertConfig& bert, const std::string& name, std::int64_t longest)
{
    constexpr std::int64_t most = 1 << 24;
    const auto bad = [&](const std::string& field, const std::string& rule) {
        return fail(ErrorKind::BadInput, name + "." + field + " must be " + rule + ".",
            { {}, name + "." + field });
    };
    for (const auto& [field, value] : std::initializer_list<std::pair<const char*, std::int64_t>>{
             { "vocabulary", bert.vocabulary }, { "width", bert.width }, { "heads", bert.heads },
             { "feed-forward", bert.feedForward }, { "positions", bert.positions },
             { "token-types", bert.tokenTypes } })
        if (value < 1 || value > most)
            return bad(field, "between 1 and " + std::to_string(most));
    if (bert.layers < 0 || bert.layers > mostLayers)
        return bad("layers", "between 0 and " + std::to_string(mostLayers));
    if (bert.width % bert.heads != 0)
        return bad("heads", "a divisor of width " + std::to_string(bert.width));
    if (longest < 1 || longest + 2 > bert.positions)
        return bad("positions", "at least the longest input and 2");
    if (!(bert.dropout >= 0.0 && bert.dropout < 1.0))
        return bad("dropout", "at least 0 and below 1");
    if (!(bert.layerNormEps > 0.0 && bert.layerNormEps < 1.0))
        return bad("layer-norm-eps", "between 0 and 1");
    return {};
}

} // namespace

std::string toJsonText(const VideoClipConfig& config)
{
    Json json;
    json["video"] = { { "input-width", config.video.inputWidth },
        { "max-seconds", config.video.maxSeconds }, { "cls-id", config.video.clsId },
        { "sep-id", config.video.sepId }, { "bert", toJson(config.video.bert) } };
    json["text"] = { { "max-tokens", config.text.maxTokens },
        { "pooling", config.text.pooling == Pooling::Reference ? "reference" : "all-valid" },
        { "bert", toJson(config.text.bert) } };
    return dump(json);
}

std::string toJsonText(const BertConfig& config)
{
    return dump(toJson(config));
}

Result<VideoClipConfig> videoClipConfigFromJson(
    std::string_view text, const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(const Json json, parseJson(text, file));
    const auto part = [&](const Json& parent, const char* key) {
        return parent.is_object() && parent.contains(key) ? parent[key] : Json();
    };
    const Json videoJson = part(json, "video"), textJson = part(json, "text");
    const Json videoBert = part(videoJson, "bert"), textBert = part(textJson, "bert");
    VideoClipConfig config;
    Fields video(videoJson, "video", file), words(textJson, "text", file);
    video.read("input-width", config.video.inputWidth);
    video.read("max-seconds", config.video.maxSeconds);
    video.read("cls-id", config.video.clsId);
    video.read("sep-id", config.video.sepId);
    words.read("max-tokens", config.text.maxTokens);
    config.text.pooling
        = part(textJson, "pooling") == Json("all-valid") ? Pooling::AllValid : Pooling::Reference;
    Fields videoLayers(videoBert, "video.bert", file), textLayers(textBert, "text.bert", file);
    videoLayers.read(config.video.bert);
    textLayers.read(config.text.bert);
    for (const Fields* fields : { &video, &words, &videoLayers, &textLayers })
        CLIP_TRY(fields->status());
    CLIP_TRY(checkConfig(config));
    return config;
}

Result<BertConfig> bertConfigFromTensors(
    const tensor::TensorFile& file, std::string_view prefix, std::int64_t heads)
{
    const std::string start(prefix);
    const auto shape = [&](const std::string& name) -> std::vector<std::int64_t> {
        const auto found = file.tensors.find(start + name);
        return found == file.tensors.end() || found->second.dim() != 2
            ? std::vector<std::int64_t>{ 0, 0 }
            : found->second.sizes().vec();
    };
    BertConfig bert;
    const auto words = shape("embeddings.word_embeddings.weight");
    bert.vocabulary = words[0];
    bert.width = words[1];
    bert.positions = shape("embeddings.position_embeddings.weight")[0];
    bert.tokenTypes = shape("embeddings.token_type_embeddings.weight")[0];
    bert.feedForward = shape("encoder.layer.0.intermediate.dense.weight")[0];
    // By the highest number, not the first gap: a missing layer is to be told, not left out.
    const std::string layer = start + "encoder.layer.";
    bert.layers = 0;
    for (auto it = file.tensors.lower_bound(layer);
         it != file.tensors.end() && it->first.starts_with(layer); ++it) {
        std::int64_t number = 0;
        std::from_chars(
            it->first.data() + layer.size(), it->first.data() + it->first.size(), number);
        bert.layers = std::max(bert.layers, std::min(number, mostLayers) + 1);
    }
    for (const char* name : { "embeddings.word_embeddings.weight",
             "embeddings.position_embeddings.weight", "embeddings.token_type_embeddings.weight",
             "encoder.layer.0.intermediate.dense.weight" })
        if (shape(name)[0] == 0)
            return fail(ErrorKind::BadInput,
                "The file holds no BERT model: " + std::string(name)
                    + " is missing or has another shape.",
                { {}, "tensor " + start + name });
    if (heads == 0 && bert.width % 64 != 0)
        return fail(ErrorKind::BadInput,
            "The number of attention heads cannot be told from the weights.",
            { {}, "tensors named " + start + "*" }, "Give the checkpoint a config.");
    bert.heads = heads != 0 ? heads : bert.width == 384 ? 12 : bert.width / 64;
    CLIP_TRY(checkBert(bert, "bert", 1));
    return bert;
}

Result<VideoClipConfig> videoClipConfigFromTensors(
    const tensor::TensorFile& file, std::string_view prefix, std::int64_t heads)
{
    const std::string start(prefix);
    const auto mlp = file.tensors.find(start + std::string(videoMark));
    if (mlp == file.tensors.end() || mlp->second.dim() != 2
        || !file.tensors.contains(start + std::string(textMark)))
        return fail(ErrorKind::BadInput, "The file holds no VideoCLIP model.",
            { {}, "tensor " + std::string(videoMark) }, "Take a VideoCLIP checkpoint.");
    VideoClipConfig config;
    config.video.inputWidth = mlp->second.size(1);
    CLIP_TRY_ASSIGN(
        config.video.bert, bertConfigFromTensors(file, start + "video_encoder.bert.", heads));
    CLIP_TRY_ASSIGN(config.text.bert, bertConfigFromTensors(file, start + "text_encoder.", heads));
    CLIP_TRY(checkConfig(config));
    return config;
}

Status checkConfig(const VideoClipConfig& config)
{
    CLIP_TRY(checkBert(config.video.bert, "video.bert", config.video.maxSeconds));
    CLIP_TRY(checkBert(config.text.bert, "text.bert", config.text.maxTokens));
    if (config.video.inputWidth < 1 || config.video.inputWidth > (1 << 20))
        return fail(ErrorKind::BadInput, "video.input-width must be between 1 and 1048576.",
            { {}, "video.input-width" });
    if (std::min(config.video.clsId, config.video.sepId) < 0
        || std::max(config.video.clsId, config.video.sepId) >= config.video.bert.vocabulary)
        return fail(ErrorKind::BadInput,
            "video.cls-id and video.sep-id must be words of the vocabulary.",
            { {}, "video.cls-id" });
    if (config.video.bert.width != config.text.bert.width)
        return fail(ErrorKind::BadInput, "video.bert.width and text.bert.width must be equal.",
            { {}, "text.bert.width" });
    return {};
}

VideoClip::VideoClip(const VideoClipConfig& config)
    : m_config(config)
    , m_video(config.video)
    , m_text(config.text)
{
    m_parameters.include("video_encoder.", m_video.parameters());
    m_parameters.include("text_encoder.", m_text.parameters());
}

Result<VideoClip> VideoClip::open(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(const auto file, tensor::readTensors(path));
    const auto prefix = tensor::prefixOf(file, videoMark);
    if (!prefix)
        return fail(ErrorKind::BadInput, "The file holds no VideoCLIP model.",
            { path, "tensor " + std::string(videoMark) }, "Take a VideoCLIP checkpoint.");
    const auto stored = file.metadata.find(metadataKey);
    auto config = stored == file.metadata.end() ? videoClipConfigFromTensors(file, *prefix)
                                                : videoClipConfigFromJson(stored->second, path);
    if (!config) {
        config.error().place.file = path;
        return fail(config.error());
    }
    VideoClip model(*config);
    CLIP_TRY(tensor::loadAll(model.m_parameters, file, { .prefix = *prefix, .share = true }, path));
    return model;
}

void VideoClip::setRecompute(bool recompute)
{
    m_video.setRecompute(recompute);
    m_text.setRecompute(recompute);
}

void VideoClip::setTraining(bool training)
{
    m_video.setTraining(training);
    m_text.setTraining(training);
}

ContrastiveLoss contrastiveLoss(const at::Tensor& video, const at::Tensor& text)
{
    CLIP_REQUIRE(video.dim() == 2 && video.sizes() == text.sizes(),
        "batches of " + std::to_string(video.size(0)) + " and " + std::to_string(text.size(0)));
    const at::Tensor scores = at::mm(video.to(at::kFloat), text.to(at::kFloat).t());
    const at::Tensor pairs = at::arange(video.size(0), scores.options().dtype(at::kLong));
    ContrastiveLoss loss;
    loss.videoToText = at::cross_entropy_loss(scores, pairs);
    loss.textToVideo = at::cross_entropy_loss(scores.t(), pairs);
    loss.total = loss.videoToText + loss.textToVideo;
    return loss;
}

} // namespace clipscope::model
