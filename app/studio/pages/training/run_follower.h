#pragma once

#include "app/studio/lane.h"
#include "store/run_folder.h"
#include "widgets/charts/curve_data.h"

#include <QObject>
#include <QString>
#include <QTimer>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace clipscope::studio {

/// One training run as the window knows it.
struct RunInfo
{
    QString name;
    std::filesystem::path folder;
    store::RunState state;
    std::vector<widgets::CurveData> curves; ///< in the order their names were first seen
    std::uint64_t readTo = 0; ///< of metrics.jsonl
    store::Control asked = store::Control::None; ///< of a run that has not answered yet

    bool isActive() const;
    bool canResume() const; ///< paused, stopped, failed or crashed
    const widgets::CurveData* curve(const QString& curveName) const;
    /// The last value of a curve; none when it has no points.
    std::optional<double> latest(const QString& curveName) const;
    /// The largest value of a curve; none when it has no points.
    std::optional<double> best(const QString& curveName) const;
    std::int64_t step() const;
    /// "3 min left"; empty when it is not known or nothing runs.
    QString remainingText() const;
    /// "running", "pausing", "paused", "stopped unexpectedly", ...
    QString phaseText() const;
};

/// Follows the runs of a project through their folders: state by state.json, curves by what was
/// appended to metrics.jsonl since the last look.
/// Errors:  failed() when a request cannot be left; a run that cannot be read is left out.
/// Threads: GUI thread only; files are read in a lane.
class RunFollower final : public QObject
{
    Q_OBJECT

public:
    explicit RunFollower(QObject* parent = nullptr);
    /// An empty folder follows nothing.
    void setFolder(const std::filesystem::path& runsFolder);
    /// How often to look: twice a second while the runs are on screen, else every three seconds.
    void setWatched(bool watched);
    void refresh();

    /// Newest first.
    const std::vector<RunInfo>& runs() const { return m_runs; }
    const RunInfo* find(const QString& name) const;
    /// False until the folder has been read once.
    bool isLoaded() const { return m_loaded; }
    void request(const QString& name, store::Control control);

Q_SIGNALS:
    void changed();
    void failed(const clipscope::Error& error);

private:
    struct Update
    {
        QString name;
        std::filesystem::path folder;
        store::RunState state;
        store::MetricsChunk added;
    };
    void merge(std::vector<Update> updates);

    std::filesystem::path m_folder;
    std::vector<RunInfo> m_runs;
    bool m_loaded = false;
    QTimer m_timer;
    Lane<std::vector<Update>> m_lane;
};

} // namespace clipscope::studio
