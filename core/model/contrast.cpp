#include "model/contrast.h"

#include "base/require.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <limits>
#include <string>

namespace clipscope::model {

Contrast contrast(
    const at::Tensor& videoStates, const at::Tensor& textStates, std::int64_t tileRows)
{
    CLIP_REQUIRE(videoStates.dim() == 2 && videoStates.sizes() == textStates.sizes()
            && videoStates.size(0) > 0 && tileRows > 0,
        std::to_string(videoStates.size(0)) + " and " + std::to_string(textStates.size(0)));
    const at::NoGradGuard noGrad;
    const at::Tensor video = videoStates.to(at::kFloat), text = textStates.to(at::kFloat);
    const std::int64_t B = video.size(0);
    // Rows are texts, columns videos.
    const auto scoresOf = [&](std::int64_t row, std::int64_t rows) {
        return at::mm(text.narrow(0, row, rows), video.t());
    };
    const auto forTiles = [&](const auto& work) {
        for (std::int64_t row = 0; row < B; row += tileRows)
            work(row, std::min(tileRows, B - row));
    };

    constexpr float infinity = std::numeric_limits<float>::infinity();
    const at::Tensor own = (video * text).sum(1);
    at::Tensor textLog = at::empty({ B }, video.options());
    at::Tensor videoLog = at::full({ B }, -infinity, video.options());
    at::Tensor hardest = at::empty({ B }, video.options());
    forTiles([&](std::int64_t row, std::int64_t rows) {
        at::Tensor scores = scoresOf(row, rows);
        textLog.narrow(0, row, rows).copy_(scores.logsumexp(1));
        videoLog = at::logaddexp(videoLog, scores.logsumexp(0));
        scores.diagonal(row).fill_(-infinity); // the tile is used up
        hardest.narrow(0, row, rows).copy_(scores.amax(1));
    });

    Contrast result;
    result.textToVideo = (textLog - own).mean().item<double>();
    result.videoToText = (videoLog - own).mean().item<double>();
    result.losses = textLog + videoLog - own * 2;
    result.margins = own - hardest;
    result.videoGradient = at::zeros_like(video);
    result.textGradient = at::empty_like(text);
    const double each = 1.0 / static_cast<double>(B);
    forTiles([&](std::int64_t row, std::int64_t rows) {
        const at::Tensor scores = scoresOf(row, rows);
        at::Tensor gradient = (scores - textLog.narrow(0, row, rows).unsqueeze(1)).exp_();
        gradient.add_((scores - videoLog.unsqueeze(0)).exp_());
        gradient.diagonal(row).sub_(2.0);
        gradient.mul_(each);
        result.textGradient.narrow(0, row, rows).copy_(at::mm(gradient, video));
        result.videoGradient.addmm_(gradient.t(), text.narrow(0, row, rows));
    });
    return result;
}

} // namespace clipscope::model
