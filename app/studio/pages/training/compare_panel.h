#pragma once

#include "app/studio/pages/training/run_charts.h"
#include "app/studio/pages/training/settings_model.h"

#include <QHash>
#include <QWidget>

class QCheckBox;
class QLabel;

namespace clipscope::studio {

/// Several runs at once: their curves overlaid, their settings side by side where they differ.
/// Threads: GUI thread only.
class ComparePanel final : public QWidget
{
    Q_OBJECT

public:
    explicit ComparePanel(QWidget* parent = nullptr);
    /// `missing` says what is not there yet or left out; empty when nothing is.
    void show(const std::vector<const RunInfo*>& runs, const QHash<QString, int>& colours,
        const WatchNames& watched, const QString& missing);
    CurveGrid* curves() { return m_curves; }

Q_SIGNALS:
    void groupingChanged();
    void failed(const clipscope::Error& error);

private:
    QLabel *m_title, *m_facts;
    QCheckBox* m_grouped;
    CurveGrid* m_curves;
    DerivedCurves m_derived;
    SettingsModel m_settings;
};

} // namespace clipscope::studio
