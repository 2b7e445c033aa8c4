#include "app/cli/verb.h"
#include "base/files.h"
#include "jobs/import.h"
#include "jobs/import_source.h"
#include "jobs/info.h"
#include "jobs/init.h"

#include <cstdio>

namespace clipscope::cli {

namespace {

std::string plural(std::size_t count, const std::string& noun)
{
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

class InitVerb final : public Verb
{
public:
    std::string name() const override { return "init"; }
    std::string help() const override { return "Makes an empty project."; }
    void declare(Arguments& arguments) override
    {
        arguments.positional("PROJECT", m_settings.project, "Folder to make, NAME.clipscope.");
    }
    Result<Answer> run(const JobContext& context) override
    {
        CLIP_TRY_ASSIGN(const auto report, jobs::runInit(m_settings, context));
        return Answer{ jobs::toJson(report), "Made " + utf8(report.project) + ".", false };
    }

private:
    jobs::InitSettings m_settings;
};

class ImportVerb final : public Verb
{
public:
    std::string name() const override { return "import"; }
    std::string help() const override { return "Takes videos and their captions into a project."; }
    void declare(Arguments& arguments) override
    {
        arguments.positional("PROJECT", m_settings.project, "Project folder.");
        arguments.positionals(
            "PATH", m_settings.paths, "Videos and folders of videos.", Need::Optional);
        arguments.option("--captions", m_settings.captionFiles,
            "JSON file with captions of many videos; may be repeated.");
        arguments.option("--howto100m", m_settings.howto100m,
            "HowTo100M's raw_caption.json, for trainings with data.source=howto100m.");
        arguments.option("--features", m_settings.features,
            "Folder of ID.npy for the videos of --howto100m; stays where it is.");
        arguments.settings(m_settings);
    }
    Result<Answer> run(const JobContext& context) override
    {
        if (!m_settings.howto100m.empty() || !m_settings.features.empty())
            return importSource(context);
        if (m_settings.paths.empty() && m_settings.captionFiles.empty())
            return fail(ErrorKind::BadInput, "There is nothing to import.", {},
                "Name videos, folders or a file with --captions.");
        CLIP_TRY_ASSIGN(const auto report, jobs::runImport(m_settings, context));
        std::string text = plural(report.imported.size(), "video") + " imported, "
            + std::to_string(report.known.size()) + " already known";
        if (!report.moved.empty())
            text += " (" + std::to_string(report.moved.size()) + " found at a new place)";
        text += ", " + std::to_string(report.skipped.size()) + " skipped; "
            + plural(static_cast<std::size_t>(report.captions), "new caption") + ".";
        return Answer{ jobs::toJson(report), text, !report.skipped.empty() };
    }

private:
    Result<Answer> importSource(const JobContext& context) const
    {
        if (!m_settings.paths.empty() || !m_settings.captionFiles.empty())
            return fail(ErrorKind::BadInput,
                "--howto100m and --features take no films or caption files beside them.", {},
                "Import one after the other.");
        CLIP_TRY_ASSIGN(const auto report, jobs::runImportSource(m_settings, context));
        std::string text = plural(static_cast<std::size_t>(report.videos), "video") + ", "
            + plural(static_cast<std::size_t>(report.captions), "caption") + ", "
            + plural(static_cast<std::size_t>(report.tokens), "token") + "; "
            + std::to_string(report.withoutCaptions) + " without captions.";
        if (report.features)
            text += "\nFeatures of "
                + plural(static_cast<std::size_t>(report.features->videos), "video") + ", "
                + plural(static_cast<std::size_t>(report.features->seconds), "second") + " of "
                + std::to_string(report.features->width) + " numbers.";
        for (const Error& error : report.skipped)
            text += "\n  " + error.place.toString() + ": " + error.message;
        if (report.skippedCount > static_cast<std::int64_t>(report.skipped.size()))
            text += "\n  and "
                + std::to_string(
                    report.skippedCount - static_cast<std::int64_t>(report.skipped.size()))
                + " more.";
        return Answer{ jobs::toJson(report), text, report.skippedCount > 0 };
    }

    jobs::ImportSettings m_settings;
};

class InfoVerb final : public Verb
{
public:
    std::string name() const override { return "info"; }
    std::string help() const override { return "Tells everything about a project."; }
    void declare(Arguments& arguments) override
    {
        arguments.positional("PROJECT", m_settings.project, "Project folder.");
    }
    Result<Answer> run(const JobContext& context) override
    {
        CLIP_TRY_ASSIGN(const auto report, jobs::runInfo(m_settings, context));
        return Answer{ jobs::toJson(report), describe(report), false };
    }

private:
    static std::string describe(const jobs::InfoReport& report)
    {
        std::string text
            = utf8(report.project) + "\n" + plural(report.videos.size(), "video") + "\n";
        for (const jobs::VideoSummary& summary : report.videos) {
            char line[96];
            std::snprintf(line, sizeof(line), "  %8.1f s  %5lld captions  %-20s ",
                summary.video.durationSeconds, static_cast<long long>(summary.captions),
                summary.encoder.empty() ? "no features yet" : summary.encoder.c_str());
            text += line + utf8(summary.video.path) + "\n";
            for (const auto& problem : summary.problems)
                text += "              ! " + problem.reason + "\n";
        }
        if (!report.problems.empty())
            text += plural(report.problems.size(), "problem") + "\n";
        for (const auto& problem : report.problems)
            text += "  " + utf8(problem.path) + ": " + problem.reason + "\n";
        text += plural(report.checkpoints.size(), "checkpoint") + "\n";
        for (const auto& checkpoint : report.checkpoints)
            text += "  " + checkpoint.name + ": " + checkpoint.title + "\n";
        text += plural(report.runs.size(), "run") + "\n";
        for (const jobs::RunSummary& run : report.runs)
            text += "  " + run.name + ": " + run.state + "\n";
        return text;
    }

    jobs::InfoSettings m_settings;
};

} // namespace

void addProjectVerbs(Verbs& verbs)
{
    verbs.push_back(std::make_unique<InitVerb>());
    verbs.push_back(std::make_unique<ImportVerb>());
    verbs.push_back(std::make_unique<InfoVerb>());
}

} // namespace clipscope::cli
