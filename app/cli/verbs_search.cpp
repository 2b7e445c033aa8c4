#include "app/cli/verb.h"

#include "base/figures.h"
#include "base/files.h"
#include "jobs/extract.h"
#include "jobs/feature_files.h"
#include "jobs/index.h"
#include "jobs/make_starter.h"
#include "jobs/search.h"

#include <cmath>
#include <cstdio>

namespace clipscope::cli {

namespace {

/// "1:02:05" or "2:05".
std::string clock(double seconds)
{
    const auto whole = static_cast<long long>(std::floor(seconds));
    char text[32];
    if (whole >= 3600)
        std::snprintf(
            text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
    return text;
}

void appendSkipped(std::string& text, const std::vector<Error>& skipped)
{
    for (const Error& error : skipped)
        text.append("\nSkipped ").append(utf8(error.place.file)).append(": ").append(error.message);
}

class MakeStarterVerb final : public Verb
{
public:
    std::string name() const override { return "make-starter"; }
    std::string help() const override
    {
        return "Builds the starter checkpoint from its downloaded parts.";
    }
    void declare(Arguments& arguments) override
    {
        arguments.option("--from", m_settings.from,
            "Folder with the parts as `./dev run` fetches them (default: .deps/starter).");
        arguments.option("--to", m_settings.to,
            "File to write (default: starter.safetensors in the models folder).");
        arguments.settings(m_settings);
    }
    Result<Answer> run(const JobContext& context) override
    {
        if (m_settings.from.empty())
            m_settings.from = std::filesystem::path(".deps") / "starter";
        CLIP_TRY_ASSIGN(const auto report, jobs::runMakeStarter(m_settings, context));
        return Answer{ toJson(report),
            "Starter written to " + utf8(report.path) + " ("
                + fixed(static_cast<double>(report.bytes) / 1e6, 0) + " MB, "
                + std::to_string(report.classTexts) + " texts, " + fixed(report.elapsedSeconds, 0)
                + " s).",
            false };
    }

private:
    jobs::MakeStarterSettings m_settings;
};

class ExtractVerb final : public Verb
{
public:
    std::string name() const override { return "extract"; }
    std::string help() const override
    {
        return "Turns every second of the project's videos into features; goes on where it "
               "stopped.";
    }
    void declare(Arguments& arguments) override
    {
        arguments.positional("PROJECT", m_settings.project, "Project folder.");
        arguments.settings(m_settings);
    }
    Result<Answer> run(const JobContext& context) override
    {
        CLIP_TRY_ASSIGN(const auto report, jobs::runExtract(m_settings, context));
        std::string text = std::to_string(report.extracted) + " videos extracted ("
            + std::to_string(report.seconds) + " seconds in " + fixed(report.elapsedSeconds, 1)
            + " s), " + std::to_string(report.known) + " had their features already.";
        appendSkipped(text, report.skipped);
        return Answer{ toJson(report), text, !report.skipped.empty() };
    }

private:
    jobs::ExtractSettings m_settings;
};

class FeaturesVerb final : public Verb
{
public:
    std::string name() const override { return "features"; }
    std::string help() const override
    {
        return "Takes in features that another program extracted, or writes the project's: one "
               ".npy for each video.";
    }
    void declare(Arguments& arguments) override
    {
        arguments.positional("PROJECT", m_settings.project, "Project folder.");
        arguments.positional("ACTION", m_action, "import or export.");
        arguments.positional("FOLDER", m_settings.folder, "Folder of NAME.npy files.");
        arguments.settings(m_settings);
    }
    Result<Answer> run(const JobContext& context) override
    {
        if (m_action != "import" && m_action != "export")
            return fail(ErrorKind::BadInput, "\"" + m_action + "\" is no action on features.", {},
                "Say import or export.");
        const bool import = m_action == "import";
        CLIP_TRY_ASSIGN(const auto report,
            import ? jobs::runTakeFeatures(m_settings, context)
                   : jobs::runWriteFeatures(m_settings, context));
        std::string text = "Features of " + report.encoder + ": " + std::to_string(report.videos)
            + " videos " + (import ? "taken in" : "written") + ", " + std::to_string(report.seconds)
            + " seconds" + (import ? ", " + std::to_string(report.known) + " known." : ".");
        appendSkipped(text, report.skipped);
        return Answer{ toJson(report), text, !report.skipped.empty() };
    }

private:
    jobs::FeatureFilesSettings m_settings;
    std::string m_action;
};

class IndexVerb final : public Verb
{
public:
    std::string name() const override { return "index"; }
    std::string help() const override
    {
        return "Computes a checkpoint's states and the search index ahead of the first search.";
    }
    void declare(Arguments& arguments) override
    {
        arguments.positional("PROJECT", m_settings.project, "Project folder.");
        arguments.settings(m_settings);
    }
    Result<Answer> run(const JobContext& context) override
    {
        CLIP_TRY_ASSIGN(const auto report, jobs::runIndex(m_settings, context));
        std::string text = "States of " + report.checkpoint + ": "
            + std::to_string(report.states.videosComputed) + " videos computed, "
            + std::to_string(report.states.videosKnown) + " known, "
            + std::to_string(report.states.seconds) + " seconds.";
        if (report.states.videosWithoutFeatures > 0)
            text.append("\n")
                .append(std::to_string(report.states.videosWithoutFeatures))
                .append(" videos have no features yet: run extract.");
        return Answer{ toJson(report), text, report.states.videosWithoutFeatures > 0 };
    }

private:
    jobs::IndexSettings m_settings;
};

class SearchVerb final : public Verb
{
public:
    std::string name() const override { return "search"; }
    std::string help() const override { return "Finds the moments that fit a text."; }
    void declare(Arguments& arguments) override
    {
        arguments.positional("PROJECT", m_settings.project, "Project folder.");
        arguments.positional("WORDS", m_settings.query, "What to look for, in English.");
        arguments.settings(m_settings);
    }
    Result<Answer> run(const JobContext& context) override
    {
        CLIP_TRY_ASSIGN(const auto report, jobs::runSearch(m_settings, context));
        std::string text = report.checkpointTitle;
        if (report.answer.nothingMatches)
            text += "\nNothing here seems to match; these come closest:";
        std::int64_t video = -1;
        for (const auto& moment : report.answer.moments) {
            if (moment.videoId != video)
                text.append("\n").append(utf8(report.paths.at(moment.videoId)));
            video = moment.videoId;
            text.append("\n  ").append(clock(moment.startSeconds)).append(" to ");
            text.append(clock(std::ceil(moment.stopSeconds))).append("  best at ");
            text.append(clock(static_cast<double>(moment.peakSecond))).append("  score ");
            text.append(fixed(static_cast<double>(moment.score), 3));
            text.append(moment.weak ? "  (weak)" : "");
        }
        for (const auto& note : report.answer.notes)
            text.append("\nNote: ").append(note);
        return Answer{ toJson(report), text, false };
    }

private:
    jobs::SearchSettings m_settings;
};

} // namespace

void addSearchVerbs(Verbs& verbs)
{
    verbs.push_back(std::make_unique<MakeStarterVerb>());
    verbs.push_back(std::make_unique<ExtractVerb>());
    verbs.push_back(std::make_unique<FeaturesVerb>());
    verbs.push_back(std::make_unique<IndexVerb>());
    verbs.push_back(std::make_unique<SearchVerb>());
}

} // namespace clipscope::cli
