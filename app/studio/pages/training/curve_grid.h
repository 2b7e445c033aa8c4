#pragma once

#include "base/result.h"
#include "widgets/charts/curve_data.h"

#include <QWidget>

#include <optional>
#include <utility>
#include <vector>

class QCheckBox;
class QGridLayout;
class QHBoxLayout;
class QLabel;
class QScrollArea;
class QSlider;

namespace clipscope::widgets {
class CurveChart;
}

namespace clipscope::studio {

/// Charts in two columns, with one cursor, one smoothing and one scale for all of them; and unless
/// the user wants otherwise, zooming or panning along the steps in one does the same in all.
/// Threads: GUI thread only.
class CurveGrid final : public QWidget
{
    Q_OBJECT

public:
    /// One chart: its title and what it draws.
    struct Chart
    {
        QString title;
        std::vector<widgets::CurveData> curves;
    };

    explicit CurveGrid(QWidget* parent = nullptr);
    /// In this order. A chart that was there before keeps its zoom.
    void setCharts(std::vector<Chart> charts);
    /// What is said while there is no chart.
    void setWaitingText(const QString& text);
    /// A control of the caller's beside smoothing and scale.
    void addControl(QWidget* control);
    /// In the order on screen.
    std::vector<widgets::CurveChart*> charts() const;

Q_SIGNALS:
    void failed(const clipscope::Error& error); ///< an export was not written

private:
    struct Card
    {
        QString title;
        widgets::CurveChart* chart = nullptr;
    };
    Card makeCard(const QString& title);
    QWidget* buildControls();
    void chooseSteps(widgets::CurveChart* by, double first, double last);
    void chooseEverything(widgets::CurveChart* by);
    void arrange();

    QWidget* m_controls;
    QHBoxLayout* m_extra;
    QSlider* m_smoothing;
    QCheckBox* m_logScale;
    QCheckBox* m_linked;
    std::optional<std::pair<double, double>> m_steps; ///< chosen last; none: all are shown
    QLabel* m_waiting;
    QScrollArea* m_area;
    QGridLayout* m_grid;
    std::vector<Card> m_cards;
};

} // namespace clipscope::studio
