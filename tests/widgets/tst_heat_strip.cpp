#include "support/verify.h"
#include "widgets/common/theme.h"
#include "widgets/player/heat_strip.h"

#include <QAccessible>
#include <QPainter>
#include <QSignalSpy>

using namespace clipscope::widgets;

class TestHeatStrip : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { clipscope::test::failOnAnyWarning(); }

    void mapsTimeToPixelsAndBack();
    void clampsOutsideTheTrack();
    void endsTheLastSecondWhereTheVideoEnds();
    void findsTheSecondUnderThePointer();
    void survivesAVideoWithoutDuration();
    void keepsASingleHotSecondOfALongVideo();
    void paintsEachSecondInItsColour();
    void asksForTimesWhileDragged();
    void speaksItsTimeAndMatch();
};

namespace {

HeatGeometry geometry(double duration)
{
    return { QRectF(10.0, 0.0, 200.0, 8.0), duration };
}

QImage painted(double duration, const HeatScores& scores, int width)
{
    QImage image(width, 8, QImage::Format_RGB32);
    image.fill(Qt::magenta);
    QPainter painter(&image);
    paintHeat(painter, { QRectF(image.rect()), duration }, scores, QPalette(), 0.0);
    return image;
}

} // namespace

void TestHeatStrip::mapsTimeToPixelsAndBack()
{
    const HeatGeometry strip = geometry(50.0);
    QCOMPARE(strip.xOf(0.0), 10.0);
    QCOMPARE(strip.xOf(25.0), 110.0);
    QCOMPARE(strip.xOf(50.0), 210.0);
    for (const double seconds : { 0.0, 3.25, 49.9 })
        QCOMPARE(strip.secondsAt(strip.xOf(seconds)), seconds);
}

void TestHeatStrip::clampsOutsideTheTrack()
{
    const HeatGeometry strip = geometry(50.0);
    QCOMPARE(strip.secondsAt(-100.0), 0.0);
    QCOMPARE(strip.secondsAt(1000.0), 50.0);
    QCOMPARE(strip.xOf(-1.0), 10.0);
    QCOMPARE(strip.xOf(60.0), 210.0);
}

void TestHeatStrip::endsTheLastSecondWhereTheVideoEnds()
{
    const HeatGeometry strip = geometry(2.5);
    QCOMPARE(strip.cell(0), QRectF(10.0, 0.0, 80.0, 8.0));
    QCOMPARE(strip.cell(2), QRectF(170.0, 0.0, 40.0, 8.0));
}

void TestHeatStrip::findsTheSecondUnderThePointer()
{
    const HeatGeometry strip = geometry(2.5);
    QCOMPARE(strip.secondUnder(10.0), std::optional(0));
    QCOMPARE(strip.secondUnder(91.0), std::optional(1));
    QCOMPARE(strip.secondUnder(209.0), std::optional(2));
    QCOMPARE(strip.secondUnder(9.0), std::nullopt);
    QCOMPARE(strip.secondUnder(210.0), std::nullopt);
}

void TestHeatStrip::survivesAVideoWithoutDuration()
{
    const HeatGeometry strip = geometry(0.0);
    QCOMPARE(strip.xOf(3.0), 10.0);
    QCOMPARE(strip.secondsAt(100.0), 0.0);
    QCOMPARE(strip.secondUnder(100.0), std::nullopt);
    const QImage image = painted(0.0, { { 1.0F } }, 20);
    QVERIFY(image.pixelColor(10, 4) != QColor(Qt::magenta));
}

void TestHeatStrip::keepsASingleHotSecondOfALongVideo()
{
    HeatScores scores{ std::vector<float>(7200, 0.0F) };
    scores.perSecond[4321] = 1.0F;
    const QImage image = painted(7200.0, scores, 100);
    int hot = 0;
    for (int x = 0; x < image.width(); ++x)
        hot += image.pixelColor(x, 4) == heatColour(1.0);
    QCOMPARE(hot, 1);
}

void TestHeatStrip::paintsEachSecondInItsColour()
{
    const QImage image = painted(4.0, { { 0.0F, 0.25F, 0.5F, 1.0F } }, 40);
    for (const auto& [x, value] : { std::pair(5, 0.0), { 15, 0.25 }, { 25, 0.5 }, { 35, 1.0 } })
        QCOMPARE(image.pixelColor(x, 4), heatColour(value));
}

void TestHeatStrip::asksForTimesWhileDragged()
{
    HeatStrip strip;
    strip.resize(212, strip.sizeHint().height()); // a track of 200
    strip.setDuration(10.0);
    const HeatGeometry shown = strip.geometryForPaint();
    const auto at = [&](double seconds) {
        return QPoint(qRound(shown.xOf(seconds)), qRound(shown.track.center().y()));
    };
    QSignalSpy scrubbed(&strip, &HeatStrip::scrubbed);
    QSignalSpy finished(&strip, &HeatStrip::scrubFinished);
    QTest::mousePress(&strip, Qt::LeftButton, {}, at(2.0));
    QTest::mouseMove(&strip, at(5.0));
    QTest::mouseRelease(&strip, Qt::LeftButton, {}, at(7.0));
    QVERIFY(scrubbed.size() >= 2);
    QCOMPARE(scrubbed.first().first().toDouble(), 2.0);
    QCOMPARE(finished.size(), 1);
    QCOMPARE(finished.first().first().toDouble(), 7.0);
}

void TestHeatStrip::speaksItsTimeAndMatch()
{
    HeatStrip strip;
    strip.setDuration(80.0);
    strip.setScores({ std::vector<float>(80, 0.8F) });
    strip.setPosition(4.2);
    QAccessibleInterface* spoken = QAccessible::queryAccessibleInterface(&strip);
    QVERIFY(spoken);
    QCOMPARE(spoken->role(), QAccessible::Slider);
    QCOMPARE(spoken->text(QAccessible::Value), QStringLiteral("0:04 of 1:20, match 80 %"));
    QVERIFY(!spoken->text(QAccessible::Name).isEmpty());
    QCOMPARE(spoken->valueInterface()->currentValue().toDouble(), 4.2);
}

QTEST_MAIN(TestHeatStrip)
#include "tst_heat_strip.moc"
