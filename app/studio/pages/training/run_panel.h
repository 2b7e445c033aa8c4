#pragma once

#include "app/studio/pages/training/run_charts.h"

#include <QWidget>

class QAction;
class QLabel;
class QLayout;
class QMenu;
class QPushButton;
class QTabWidget;
class QToolButton;

namespace clipscope::widgets {
class Chip;
}

namespace clipscope::studio {

class BatchView;
class LogPanel;
class RunOverview;
class RunSettings;

/// One run: its state and what can be asked of it; overview, curves, settings, log, resources.
/// Threads: GUI thread only.
class RunPanel final : public QWidget
{
    Q_OBJECT

public:
    explicit RunPanel(QWidget* parent = nullptr);
    /// `all`: the runs it can be compared with. `whyNot` is the reason why nothing can be asked of
    /// any run; empty when it can.
    void show(const RunInfo& run, const std::vector<RunInfo>& all, const WatchNames& watched,
        const std::filesystem::path& project, const QString& whyNot);
    CurveGrid* curves() { return m_curves; }
    /// "curves", "batch", ...: the page that is open. An unknown one changes nothing.
    QString tab() const;
    void setTab(const QString& name);
    /// What can be asked of the run, as a menu that deletes itself.
    QMenu* makeMenu(QWidget* parent);

Q_SIGNALS:
    void controlRequested(const QString& run, clipscope::store::Control control);
    void resumeRequested(const QString& run);
    void forkRequested(const QString& run);
    void archiveRequested(const QString& run); ///< or back, when it is archived
    void trashRequested(const QString& run);
    void clipChosen(qint64 videoId, double seconds);
    void failed(const clipscope::Error& error);

private:
    QLayout* buildHead();
    void refreshButtons(const RunInfo& run, const QString& whyNot);

    QString m_run;
    QLabel *m_name, *m_facts, *m_problem;
    widgets::Chip* m_phase;
    QPushButton *m_pause, *m_resume, *m_stop, *m_fork;
    QToolButton* m_more;
    QAction *m_archive, *m_trash;
    QTabWidget* m_tabs;
    RunOverview* m_overview;
    CurveGrid *m_curves, *m_resources;
    RunSettings* m_settings;
    BatchView* m_batch;
    LogPanel* m_log;
    DerivedCurves m_derived;
};

} // namespace clipscope::studio
