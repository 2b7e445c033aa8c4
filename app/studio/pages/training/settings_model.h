#pragma once

#include "app/studio/pages/training/run_details.h"

#include <QAbstractTableModel>

#include <vector>

namespace clipscope::studio {

/// Settings of one or more runs side by side: a row for each key, a column for each run. With one
/// run a further column says where its values came from.
/// Threads: GUI thread only.
class SettingsModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    struct Run
    {
        QString title;
        std::vector<RunSetting> settings;

        bool operator==(const Run&) const = default;
    };

    explicit SettingsModel(QObject* parent = nullptr);
    /// `onlyDifferences` leaves out what is the same in all of them.
    void setRuns(std::vector<Run> runs, bool onlyDifferences);
    /// Key of a row.
    QString keyOf(int row) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row
    {
        QString key;
        std::vector<QString> values; ///< of each run; null where it has none
        QString source; ///< of the first run
        bool isDefault = true;
    };
    bool hasSources() const { return m_runs.size() == 1; }

    std::vector<Run> m_runs;
    bool m_onlyDifferences = false;
    std::vector<Row> m_rows;
};

/// The settings of `pretrain` with their defaults.
SettingsModel::Run defaultSettings();

} // namespace clipscope::studio
