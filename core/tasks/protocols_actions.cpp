#include "tasks/protocol_run.h"

#include "labels/compare.h"
#include "labels/segmenter.h"
#include "tasks/labelling.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace clipscope::tasks {

namespace {

std::vector<float> floatsOf(const at::Tensor& tensor)
{
    const at::Tensor rows = tensor.contiguous();
    const float* const data = rows.const_data_ptr<float>();
    return { data, data + rows.numel() };
}

/// Scores of a video's seconds, [T, L] row-major.
std::vector<float> scoresOf(
    const EmbeddingModel& model, const at::Tensor& features, const at::Tensor& vectors)
{
    return floatsOf(model.secondStates(features).mm(vectors.t()));
}

/// The segments with their action's or step's number as label, since several may have one text.
std::vector<labels::Segment> numberedSegments(const benchmarks::ActionVideo& video)
{
    std::vector<labels::Segment> segments = video.segments;
    for (std::size_t at = 0; at < segments.size(); ++at)
        segments[at].label = std::to_string(video.actions[at]);
    return segments;
}

/// What was found of one video of COIN.
struct ActionResult
{
    benchmarks::ItemResult item;
    double right = 0.0, outside = 0.0, seconds = 0.0;
};

ActionResult actionsOf(const benchmarks::ActionVideo& video, const BenchmarkVideo& found,
    const std::vector<std::string>& actions, const labels::ScoreTable& scores, double threshold)
{
    const auto T = static_cast<std::int64_t>(scores.seconds());
    const auto truth = labels::labelOfEachSecond(numberedSegments(video), T);
    const labels::Labelling labelling
        = labels::segment(scores, std::vector<double>(actions.size(), threshold), {});
    const auto isRight = [&](std::int32_t label, std::size_t t) {
        return label == labels::outside ? truth[t].empty() : truth[t] == std::to_string(label);
    };
    ActionResult result;
    result.seconds = static_cast<double>(T);
    for (std::size_t t = 0; t < truth.size(); ++t) {
        result.right += isRight(labelling.labels[t], t) ? 1.0 : 0.0;
        result.outside += truth[t].empty() ? 1.0 : 0.0;
    }
    benchmarks::ItemResult& item = result.item;
    item.value = result.right / result.seconds;
    item.truth = { video.video, found.id, 0, T, "", 0.0, true };
    for (const labels::Segment& segment : video.segments)
        item.truth.text += (item.truth.text.empty() ? "" : ", ") + segment.label;
    std::vector<labels::LabelSpan> spans = labelling.spans;
    std::ranges::stable_sort(spans, std::greater(), &labels::LabelSpan::score);
    spans.resize(std::min(spans.size(), benchmarks::answersKept));
    for (const labels::LabelSpan& span : spans) {
        std::int64_t right = 0;
        for (std::int64_t t = span.startSecond; t < span.stopSecond; ++t)
            right += isRight(span.label, static_cast<std::size_t>(t)) ? 1 : 0;
        item.answers.push_back({ video.video, found.id, span.startSecond, span.stopSecond,
            actions[static_cast<std::size_t>(span.label)], static_cast<double>(span.score),
            2 * right > span.stopSecond - span.startSecond });
    }
    return result;
}

/// What was found of the steps of one video of CrossTask.
struct StepResult
{
    std::size_t task = 0;
    labels::StepCounts counts;
};

/// Judges every step that the video has and adds its item.
labels::StepCounts addSteps(const benchmarks::ActionVideo& video, const BenchmarkVideo& found,
    std::span<const std::string> steps, const labels::ScoreTable& scores,
    std::vector<benchmarks::ItemResult>& items)
{
    const std::vector<std::int64_t> seconds = labels::orderedSeconds(scores);
    const std::vector<labels::Segment> truth = numberedSegments(video);
    labels::StepCounts all;
    for (std::size_t k = 0; k < steps.size(); ++k) {
        const auto second = std::span(seconds)
                                .subspan(std::min(k, seconds.size()))
                                .first(seconds.empty() ? 0 : 1);
        const std::string number = std::to_string(k);
        const auto counts = labels::stepCounts(
            second, { &number, 1 }, truth, static_cast<std::int64_t>(scores.seconds()));
        if (counts.present == 0)
            continue;
        const auto segment = std::ranges::find(truth, number, &labels::Segment::label);
        benchmarks::ItemResult item;
        item.truth
            = { video.video, found.id, static_cast<std::int64_t>(std::floor(segment->startSeconds)),
                  static_cast<std::int64_t>(std::ceil(segment->stopSeconds)), steps[k], 0.0, true };
        item.value = static_cast<double>(counts.found);
        for (const std::int64_t at : second)
            item.answers.push_back({ video.video, found.id, at, at + 1, steps[k],
                static_cast<double>(scores.row(static_cast<std::size_t>(at))[k]),
                counts.found > 0 });
        items.push_back(std::move(item));
        all.found += counts.found;
        all.present += counts.present;
    }
    return all;
}

/// The mean over the tasks that have a step of their recall.
double meanRecall(const std::vector<StepResult>& results, std::span<const std::size_t> drawn,
    std::size_t taskCount)
{
    std::vector<labels::StepCounts> counts(taskCount);
    for (const std::size_t at : drawn) {
        counts[results[at].task].found += results[at].counts.found;
        counts[results[at].task].present += results[at].counts.present;
    }
    double sum = 0.0, tasks = 0.0;
    for (const labels::StepCounts& count : counts)
        if (count.present > 0) {
            sum += count.recall();
            tasks += 1.0;
        }
    return tasks > 0.0 ? sum / tasks : 0.0;
}

} // namespace

