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
    std::vector<std::int32_t> steps;
    std::vector<float> values;
    for (int i = 0; i < points; ++i) {
        steps.push_back(i);
        values.push_back(4.0f * std::exp(static_cast<float>(-i) / 20.0f));
    }
    return { name, steps, values };
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
    void keepsEveryExtremeWhenThinning_data();
    void keepsEveryExtremeWhenThinning();
    void thinsOnlyWhatIsInView();
    void drawsMeanAndSpreadOfSeeds();
    void zoomsAndPansByKeysAndWheel();
    void drawsNothingAnewForTheSameCurves();
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
    CurvePoints curve;
    for (int step = 0; step < 10; ++step)
        curve.append(step, step == 8 ? 9.0f : 1.0f);
    curve.append(6, 2.0f);
    curve.append(7, 2.0f);
    QCOMPARE(curve.steps(), (std::vector<std::int32_t>{ 0, 1, 2, 3, 4, 5, 6, 7 }));
    QCOMPARE(curve.values().back(), 2.0f);
    QCOMPARE(curve.values()[5], 1.0f);
    QCOMPARE(curve.range(0, curve.size())->high, 2.0f); // what was dropped left no trace
}

void TestCurveChart::findsTheNearestPoint()
{
    CurvePoints curve;
    QVERIFY(!curve.nearest(3.0));
    for (const int step : { 0, 10, 20 })
        curve.append(step, 1.0f);
    QCOMPARE(*curve.nearest(-5.0), 0u);
    QCOMPARE(*curve.nearest(6.0), 1u);
    QCOMPARE(*curve.nearest(99.0), 2u);
}

void TestCurveChart::keepsEveryExtremeWhenThinning_data()
{
    QTest::addColumn<int>("stride"); // between steps
    QTest::addColumn<int>("columns");
    for (const int stride : { 1, 7 })
        for (const int columns : { 1, 10, 333, 1000 })
            QTest::addRow("every %d steps, %d columns", stride, columns) << stride << columns;
}

void TestCurveChart::keepsEveryExtremeWhenThinning()
{
    QFETCH(int, stride);
    QFETCH(int, columns);
    CurvePoints curve;
    constexpr int points = 20000;
    std::uint32_t random = 1;
    for (int i = 0; i < points; ++i) {
        random = random * 1664525u + 1013904223u;
        curve.append(i * stride, static_cast<float>(random >> 8U));
    }
    const double first = -0.5, last = points * stride - 0.5, width = (last - first) / columns;
    const std::vector<QPointF> shown = thinned(curve, first, last, columns);
    QVERIFY(shown.size() <= 2u * static_cast<std::size_t>(columns) + 2);
    for (int column = 0; column < columns; ++column) {
        const double from = first + column * width, to = from + width;
        float low = std::numeric_limits<float>::infinity(), high = -low;
        for (std::size_t i = curve.indexFrom(from); i < curve.indexFrom(to); ++i) {
            low = std::min(low, curve.values()[i]);
            high = std::max(high, curve.values()[i]);
        }
        double shownLow = qInf(), shownHigh = -qInf();
        for (const QPointF& point : shown)
            if (point.x() >= from && point.x() < to) {
                shownLow = std::min(shownLow, point.y());
                shownHigh = std::max(shownHigh, point.y());
            }
        QCOMPARE(shownLow, static_cast<double>(low));
        QCOMPARE(shownHigh, static_cast<double>(high));
    }
    QVERIFY(std::is_sorted(shown.begin(), shown.end(),
        [](const QPointF& a, const QPointF& b) { return a.x() < b.x(); }));
}

