#include "support/gui.h"
#include "support/made_up_timeline.h"
#include "widgets/common/theme.h"
#include "widgets/timeline/label_colours.h"
#include "widgets/timeline/label_list.h"

#include <QApplication>
#include <QDir>

using namespace clipscope;
using namespace clipscope::widgets;

/// The timeline as an image, in both themes and two sizes. The images stay beside the test program
/// to be looked at.
class TestTimelinePicture : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarningOfOurs(); }

    void drawsTheWholeFilmAndAPartOfIt_data();
    void drawsTheWholeFilmAndAPartOfIt();
    void drawsADragAndTheFocus_data() { drawsTheWholeFilmAndAPartOfIt_data(); }
    void drawsADragAndTheFocus();
    void drawsTheListOfLabels_data() { drawsTheWholeFilmAndAPartOfIt_data(); }
    void drawsTheListOfLabels();
};

namespace {

QImage pictureOf(QWidget& view, qreal ratio)
{
    QImage image(view.size() * ratio, QImage::Format_RGB32);
    image.setDevicePixelRatio(ratio);
    image.fill(Qt::magenta);
    view.render(&image);
    return image;
}

void keep(const QImage& image, const QString& name)
{
    const QDir folder(QCoreApplication::applicationDirPath() + QStringLiteral("/pictures"));
    QVERIFY(folder.mkpath(QStringLiteral(".")));
    QVERIFY(image.save(folder.filePath(name + QStringLiteral(".png"))));
}

} // namespace

void TestTimelinePicture::drawsTheWholeFilmAndAPartOfIt_data()
{
    QTest::addColumn<bool>("dark");
    QTest::addColumn<double>("ratio");
    QTest::newRow("dark-100") << true << 1.0;
    QTest::newRow("dark-200") << true << 2.0;
    QTest::newRow("light-100") << false << 1.0;
    QTest::newRow("light-200") << false << 2.0;
}

void TestTimelinePicture::drawsTheWholeFilmAndAPartOfIt()
{
    QFETCH(bool, dark);
    QFETCH(double, ratio);
    applyTheme(*qApp, dark ? ColourScheme::Dark : ColourScheme::Light);
    const QString name = QString::fromUtf8(QTest::currentDataTag());
    test::MadeUpThumbnails thumbnails;
    TimelineView view;
    view.resize(1280, 420);
    const test::MadeUpTimeline made = test::madeUpTimeline(600, 60, 8);
    test::fill(view, made, 600.0);
    view.setThumbnails(&thumbnails);
    view.setPosition(143.28);
    keep(pictureOf(view, ratio), name + QStringLiteral("-whole"));
    view.setVisibleRange({ 90.0, 210.0 });
    const auto& hand = made.annotation.tiers[1].segments;
    view.setSelection({ { hand[5].id, hand[6].id }, hand[5].id });
    view.setDraft(TimelineDraft{ { 196.0, 208.0 }, "stir", 2 });
    keep(pictureOf(view, ratio), name + QStringLiteral("-part"));
    view.setVisibleRange({ 142.9, 143.9 });
    keep(pictureOf(view, ratio), name + QStringLiteral("-frames"));

    // A whole day of work: thousands of segments on a long film.
    const test::MadeUpTimeline much = test::madeUpTimeline(10800, 5000, 20);
    test::fill(view, much, 10800.0);
    view.setPosition(4000.0);
    const QImage image = pictureOf(view, ratio);
    keep(image, name + QStringLiteral("-film"));
    for (int y = 0; y < image.height(); y += 7)
        for (int x = 0; x < image.width(); x += 7)
            QVERIFY2(image.pixelColor(x, y) != QColor(Qt::magenta), "a place is not painted");
}

void TestTimelinePicture::drawsADragAndTheFocus()
{
    QFETCH(bool, dark);
    QFETCH(double, ratio);
    applyTheme(*qApp, dark ? ColourScheme::Dark : ColourScheme::Light);
    test::MadeUpThumbnails thumbnails;
    TimelineView view;
    view.resize(1280, 420);
    const test::MadeUpTimeline made = test::madeUpTimeline(600, 60, 8);
    test::fill(view, made, 600.0);
    view.setThumbnails(&thumbnails);
    view.setPosition(195.0);
    view.setVisibleRange({ 90.0, 210.0 });
    view.show();
    QVERIFY(QTest::qWaitForWindowActive(&view));
    view.setFocus();
    const qint64 id = made.annotation.tiers[1].segments[5].id;
    view.setSelection({ { id }, id });
    const QImage focused = pictureOf(view, ratio);
    keep(focused, QString::fromUtf8(QTest::currentDataTag()) + QStringLiteral("-focus"));
    const QRect band = view.areaOf(id);
    // The ring of the focus stands around the band.
    QCOMPARE(focused.pixelColor(
                 QPoint(qRound(band.center().x() * ratio), qRound((band.top() - 2) * ratio))),
        tokens(&view).accent);
    const QPoint border(band.left() + 5, band.center().y());
    QTest::mousePress(&view, Qt::LeftButton, Qt::ControlModifier, border);
    QMouseEvent move(QEvent::MouseMove, QPointF(border - QPoint(98, 0)),
        QPointF(view.mapToGlobal(border - QPoint(98, 0))), Qt::NoButton, Qt::LeftButton,
        Qt::ControlModifier);
    QApplication::sendEvent(&view, &move);
    const QImage dragged = pictureOf(view, ratio);
    keep(dragged, QString::fromUtf8(QTest::currentDataTag()) + QStringLiteral("-drag"));
    QVERIFY(dragged != focused);
    view.cancelDrag();
    QCOMPARE(pictureOf(view, ratio), focused);
}

void TestTimelinePicture::drawsTheListOfLabels()
{
    QFETCH(bool, dark);
    QFETCH(double, ratio);
    applyTheme(*qApp, dark ? ColourScheme::Dark : ColourScheme::Light);
    LabelList list;
    list.resize(520, 300);
    labels::LabelSet set = test::madeUpLabels();
    set.labels[2].threshold = 0.55;
    set.labels[5].key = "s";
    list.setLabelSet(set);
    list.setSeconds({ { QStringLiteral("boil water"), 65.0 }, { QStringLiteral("stir"), 12.0 } });
    list.setThresholds(LabelList::Thresholds{ 0.0, 1.0, 0.32 });
    list.setCurrentLabel(QStringLiteral("add leaves"));
    const QImage image = pictureOf(list, ratio);
    keep(image, QString::fromUtf8(QTest::currentDataTag()) + QStringLiteral("-labels"));
    // The colour of the first label stands in the first row.
    const QColor wanted = LabelColours(set).colour(0, dark);
    bool found = false;
    for (int y = 0; y < image.height() && !found; ++y)
        for (int x = 0; x < 40 * ratio && !found; ++x)
            found = image.pixelColor(x, y) == wanted;
    QVERIFY(found);
}

QTEST_MAIN(TestTimelinePicture)
#include "tst_timeline_picture.moc"