Status labelActions(ProtocolRun& run, const benchmarks::ActionBenchmark& benchmark)
{
    benchmarks::Evaluation& evaluation = run.evaluation();
    evaluation.itemsInBenchmark = static_cast<std::int64_t>(benchmark.videos.size());
    CLIP_TRY_ASSIGN(const at::Tensor vectors, run.texts(benchmark.actions));
    const double threshold = largestPairProduct(floatsOf(vectors), benchmark.actions.size());
    std::vector<double> right, seconds;
    double outside = 0.0, all = 0.0;
    for (const auto& video : benchmark.videos) {
        run.show("videos", static_cast<std::size_t>(&video - benchmark.videos.data()),
            benchmark.videos.size(), "videos");
        CLIP_TRY_ASSIGN(const auto found, run.video(video.video));
        if (!found)
            continue;
        const auto scores = scoresOf(run.model(), found->features, vectors);
        ActionResult result = actionsOf(
            video, *found, benchmark.actions, { scores, benchmark.actions.size() }, threshold);
        evaluation.items.push_back(std::move(result.item));
        right.push_back(result.right);
        seconds.push_back(result.seconds);
        outside += result.outside;
        all += result.seconds;
    }
    if (all > 0.0)
        run.addRatio("accuracy", right, outside / all, seconds);
    return {};
}

Status placeSteps(ProtocolRun& run, const std::vector<labels::Task>& tasks,
    const std::vector<benchmarks::StepVideo>& videos)
{
    benchmarks::Evaluation& evaluation = run.evaluation();
    std::vector<std::vector<std::string>> steps(tasks.size());
    std::vector<at::Tensor> vectors(tasks.size());
    for (std::size_t task = 0; task < tasks.size(); ++task) {
        for (const labels::Step& step : tasks[task].steps)
            steps[task].push_back(step.label);
        CLIP_TRY_ASSIGN(vectors[task], run.texts(steps[task]));
    }
    std::vector<StepResult> results;
    std::int64_t tooShort = 0, behind = 0;
    for (const auto& [task, video] : videos) {
        run.show("videos", results.size(), videos.size(), "videos");
        const auto present = static_cast<std::int64_t>(
            std::set(video.actions.begin(), video.actions.end()).size());
        evaluation.itemsInBenchmark += present;
        CLIP_TRY_ASSIGN(const auto found, run.video(video.video));
        if (!found)
            continue;
        const auto values = scoresOf(run.model(), found->features, vectors[task]);
        const labels::ScoreTable scores{ values, steps[task].size() };
        tooShort += scores.seconds() < scores.labels ? 1 : 0;
        results.push_back({ task, addSteps(video, *found, steps[task], scores, evaluation.items) });
        behind += present - results.back().counts.present;
    }
    if (tooShort > 0)
        evaluation.notes.push_back(std::to_string(tooShort)
            + " videos have fewer seconds than their task has steps; nothing was found in them.");
    if (behind > 0)
        evaluation.notes.push_back(std::to_string(behind)
            + " steps begin behind the end of their video and are left out.");
    run.addFigure("recall", results.size(), [&](std::span<const std::size_t> drawn) {
        return meanRecall(results, drawn, tasks.size());
    });
    return {};
}

} // namespace clipscope::tasks
