#pragma once

#include "labels/segmenter.h"

#include <QJsonObject>
#include <QWidget>

class QCheckBox;
class QDoubleSpinBox;
class QFormLayout;
class QSpinBox;

namespace clipscope::studio {

/// How scores become segments: labels::SegmenterOptions as a form, applied as it is changed.
/// Threads: GUI thread only.
class SegmenterForm final : public QWidget
{
    Q_OBJECT

public:
    explicit SegmenterForm(QWidget* parent = nullptr);

    labels::SegmenterOptions options() const;
    /// Above the form's own.
    void addFirstRow(const QString& title, QWidget* field);
    /// Without a signal.
    void showOptions(const labels::SegmenterOptions& options);
    /// What the automatic threshold is now: where whoever takes it in hand begins.
    void showAutomaticThreshold(double threshold);

Q_SIGNALS:
    void optionsChosen(const clipscope::labels::SegmenterOptions& options);

private:
    void choose();

    QFormLayout* m_rows;
    QCheckBox* m_automatic;
    QDoubleSpinBox* m_threshold;
    QSpinBox *m_smoothing, *m_minimum;
    QDoubleSpinBox* m_changeCost;
    QCheckBox *m_everySecond, *m_ordered;
};

/// For the session that is restored at the next start; members that are missing or of another type
/// get their default.
QJsonObject toJson(const labels::SegmenterOptions& options);
labels::SegmenterOptions segmenterOptionsOf(const QJsonObject& json);

} // namespace clipscope::studio
