#include "app/cli/verb.h"

#include "base/figures.h"
#include "base/files.h"
#include "jobs/label_sets.h"
#include "jobs/labels_compare.h"
#include "jobs/labels_files.h"

#include <array>

namespace clipscope::cli {

namespace {

/// The words that follow `labels ACTION PROJECT`.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> actions{ {
    { "import", "labels import PROJECT VIDEO FILE [--format F] [--tier NAME]" },
    { "export", "labels export PROJECT VIDEO FILE [--format F] [--tier NAME]..." },
    { "compare", "labels compare PROJECT VIDEO --tier A --tier B" },
    { "sets", "labels sets PROJECT list | import FILE [--task T] [--name N] | export NAME FILE" },
} };

class LabelsVerb final : public Verb
{
public:
    std::string name() const override { return "labels"; }
    std::string help() const override
    {
        return "Takes in, writes and compares the labels of a video; lists, takes in and writes "
               "label sets.";
    }
    void declare(Arguments& arguments) override
    {
        arguments.positional("ACTION", m_action, "import, export, compare or sets.");
        arguments.positional("PROJECT", m_project, "Project folder.");
        arguments.positionals("WORDS", m_words,
            "import, export: VIDEO FILE. compare: VIDEO. sets: list, import FILE or export NAME "
            "FILE.");
        arguments.option("--format", m_format,
            "Format of the file: eaf, vtt, srt, csv, activitynet, frames, textgrid, boris, "
            "labelstudio, fiftyone, cvat (only read); of a label set: json, text, csv, "
            "coin-taxonomy, coin, crosstask. Default: as the file shows.");
        arguments.option("--tier", m_tiers,
            "Tier to write, may be repeated (default: all); to take in; the two to compare.");
        arguments.option("--mapping", m_mapping,
            "Mapping file of per-frame labels (default: mapping.txt beside them).");
        arguments.option("--background", m_background,
            "What per-frame labels call a frame without one (default: background).");
        arguments.option("--task", m_task, "The one task of a COIN or CrossTask file.");
        arguments.option("--name", m_name, "Name for a label set that is taken in.");
    }
    Result<Answer> run(const JobContext& context) override
    {
        if (m_action == "import" || m_action == "export") {
            CLIP_TRY(needWords(2));
            return runFile(context);
        }
        if (m_action == "compare") {
            CLIP_TRY(needWords(1));
            return runCompare(context);
        }
        if (m_action == "sets")
            return runSets(context);
        return fail(ErrorKind::BadInput, "\"" + m_action + "\" is no action on labels.", {},
            "Say import, export, compare or sets.");
    }

private:
    Status needWords(std::size_t count) const
    {
        if (m_words.size() == count)
            return {};
        std::string usage;
        for (const auto& [action, line] : actions)
            if (action == m_action)
                usage = line;
        return fail(ErrorKind::BadInput,
            "labels " + m_action + " takes other arguments than these.", {}, "Say " + usage + ".");
    }

    Result<Answer> runFile(const JobContext& context) const
    {
        const bool import = m_action == "import";
        const jobs::LabelsFileSettings settings{ m_project, m_words[0], pathFromUtf8(m_words[1]),
            m_format, m_tiers, m_mapping, m_background, CLIPSCOPE_VERSION };
        CLIP_TRY_ASSIGN(const auto report,
            import ? jobs::runLabelsImport(settings, context)
                   : jobs::runLabelsExport(settings, context));
        std::string text = import ? "Taken in from " : "Written to ";
        text += m_words[1] + " (" + report.format + "):";
        for (const auto& tier : report.tiers)
            text += "\n  " + tier.name + ": " + std::to_string(tier.segments) + " segments";
        for (const std::string& set : report.labelSets)
            text += "\nNew label set: " + set;
        for (const std::string& note : report.notes)
            text += "\nNote: " + note;
        for (const Error& error : report.skipped)
            text += "\nSkipped " + error.place.toString() + ": " + error.message;
        return Answer{ toJson(report), text, !report.skipped.empty() };
    }

    Result<Answer> runCompare(const JobContext& context) const
    {
        CLIP_TRY_ASSIGN(
            const auto report, jobs::runLabelsCompare({ m_project, m_words[0], m_tiers }, context));
        const labels::Comparison& figures = report.comparison;
        return Answer{ toJson(report),
            report.tierA + " and " + report.tierB + ": frame accuracy "
                + fixed(figures.frameAccuracy, 3) + ", kappa " + fixed(figures.kappa, 3)
                + ", F1@10/25/50 " + fixed(figures.segments10.f1(), 3) + "/"
                + fixed(figures.segments25.f1(), 3) + "/" + fixed(figures.segments50.f1(), 3)
                + ", edit score " + fixed(figures.editScore, 3) + ", "
                + fixed(figures.secondsThatDiffer, 1) + " s differ.",
            false };
    }

    Result<Answer> runSets(const JobContext& context)
    {
        const std::string what = m_words.empty() ? "" : m_words[0];
        jobs::LabelSetsSettings settings{ m_project, {}, m_format, m_task, m_name };
        if (what == "import" && m_words.size() == 2) {
            settings.file = pathFromUtf8(m_words[1]);
            CLIP_TRY_ASSIGN(const auto report, jobs::runLabelSetsImport(settings, context));
            return answer(report, report.replaced ? "Replaced:" : "Taken in:");
        }
        if (what == "export" && m_words.size() == 3) {
            settings.name = m_words[1];
            settings.file = pathFromUtf8(m_words[2]);
            CLIP_TRY_ASSIGN(const auto report, jobs::runLabelSetsExport(settings, context));
            return answer(report, "Written to " + m_words[2] + ":");
        }
        if (what != "list" || m_words.size() != 1)
            CLIP_TRY(needWords(m_words.size() + 1));
        CLIP_TRY_ASSIGN(const auto report, jobs::runLabelSetsList(settings, context));
        return answer(
            report, report.sets.empty() ? "The project has no label sets." : "Label sets:");
    }

    static Answer answer(const jobs::LabelSetsReport& report, std::string text)
    {
        for (const auto& set : report.sets)
            text += "\n  " + set.name + ": " + std::to_string(set.labels) + " labels, "
                + std::to_string(set.wordings) + " wordings";
        for (const std::string& note : report.notes)
            text += "\nNote: " + note;
        return Answer{ toJson(report), text, false };
    }

    std::filesystem::path m_project, m_mapping;
    std::string m_action, m_format, m_task, m_name, m_background = "background";
    std::vector<std::string> m_words, m_tiers;
};

} // namespace

void addLabelVerbs(Verbs& verbs)
{
    verbs.push_back(std::make_unique<LabelsVerb>());
}

} // namespace clipscope::cli
