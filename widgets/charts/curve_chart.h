#pragma once

#include "base/result.h"
#include "widgets/charts/curve_data.h"

#include <QWidget>

#include <memory>
#include <utility>

namespace clipscope::widgets {

/// A live chart of curves over steps: legend under the plot, smoothing, log scale, a cursor that
/// several charts share, CSV and SVG export.
///
/// A box drawn with the mouse zooms, the wheel zooms along the steps, the middle button pans, a
/// double click shows everything. Keys: Left and Right move the cursor, with Shift they pan, + and
/// - zoom, Home shows everything. However many points there are, no more are drawn than the width
/// asks for, and none of the extremes is lost.
/// Threads: GUI thread only.
class CurveChart final : public QWidget
{
    Q_OBJECT

public:
    explicit CurveChart(const QString& title, QWidget* parent = nullptr);
    ~CurveChart() override;

    /// Replaces everything that is drawn; the zoom stays when the user has set one. Costs nothing
    /// when the curves are those that are shown already.
    void setCurves(std::vector<CurveData> curves);
    const std::vector<CurveData>& curves() const;
    /// Range: [0, 1).
    void setSmoothing(double weight);
    void setLogScale(bool on);
    /// Shows the cursor at a step without emitting cursorMoved(); NaN hides it.
    void setCursor(double step);
    /// What stands beside the cursor: "step 40   loss 1.234", for the legend and for tests.
    QString cursorText() const;

    /// The steps in view.
    std::pair<double, double> visibleSteps() const;
    void showSteps(double first, double last); ///< without emitting stepsChosen()
    void showEverything(); ///< without emitting everythingChosen()

    /// Errors: Io.
    Status exportSvg(const QString& path);
    Status exportCsv(const QString& path) const;

    QSize minimumSizeHint() const override { return { 240, 160 }; }
    QSize sizeHint() const override { return { 420, 240 }; }

Q_SIGNALS:
    /// The pointer stands over this step; NaN when it left.
    void cursorMoved(double step);
    /// The user zoomed or panned along the steps, to these.
    void stepsChosen(double first, double last);
    void everythingChosen(); ///< the user wants to see all steps
    /// An export from the context menu did not succeed.
    void failed(const clipscope::Error& error);

protected:
    void changeEvent(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void connectPlot();
    void moveCursor(double step); ///< and tells the others
    void chooseEverything(); ///< and tells the others
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::widgets
