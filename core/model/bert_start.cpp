#include "model/bert_start.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace clipscope::model {

namespace {

constexpr std::string_view bertMark = "encoder.layer.0.attention.self.query.weight";
constexpr std::string_view videoClipMark = "video_encoder.videomlp.linear1.weight";

void takeSizes(BertConfig& config, const BertConfig& bert)
{
    config.width = bert.width;
    config.heads = bert.heads;
    config.feedForward = bert.feedForward;
    config.tokenTypes = bert.tokenTypes;
}

/// What a BERT calls a weight of the model; nothing when it has none of it.
std::optional<std::string> nameInBert(std::string_view name)
{
    for (const std::string_view tower : { "text_encoder.", "video_encoder.bert." })
        if (name.starts_with(tower))
            return std::string(name.substr(tower.size()));
    return std::nullopt;
}

Status takeFirstRows(const at::Tensor& weight, const tensor::TensorFile& bert,
    const std::string& name, const std::filesystem::path& path)
{
    const auto found = bert.tensors.find(name);
    if (found == bert.tensors.end())
        return fail(ErrorKind::BadInput, "The BERT has no " + name + ".",
            { path, "tensor " + name }, "Take fewer layers with model.video-layers.");
    const at::Tensor& value = found->second;
    if (value.dim() != weight.dim() || value.size(0) < weight.size(0)
        || value.sizes().slice(1) != weight.sizes().slice(1))
        return fail(ErrorKind::BadInput,
            c10::str("The BERT's ", name, " is ", value.sizes(), ", the model needs ",
                weight.sizes(), "."),
            { path, "tensor " + name }, "Name the vocabulary of this BERT with data.vocabulary.");
    weight.copy_(value.narrow(0, 0, weight.size(0)));
    return {};
}

} // namespace

bool isBertAlone(const tensor::TensorFile& file)
{
    return tensor::prefixOf(file, bertMark) && !tensor::prefixOf(file, videoClipMark);
}

Result<VideoClip> videoClipFromBert(const tensor::TensorFile& bert, const VideoClipConfig& wanted,
    Random random, const std::filesystem::path& path)
{
    const std::string prefix = tensor::prefixOf(bert, bertMark).value_or("");
    const auto query = bert.tensors.find(prefix + std::string(bertMark));
    const bool sameWidth
        = query != bert.tensors.end() && query->second.size(-1) == wanted.text.bert.width;
    auto sizes = bertConfigFromTensors(bert, prefix, sameWidth ? wanted.text.bert.heads : 0);
    if (!sizes) {
        sizes.error().place.file = path;
        return fail(sizes.error());
    }
    VideoClipConfig config = wanted;
    takeSizes(config.text.bert, *sizes);
    takeSizes(config.video.bert, *sizes);
    config.text.bert.layers = sizes->layers;
    CLIP_TRY(checkConfig(config));
    VideoClip network(config);
    network.parameters().initialise(random);
    const at::NoGradGuard noGrad;
    for (const tensor::NamedTensor& parameter : network.parameters().all())
        if (const auto own = nameInBert(parameter.name))
            CLIP_TRY(takeFirstRows(parameter.tensor, bert, prefix + *own, path));
    return network;
}

} // namespace clipscope::model
