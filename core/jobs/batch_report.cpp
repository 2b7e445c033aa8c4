#include "jobs/batch_report.h"

#include "model/contrast.h"
#include "train/evaluation.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace clipscope::jobs {

std::string wordsOf(const text::WordPiece& words, const store::CaptionList& captions,
    std::int64_t captionBegin, std::int64_t captionEnd)
{
    std::string text;
    for (std::int64_t at = captionBegin; at < captionEnd; ++at)
        for (const std::int32_t id : captions[static_cast<std::size_t>(at)].ids) {
            std::string_view token = words.token(id);
            if (token.starts_with("##"))
                token.remove_prefix(2);
            else if (!text.empty())
                text += ' ';
            text += token;
        }
    return text;
}

Result<Json> batchReport(model::VideoClip& network, const data::TrainingSet& set,
    const text::WordPiece& words, std::span<const data::ClipPair> pairs, std::int64_t step,
    const tensor::Compute& compute)
{
    constexpr std::size_t most = 64;
    pairs = pairs.first(std::min(pairs.size(), most));
    CLIP_TRY_ASSIGN(
        const train::PairVectors vectors, train::encodePairs(network, set, pairs, compute));
    const at::Tensor scores = at::mm(vectors.text, vectors.video.t()).cpu();
    const model::Contrast found = model::contrast(vectors.video.cpu(), vectors.text.cpu());
    const auto number = [](const at::Tensor& value) {
        const double it = value.item<double>();
        return std::isfinite(it) ? Json(it) : Json(nullptr);
    };
    Json list = Json::array(), rows = Json::array();
    for (std::int64_t at = 0; at < scores.size(0); ++at) {
        const data::ClipPair& pair = pairs[static_cast<std::size_t>(at)];
        const data::CaptionedVideo video = set.video(pair.video);
        const auto caption
            = [&](std::int64_t index) { return video.captions[static_cast<std::size_t>(index)]; };
        list.push_back({ { "video", video.videoId }, { "name", std::string(video.name) },
            { "text", wordsOf(words, video.captions, pair.captionBegin, pair.captionEnd) },
            { "text_start", caption(pair.captionBegin).startSeconds },
            { "text_stop", caption(pair.captionEnd - 1).stopSeconds },
            { "video_start", pair.secondBegin }, { "video_stop", pair.secondEnd },
            { "loss", number(found.losses[at]) }, { "margin", number(found.margins[at]) } });
        Json row = Json::array();
        for (std::int64_t column = 0; column < scores.size(1); ++column)
            row.push_back(number(scores[at][column]));
        rows.push_back(std::move(row));
    }
    return Json{ { "step", step }, { "pairs", std::move(list) }, { "scores", std::move(rows) } };
}

} // namespace clipscope::jobs
