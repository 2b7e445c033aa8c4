#include "jobs/init.h"

#include "base/files.h"
#include "store/project.h"

namespace clipscope::jobs {

Json toJson(const InitReport& report)
{
    return { { "project", utf8(report.project) } };
}

Result<InitReport> runInit(const InitSettings& settings, const JobContext&)
{
    CLIP_TRY_ASSIGN(const store::Project project, store::Project::create(settings.project));
    return InitReport{ project.folder() };
}

} // namespace clipscope::jobs
