#include "app/cli/verb.h"

#include "base/figures.h"
#include "base/files.h"
#include "jobs/evaluate.h"

namespace clipscope::cli {

namespace {

std::string valueText(const benchmarks::Figure& figure, double value)
{
    return benchmarks::isRank(figure.name) ? fixed(value, 1) : fixed(100.0 * value, 1) + " %";
}

std::string figureLine(const benchmarks::BenchmarkFacts& facts, const benchmarks::Figure& figure)
{
    std::string line = "\n  " + figure.name;
    line.append(line.size() < 16 ? 16 - line.size() : 1, ' ');
    line += valueText(figure, figure.value) + "  (95 %: " + valueText(figure, figure.interval.low)
        + " to " + valueText(figure, figure.interval.high) + ")";
    if (figure.chance)
        line += "  chance " + valueText(figure, *figure.chance);
    if (const auto* published = benchmarks::publishedOf(facts, figure.name)) {
        line += "  published " + valueText(figure, published->zeroShot);
        if (published->fineTuned)
            line += ", fine-tuned " + valueText(figure, *published->fineTuned);
    }
    return line;
}

std::string textOf(const jobs::EvaluateReport& report)
{
    const benchmarks::Evaluation& evaluation = report.evaluation;
    const auto& facts = benchmarks::factsOf(evaluation.benchmark);
    std::string text = std::string(facts.title) + ", " + evaluation.checkpointTitle + ": "
        + std::to_string(evaluation.items.size()) + " of "
        + std::to_string(evaluation.itemsInBenchmark) + " items.";
    for (const benchmarks::Figure& figure : evaluation.figures)
        text += figureLine(facts, figure);
    if (!evaluation.isComplete())
        text.append("\n")
            .append(std::to_string(evaluation.missingVideos.size()))
            .append(" videos have no features here, so the figures do not compare with published "
                    "ones.");
    for (const std::string& note : evaluation.notes)
        text.append("\nNote: ").append(note);
    if (!report.file.empty())
        text.append("\nStored in ").append(utf8(report.file)).append(".");
    return text;
}

class EvaluateVerb final : public Verb
{
public:
    std::string name() const override { return "evaluate"; }
    std::string help() const override
    {
        return "Puts a checkpoint through a benchmark of the paper, zero-shot.";
    }
    void declare(Arguments& arguments) override
    {
        arguments.positional("PROJECT", m_settings.project, "Project folder.");
        arguments.positional(
            "BENCHMARK", m_settings.benchmark, "One of " + benchmarks::benchmarkNames() + ".");
        arguments.option("--annotations", m_settings.annotations,
            "The benchmark's annotations as their owners ship them (docs/evaluation.md).");
        arguments.option("--features", m_settings.features,
            "Folder of NAME.npy files to take instead of the project's features.");
        arguments.settings(m_settings);
    }
    Result<Answer> run(const JobContext& context) override
    {
        m_settings.programVersion = CLIPSCOPE_VERSION;
        CLIP_TRY_ASSIGN(const auto report, jobs::runEvaluate(m_settings, context));
        return Answer{ toJson(report), textOf(report), !report.evaluation.isComplete() };
    }

private:
    jobs::EvaluateSettings m_settings;
};

} // namespace

void addEvaluateVerbs(Verbs& verbs)
{
    verbs.push_back(std::make_unique<EvaluateVerb>());
}

} // namespace clipscope::cli
