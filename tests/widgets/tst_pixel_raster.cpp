#include "widgets/timeline/pixel_raster.h"

#include "support/verify.h"

#include <cmath>

using namespace clipscope;
using namespace clipscope::widgets;

class TestPixelRaster : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void drawsNothingOutsideItsClip();
    void mixesColoursAsTheFormulaSays();
    void curvesHaveSmoothEnds();
    void curvesCoverTheSameInEveryColumn();
    void curvesLieOverEachOtherInTheirOrder();
    void leavesOutColumnsWithoutASpan();
    void bandsHaveBorderStripFillAndHatch();
    void dashedBandsLeaveTheirInsideAlone();
};

namespace {

constexpr QRgb black = 0xff000000U, white = 0xffffffffU, red = 0xffff0000U, blue = 0xff0000ffU;

QImage image(int width, int height)
{
    QImage made(width, height, QImage::Format_RGB32);
    made.fill(black);
    return made;
}

} // namespace

void TestPixelRaster::drawsNothingOutsideItsClip()
{
    QImage picture = image(60, 40);
    const QRect clip(10, 5, 37, 20);
    const PixelRaster raster(picture, clip);
    const QRect all(-20, -20, 200, 200);
    raster.fill(all, red);
    raster.blend(all, white, 0.5F);
    BandLook look{ red, blue, white, 7, 2, 1, 3, 4, 0 };
    raster.band(all, look);
    raster.band({ 5, 0, 10, 10 }, look);
    const std::vector<ColumnSpan> spans(300, { -1e6F, 1e6F });
    const CurveLine line{ spans, white, 3.0F, 0.7F };
    raster.curves(-100, { &line, 1 });
    for (int y = 0; y < picture.height(); ++y)
        for (int x = 0; x < picture.width(); ++x)
            if (!clip.contains(x, y))
                QCOMPARE(picture.pixel(x, y), black);
    QVERIFY(picture.pixel(46, 24) != black);
}

void TestPixelRaster::mixesColoursAsTheFormulaSays()
{
    for (const float share : { 0.0F, 0.1F, 0.25F, 0.5F, 0.9F, 1.0F })
        for (const auto& [over, under] :
            { std::pair(white, black), { 0xff123456U, 0xfffedcbaU }, { red, blue } }) {
            const QColor mixed(mixedPixel(over, under, share));
            const QColor a(over), b(under);
            const auto near = [share](int x, int y, int got) {
                return std::abs(got - (x * double{ share } + y * (1.0 - double{ share }))) <= 1.5;
            };
            QVERIFY(near(a.red(), b.red(), mixed.red()));
            QVERIFY(near(a.green(), b.green(), mixed.green()));
            QVERIFY(near(a.blue(), b.blue(), mixed.blue()));
        }
}

void TestPixelRaster::curvesHaveSmoothEnds()
{
    QImage picture = image(1, 20);
    const PixelRaster raster(picture, picture.rect());
    const std::vector<ColumnSpan> spans{ { 5.25F, 9.5F } };
    const CurveLine line{ spans, white, 1.0F, 1.0F }; // from 4.75 to 10
    raster.curves(0, { &line, 1 });
    const int wanted[] = { 0, 0, 0, 0, 64, 255, 255, 255, 255, 255, 0, 0 };
    for (int y = 0; y < 12; ++y)
        QVERIFY2(std::abs(qRed(picture.pixel(0, y)) - wanted[y]) <= 1,
            qPrintable(QStringLiteral("%1: %2").arg(y).arg(qRed(picture.pixel(0, y)))));
}

void TestPixelRaster::curvesCoverTheSameInEveryColumn()
{
    QImage picture = image(53, 30); // blocks of columns, and what is left
    const PixelRaster raster(picture, picture.rect());
    const std::vector<ColumnSpan> spans(53, { 4.3F, 21.8F });
    const CurveLine line{ spans, red, 2.5F, 0.6F };
    raster.curves(0, { &line, 1 });
    for (int y = 0; y < 30; ++y)
        for (int x = 1; x < 53; ++x)
            QCOMPARE(picture.pixel(x, y), picture.pixel(0, y));
    QVERIFY(qRed(picture.pixel(30, 10)) > 140);
}

void TestPixelRaster::curvesLieOverEachOtherInTheirOrder()
{
    QImage picture = image(20, 20);
    const PixelRaster raster(picture, picture.rect());
    const std::vector<ColumnSpan> spans(20, { 5.0F, 15.0F });
    const CurveLine lines[] = { { spans, red, 1.0F, 1.0F }, { spans, blue, 1.0F, 1.0F } };
    raster.curves(0, lines);
    QCOMPARE(picture.pixel(10, 10), blue);
}

void TestPixelRaster::leavesOutColumnsWithoutASpan()
{
    QImage picture = image(3, 20);
    const PixelRaster raster(picture, picture.rect());
    const float nothing = std::nanf("");
    const std::vector<ColumnSpan> spans{ {}, { 5.0F, 15.0F }, { nothing, nothing } };
    const CurveLine line{ spans, white, 2.0F, 1.0F };
    raster.curves(0, { &line, 1 });
    QCOMPARE(picture.pixel(0, 10), black);
    QCOMPARE(picture.pixel(1, 10), white);
    QCOMPARE(picture.pixel(2, 10), black);
}

void TestPixelRaster::bandsHaveBorderStripFillAndHatch()
{
    QImage picture = image(60, 30);
    const PixelRaster raster(picture, picture.rect());
    raster.band({ 5, 5, 40, 20 }, { red, blue, white, 8, 2, 1, 4, 3, 0 });
    QCOMPARE(picture.pixel(20, 5), blue); // border
    QCOMPARE(picture.pixel(20, 24), blue);
    QCOMPARE(picture.pixel(44, 12), blue);
    QCOMPARE(picture.pixel(8, 12), blue); // strip
    QCOMPARE(picture.pixel(45, 12), black);
    QVERIFY(picture.pixel(5, 5) != blue); // a round corner
    int filled = 0, hatched = 0;
    for (int x = 10; x < 43; ++x) {
        filled += picture.pixel(x, 12) == red;
        hatched += picture.pixel(x, 12) == white;
    }
    QCOMPARE(filled + hatched, 33);
    QVERIFY(std::abs(hatched - 33 / 4) <= 1); // two of eight
    raster.band({ 50, 5, 1, 20 }, { red, blue, white, 8, 2, 1, 4, 3, 0 }); // hardly there
    QVERIFY(picture.pixel(50, 12) != black);
}

void TestPixelRaster::dashedBandsLeaveTheirInsideAlone()
{
    QImage picture = image(60, 30);
    const PixelRaster raster(picture, picture.rect());
    raster.band({ 5, 5, 40, 20 }, { red, blue, white, 0, 0, 1, 0, 3, 6 });
    int drawn = 0;
    for (int x = 9; x < 41; ++x) {
        drawn += picture.pixel(x, 5) == blue;
        QCOMPARE(picture.pixel(x, 12), black);
    }
    QVERIFY(drawn > 10 && drawn < 22); // half of it
}

QTEST_GUILESS_MAIN(TestPixelRaster)
#include "tst_pixel_raster.moc"
