#include "app/cli/verb.h"
#include "base/figures.h"
#include "base/files.h"
#include "jobs/pretrain.h"
#include "jobs/runs.h"

namespace clipscope::cli {

namespace {

std::string lineOf(const train::Evaluation& found)
{
    return "loss " + fixed(found.loss, 3) + ", R@1 " + fixed(found.recallAt1, 3) + " (chance "
        + fixed(found.chanceAt(1), 3) + "), R@5 " + fixed(found.recallAt5, 3) + " (chance "
        + fixed(found.chanceAt(5), 3) + "), " + std::to_string(found.pairs) + " pairs";
}

Answer answerOf(const jobs::PretrainReport& report)
{
    std::string text = "Run " + report.run + " " + std::string(store::runPhaseName(report.phase))
        + " after step " + std::to_string(report.steps) + " of " + std::to_string(report.totalSteps)
        + ", " + fixed(report.elapsedSeconds, 0) + " s.";
    const std::string where = report.validationVideos > 0 ? "validation" : "training";
    if (report.first)
        text += "\nOwn pairs of the " + where + " films at first: " + lineOf(*report.first);
    if (report.last)
        text += "\nOwn pairs of the " + where + " films now:      " + lineOf(*report.last);
    for (const std::string& note : report.notes)
        text += "\nNote: " + note;
    return { jobs::toJson(report), text, false };
}

class PretrainVerb final : public Verb
{
public:
    std::string name() const override { return "pretrain"; }
    std::string help() const override
    {
        return "Trains a model on the captioned videos of a project.";
    }
    void declare(Arguments& arguments) override
    {
        arguments.positional("PROJECT", m_settings.project, "Project folder.");
        arguments.option("--name", m_settings.name, "Name of the new run.");
        arguments.option("--resume", m_settings.resume,
            "Goes on with this run; its own settings count, not those given.");
        arguments.option("--from", m_settings.from,
            "Checkpoint to begin with: a file, or a name that info lists.");
        arguments.settings(m_settings, &m_settings.sources);
    }
    Result<Answer> run(const JobContext& context) override
    {
        CLIP_TRY_ASSIGN(const auto report, jobs::runPretrain(m_settings, context));
        return answerOf(report);
    }

private:
    jobs::PretrainSettings m_settings;
};

class RunsVerb final : public Verb
{
public:
    std::string name() const override { return "runs"; }
    std::string help() const override { return "Lists, pauses, stops and resumes trainings."; }
    void declare(Arguments& arguments) override
    {
        arguments.positional("PROJECT", m_project, "Project folder.");
        arguments.positional("ACTION", m_action, "list, pause, stop or resume.", Need::Optional);
        arguments.positional("RUN", m_run, "Name of the run.", Need::Optional);
    }
    Result<Answer> run(const JobContext& context) override
    {
        if (m_action.empty() || m_action == "list")
            return list();
        const bool pause = m_action == "pause";
        if (!pause && m_action != "stop" && m_action != "resume")
            return fail(ErrorKind::BadInput, "\"" + m_action + "\" is no action on runs.", {},
                "Say list, pause, stop or resume.");
        if (m_run.empty())
            return fail(ErrorKind::BadInput, "Which run to " + m_action + " was not said.", {},
                "`runs PROJECT list` names them.");
        if (m_action == "resume") {
            jobs::PretrainSettings settings;
            settings.project = m_project;
            settings.resume = m_run;
            CLIP_TRY_ASSIGN(const auto report, jobs::runPretrain(settings, context));
            return answerOf(report);
        }
        CLIP_TRY(
            jobs::askRun(m_project, m_run, pause ? store::Control::Pause : store::Control::Stop));
        return Answer{ { { "run", m_run }, { "asked", m_action } },
            "Asked " + m_run + " to " + m_action + "; it saves a checkpoint first.", false };
    }

private:
    Result<Answer> list() const
    {
        CLIP_TRY_ASSIGN(const auto runs, jobs::listRuns(m_project));
        Json json = Json::array();
        std::string text = runs.empty() ? "No runs yet." : "";
        for (const jobs::RunOverview& run : runs) {
            json.push_back(jobs::toJson(run));
            text += (text.empty() ? "" : "\n") + run.name + ": " + run.phase + ", step "
                + std::to_string(run.state.progress.done) + " of "
                + std::to_string(run.state.progress.total);
            if (!run.state.progress.message.empty())
                text += ", " + run.state.progress.message;
            if (run.state.error)
                text += "\n  " + run.state.error->toString();
        }
        return Answer{ { { "runs", json } }, text, false };
    }

    std::filesystem::path m_project;
    std::string m_action, m_run;
};

} // namespace

void addTrainVerbs(Verbs& verbs)
{
    verbs.push_back(std::make_unique<PretrainVerb>());
    verbs.push_back(std::make_unique<RunsVerb>());
}

} // namespace clipscope::cli
