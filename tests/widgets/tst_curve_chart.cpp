#include "widgets/charts/curve_chart.h"

#include "support/gui.h"
#include "support/verify.h"
#include "widgets/common/theme.h"

#include <QApplication>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>

#include <cmath>

using namespace clipscope::widgets;

namespace {

CurveData falling(const QString& name, int points)
{
    CurveData curve{ name, {}, {} };
    for (int i = 0; i < points; ++i)
        curve.append(i, 4.0 * std::exp(-i / 20.0));
    return curve;
}

/// Pixels of a picture whose colour is near the given one.
int countNear(const QImage& image, const QColor& colour)
{
    int count = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) {
            const QColor pixel = image.pixelColor(x, y);
            count += qAbs(pixel.red() - colour.red()) + qAbs(pixel.green() - colour.green())
                    + qAbs(pixel.blue() - colour.blue())
                < 24;
        }
    return count;
}

} // namespace

class TestCurveChart : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { clipscope::test::failOnAnyWarningOfOurs(); }

    void replacesWhatAResumedRunMeasuresAgain();
    void findsTheNearestPoint();
    void smoothsWithoutABiasedStart();
    void writesOneRowPerStep();
    void drawsACurveInItsColour();
    void readsTheValuesUnderTheCursor();
    void tellsOthersWhereTheCursorIs();
    void exportsWhatItShows();
    void survivesNothingAndInfinity();
    void keepsTheScaleOfASingleValue();
};

void TestCurveChart::replacesWhatAResumedRunMeasuresAgain()
{
    CurveData curve{ QStringLiteral("loss"), {}, {} };
    for (int step = 0; step < 10; ++step)
        curve.append(step, 1.0);
    curve.append(6, 2.0);
    curve.append(7, 2.0);
    QCOMPARE(curve.x, (std::vector<double>{ 0, 1, 2, 3, 4, 5, 6, 7 }));
    QCOMPARE(curve.y.back(), 2.0);
    QCOMPARE(curve.y[5], 1.0);
}

void TestCurveChart::findsTheNearestPoint()
{
    CurveData curve{ QStringLiteral("loss"), {}, {} };
    QVERIFY(!curve.nearest(3.0));
    for (const double step : { 0.0, 10.0, 20.0 })
        curve.append(step, step);
    QCOMPARE(*curve.nearest(-5.0), 0u);
    QCOMPARE(*curve.nearest(6.0), 1u);
    QCOMPARE(*curve.nearest(99.0), 2u);
}

void TestCurveChart::smoothsWithoutABiasedStart()
{
    const std::vector<double> constant(20, 3.0);
    for (const double value : smoothed(constant, 0.9))
        QVERIFY(qAbs(value - 3.0) < 1e-9);
    const std::vector<double> some{ 1.0, qQNaN(), 5.0 };
    QCOMPARE(smoothed(some, 0.0).back(), 5.0);
    QVERIFY(std::isnan(smoothed(some, 0.5)[1]));
    QVERIFY(!std::isnan(smoothed(some, 0.5)[2]));
}

void TestCurveChart::writesOneRowPerStep()
{
    CurveData a{ QStringLiteral("loss"), { 1, 2 }, { 0.5, 0.25 } };
    CurveData b{ QStringLiteral("recall, at 1"), { 2 }, { 1.0 } };
    QCOMPARE(toCsv({ a, b }), QStringLiteral("step,loss,\"recall, at 1\"\n1,0.5,\n2,0.25,1\n"));
}

void TestCurveChart::drawsACurveInItsColour()
{
    auto* application = qobject_cast<QApplication*>(QApplication::instance());
    for (const ColourScheme scheme : { ColourScheme::Light, ColourScheme::Dark }) {
        applyTheme(*application, scheme);
        CurveChart chart(QStringLiteral("Loss"));
        chart.resize(500, 300);
        chart.setCurves({ falling(QStringLiteral("loss"), 100) });
        chart.show();
        QVERIFY(QTest::qWaitForWindowExposed(&chart));
        QTRY_VERIFY(countNear(chart.grab().toImage(), seriesColour(0, tokens(&chart).dark)) > 200);
        QVERIFY(countNear(chart.grab().toImage(), tokens(&chart).panel) > 20000);
    }
}

