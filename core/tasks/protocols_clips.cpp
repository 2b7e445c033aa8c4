#include "tasks/protocol_run.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace clipscope::tasks {

namespace {

constexpr std::int64_t rowsAtOnce = 512; // of the score matrix: 1 GB would hold 16,000 squared

/// Clips that have features, with what is known of them before the model is asked.
struct ClipBatch
{
    std::vector<at::Tensor> clips;
    std::vector<benchmarks::ItemResult> items;
    std::int64_t outside = 0; ///< items that begin behind the end of their video
};

Status addClip(ProtocolRun& run, ClipBatch& batch, const benchmarks::ClipItem& item)
{
    CLIP_TRY_ASSIGN(const auto video, run.video(item.video));
    if (!video)
        return {};
    const std::int64_t T = video->features.size(0);
    const std::int64_t stop = std::min({ item.stopSecond > 0 ? item.stopSecond : T, T,
        item.startSecond + run.model().clipSeconds() });
    if (item.startSecond >= stop) {
        ++batch.outside;
        return {};
    }
    batch.clips.push_back(video->features.slice(0, item.startSecond, stop));
    benchmarks::ItemResult result;
    result.truth = { item.video, video->id, item.startSecond, stop, item.text, 0.0, true };
    batch.items.push_back(std::move(result));
    return {};
}

void noteOutside(ProtocolRun& run, const ClipBatch& batch)
{
    if (batch.outside > 0)
        run.evaluation().notes.push_back(std::to_string(batch.outside)
            + " clips begin behind the end of their video and are left out.");
}

std::vector<double> valuesOf(const std::vector<benchmarks::ItemResult>& items)
{
    std::vector<double> values;
    values.reserve(items.size());
    for (const auto& item : items)
        values.push_back(item.value.value_or(0.0));
    return values;
}

/// Fills rank and answers of the items from `first` on. Shapes: scores [rows, N].
void rankRows(
    std::vector<benchmarks::ItemResult>& items, std::size_t first, const at::Tensor& scores)
{
    const at::Tensor order = orderOf(scores);
    const auto score = scores.accessor<float, 2>();
    const auto column = order.accessor<std::int64_t, 2>();
    const std::int64_t N = scores.size(1);
    for (std::int64_t row = 0; row < scores.size(0); ++row) {
        const std::size_t own = first + static_cast<std::size_t>(row);
        benchmarks::ItemResult& item = items[own];
        const float right = score[row][static_cast<std::int64_t>(own)];
        std::int64_t higher = 0;
        for (; score[row][column[row][higher]] > right; ++higher) { }
        item.value = static_cast<double>(higher + 1);
        item.truth.score = static_cast<double>(right);
        const auto kept = std::min<std::int64_t>(N, benchmarks::answersKept);
        for (std::int64_t place = 0; place < kept; ++place) {
            const auto other = static_cast<std::size_t>(column[row][place]);
            benchmarks::Answer answer = items[other].truth;
            answer.score = static_cast<double>(score[row][column[row][place]]);
            answer.isRight = other == own;
            item.answers.push_back(std::move(answer));
        }
    }
}

} // namespace

Status rankClips(ProtocolRun& run, const std::vector<benchmarks::ClipItem>& items)
{
    benchmarks::Evaluation& evaluation = run.evaluation();
    evaluation.itemsInBenchmark = static_cast<std::int64_t>(items.size());
    ClipBatch batch;
    for (const auto& item : items)
        CLIP_TRY(addClip(run, batch, item));
    noteOutside(run, batch);
    std::vector<std::string> texts;
    for (const auto& item : batch.items)
        texts.push_back(item.truth.text);
    CLIP_TRY_ASSIGN(const at::Tensor text, run.texts(texts));
    CLIP_TRY_ASSIGN(const at::Tensor video, run.clips(batch.clips));
    const auto N = static_cast<std::int64_t>(batch.items.size());
    for (std::int64_t first = 0; first < N; first += rowsAtOnce)
        rankRows(batch.items, static_cast<std::size_t>(first),
            text.slice(0, first, std::min(first + rowsAtOnce, N)).mm(video.t()));
    evaluation.candidates = N;
    evaluation.items = std::move(batch.items);
    const std::vector<double> ranks = valuesOf(evaluation.items);
    constexpr int ks[] = { 1, 5, 10 };
    run.addRecalls(ranks, ks, static_cast<double>(N));
    run.addRankFigure(
        "median rank", ranks,
        [](const std::vector<double>& drawn) { return benchmarks::medianOf(drawn); },
        static_cast<double>(N + 1) / 2.0);
    return {};
}

Status chooseTexts(ProtocolRun& run, const std::vector<benchmarks::ChoiceItem>& items)
{
    benchmarks::Evaluation& evaluation = run.evaluation();
    evaluation.itemsInBenchmark = static_cast<std::int64_t>(items.size());
    ClipBatch batch;
    std::vector<std::string> texts;
    std::vector<const benchmarks::ChoiceItem*> taken;
    for (const auto& item : items) {
        CLIP_TRY(addClip(run, batch, { item.video, item.choices.at(item.answer), 0, 0 }));
        if (batch.items.size() == taken.size())
            continue;
        taken.push_back(&item);
        texts.insert(texts.end(), item.choices.begin(), item.choices.end());
    }
    CLIP_TRY_ASSIGN(const at::Tensor text, run.texts(texts));
    CLIP_TRY_ASSIGN(const at::Tensor video, run.clips(batch.clips));
    std::int64_t first = 0;
    double chance = 0.0;
    for (std::size_t at = 0; at < taken.size(); ++at) {
        const benchmarks::ChoiceItem& item = *taken[at];
        const auto count = static_cast<std::int64_t>(item.choices.size());
        const at::Tensor scores = text.slice(0, first, first + count)
                                      .mv(video[static_cast<std::int64_t>(at)])
                                      .unsqueeze(0);
        const at::Tensor order = orderOf(scores);
        benchmarks::ItemResult& result = batch.items[at];
        for (std::int64_t place = 0; place < count; ++place) {
            const auto choice = order[0][place].item<std::int64_t>();
            benchmarks::Answer answer = result.truth;
            answer.text = item.choices[static_cast<std::size_t>(choice)];
            answer.score = scores[0][choice].item<double>();
            answer.isRight = static_cast<std::size_t>(choice) == item.answer;
            if (answer.isRight)
                result.truth.score = answer.score;
            result.answers.push_back(std::move(answer));
        }
        result.value = result.answers.front().isRight ? 1.0 : 0.0;
        chance += 1.0 / static_cast<double>(count) / static_cast<double>(taken.size());
        first += count;
    }
    evaluation.items = std::move(batch.items);
    run.addRatio("accuracy", valuesOf(evaluation.items), chance);
    return {};
}

} // namespace clipscope::tasks
