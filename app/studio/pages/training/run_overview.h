#pragma once

#include "app/studio/lane.h"
#include "app/studio/pages/training/run_details.h"
#include "app/studio/pages/training/run_follower.h"

#include <QScrollArea>

class QGridLayout;
class QLabel;
class QTableWidget;

namespace clipscope::studio {

/// A run at a glance: how far it is, what it reached, what it warned of, and every setting with
/// the place it came from.
/// Threads: GUI thread only; the folder is read in a lane when the run or its phase changes.
class RunOverview final : public QScrollArea
{
    Q_OBJECT

public:
    explicit RunOverview(QWidget* parent = nullptr);
    void show(const RunInfo& run);

private:
    QLabel* addFact(QGridLayout& grid, const QString& name);
    void showDetails(const RunDetails& details);

    QLabel *m_state, *m_step, *m_started, *m_loss, *m_validation, *m_recall, *m_rank, *m_speed;
    QLabel* m_warnings;
    QLabel* m_settingsTitle;
    QTableWidget* m_settings;
    std::filesystem::path m_folder; ///< of what is shown
    QString m_phase;
    RunDetails m_details;
    Lane<RunDetails> m_lane;
};

} // namespace clipscope::studio
