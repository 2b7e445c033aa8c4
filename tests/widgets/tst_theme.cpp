#include "widgets/common/theme.h"

#include "support/gui.h"
#include "widgets/common/icons.h"

#include <QApplication>
#include <QImage>
#include <QPushButton>

using namespace clipscope::widgets;

class TestTheme : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { clipscope::test::failOnAnyWarningOfOurs(); }

    void textIsReadableOnEverySurface_data();
    void textIsReadableOnEverySurface();
    void measuresContrastAsTheStandardSays();
    void knowsTheThemeOfAPalette();
    void switchesWhileTheWindowIsOpen();
    void drawsEveryIconInTheColourOfTheTheme();
    void drawsIconsSharplyAtTwiceTheSize();
    void keepsSeriesColoursApart();
    void paintsHeatFromDarkToLight();
};

void TestTheme::textIsReadableOnEverySurface_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

void TestTheme::textIsReadableOnEverySurface()
{
    QFETCH(bool, dark);
    const Tokens& t = dark ? darkTokens() : lightTokens();
    QCOMPARE(t.dark, dark);
    const auto check
        = [](const char* what, const QColor& text, const QColor& surface, double least) {
              const double ratio = contrastRatio(text, surface);
              QVERIFY2(ratio >= least,
                  qPrintable(QStringLiteral("%1: %2").arg(QLatin1String(what)).arg(ratio)));
          };
    for (const QColor& surface : { t.window, t.panel, t.raised, t.accentTint }) {
        check("text", t.text, surface, 4.5);
        check("secondary", t.secondary, surface, 4.5);
    }
    for (const QColor& surface : { t.panel, t.raised })
        for (const QColor& colour : { t.accent, t.bad })
            check("accent or bad", colour, surface, 4.5);
    check("on accent", t.onAccent, t.accent, 4.5);
    // Shapes beside a word: dots, bars, icons.
    for (const QColor& colour : { t.good, t.warning })
        check("good or warning", colour, t.panel, 3.0);
}

void TestTheme::measuresContrastAsTheStandardSays()
{
    QCOMPARE(contrastRatio(Qt::black, Qt::white), 21.0);
    QCOMPARE(contrastRatio(Qt::white, Qt::white), 1.0);
    QVERIFY(qAbs(contrastRatio(QColor(0x77, 0x77, 0x77), Qt::white) - 4.478) < 0.001);
}

void TestTheme::knowsTheThemeOfAPalette()
{
    QPalette palette;
    palette.setColor(QPalette::Window, darkTokens().window);
    QVERIFY(tokens(palette).dark);
    palette.setColor(QPalette::Window, lightTokens().window);
    QVERIFY(!tokens(palette).dark);
}

void TestTheme::switchesWhileTheWindowIsOpen()
{
    auto* application = qobject_cast<QApplication*>(QApplication::instance());
    applyTheme(*application, ColourScheme::Light);
    QPushButton button(QStringLiteral("Go"));
    button.show();
    QVERIFY(QTest::qWaitForWindowExposed(&button));
    QVERIFY(!tokens(&button).dark);
    const QColor before = button.grab().toImage().pixelColor(button.width() / 2, 4);
    applyTheme(*application, ColourScheme::Dark);
    QVERIFY(tokens(&button).dark);
    const QColor after = button.grab().toImage().pixelColor(button.width() / 2, 4);
    QVERIFY(before.lightness() > 200);
    QVERIFY(after.lightness() < 80);
    QVERIFY(!qobject_cast<QApplication*>(QApplication::instance())
                 ->styleSheet()
                 .contains(QLatin1Char('@')));
}

void TestTheme::drawsEveryIconInTheColourOfTheTheme()
{
    for (int i = 0; i <= static_cast<int>(Icon::Warning); ++i) {
        const QImage image = iconPixmap(static_cast<Icon>(i), Qt::red, 24, 1.0).toImage();
        int painted = 0;
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x) {
                const QColor pixel = image.pixelColor(x, y);
                painted += pixel.alpha() > 128;
                QVERIFY(pixel.alpha() < 32 || pixel.red() > pixel.blue());
            }
        QVERIFY2(painted > 12, qPrintable(QStringLiteral("icon %1 is empty").arg(i)));
    }
}

void TestTheme::drawsIconsSharplyAtTwiceTheSize()
{
    const QPixmap pixmap = iconPixmap(Icon::Search, Qt::black, 20, 2.0);
    QCOMPARE(pixmap.size(), QSize(40, 40));
    QCOMPARE(pixmap.deviceIndependentSize(), QSizeF(20, 20));
}

void TestTheme::keepsSeriesColoursApart()
{
    for (const bool dark : { false, true }) {
        QList<QRgb> seen;
        for (int i = 0; i < 16; ++i) {
            const QRgb colour = seriesColour(i, dark).rgb();
            QVERIFY2(!seen.contains(colour), qPrintable(QString::number(i)));
            seen += colour;
        }
        const QColor surface = (dark ? darkTokens() : lightTokens()).panel;
        QVERIFY(contrastRatio(seriesColour(7, dark), surface) > 10.0);
    }
}

void TestTheme::paintsHeatFromDarkToLight()
{
    int last = -1;
    for (int i = 0; i <= 20; ++i) {
        const QColor colour = heatColour(i / 20.0);
        const int grey = qGray(colour.rgb());
        QVERIFY(grey >= last);
        last = grey;
    }
    QCOMPARE(heatColour(-1.0), heatColour(0.0));
    QCOMPARE(heatColour(2.0), heatColour(1.0));
    QCOMPARE(heatColour(qQNaN()), heatColour(0.0));
}

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