void TestCurveChart::thinsOnlyWhatIsInView()
{
    const CurveData curve = falling(QStringLiteral("loss"), 1000);
    const std::vector<QPointF> shown = thinned(*curve.points, 100.5, 110.5, 100);
    QCOMPARE(shown.size(), 12u); // ten, and one to either side for the line to leave by
    QCOMPARE(shown.front().x(), 100.0);
    QCOMPARE(shown.back().x(), 111.0);
    QVERIFY(thinned(*curve.points, 5.0, 5.0, 100).empty());
    QVERIFY(thinned(CurvePoints(), 0.0, 5.0, 100).empty());
    const CurvePoints gaps({ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, std::vector<float>(10, std::nanf("")));
    QVERIFY(std::isnan(thinned(gaps, -1.0, 10.0, 1).front().y()));
}

void TestCurveChart::drawsMeanAndSpreadOfSeeds()
{
    const CurvePoints a({ 1, 2, 3 }, { 1.0f, 2.0f, 4.0f }), b({ 1, 2 }, { 3.0f, 2.0f });
    const CurveData mean = meanOf(QStringLiteral("loss"), { &a, &b });
    QCOMPARE(mean.points->steps(), (std::vector<std::int32_t>{ 1, 2, 3 }));
    QCOMPARE(mean.points->values(), (std::vector<float>{ 2.0f, 2.0f, 4.0f }));
    const float spread = std::sqrt(2.0f); // of a sample of two: 1 and 3
    QCOMPARE(mean.low->values()[0], 2.0f - spread);
    QCOMPARE(mean.high->values()[0], 2.0f + spread);
    QCOMPARE(mean.high->values()[2], 4.0f); // one alone has none
    CurveChart chart(QStringLiteral("Loss"));
    chart.resize(500, 300);
    chart.setCurves({ mean });
    chart.show();
    QVERIFY(QTest::qWaitForWindowExposed(&chart));
    const QColor line = seriesColour(0, tokens(&chart).dark), panel = tokens(&chart).panel;
    const auto mixed = [&](auto part) { return qRound(0.18 * part(line) + 0.82 * part(panel)); };
    const QColor band(mixed([](const QColor& c) { return c.red(); }),
        mixed([](const QColor& c) { return c.green(); }),
        mixed([](const QColor& c) { return c.blue(); }));
    QTRY_VERIFY(countNear(chart.grab().toImage(), band) > 2000);
}

void TestCurveChart::zoomsAndPansByKeysAndWheel()
{
    CurveChart chart(QStringLiteral("Loss"));
    chart.resize(500, 300);
    chart.setCurves({ falling(QStringLiteral("loss"), 1000) });
    chart.show();
    QVERIFY(QTest::qWaitForWindowExposed(&chart));
    const auto all = chart.visibleSteps();
    QVERIFY(all.first <= 0 && all.second >= 999);
    chart.setFocus();
    QTest::keyClick(&chart, Qt::Key_Plus);
    const auto closer = chart.visibleSteps();
    QVERIFY(closer.second - closer.first < 0.9 * (all.second - all.first));
    QTest::keyClick(&chart, Qt::Key_Right, Qt::ShiftModifier);
    QVERIFY(chart.visibleSteps().first > closer.first);
    // What the user chose stays while the run goes on.
    const auto chosen = chart.visibleSteps();
    chart.setCurves({ falling(QStringLiteral("loss"), 1100) });
    QCOMPARE(chart.visibleSteps(), chosen);
    QTest::keyClick(&chart, Qt::Key_Home);
    QVERIFY(chart.visibleSteps().second >= 1099);
    const QSignalSpy moved(&chart, &CurveChart::cursorMoved);
    QTest::keyClick(&chart, Qt::Key_Right);
    QCOMPARE(moved.count(), 1);
    QWidget* plot = chart.childAt(250, 150);
    QWheelEvent wheel(plot->rect().center(), plot->mapToGlobal(plot->rect().center()), {},
        QPoint(0, 120), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(plot, &wheel);
    QVERIFY(chart.visibleSteps().second < 1099);
}

void TestCurveChart::drawsNothingAnewForTheSameCurves()
{
    CurveChart chart(QStringLiteral("Loss"));
    const CurveData curve = falling(QStringLiteral("loss"), 1000);
    chart.setCurves({ curve });
    const auto* shown = chart.curves().data();
    chart.setCurves({ curve });
    QCOMPARE(chart.curves().data(), shown); // the very same vector: it was not replaced
}

void TestCurveChart::smoothsWithoutABiasedStart()
{
    const std::vector<float> constant(20, 3.0f);
    for (const float value : smoothed(constant, 0.9))
        QVERIFY(qAbs(value - 3.0f) < 1e-6f);
    const std::vector<float> some{ 1.0f, std::nanf(""), 5.0f };
    QCOMPARE(smoothed(some, 0.0).back(), 5.0f);
    QVERIFY(std::isnan(smoothed(some, 0.5)[1]));
    QVERIFY(!std::isnan(smoothed(some, 0.5)[2]));
}

void TestCurveChart::writesOneRowPerStep()
{
    CurveData a{ QStringLiteral("loss"), { 1, 2 }, { 0.5f, 0.25f } };
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
    chart.setCurves({ CurveData{ QStringLiteral("loss"), { 0, 1, 2 },
        { 1.0f, std::numeric_limits<float>::infinity(), std::nanf("") } } });
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
