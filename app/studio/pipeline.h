#pragma once

#include "app/studio/lane.h"
#include "app/studio/services.h"

#include <QObject>
#include <QTimer>

#include <cstdint>
#include <set>

namespace clipscope::studio {

struct JobInfo;

/// Makes videos searchable without being asked: after an import, and when a project is opened,
/// features are extracted and then prepared for search.
///
/// Cancelled or failed work is not started again before the next import or opening.
/// Threads: GUI thread only; the project is looked at in a lane.
class Pipeline final : public QObject
{
    Q_OBJECT

public:
    Pipeline(ProjectSession& project, JobService& jobs, QObject* parent = nullptr);

private:
    struct Needs
    {
        std::set<std::int64_t> extraction; ///< videos without features
        bool index = false; ///< some features are not ready for search
    };
    static Result<Needs> lookAt(const std::filesystem::path& folder);
    void onJobFinished(const JobInfo& job);
    void consider();
    bool start(const QString& verb);

    ProjectSession& m_project;
    JobService& m_jobs;
    std::set<std::int64_t> m_attempted; ///< videos the last extraction was started for
    bool m_waiting = false; ///< something was to be started while another job ran
    QTimer m_later;
    Lane<Needs> m_lane;
};

} // namespace clipscope::studio
