#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTemporaryDir>
#include <QTimer>

#include <filesystem>
#include <vector>

namespace clipscope::widgets {
class CurveChart;
}

namespace clipscope::studio {

class MainWindow;
class ProjectSession;

/// Measures how long the Training page takes for a frame with many long runs overlaid.
///
/// Makes a project of generated runs in a temporary folder, selects all of them, waits until their
/// curves are read, and pans and zooms a chart and moves the cursor. A frame's time runs from the
/// wish to the end of the paint that shows it; the thread's processor time is what is left of it on
/// an idle machine.
/// Errors:  problem() when the runs cannot be written.
/// Threads: GUI thread only; the window must outlive it. The constructor writes all runs.
class CurvesProbe final : public QObject
{
    Q_OBJECT

public:
    CurvesProbe(MainWindow& window, ProjectSession& project, int runs, int points);
    ~CurvesProbe() override;

    const QString& problem() const { return m_problem; } ///< empty: none
    /// What is printed: a line for reading and one for each kind of frame.
    QString report() const;

Q_SIGNALS:
    void finished();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Kind
    {
        QString name;
        std::vector<double> milliseconds = {}; ///< of each frame
        std::vector<double> processor = {}; ///< milliseconds of this thread's processor time
    };
    void select();
    void begin();
    void wish();

    MainWindow& m_window;
    QTemporaryDir m_folder;
    QString m_problem;
    int m_runs, m_points;
    widgets::CurveChart* m_chart = nullptr;
    QWidget* m_plot = nullptr;
    std::vector<Kind> m_kinds;
    std::size_t m_kind = 0;
    bool m_waiting = false; ///< for the paint of a frame
    double m_readSeconds = 0.0;
    QElapsedTimer m_clock;
    double m_processorBefore = 0.0; ///< milliseconds
    QTimer m_look;
};

} // namespace clipscope::studio
