#include "app/studio/studio.h"

#include "widgets/common/format.h"

namespace clipscope::studio {

Studio::Studio(Automation automation, const QString& preferencesFile)
    : preferences(preferencesFile)
{
    if (automation == Automation::On)
        pipeline.emplace(project, jobs);
    QObject::connect(&project, &ProjectSession::changed, model.get(), [this] {
        thumbnails.setProject(project.folder());
        waveforms.setProject(project.folder());
        model->openProject(
            project.folder(), preferences.checkpoint(widgets::fromPath(project.folder())));
    });
    QObject::connect(
        &project, &ProjectSession::contentsChanged, model.get(), [this] { model->refresh(); });
    QObject::connect(&jobs, &JobService::jobFinished, &project, &ProjectSession::announceContents);
}

Studio::~Studio() = default;

} // namespace clipscope::studio
