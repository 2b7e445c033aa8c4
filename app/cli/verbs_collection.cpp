#include "app/cli/verb.h"
#include "base/figures.h"
#include "base/files.h"
#include "jobs/make_collection.h"

namespace clipscope::cli {

namespace {

class MakeCollectionVerb final : public Verb
{
public:
    std::string name() const override { return "make-collection"; }
    std::string help() const override
    {
        return "Makes narrated films of coloured shapes to try training with.";
    }
    void declare(Arguments& arguments) override
    {
        arguments.positional("FOLDER", m_settings.folder, "Folder to make; new or empty.");
        arguments.settings(m_settings);
    }
    Result<Answer> run(const JobContext& context) override
    {
        CLIP_TRY_ASSIGN(const auto report, jobs::runMakeCollection(m_settings, context));
        return Answer{ jobs::toJson(report),
            std::to_string(report.trainingFilms) + " films to train on ("
                + fixed(report.trainingSeconds / 60.0, 0) + " minutes) and "
                + std::to_string(report.heldOutFilms) + " held-out films made in "
                + fixed(report.elapsedSeconds, 0) + " s.\nTake them into a project with "
                + "`clipscope-cli import PROJECT " + utf8(report.folder) + "`.",
            false };
    }

private:
    jobs::MakeCollectionSettings m_settings;
};

} // namespace

void addCollectionVerbs(Verbs& verbs)
{
    verbs.push_back(std::make_unique<MakeCollectionVerb>());
}

} // namespace clipscope::cli
