#include "app/cli/detached.h"
#include "app/cli/verb.h"
#include "base/figures.h"
#include "base/files.h"
#include "jobs/clusters.h"
#include "jobs/fork.h"
#include "jobs/pretrain.h"
#include "jobs/runs.h"

#include <charconv>
#include <optional>

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

/// Starts or goes on with a run in a process of its own; `json` is what else is to be said.
Result<Answer> leave(const std::filesystem::path& project, const std::string& run, Json json)
{
    CLIP_TRY_ASSIGN(const auto pid, resumeDetached(project, run));
    json["run"] = run;
    json["pid"] = pid;
    return Answer{ json,
        "Run " + run + " trains on its own as process " + std::to_string(pid)
            + "; `runs list` shows how it goes.",
        false };
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
        arguments.option("--run", m_settings.name, "Name of the new run.");
        arguments.option("--resume", m_settings.resume,
            "Goes on with this run; its own settings count, not those given.");
        arguments.flag("--detach", m_detach, "Leaves the training running on its own.");
        arguments.option("--from", m_settings.from,
            "Checkpoint to begin with: a file, or a name that info lists. With BERT weights both "
            "towers begin, as the paper's do.");
        arguments.settings(m_settings, &m_settings.sources);
    }
    Result<Answer> run(const JobContext& context) override
    {
        if (m_detach) {
            if (m_settings.resume.empty()) {
                CLIP_TRY_ASSIGN(m_settings.resume, jobs::createRun(m_settings));
            }
            return leave(m_settings.project, m_settings.resume, {});
        }
        CLIP_TRY_ASSIGN(const auto report, jobs::runPretrain(m_settings, context));
        return answerOf(report);
    }

private:
    jobs::PretrainSettings m_settings;
    bool m_detach = false;
};

class RunsVerb final : public Verb
{
public:
    std::string name() const override { return "runs"; }
    std::string help() const override
    {
        return "Lists, pauses, stops, resumes and forks trainings.";
    }
    void declare(Arguments& arguments) override
    {
        arguments.positional("ACTION", m_action, "list, pause, stop, resume or fork.");
        arguments.positional("PROJECT", m_project, "Project folder.");
        arguments.positional("RUN", m_run, "Name of the run.", Need::Optional);
        arguments.flag("--foreground", m_foreground,
            "resume and fork: train in this process instead of on its own.");
        arguments.option("--run", m_newRun, "fork: name of the new run.");
        arguments.option("--set", m_changes, "fork: KEY=VALUE of train.*; may be repeated.");
    }
    Result<Answer> run(const JobContext& context) override
    {
        if (m_action == "list")
            return list();
        const bool isKnown = m_action == "pause" || m_action == "stop" || m_action == "resume"
            || m_action == "fork";
        if (!isKnown)
            return fail(ErrorKind::BadInput, "\"" + m_action + "\" is no action on runs.", {},
                "Say list, pause, stop, resume or fork.");
        if (m_run.empty())
            return fail(ErrorKind::BadInput, "Which run to " + m_action + " was not said.", {},
                "`runs list PROJECT` names them.");
        if (m_action == "resume")
            return resume(m_run, Json::object(), context); // {} would be null
        if (m_action == "fork") {
            CLIP_TRY_ASSIGN(
                const auto forked, jobs::forkRun(m_project, m_run, m_newRun, m_changes));
            return resume(
                forked.name, { { "forked_from", m_run }, { "step", forked.step } }, context);
        }
        CLIP_TRY(jobs::askRun(
            m_project, m_run, m_action == "pause" ? store::Control::Pause : store::Control::Stop));
        return Answer{ { { "run", m_run }, { "asked", m_action } },
            "Asked " + m_run + " to " + m_action + "; it saves a checkpoint first.", false };
    }

private:
    Result<Answer> resume(const std::string& run, Json json, const JobContext& context) const
    {
        if (!m_foreground)
            return leave(m_project, run, std::move(json));
        jobs::PretrainSettings settings;
        settings.project = m_project;
        settings.resume = run;
        CLIP_TRY_ASSIGN(const auto report, jobs::runPretrain(settings, context));
        Answer answer = answerOf(report);
        answer.json.update(json);
        return answer;
    }

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
    std::string m_action, m_run, m_newRun;
    std::vector<std::string> m_changes;
    bool m_foreground = false;
};

class ClustersVerb final : public Verb
{
public:
    std::string name() const override { return "clusters"; }
    std::string help() const override
    {
        return "Shows which films a training put together, and their pairs.";
    }
    void declare(Arguments& arguments) override
    {
        arguments.positional("PROJECT", m_project, "Project folder.");
        arguments.positional("RUN", m_run, "Name of the run.");
        arguments.option("--epoch", m_epoch, "Epoch, from 1; without it the last on record.");
    }
    Result<Answer> run(const JobContext&) override
    {
        std::optional<std::int64_t> epoch;
        if (!m_epoch.empty()) {
            std::int64_t number = 0;
            const char* end = m_epoch.data() + m_epoch.size();
            if (std::from_chars(m_epoch.data(), end, number).ptr != end || number < 1)
                return fail(ErrorKind::BadInput, "\"" + m_epoch + "\" is no epoch.", {},
                    "Epochs count from 1.");
            epoch = number;
        }
        CLIP_TRY_ASSIGN(const auto report, jobs::readClusters(m_project, m_run, epoch));
        return Answer{ jobs::toJson(report), textOf(report), false };
    }

private:
    static std::string calledBy(const jobs::ClusterVideo& video)
    {
        return !video.path.empty() ? video.path
            : !video.name.empty()  ? video.name
                                   : "video " + std::to_string(video.id);
    }
    static std::string textOf(const jobs::ClustersReport& report)
    {
        std::string text = "Run " + report.run + ", epoch " + std::to_string(report.epoch) + ", "
            + std::to_string(report.clusters.size()) + " clusters";
        for (const jobs::ClusterReport& cluster : report.clusters) {
            text += "\nCluster " + std::to_string(cluster.cluster);
            double loss = 0.0;
            for (const jobs::ClusterPair& pair : cluster.pairs)
                loss += pair.loss / static_cast<double>(cluster.pairs.size());
            if (!cluster.pairs.empty())
                text += ", " + std::to_string(cluster.pairs.size()) + " pairs, mean loss "
                    + fixed(loss, 3);
            for (const jobs::ClusterVideo& video : cluster.candidates)
                text += std::string("\n  ") + (video.drawn ? "* " : "  ") + fixed(video.distance, 4)
                    + "  " + calledBy(video) + (video.id == cluster.seed ? " (seed)" : "");
        }
        return text;
    }

    std::filesystem::path m_project;
    std::string m_run, m_epoch;
};

} // namespace

void addTrainVerbs(Verbs& verbs)
{
    verbs.push_back(std::make_unique<ClustersVerb>());
    verbs.push_back(std::make_unique<PretrainVerb>());
    verbs.push_back(std::make_unique<RunsVerb>());
}

} // namespace clipscope::cli
