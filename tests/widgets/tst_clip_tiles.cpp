#include "widgets/results/clip_tiles.h"

#include "support/gui.h"
#include "support/make_video.h"
#include "support/no_thumbnails.h"
#include "support/verify.h"
#include "widgets/common/format.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTemporaryDir>

using namespace clipscope;
using namespace clipscope::widgets;

class TestClipTiles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup() { m_view.reset(); }

    void laysPartsOutWithoutOverlap_data();
    void laysPartsOutWithoutOverlap();
    void playsTheClipUnderARestingMouse();
    void choosesWithEnterAndDoubleClick();
    void asksForPicturesOfWhatCanBeSeenOnly();
    void saysEverythingToScreenReaders();

private:
    std::vector<ClipTile> m_tiles;
    test::NoThumbnails m_thumbnails;
    std::unique_ptr<ClipTiles> m_view;
};

void TestClipTiles::init()
{
    test::failOnAnyWarningOfOurs();
    m_tiles.clear();
    for (int i = 0; i < 500; ++i) {
        ClipTile tile;
        tile.videoId = i;
        tile.stopSeconds = 2.0;
        tile.title = QStringLiteral("film %1").arg(i);
        tile.text = QStringLiteral("somebody says something that is long enough to be wrapped");
        tile.figures = QStringLiteral("loss 1");
        tile.mark = i == 0 ? QStringLiteral("seed") : QString();
        m_tiles.push_back(tile);
    }
    m_thumbnails.wishes = 0;
    m_view = std::make_unique<ClipTiles>(m_thumbnails, ClipTileGeometry{ true, 2 });
    m_view->resize(500, 400);
    m_view->setTiles(m_tiles);
    m_view->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
}

void TestClipTiles::laysPartsOutWithoutOverlap_data()
{
    QTest::addColumn<bool>("row");
    QTest::addColumn<int>("lines");
    for (const bool row : { true, false })
        for (const int lines : { 0, 1, 3 })
            QTest::addRow("%s, %d lines", row ? "row" : "tile", lines) << row << lines;
}

void TestClipTiles::laysPartsOutWithoutOverlap()
{
    QFETCH(bool, row);
    QFETCH(int, lines);
    const ClipTileGeometry geometry{ row, lines };
    const QRect tile(QPoint(30, 70), row ? QSize(400, geometry.size().height()) : geometry.size());
    const QRect parts[] = { geometry.picture(tile), geometry.title(tile), geometry.text(tile),
        geometry.figures(tile) };
    for (const QRect& part : parts)
        QVERIFY(part.isEmpty() || tile.contains(part));
    for (std::size_t a = 0; a < 4; ++a)
        for (std::size_t b = a + 1; b < 4; ++b)
            QVERIFY(!parts[a].intersects(parts[b]));
}

void TestClipTiles::choosesWithEnterAndDoubleClick()
{
    std::vector<qint64> chosen;
    connect(m_view.get(), &ClipTiles::chosen, this,
        [&](const ClipTile& tile) { chosen.push_back(tile.videoId); });
    m_view->setCurrentIndex(m_view->model()->index(0, 0));
    QTest::keyClick(m_view.get(), Qt::Key_Down);
    QTest::keyClick(m_view.get(), Qt::Key_Return);
    QTest::mouseDClick(m_view->viewport(), Qt::LeftButton, {},
        m_view->visualRect(m_view->model()->index(2, 0)).center());
    QCOMPARE(chosen, (std::vector<qint64>{ 1, 2 }));
}

void TestClipTiles::playsTheClipUnderARestingMouse()
{
    const QTemporaryDir folder;
    const QString film = folder.filePath(QStringLiteral("film.mp4"));
    QVERIFY_RESULT(test::makeVideo(toPath(film)));
    m_tiles[1].path = film;
    m_view->setTiles(m_tiles);
    const auto at
        = [this](int row) { return m_view->visualRect(m_view->model()->index(row, 0)).center(); };
    QTest::mouseMove(m_view->viewport(), at(0));
    QTest::mouseMove(m_view->viewport(), at(1));
    QVERIFY(!m_view->isPreviewing()); // only a mouse that rests
    QTRY_VERIFY(m_view->isPreviewing());
    QTest::mouseMove(m_view->viewport(), at(2));
    QVERIFY(!m_view->isPreviewing());
}

void TestClipTiles::asksForPicturesOfWhatCanBeSeenOnly()
{
    m_view->grab();
    QVERIFY(m_thumbnails.wishes > 0);
    QVERIFY2(m_thumbnails.wishes < 60, qPrintable(QString::number(m_thumbnails.wishes)));
}

void TestClipTiles::saysEverythingToScreenReaders()
{
    ClipTilesModel model;
    const QAbstractItemModelTester tester(&model);
    model.setTiles(m_tiles);
    const QString words = model.index(0).data(Qt::AccessibleTextRole).toString();
    QVERIFY(words.contains(QStringLiteral("film 0")) && words.contains(QStringLiteral("seed"))
        && words.contains(QStringLiteral("loss 1")) && words.contains(QStringLiteral("somebody")));
    model.setTiles({});
    QCOMPARE(model.rowCount(), 0);
}

QTEST_MAIN(TestClipTiles)
#include "tst_clip_tiles.moc"