void TestCurveChart::readsTheValuesUnderTheCursor()
{
    CurveChart chart(QStringLiteral("Loss"));
    chart.setCurves({ falling(QStringLiteral("loss"), 100) });
    chart.setCursor(20.2);
    QVERIFY2(
        chart.cursorText().contains(QStringLiteral("step 20")), qPrintable(chart.cursorText()));
    QVERIFY(chart.cursorText().contains(QStringLiteral("loss 1.47")));
    chart.setCursor(qQNaN());
    QVERIFY(chart.cursorText().contains(QStringLiteral("step 99")));
}

void TestCurveChart::tellsOthersWhereTheCursorIs()
{
    CurveChart chart(QStringLiteral("Loss"));
    chart.resize(500, 300);
    chart.setCurves({ falling(QStringLiteral("loss"), 100) });
    chart.show();
    QVERIFY(QTest::qWaitForWindowExposed(&chart));
    const QSignalSpy spy(&chart, &CurveChart::cursorMoved);
    QWidget* plot = chart.childAt(250, 150);
    QVERIFY(plot);
    QTest::mouseMove(plot, plot->rect().center());
    QTest::mouseMove(plot, plot->rect().center() + QPoint(10, 0));
    QTRY_VERIFY(spy.count() > 0);
    const double step = spy.last().first().toDouble();
    QVERIFY2(step > 20 && step < 80, qPrintable(QString::number(step)));
}

void TestCurveChart::exportsWhatItShows()
{
    const QTemporaryDir folder;
    CurveChart chart(QStringLiteral("Loss"));
    chart.resize(500, 300);
    chart.setCurves({ falling(QStringLiteral("loss"), 10) });
    chart.show();
    QVERIFY(QTest::qWaitForWindowExposed(&chart));
    QVERIFY_RESULT(chart.exportSvg(folder.filePath(QStringLiteral("loss.svg"))));
    QVERIFY_RESULT(chart.exportCsv(folder.filePath(QStringLiteral("loss.csv"))));
    QFile csv(folder.filePath(QStringLiteral("loss.csv")));
    QVERIFY(csv.open(QIODevice::ReadOnly));
    QCOMPARE(csv.readAll().count('\n'), 11);
    QFile svg(folder.filePath(QStringLiteral("loss.svg")));
    QVERIFY(svg.open(QIODevice::ReadOnly));
    QVERIFY(svg.readAll().contains("<svg"));
    QVERIFY(!chart.exportCsv(folder.filePath(QStringLiteral("missing/loss.csv"))));
    QVERIFY(!chart.exportSvg(folder.filePath(QStringLiteral("missing/loss.svg"))));
}

void TestCurveChart::survivesNothingAndInfinity()
{
    CurveChart chart(QStringLiteral("Loss"));
    chart.resize(300, 200);
    chart.show();
    chart.setCurves({});
    QVERIFY(chart.cursorText().isEmpty());
    chart.setCurves({ CurveData{ QStringLiteral("loss"), { 0, 1, 2 }, { 1.0, qInf(), qQNaN() } } });
    chart.setLogScale(true);
    chart.setSmoothing(0.5);
    chart.grab();
    chart.setCurves({ CurveData{ QStringLiteral("loss"), { 5 }, { 1.0 } } });
    chart.setLogScale(false);
    chart.grab();
}

void TestCurveChart::keepsTheScaleOfASingleValue()
{
    CurveChart chart(QStringLiteral("Median rank"));
    chart.resize(400, 300);
    chart.show();
    QVERIFY(QTest::qWaitForWindowExposed(&chart));
    const CurveData one{ QStringLiteral("median-rank"), { 0 }, { 29 } };
    chart.setCurves({ one });
    const QImage first = chart.grab().toImage();
    for (int look = 0; look < 10; ++look) // a running training is looked at twice a second
        chart.setCurves({ one });
    QCOMPARE(chart.grab().toImage(), first);
}

QTEST_MAIN(TestCurveChart)
#include "tst_curve_chart.moc"
