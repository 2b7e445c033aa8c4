#pragma once

#include "app/studio/lane.h"
#include "base/result.h"
#include "store/run_folder.h"

#include <QObject>
#include <QString>
#include <QStringList>
#include <QTimer>

#include <filesystem>
#include <map>
#include <memory>
#include <vector>

namespace clipscope::studio {

class ProjectSession;

/// One job as the window shows it.
struct JobInfo
{
    QString id; ///< name of its folder under jobs/ ("extract-3")
    std::filesystem::path folder;
    QStringList arguments; ///< it was started with, the verb apart; empty: not known
    store::RunState state;
    double remainingSeconds = -1.0; ///< negative when not known

    bool isActive() const;
    bool needsAttention() const; ///< failed or crashed
    bool canResume() const; ///< the same words start the rest of the work
    /// "Extracting features", "Importing videos", ...: translated, by verb.
    QString title() const;
    /// "12 of 40 videos, 3 min left".
    QString progressText() const;
};

/// Long work as processes of the command line: started detached, followed through their folders
/// in PROJECT/jobs, found again at the next start.
///
/// Errors:  failed() (program missing, folder not writable); a job that fails says so in its state.
/// Threads: GUI thread only; folders are read in a lane four times a second while work is active.
class JobService final : public QObject
{
    Q_OBJECT

public:
    /// `program`: the command line; empty: clipscope-cli beside the application, or what the
    /// environment variable CLIPSCOPE_CLI names.
    explicit JobService(ProjectSession& project, QString program = {}, QObject* parent = nullptr);
    ~JobService() override;

    /// Starts `clipscope-cli VERB ARGUMENTS --json --job-folder PROJECT/jobs/VERB-N`.
    void start(const QString& verb, const QStringList& arguments);

    /// Newest first; finished ones until they are dismissed or the window closes.
    const std::vector<JobInfo>& jobs() const { return m_jobs; }
    bool isRunning(const QString& verb) const;
    /// What clipscope-cli to name in copyable command lines.
    QString program() const { return m_program; }

    /// Asks the process to stop: what is done is kept.
    void cancel(const QString& id);
    /// Starts the same work again: extraction, import and index go on where they were.
    void resume(const QString& id);
    /// Forgets a job that is over: its folder is removed.
    void dismiss(const QString& id);

Q_SIGNALS:
    void jobsChanged();
    /// A job left the active state, with what its process answered (state.error when failed).
    void jobFinished(const clipscope::studio::JobInfo& job);
    void failed(const clipscope::Error& error);

private:
    struct Scan
    {
        std::vector<JobInfo> jobs;
    };
    void poll();
    void take(Scan scan);
    void launched(Result<QString> id);
    const JobInfo* find(const QString& id) const;

    ProjectSession& m_project;
    QString m_program;
    std::vector<JobInfo> m_jobs;
    std::map<QString, bool> m_wasActive; ///< by id, to notice the end of a job once
    QTimer m_timer;
    Lane<Scan> m_scan;
    std::vector<std::unique_ptr<Lane<QString>>> m_launches; ///< one each: launches never supersede
};

} // namespace clipscope::studio
