#pragma once

#include "app/studio/job_service.h"
#include "app/studio/model_service.h"
#include "app/studio/navigator.h"
#include "app/studio/pipeline.h"
#include "app/studio/preferences.h"
#include "app/studio/project_session.h"
#include "app/studio/services.h"
#include "app/studio/thumbnails.h"
#include "app/studio/waveform_service.h"

#include <memory>
#include <optional>

namespace clipscope::studio {

/// Whether the window may start work by itself: extraction and indexing of what is not done yet.
enum class Automation { On, Off };

/// Everything behind the window, built and connected once.
/// Owns:    all services; outlives the window.
/// Threads: GUI thread only.
class Studio final
{
public:
    /// `preferencesFile`: empty for the user's own.
    explicit Studio(Automation automation, const QString& preferencesFile = {});
    ~Studio();

    ProjectSession project;
    JobService jobs{ project };
    std::unique_ptr<ModelService> model = makeModelService();
    Thumbnails thumbnails;
    WaveformService waveforms;
    Preferences preferences;
    Navigator navigator;
    std::optional<Pipeline> pipeline;
    Services services{ project, jobs, *model, thumbnails, waveforms, preferences, navigator };
};

} // namespace clipscope::studio
