#include "widgets/charts/matrix_view.h"

#include "support/gui.h"
#include "widgets/charts/histogram.h"
#include "widgets/common/theme.h"

#include <QSignalSpy>

#include <cmath>

using namespace clipscope::widgets;

class TestMatrixView : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { clipscope::test::failOnAnyWarningOfOurs(); }

    void findsCellsInASquareInTheMiddle();
    void paintsEachCellInTheColourOfItsValue();
    void movesByKeysAndMouse();
    void forgetsACellThatIsGone();
    void keepsZeroAsAnEdgeOfTheBins();
    void binsEveryValueOnce_data();
    void binsEveryValueOnce();
    void drawsBinsOrNothing();
};

void TestMatrixView::findsCellsInASquareInTheMiddle()
{
    const MatrixGeometry wide{ QSizeF(302, 102), 4 };
    QCOMPARE(wide.square(), QRectF(101, 1, 100, 100));
    for (int row = 0; row < 4; ++row)
        for (int column = 0; column < 4; ++column)
            QCOMPARE(wide.cellAt(wide.cell({ row, column }).center()),
                std::optional(MatrixCell{ row, column }));
    QVERIFY(!wide.cellAt({ 50, 50 }));
    QVERIFY(!wide.cellAt({ 250, 50 }));
    QVERIFY(!wide.cellAt({ 150, -1 }));
    QVERIFY(!(MatrixGeometry{ QSizeF(100, 100), 0 }).cellAt({ 50, 50 }));
    QVERIFY(!(MatrixGeometry{ QSizeF(1, 1), 3 }).cellAt({ 0, 0 }));
}

void TestMatrixView::paintsEachCellInTheColourOfItsValue()
{
    MatrixView view;
    view.resize(202, 202);
    view.setMatrix({ 2, { -1.0f, 0.0f, std::nanf(""), 1.0f } });
    const QImage picture = view.grab().toImage();
    const auto colourOf = [&](int row, int column) {
        return picture.pixelColor(view.geometry().cell({ row, column }).center().toPoint());
    };
    QCOMPARE(colourOf(0, 0), heatColour(0.0));
    QCOMPARE(colourOf(0, 1), heatColour(0.5));
    QCOMPARE(colourOf(1, 1), heatColour(1.0));
}

void TestMatrixView::movesByKeysAndMouse()
{
    MatrixView view;
    view.resize(202, 202);
    view.setMatrix({ 3, std::vector<float>(9, 0.5f) });
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    std::vector<MatrixCell> chosen;
    connect(
        &view, &MatrixView::chosen, this, [&](const MatrixCell& cell) { chosen.push_back(cell); });
    view.setFocus(Qt::TabFocusReason);
    QCOMPARE(view.current(), std::optional(MatrixCell{ 0, 0 }));
    QTest::keyClick(&view, Qt::Key_Down);
    QTest::keyClick(&view, Qt::Key_Right);
    QTest::keyClick(&view, Qt::Key_Left);
    QTest::keyClick(&view, Qt::Key_Left); // stays at the edge
    QTest::keyClick(&view, Qt::Key_Return);
    QCOMPARE(chosen, (std::vector<MatrixCell>{ { 1, 0 } }));
    QTest::mouseClick(&view, Qt::LeftButton, {}, view.geometry().cell({ 2, 1 }).center().toPoint());
    QCOMPARE(chosen.back(), (MatrixCell{ 2, 1 }));
    QCOMPARE(view.current(), std::optional(MatrixCell{ 2, 1 }));
}

void TestMatrixView::forgetsACellThatIsGone()
{
    MatrixView view;
    view.setMatrix({ 3, std::vector<float>(9, 0.5f) });
    view.setCurrent(MatrixCell{ 2, 2 });
    view.setMatrix({ 2, std::vector<float>(4, 0.5f) });
    QVERIFY(!view.current());
}

void TestMatrixView::keepsZeroAsAnEdgeOfTheBins()
{
    const HistogramBins bins = binned({ -0.31f, -0.02f, 0.01f, 0.4f }, 8);
    bool zero = false;
    for (std::size_t bin = 0; bin <= bins.counts.size(); ++bin)
        zero = zero || std::abs(bins.edge(bin)) < 1e-9;
    QVERIFY(zero);
}

void TestMatrixView::binsEveryValueOnce_data()
{
    QTest::addColumn<QList<float>>("values");
    QTest::addRow("none") << QList<float>{};
    QTest::addRow("one") << QList<float>{ 0.25f };
    QTest::addRow("zero") << QList<float>{ 0.0f, 0.0f };
    QTest::addRow("equal") << QList<float>{ -3.0f, -3.0f, -3.0f };
    QTest::addRow("tiny") << QList<float>{ 1e-9f, 3e-9f };
    QTest::addRow("wide") << QList<float>{ -1000.0f, 0.001f, 1000.0f };
}

void TestMatrixView::binsEveryValueOnce()
{
    QFETCH(QList<float>, values);
    const HistogramBins bins = binned({ values.begin(), values.end() }, 10);
    int sum = 0;
    for (const int count : bins.counts)
        sum += count;
    QCOMPARE(sum, static_cast<int>(values.size()));
    QVERIFY(bins.counts.size() < 30);
    QCOMPARE(binned({ std::nanf(""), 1.0f }, 10).counts.size(), 1u);
}

void TestMatrixView::drawsBinsOrNothing()
{
    Histogram histogram(QStringLiteral("Margins"));
    histogram.resize(300, 160);
    histogram.grab();
    histogram.setBins(binned({ -1.0f, 1.0f, 1.5f }, 4));
    const QImage picture = histogram.grab().toImage();
    const auto has = [&picture](const QColor& colour) {
        for (int y = 0; y < picture.height(); ++y)
            for (int x = 0; x < picture.width(); ++x)
                if (picture.pixelColor(x, y) == colour)
                    return true;
        return false;
    };
    QVERIFY(has(tokens(&histogram).bad)); // what lies below zero
    QVERIFY(has(seriesColour(0, tokens(&histogram).dark)));
}

QTEST_MAIN(TestMatrixView)
#include "tst_matrix_view.moc"
