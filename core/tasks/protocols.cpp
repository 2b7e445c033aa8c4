#include "tasks/protocols.h"

#include "tasks/protocol_run.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <numeric>

namespace clipscope::tasks {

namespace {

constexpr std::size_t textsAtOnce = 256, clipsAtOnce = 256;

Status requireNumbers(const at::Tensor& vectors, const char* what)
{
    if (!at::isfinite(vectors).all().item<bool>())
        return fail(ErrorKind::BadInput,
            std::string("The checkpoint's vectors of ") + what
                + " hold values that are no numbers; its training has diverged.");
    return {};
}

double ratioOf(std::span<const double> numerators, std::span<const double> denominators,
    std::span<const std::size_t> items)
{
    double top = 0.0, bottom = 0.0;
    for (const std::size_t item : items) {
        top += numerators[item];
        bottom += denominators.empty() ? 1.0 : denominators[item];
    }
    return bottom > 0.0 ? top / bottom : 0.0;
}

Status dispatch(
    ProtocolRun& run, benchmarks::Benchmark benchmark, const std::filesystem::path& annotations)
{
    using benchmarks::Benchmark;
    switch (benchmark) {
    case Benchmark::YouCook2: {
        CLIP_TRY_ASSIGN(const auto items, benchmarks::readYouCook2(annotations));
        return rankClips(run, items);
    }
    case Benchmark::MsrVtt: {
        CLIP_TRY_ASSIGN(const auto items, benchmarks::readMsrVtt(annotations));
        return rankClips(run, items);
    }
    case Benchmark::MsrVttChoice: {
        CLIP_TRY_ASSIGN(const auto items, benchmarks::readMsrVttChoice(annotations));
        return chooseTexts(run, items);
    }
    case Benchmark::Didemo: {
        CLIP_TRY_ASSIGN(const auto items, benchmarks::readDidemo(annotations));
        return rankParts(run, items);
    }
    case Benchmark::Coin: {
        CLIP_TRY_ASSIGN(const auto coin, benchmarks::readCoin(annotations));
        return labelActions(run, coin);
    }
    case Benchmark::CrossTask: {
        CLIP_TRY_ASSIGN(auto crossTask, benchmarks::readCrossTask(annotations));
        return placeSteps(run, crossTask.tasks,
            benchmarks::crossTaskTest(std::move(crossTask.videos), crossTask.tasks.size()));
    }
    }
    return fail(ErrorKind::Internal, "The benchmark is of an unknown kind.");
}

} // namespace

Status ProtocolRun::checkStop() const
{
    if (m_context.stop.stop_requested())
        return fail(ErrorKind::Cancelled, "The evaluation was stopped.");
    return {};
}

Result<at::Tensor> ProtocolRun::texts(const std::vector<std::string>& texts)
{
    std::vector<at::Tensor> vectors;
    std::size_t cut = 0;
    for (std::size_t first = 0; first < texts.size(); first += textsAtOnce) {
        CLIP_TRY(checkStop());
        show("texts", first, texts.size(), "texts");
        CLIP_TRY_ASSIGN(auto embedded,
            m_model.embedTexts(
                std::span(texts).subspan(first, std::min(textsAtOnce, texts.size() - first))));
        vectors.push_back(std::move(embedded.vectors));
        cut += embedded.cut.size();
    }
    if (cut > 0)
        m_evaluation.notes.push_back(std::to_string(cut)
            + " texts are longer than the model reads; only their first words count.");
    const at::Tensor all = vectors.empty() ? at::empty({ 0, m_model.dim() }) : at::cat(vectors);
    CLIP_TRY(requireNumbers(all, "texts"));
    return all;
}

Result<std::optional<BenchmarkVideo>> ProtocolRun::video(const std::string& name)
{
    CLIP_TRY(checkStop());
    CLIP_TRY_ASSIGN(auto found, m_videos(name));
    if (!found)
        m_missing.insert(name);
    return found;
}

Result<at::Tensor> ProtocolRun::clips(std::span<const at::Tensor> clips)
{
    std::vector<at::Tensor> vectors;
    for (std::size_t first = 0; first < clips.size(); first += clipsAtOnce) {
        CLIP_TRY(checkStop());
        show("videos", first, clips.size(), "items");
        vectors.push_back(
            m_model.clipVectors(clips.subspan(first, std::min(clipsAtOnce, clips.size() - first))));
    }
    const at::Tensor all = vectors.empty() ? at::empty({ 0, m_model.dim() }) : at::cat(vectors);
    CLIP_TRY(requireNumbers(all, "videos"));
    return all;
}

void ProtocolRun::show(const char* phase, std::size_t done, std::size_t total, const char* unit)
{
    const auto now = std::chrono::steady_clock::now();
    if (done == 0)
        m_phaseBegan = now;
    const double seconds = std::chrono::duration<double>(now - m_phaseBegan).count();
    m_context.progress.report(
        { phase, static_cast<std::int64_t>(done), static_cast<std::int64_t>(total), unit,
            seconds > 0.0 ? static_cast<double>(done) / seconds : 0.0, "" });
}

void ProtocolRun::addFigure(
    std::string name, std::size_t items, const FigureOver& figure, std::optional<double> chance)
{
    std::vector<std::size_t> all(items);
    std::iota(all.begin(), all.end(), std::size_t{ 0 });
    m_evaluation.figures.push_back(
        { std::move(name), figure(all), benchmarks::intervalOf(items, figure), chance });
}

void ProtocolRun::addRankFigure(std::string name, std::span<const double> ranks,
    const std::function<double(const std::vector<double>&)>& figure, std::optional<double> chance)
{
    std::vector<double> drawn;
    const auto overItems = [&](std::span<const std::size_t> items) {
        drawn.clear();
        for (const std::size_t item : items)
            drawn.push_back(ranks[item]);
        return figure(drawn);
    };
    addFigure(std::move(name), ranks.size(), overItems, chance);
}

void ProtocolRun::addRatio(std::string name, std::span<const double> numerators,
    std::optional<double> chance, std::span<const double> denominators)
{
    const auto figure = [&](std::span<const std::size_t> items) {
        return ratioOf(numerators, denominators, items);
    };
    addFigure(std::move(name), numerators.size(), figure, chance);
}

void ProtocolRun::addRecalls(
    std::span<const double> ranks, std::span<const int> ks, std::optional<double> candidates)
{
    for (const int k : ks)
        addRankFigure(
            "R@" + std::to_string(k), ranks,
            [k](const std::vector<double>& drawn) { return benchmarks::recallAt(drawn, k); },
            candidates ? std::optional(std::min(1.0, k / *candidates)) : std::nullopt);
}

Result<benchmarks::Evaluation> ProtocolRun::finish(benchmarks::Benchmark benchmark)
{
    m_evaluation.benchmark = benchmark;
    m_evaluation.missingVideos.assign(m_missing.begin(), m_missing.end());
    if (m_evaluation.items.empty())
        return fail(ErrorKind::NotFound,
            m_missing.empty() ? "The benchmark has no item that can be evaluated."
                              : "None of the " + std::to_string(m_missing.size())
                    + " videos of the benchmark has features here; the first one is called "
                    + *m_missing.begin() + ".",
            {},
            "Import videos whose file names are the benchmark's names and extract their features, "
            "or name a folder of feature files with --features.");
    return std::move(m_evaluation);
}

at::Tensor orderOf(const at::Tensor& scores)
{
    return scores.argsort(/*stable=*/true, /*dim=*/1, /*descending=*/true);
}

Result<benchmarks::Evaluation> runProtocol(const EmbeddingModel& model,
    benchmarks::Benchmark benchmark, const std::filesystem::path& annotations,
    const VideoSource& videos, JobContext context)
{
    const auto begun = std::chrono::steady_clock::now();
    ProtocolRun run(model, videos, context);
    CLIP_TRY(dispatch(run, benchmark, annotations));
    CLIP_TRY_ASSIGN(auto evaluation, run.finish(benchmark));
    evaluation.madeAt = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now().time_since_epoch())
                            .count();
    evaluation.elapsedSeconds
        = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return evaluation;
}

} // namespace clipscope::tasks
