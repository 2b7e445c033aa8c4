#pragma once

#include "app/studio/pages/training/run_follower.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QTabWidget;

namespace clipscope::widgets {
class Chip;
}

namespace clipscope::studio {

class CurveGrid;
class LogView;
class RunOverview;

/// One run: its state and what can be asked of it, overview with settings, curves, log.
/// Threads: GUI thread only.
class RunPanel final : public QWidget
{
    Q_OBJECT

public:
    explicit RunPanel(QWidget* parent = nullptr);
    /// `whyNot` is the reason why nothing can be asked of any run; empty when it can.
    void show(const RunInfo& run, const QString& whyNot);

Q_SIGNALS:
    void controlRequested(const QString& run, clipscope::store::Control control);
    void resumeRequested(const QString& run);
    void failed(const clipscope::Error& error);

private:
    void refreshButtons(const RunInfo& run, const QString& whyNot);

    QString m_run;
    QLabel *m_name, *m_facts, *m_problem;
    widgets::Chip* m_phase;
    QPushButton *m_pause, *m_resume, *m_stop;
    QTabWidget* m_tabs;
    RunOverview* m_overview;
    CurveGrid* m_curves;
    LogView* m_log;
};

} // namespace clipscope::studio
