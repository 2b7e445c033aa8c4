#pragma once

#include "app/studio/lane.h"
#include "app/studio/pages/training/run_reader.h"

#include <QObject>
#include <QStringList>
#include <QTimer>

#include <filesystem>
#include <vector>

namespace clipscope::studio {

/// Follows the runs of a project through their folders: states and figures of all of them, curves
/// of those that are shown, by what was appended to metrics.jsonl since the last look.
/// Errors:  failed() when a request cannot be left; a run that cannot be read is left out.
/// Threads: GUI thread only; files are read in lanes.
class RunFollower final : public QObject
{
    Q_OBJECT

public:
    explicit RunFollower(QObject* parent = nullptr);
    /// An empty folder follows nothing.
    void setFolder(const std::filesystem::path& runsFolder);
    /// How often to look: twice a second while the runs are on screen, else every three seconds.
    void setWatched(bool watched);
    void setArchiveShown(bool shown);
    /// The runs whose curves are kept. Of more than 16 only the main curves are.
    void setShown(const QStringList& names);
    void refresh();

    /// Newest first.
    const std::vector<RunInfo>& runs() const { return m_runs; }
    const RunInfo* find(const QString& name) const;
    /// False until the folder has been read once.
    bool isLoaded() const { return m_loaded; }
    /// False while curves of shown runs are still to be read.
    bool areCurvesLoaded() const { return m_curvesLoaded || m_shown.isEmpty(); }
    bool showsOnlyMainCurves() const;
    void request(const QString& name, store::Control control);

Q_SIGNALS:
    void changed();
    void failed(const clipscope::Error& error);

private:
    void merge(std::vector<RunInfo> runs);
    void readShown();
    RunInfo* known(const QString& name);

    std::filesystem::path m_folder;
    std::vector<RunInfo> m_runs;
    QStringList m_shown;
    bool m_archiveShown = false;
    bool m_loaded = false, m_curvesLoaded = false;
    QTimer m_timer;
    Lane<std::vector<RunInfo>> m_scan;
    Lane<CurvesUpdate> m_read;
};

} // namespace clipscope::studio
