#include "tasks/protocol_run.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <map>

namespace clipscope::tasks {

namespace {

constexpr std::int64_t pieceSeconds = 5, videoSeconds = 30;

/// The parts of a video that have a second, in the order of didemoParts().
struct VideoParts
{
    std::int64_t videoId = 0;
    std::int64_t seconds = 0;
    std::vector<benchmarks::Part> parts; ///< pieces
    at::Tensor vectors; ///< [parts, D]
};

VideoParts partsOf(const EmbeddingModel& model, const BenchmarkVideo& video)
{
    VideoParts result;
    result.videoId = video.id;
    result.seconds = video.features.size(0);
    std::vector<std::pair<std::int64_t, std::int64_t>> seconds;
    for (const auto& [first, stop] : benchmarks::didemoParts())
        if (first * pieceSeconds < result.seconds) {
            result.parts.emplace_back(first, stop);
            seconds.emplace_back(first * pieceSeconds, stop * pieceSeconds);
        }
    result.vectors = model.partVectors(video.features, seconds);
    return result;
}

benchmarks::ItemResult resultOf(const benchmarks::PartItem& item, const VideoParts& video,
    const at::Tensor& text, double& overlap)
{
    std::vector<benchmarks::Part> times, ranking;
    for (const auto& [first, last] : item.times)
        times.emplace_back(first, last + 1);
    const at::Tensor scores = video.vectors.mv(text).unsqueeze(0).contiguous();
    const at::Tensor order = orderOf(scores);
    benchmarks::ItemResult result;
    const auto answerOf = [&](const benchmarks::Part& part) {
        benchmarks::Answer answer;
        answer.video = item.video;
        answer.videoId = video.videoId;
        answer.startSecond = part.first * pieceSeconds;
        answer.stopSecond = std::min(part.second * pieceSeconds, video.seconds);
        answer.text = item.text;
        answer.isRight = std::ranges::find(times, part) != times.end();
        return answer;
    };
    // What most annotators chose, the first of equals, stands for the truth.
    result.truth = answerOf(*std::ranges::max_element(
        times, {}, [&](const benchmarks::Part& part) { return std::ranges::count(times, part); }));
    for (std::int64_t place = 0; place < order.size(1); ++place) {
        const auto row = order[0][place].item<std::int64_t>();
        ranking.push_back(video.parts[static_cast<std::size_t>(row)]);
        benchmarks::Answer answer = answerOf(ranking.back());
        answer.score = scores[0][row].item<double>();
        if (answer.startSecond == result.truth.startSecond
            && answer.stopSecond == result.truth.stopSecond)
            result.truth.score = answer.score;
        if (result.answers.size() < benchmarks::answersKept)
            result.answers.push_back(std::move(answer));
    }
    const benchmarks::PartRanks ranks = benchmarks::partRanks(ranking, times);
    result.value = ranks.meanRank;
    overlap = ranks.meanOverlap;
    return result;
}

} // namespace

Status rankParts(ProtocolRun& run, const std::vector<benchmarks::PartItem>& items)
{
    if (run.model().clipSeconds() < videoSeconds)
        return fail(ErrorKind::BadInput,
            std::string("DiDeMo needs a model that takes clips of 30 seconds, this one takes ")
                .append(std::to_string(run.model().clipSeconds()))
                .append("."));
    benchmarks::Evaluation& evaluation = run.evaluation();
    evaluation.itemsInBenchmark = static_cast<std::int64_t>(items.size());
    std::map<std::string, VideoParts> videos;
    std::vector<const benchmarks::PartItem*> taken;
    std::vector<std::string> texts;
    for (const auto& item : items) {
        run.show("videos", static_cast<std::size_t>(&item - items.data()), items.size(), "items");
        if (!videos.contains(item.video)) {
            CLIP_TRY_ASSIGN(const auto video, run.video(item.video));
            if (!video)
                continue;
            videos.emplace(item.video, partsOf(run.model(), *video));
        }
        taken.push_back(&item);
        texts.push_back(item.text);
    }
    CLIP_TRY_ASSIGN(const at::Tensor text, run.texts(texts));
    std::vector<double> ranks, overlaps;
    for (std::size_t at = 0; at < taken.size(); ++at) {
        double overlap = 0.0;
        evaluation.items.push_back(resultOf(
            *taken[at], videos.at(taken[at]->video), text[static_cast<std::int64_t>(at)], overlap));
        ranks.push_back(
            evaluation.items.back().value.value_or(std::numeric_limits<double>::infinity()));
        overlaps.push_back(overlap);
    }
    constexpr int ks[] = { 1, 5 };
    run.addRecalls(ranks, ks);
    run.addRatio("mIoU", overlaps);
    return {};
}

} // namespace clipscope::tasks
