#pragma once

#include "app/studio/lane.h"
#include "app/studio/pages/training/run_info.h"

#include <QScrollArea>

class QGridLayout;
class QLabel;

namespace clipscope::studio {

/// A run at a glance: how far it is, what it reached, what it warned of.
/// Threads: GUI thread only; the folder is read in a lane when the run or its phase changes.
class RunOverview final : public QScrollArea
{
    Q_OBJECT

public:
    explicit RunOverview(QWidget* parent = nullptr);
    void show(const RunInfo& run);

private:
    QLabel* addFact(QGridLayout& grid, const QString& name);
    void showWarnings(const QStringList& warnings);

    QLabel *m_state, *m_step, *m_started, *m_origin, *m_device;
    QLabel *m_loss, *m_validation, *m_recall, *m_rank, *m_speed;
    QLabel* m_warnings;
    std::filesystem::path m_folder; ///< of what is shown
    QString m_phase;
    Lane<RunDetails> m_lane;
};

} // namespace clipscope::studio
