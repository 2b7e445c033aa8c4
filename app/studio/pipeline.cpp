#include "app/studio/pipeline.h"

#include "app/studio/job_service.h"
#include "app/studio/project_session.h"
#include "store/feature_shards.h"
#include "store/project.h"
#include "widgets/common/format.h"

#include <algorithm>
#include <set>
#include <utility>

namespace clipscope::studio {

namespace {

/// Videos with vectors in any sub-folder of `parent` (one per encoder or checkpoint).
std::set<std::int64_t> videosIn(const std::filesystem::path& parent)
{
    std::set<std::int64_t> ids;
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(parent, missing))
        if (const auto reader = store::FeatureReader::open(entry.path()))
            for (const std::int64_t id : reader->videoIds())
                ids.insert(id);
    return ids;
}

} // namespace

Pipeline::Pipeline(ProjectSession& project, JobService& jobs, QObject* parent)
    : QObject(parent)
    , m_project(project)
    , m_jobs(jobs)
    , m_lane(this)
{
    connect(&jobs, &JobService::jobFinished, this, &Pipeline::onJobFinished);
    m_later.setSingleShot(true);
    m_later.setInterval(1500);
    connect(&m_later, &QTimer::timeout, this, &Pipeline::consider);
    // A little later, when the service has found the jobs that are still alive.
    connect(&project, &ProjectSession::changed, this, [this] {
        m_attempted.clear();
        m_waiting = false;
        m_later.start();
    });
}

void Pipeline::onJobFinished(const JobInfo& job)
{
    const bool finished = job.state.phase == store::RunPhase::Finished;
    if (finished && job.state.verb == "import")
        m_attempted.clear();
    const bool waited = std::exchange(m_waiting, false);
    if (waited || (finished && (job.state.verb == "import" || job.state.verb == "extract")))
        consider();
}

void Pipeline::consider()
{
    if (!m_project.isOpen() || m_project.isReadOnly())
        return;
    m_lane.run([folder = m_project.folder()](std::stop_token) { return lookAt(folder); },
        [this](Result<Needs> needs) {
            if (!needs)
                return;
            // What an extraction has just been started for and did not get stays as it is.
            const bool anyNew = !std::includes(m_attempted.begin(), m_attempted.end(),
                needs->extraction.begin(), needs->extraction.end());
            if (anyNew && start(QStringLiteral("extract")))
                m_attempted = std::move(needs->extraction);
            else if (needs->index)
                start(QStringLiteral("index"));
        });
}

Result<Pipeline::Needs> Pipeline::lookAt(const std::filesystem::path& folder)
{
    CLIP_TRY_ASSIGN(
        const store::Project project, store::Project::open(folder, store::Access::ReadOnly));
    CLIP_TRY_ASSIGN(const std::vector<store::VideoRecord> videos, project.catalogue().videos());
    const std::set<std::int64_t> extracted = videosIn(folder / "features");
    const std::set<std::int64_t> indexed = videosIn(folder / "states");
    Needs needs;
    for (const store::VideoRecord& video : videos) {
        if (!extracted.contains(video.id))
            needs.extraction.insert(video.id);
        else if (!indexed.contains(video.id))
            needs.index = true;
    }
    return needs;
}

bool Pipeline::start(const QString& verb)
{
    for (const char* busy : { "import", "extract", "index" })
        if (m_jobs.isRunning(QLatin1String(busy))) {
            m_waiting = true;
            return false;
        }
    m_jobs.start(verb, { widgets::fromPath(m_project.folder()) });
    return true;
}

} // namespace clipscope::studio
