#include "tasks/video_clip_model.h"

#include "base/files.h"
#include "base/hash.h"
#include "base/require.h"
#include "model/video_clip.h"
#include "tasks/starter.h"
#include "tasks/text_side.h"
#include "tensor/device.h"
#include "tensor/tensor_file.h"

#include <torch/types.h>

#include <algorithm>
#include <limits>

namespace clipscope::tasks {

namespace {

constexpr std::int64_t windowSeconds = 32;
constexpr std::size_t batchWindows = 32, batchClips = 64;
/// Another one for every other way of computing the states of the same weights.
constexpr const char* statesVersion = "|states 2: [CLS] hidden";

class VideoClipModel final : public EmbeddingModel
{
public:
    VideoClipModel(CheckpointInfo info, model::VideoClip network, text::WordPiece words,
        std::string fingerprint, at::Device device)
        : m_info(std::move(info))
        , m_network(std::move(network))
        , m_words(std::move(words))
        , m_fingerprint(std::move(fingerprint))
        , m_device(device)
    {
        m_network.video().parameters().moveTo(device, at::kFloat);
    }
    const CheckpointInfo& info() const override { return m_info; }
    std::string fingerprint() const override { return m_fingerprint + statesVersion; }
    int dim() const override { return static_cast<int>(m_network.config().video.bert.width); }
    int featureDim() const override
    {
        return static_cast<int>(m_network.config().video.inputWidth);
    }
    float weakBelow() const override { return -std::numeric_limits<float>::infinity(); }

    at::Tensor secondStates(const at::Tensor& features) const override
    {
        const tensor::InferenceScope inference;
        const std::int64_t T = features.size(0);
        CLIP_REQUIRE(features.size(1) == m_network.config().video.inputWidth,
            "features have " + std::to_string(features.size(1)) + " numbers per second");
        const auto windows = stateWindows(T, std::min(windowSeconds, clipSeconds()));
        WindowMean mean(T, dim());
        for (std::size_t first = 0; first < windows.size(); first += batchWindows) {
            const std::size_t B = std::min(batchWindows, windows.size() - first);
            std::vector<at::Tensor> clips;
            for (const auto& [start, stop] : std::span(windows).subspan(first, B))
                clips.push_back(features.slice(0, start, stop));
            const auto [input, mask] = padded(clips);
            const auto states
                = m_network.video()
                      .secondStates(input.to(m_device), mask.to(m_device), model::ClsKey::Masked)
                      .cpu();
            for (std::size_t b = 0; b < B; ++b)
                mean.add(windows[first + b].first,
                    states[static_cast<std::int64_t>(b)].slice(0, 0, clips[b].size(0)));
        }
        return mean.mean();
    }

    std::int64_t clipSeconds() const override { return m_network.config().video.maxSeconds; }

    at::Tensor clipVectors(std::span<const at::Tensor> clips) const override
    {
        const tensor::InferenceScope inference;
        std::vector<at::Tensor> vectors;
        for (std::size_t first = 0; first < clips.size(); first += batchClips) {
            const auto [input, mask]
                = padded(clips.subspan(first, std::min(batchClips, clips.size() - first)));
            vectors.push_back(m_network.video().encode(input, mask).to(torch::kFloat32).cpu());
        }
        return torch::cat(vectors);
    }

    at::Tensor partVectors(const at::Tensor& clip,
        std::span<const std::pair<std::int64_t, std::int64_t>> parts) const override
    {
        const tensor::InferenceScope inference;
        const auto [input, mask] = padded({ &clip, 1 }, clipSeconds());
        const auto states
            = m_network.video().secondStates(input.to(m_device), mask.to(m_device)).cpu()[0];
        return meansOf(states, parts);
    }

