#pragma once

#include "base/result.h"
#include "widgets/charts/curve_data.h"

#include <QWidget>

#include <vector>

class QCheckBox;
class QGridLayout;
class QLabel;
class QSlider;

namespace clipscope::widgets {
class CurveChart;
}

namespace clipscope::studio {

/// The curves of a run in charts of what belongs together (losses, recalls, the rest), with one
/// cursor, one smoothing and one scale for all of them.
/// Threads: GUI thread only.
class CurveGrid final : public QWidget
{
    Q_OBJECT

public:
    explicit CurveGrid(QWidget* parent = nullptr);
    void setCurves(const std::vector<widgets::CurveData>& curves);
    std::vector<widgets::CurveChart*> charts() const;

Q_SIGNALS:
    void failed(const clipscope::Error& error); ///< an export was not written

private:
    struct Group
    {
        QString title;
        widgets::CurveChart* chart = nullptr;
    };
    Group& groupFor(const QString& title);
    void arrange();

    QWidget* m_controls;
    QSlider* m_smoothing;
    QCheckBox* m_logScale;
    QLabel* m_waiting;
    QGridLayout* m_grid;
    std::vector<Group> m_groups;
};

/// The chart a curve belongs to: "Loss", "Recall", "Speed", ... by the words in its name.
QString chartTitleOf(const QString& curveName);

} // namespace clipscope::studio
