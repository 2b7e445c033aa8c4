#include "app/studio/pages/training/curve_grid.h"
#include "support/gui.h"
#include "widgets/charts/curve_chart.h"

#include <QApplication>
#include <QCheckBox>
#include <QSignalSpy>
#include <QWheelEvent>

using namespace clipscope;
using studio::CurveGrid;

class TestCurveGrid : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarningOfOurs(); }

    void keepsZoomAndOrderOfCharts();
    void zoomsAllChartsTogetherUnlessUnlinked();
};

void TestCurveGrid::keepsZoomAndOrderOfCharts()
{
    CurveGrid grid;
    const CurveGrid::Chart loss{ QStringLiteral("Loss"),
        { { QStringLiteral("loss"), { 1, 2 }, { 2, 1 } } } };
    grid.setCharts({ loss });
    auto* chart = grid.charts().front();
    chart->showSteps(1.0, 1.5);
    const CurveGrid::Chart first{ QStringLiteral("A"), { { QStringLiteral("a"), { 1 }, { 2 } } } };
    grid.setCharts({ first, loss });
    QCOMPARE(grid.charts().size(), 2u);
    QCOMPARE(grid.charts()[1], chart);
    QCOMPARE(chart->visibleSteps(), (std::pair{ 1.0, 1.5 }));
    QSignalSpy moved(grid.charts()[0], &widgets::CurveChart::cursorMoved);
    grid.charts()[0]->setFocus();
    QTest::keyClick(grid.charts()[0], Qt::Key_Right);
    QCOMPARE(moved.count(), 1);
    QVERIFY(grid.charts()[1]->cursorText().contains(QStringLiteral("step"))); // one cursor for all
}

void TestCurveGrid::zoomsAllChartsTogetherUnlessUnlinked()
{
    CurveGrid grid;
    std::vector<std::int32_t> steps;
    std::vector<float> values;
    for (int step = 0; step < 200; ++step) {
        steps.push_back(step);
        values.push_back(1.0f / static_cast<float>(step + 1));
    }
    const auto chartNamed = [&](const QString& name) {
        return CurveGrid::Chart{ name, { { name, steps, values } } };
    };
    const auto a = chartNamed(QStringLiteral("A")), b = chartNamed(QStringLiteral("B"));
    grid.setCharts({ a, b });
    grid.resize(900, 400);
    grid.show();
    QVERIFY(QTest::qWaitForWindowExposed(&grid));
    widgets::CurveChart* first = grid.charts()[0];
    widgets::CurveChart* second = grid.charts()[1];
    const auto all = first->visibleSteps();
    QTest::keyClick(first, Qt::Key_Plus);
    QVERIFY(first->visibleSteps().second < all.second);
    QCOMPARE(second->visibleSteps(), first->visibleSteps());
    QTest::keyClick(second, Qt::Key_Right, Qt::ShiftModifier);
    QVERIFY(second->visibleSteps().second > all.second * 0.8);
    QCOMPARE(first->visibleSteps(), second->visibleSteps());
    // The wheel and the middle button as well.
    QWidget* plot = first->childAt(first->rect().center());
    QVERIFY(plot);
    const QPoint centre = plot->rect().center();
    const auto before = first->visibleSteps();
    QWheelEvent wheel(centre, plot->mapToGlobal(centre), {}, QPoint(0, 120), Qt::NoButton,
        Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(plot, &wheel);
    QVERIFY(first->visibleSteps() != before);
    QCOMPARE(second->visibleSteps(), first->visibleSteps());
    const auto wheeled = first->visibleSteps();
    QTest::mousePress(plot, Qt::MiddleButton, {}, centre);
    QTest::mouseMove(plot, centre - QPoint(30, 0));
    QTest::mouseRelease(plot, Qt::MiddleButton, {}, centre - QPoint(30, 0));
    QVERIFY(first->visibleSteps().first > wheeled.first);
    QCOMPARE(second->visibleSteps(), first->visibleSteps());
    // A chart that comes later shows the same steps.
    grid.setCharts({ a, b, chartNamed(QStringLiteral("C")) });
    QCOMPARE(grid.charts()[2]->visibleSteps(), first->visibleSteps());
    QTest::keyClick(second, Qt::Key_Home);
    for (const widgets::CurveChart* chart : grid.charts())
        QCOMPARE(chart->visibleSteps(), all);

    auto* linked = grid.findChild<QCheckBox*>(QStringLiteral("linkedZoom"));
    QVERIFY(linked && linked->isChecked());
    linked->setChecked(false);
    QTest::keyClick(first, Qt::Key_Plus);
    QVERIFY(first->visibleSteps() != all);
    QCOMPARE(second->visibleSteps(), all);
    linked->setChecked(true); // the zoom chosen last holds for all
    QCOMPARE(second->visibleSteps(), first->visibleSteps());
}

QTEST_MAIN(TestCurveGrid)
#include "tst_curve_grid.moc"