    Result<EmbeddedTexts> embedTexts(std::span<const std::string> texts) const override
    {
        CLIP_TRY_ASSIGN(auto embedded, embedThrough(m_words, m_network.text(), texts));
        EmbeddedTexts result{ std::move(embedded.vectors), {} };
        if (!embedded.cut.empty())
            result.notes.push_back("The query is longer than the model reads; only its first "
                + std::to_string(m_network.config().text.maxTokens) + " word pieces count.");
        result.cut = std::move(embedded.cut);
        return result;
    }

private:
    /// Clips cut to clipSeconds() and filled up with zeros to the longest, or to `seconds`.
    /// Shapes: input float32 [B, T, Df], mask bool [B, T], true = valid.
    std::pair<at::Tensor, at::Tensor> padded(
        std::span<const at::Tensor> clips, std::int64_t seconds = 0) const
    {
        const auto lengthOf
            = [this](const at::Tensor& clip) { return std::min(clip.size(0), clipSeconds()); };
        for (const at::Tensor& clip : clips)
            seconds = std::max(seconds, lengthOf(clip));
        const auto B = static_cast<std::int64_t>(clips.size());
        auto input = torch::zeros({ B, seconds, featureDim() }, torch::kFloat32);
        auto mask = torch::zeros({ B, seconds }, torch::kBool);
        for (std::int64_t b = 0; b < B; ++b) {
            const at::Tensor& clip = clips[static_cast<std::size_t>(b)];
            const std::int64_t T = lengthOf(clip);
            input[b].slice(0, 0, T).copy_(clip.slice(0, 0, T));
            mask[b].slice(0, 0, T).fill_(true);
        }
        return { input, mask };
    }

    CheckpointInfo m_info;
    model::VideoClip m_network;
    text::WordPiece m_words;
    std::string m_fingerprint;
    at::Device m_device; ///< of the video tower
};

/// The vocabulary a checkpoint was trained with: its own, else vocab.txt beside it or in the models
/// folder, else the starter's, which is bert-base-uncased's.
Result<text::WordPiece> vocabularyOf(
    const tensor::TensorFile& file, const std::filesystem::path& path, std::int64_t size)
{
    auto words = [&]() -> Result<text::WordPiece> {
        if (const auto own = file.metadata.find(vocabularyKey); own != file.metadata.end())
            return text::WordPiece::fromText(own->second, path);
        for (const auto& place : { path.parent_path() / "vocab.txt", modelsFolder() / "vocab.txt" })
            if (std::filesystem::exists(place))
                return text::WordPiece::load(place);
        return starterVocabulary();
    }();
    if (words && words->size() != size)
        return fail(ErrorKind::BadInput,
            "The vocabulary has " + std::to_string(words->size())
                + " entries, the checkpoint's text tower " + std::to_string(size) + ".",
            { path, {} }, "Place the checkpoint's own vocab.txt beside it.");
    return words;
}

} // namespace

std::vector<std::pair<std::int64_t, std::int64_t>> stateWindows(std::int64_t T, std::int64_t length)
{
    const std::int64_t stride = std::max<std::int64_t>(length / 2, 1);
    std::vector<std::pair<std::int64_t, std::int64_t>> windows;
    std::int64_t start = 0;
    for (;; start += stride) {
        windows.emplace_back(start, std::min(start + length, T));
        if (start + length >= T)
            return windows;
    }
}

WindowMean::WindowMean(std::int64_t T, std::int64_t D)
    : m_sum(torch::zeros({ T, D }, torch::kFloat32))
    , m_count(torch::zeros({ T, 1 }, torch::kFloat32))
{
}

void WindowMean::add(std::int64_t start, const at::Tensor& rows)
{
    m_sum.slice(0, start, start + rows.size(0)) += rows;
    m_count.slice(0, start, start + rows.size(0)) += 1;
}

at::Tensor WindowMean::mean() const
{
    return m_sum / m_count;
}

Result<std::unique_ptr<EmbeddingModel>> loadVideoClipModel(
    const CheckpointInfo& info, at::Device device)
{
    CLIP_TRY_ASSIGN(auto network, model::VideoClip::open(info.path));
    CLIP_TRY_ASSIGN(const auto file, tensor::readSafetensors(info.path));
    CLIP_TRY_ASSIGN(
        auto words, vocabularyOf(file, info.path, network.config().text.bert.vocabulary));
    network.setTraining(false);
    CLIP_TRY_ASSIGN(const std::string hash, hashOfFile(info.path));
    return std::make_unique<VideoClipModel>(info, std::move(network), std::move(words),
        hashOf("videoclip states: 32-s windows every 16 s, averaged|" + hash), device);
}

} // namespace clipscope::tasks
