#pragma once

#include "app/studio/pages/training/run_info.h"
#include "app/studio/pages/training/settings_model.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QTableView;

namespace clipscope::studio {

/// The settings of a run, each with where it came from; compared with another run or with the
/// defaults, only those that differ.
/// Threads: GUI thread only.
class RunSettings final : public QWidget
{
    Q_OBJECT

public:
    explicit RunSettings(QWidget* parent = nullptr);
    /// `all`: the runs that can be compared with.
    void show(const RunInfo& run, const std::vector<RunInfo>& all);

private:
    void refresh();

    SettingsModel m_model;
    SettingsModel::Run m_run;
    std::vector<SettingsModel::Run> m_others; ///< defaults first
    QComboBox* m_with;
    QLabel* m_count;
    QTableView* m_table;
};

/// A table for settings, with the look all of them have.
QTableView* makeSettingsTable(SettingsModel& model, QWidget* parent);

} // namespace clipscope::studio
