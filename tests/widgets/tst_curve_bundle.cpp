#include "widgets/charts/curve_bundle.h"

#include "support/verify.h"

#include <cmath>
#include <limits>

using namespace clipscope;
using namespace clipscope::widgets;

namespace {

constexpr QRgb red = 0xffff0000, blue = 0xff0000ff;

BundleLine line(std::vector<std::int32_t> steps, std::vector<float> values, QRgb colour = red)
{
    return { std::make_shared<const CurvePoints>(std::move(steps), std::move(values)), colour };
}

BundleLine flat(int points, int spike, float height)
{
    std::vector<std::int32_t> steps;
    std::vector<float> values(static_cast<std::size_t>(points), 1.0f);
    for (int step = 0; step < points; ++step)
        steps.push_back(step);
    values[static_cast<std::size_t>(spike)] = height;
    return line(std::move(steps), std::move(values));
}

/// Columns in which a row has this colour.
std::vector<int> columnsOf(const QImage& image, int row, QRgb colour)
{
    std::vector<int> columns;
    for (int x = 0; x < image.width(); ++x)
        if (image.pixel(x, row) == colour)
            columns.push_back(x);
    return columns;
}

int pixelsOf(const QImage& image, int column, QRgb colour)
{
    int count = 0;
    for (int y = 0; y < image.height(); ++y)
        count += image.pixel(column, y) == colour ? 1 : 0;
    return count;
}

} // namespace

class TestCurveBundle final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void noExtremeIsLost_data()
    {
        QTest::addColumn<int>("points");
        QTest::addColumn<double>("first");
        QTest::addColumn<double>("last");
        QTest::newRow("a point a column") << 200 << 0.0 << 199.0;
        QTest::newRow("several a column") << 3000 << 100.0 << 2900.0;
        QTest::newRow("blocks a column") << 100000 << 1000.5 << 91000.25;
        QTest::newRow("a few blocks a column") << 20000 << 0.0 << 19999.0;
    }
    void noExtremeIsLost()
    {
        QFETCH(const int, points);
        QFETCH(const double, first);
        QFETCH(const double, last);
        CurveBundle bundle;
        const BundleView view{ first, last, 0.0, 10.0, false, { 200, 100 } };
        for (int part = 1; part < 40; ++part) {
            const int spike = static_cast<int>(first + (last - first) * part / 40.0);
            const std::vector lines{ flat(points, spike, 9.55f) };
            const QImage& image = bundle.draw(lines, view);
            const std::vector<int> tops = columnsOf(image, 5, red);
            QVERIFY2(!tops.empty(), qPrintable(QString::number(spike)));
            const double place = (spike - first) / (last - first) * 200;
            for (const int column : tops)
                QVERIFY2(std::abs(column + 0.5 - place) <= 1.6,
                    qPrintable(QStringLiteral("%1 at %2").arg(place).arg(column)));
            // The rest of it is one line without a gap, a pixel thick.
            for (int column = 0; column < 200; ++column)
                QVERIFY(pixelsOf(image, column, red) >= 1);
            QVERIFY(columnsOf(image, 90, red).size() >= 198); // all but those of the spike
            QCOMPARE(pixelsOf(image, part == 20 ? 20 : 100, red), 1);
        }
    }

    void aSlopeIsOneUnbrokenLine()
    {
        CurveBundle bundle;
        const std::vector lines{ line({ 0, 10 }, { 0.0f, 9.99f }) };
        const QImage& image = bundle.draw(lines, { 0.0, 10.0, 0.0, 10.0, false, { 50, 100 } });
        for (int column = 0; column < 50; ++column) {
            QVERIFY(pixelsOf(image, column, red) >= 2 && pixelsOf(image, column, red) <= 4);
            QCOMPARE(image.pixel(column, 98 - 2 * column), red);
        }
        QCOMPARE(image.pixel(10, 10), QRgb(0)); // nothing is drawn elsewhere
    }

    void whatIsNoNumberIsAGap()
    {
        std::vector<std::int32_t> steps;
        std::vector<float> values;
        for (int step = 0; step < 10000; ++step) {
            steps.push_back(step);
            const bool isGap = step >= 4000 && step < 6000;
            values.push_back(!isGap ? 1.0f
                    : step < 5000   ? std::nanf("")
                                    : std::numeric_limits<float>::infinity());
        }
        CurveBundle bundle;
        const BundleView view{ 0.0, 10000.0, 0.0, 2.0, false, { 100, 10 } };
        const std::vector dense{ line(steps, values) };
        const std::vector<int> seen = columnsOf(bundle.draw(dense, view), 5, red);
        QVERIFY2(seen.size() >= 79 && seen.size() <= 81, qPrintable(QString::number(seen.size())));
        const std::vector sparse{ line(
            { 0, 2500, 5000, 7500, 10000 }, { 1.0f, 1.0f, std::nanf(""), 1.0f, 1.0f }) };
        const std::vector<int> ends = columnsOf(bundle.draw(sparse, view), 5, red);
        QVERIFY2(ends.size() >= 50 && ends.size() <= 52, qPrintable(QString::number(ends.size())));
    }

    void aLogarithmicScaleHasDecadesOfOneHeight()
    {
        CurveBundle bundle;
        const std::vector lines{ line({ 0, 10 }, { 10.0f, 10.0f }),
            line({ 0, 10 }, { 0.0f, -1.0f }) };
        const QImage& image = bundle.draw(lines, { 0.0, 10.0, 1.0, 100.0, true, { 20, 100 } });
        QCOMPARE(columnsOf(image, 50, red).size(), std::size_t(20));
        QCOMPARE(pixelsOf(image, 5, red), 1); // what is not above zero has no place
    }

    void laterLinesLieAbove()
    {
        CurveBundle bundle;
        const std::vector lines{ line({ 0, 10 }, { 1.0f, 1.0f }),
            line({ 0, 10 }, { 1.0f, 1.0f }, blue) };
        const QImage& image = bundle.draw(lines, { 0.0, 10.0, 0.0, 2.0, false, { 10, 10 } });
        QCOMPARE(columnsOf(image, 5, blue).size(), std::size_t(10));
        QCOMPARE(columnsOf(image, 5, red).size(), std::size_t(0));
    }

    void aSinglePointIsADot()
    {
        CurveBundle bundle;
        const std::vector lines{ line({ 5 }, { 1.0f }), line({}, {}) };
        const QImage& image = bundle.draw(lines, { 0.0, 10.0, 0.0, 2.0, false, { 20, 20 } });
        QCOMPARE(pixelsOf(image, 10, red), 5);
        QCOMPARE(columnsOf(image, 10, red).size(), std::size_t(5));
    }
};

QTEST_GUILESS_MAIN(TestCurveBundle)
#include "tst_curve_bundle.moc"
