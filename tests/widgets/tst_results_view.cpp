#include "support/gui.h"
#include "support/make_video.h"
#include "support/no_thumbnails.h"
#include "support/verify.h"
#include "widgets/common/format.h"
#include "widgets/results/moments_delegate.h"
#include "widgets/results/results_view.h"
#include "widgets/results/thumbnail_source.h"

#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>

#include <memory>

using namespace clipscope;
using namespace clipscope::widgets;

class TestResultsView : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup() { m_view.reset(); }

    void putsTilesSideBySideUnderTheirHeading();
    void movesOverMomentsOnly();
    void choosesWithEnterAndWithAClick();
    void choosesATimeOnAHeatStrip();
    void playsTheMomentUnderARestingMouse();
    void keepsTheChosenMomentInANewList();
    void beginsAtTheTopOfAnotherAnswer();
    void asksForPicturesOfWhatCanBeSeenOnly();

private:
    QRect rectOf(int row) const;

    QTemporaryDir m_folder;
    QString m_film;
    test::NoThumbnails m_thumbnails;
    std::unique_ptr<ResultsView> m_view;
    std::vector<VideoMoments> m_videos;
};

void TestResultsView::initTestCase()
{
    m_film = m_folder.filePath(QStringLiteral("film.mp4"));
    QVERIFY_RESULT(test::makeVideo(toPath(m_film)));
    for (qint64 id = 1; id <= 30; ++id) {
        VideoMoments video;
        video.videoId = id;
        video.title = QStringLiteral("film %1").arg(id);
        video.path = m_film;
        video.durationSeconds = 3.0;
        for (int start = 0; start < 3; ++start)
            video.moments.push_back({ double(start), start + 1.0, double(start), 0.5, false });
        m_videos.push_back(video);
    }
}

void TestResultsView::init()
{
    test::failOnAnyWarningOfOurs();
    m_thumbnails.wishes = 0;
    m_view = std::make_unique<ResultsView>(m_thumbnails);
    m_view->resize(640, 480);
    m_view->setVideos(m_videos, ResultsView::Place::Top);
    m_view->show();
    QVERIFY(QTest::qWaitForWindowActive(m_view.get()));
    m_view->setFocus();
}

QRect TestResultsView::rectOf(int row) const
{
    return m_view->visualRect(m_view->moments().index(row));
}

void TestResultsView::putsTilesSideBySideUnderTheirHeading()
{
    for (const int width : { 640, 641, 642, 643, 700 }) { // whatever is left over by the division
        m_view->resize(width, 480);
        QTRY_COMPARE(rectOf(1).top(), rectOf(3).top());
        QVERIFY(rectOf(0).bottom() < rectOf(1).top());
        QVERIFY(rectOf(4).top() > rectOf(3).bottom()); // the next heading has its own line
        QVERIFY(rectOf(1).right() < rectOf(2).left() && rectOf(2).right() < rectOf(3).left());
    }
}

void TestResultsView::movesOverMomentsOnly()
{
    const auto row = [this] { return m_view->currentIndex().row(); };
    QCOMPARE(row(), 1);
    QTest::keyClick(m_view.get(), Qt::Key_Right);
    QCOMPARE(row(), 2);
    QTest::keyClick(m_view.get(), Qt::Key_Down);
    QCOMPARE(row(), 6); // the tile below, past the heading
    QTest::keyClick(m_view.get(), Qt::Key_Left);
    QTest::keyClick(m_view.get(), Qt::Key_Left);
    QCOMPARE(row(), 3); // over the heading into the video before
    QTest::keyClick(m_view.get(), Qt::Key_Up);
    QCOMPARE(row(), 3);
}

void TestResultsView::choosesWithEnterAndWithAClick()
{
    QSignalSpy chosen(m_view.get(), &ResultsView::momentChosen);
    QTest::keyClick(m_view.get(), Qt::Key_Return);
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen.last()[1].value<Moment>().startSeconds, 0.0);
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, rectOf(2).center());
    QCOMPARE(chosen.size(), 2);
    QCOMPARE(chosen.last()[1].value<Moment>().startSeconds, 1.0);
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, rectOf(0).topLeft() + QPoint(30, 20));
    QCOMPARE(chosen.size(), 2);
}

void TestResultsView::choosesATimeOnAHeatStrip()
{
    QSignalSpy chosen(m_view.get(), &ResultsView::timeChosen);
    MomentsGeometry geometry;
    geometry.viewportWidth = rectOf(0).width();
    const HeatGeometry strip = geometry.strip(rectOf(0), 3.0);
    const QPoint place(qRound(strip.xOf(2.0)), qRound(strip.track.center().y()));
    QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, place);
    QCOMPARE(chosen.size(), 1);
    QVERIFY(qAbs(chosen.first()[1].toDouble() - 2.0) < 0.02);
}

void TestResultsView::playsTheMomentUnderARestingMouse()
{
    QTest::mouseMove(m_view->viewport(), rectOf(1).center());
    QTest::mouseMove(m_view->viewport(), rectOf(2).center());
    QVERIFY(!m_view->isPreviewing()); // only a mouse that rests
    QTRY_VERIFY(m_view->isPreviewing());
    QTest::mouseMove(m_view->viewport(), rectOf(0).center());
    QVERIFY(!m_view->isPreviewing());
}

void TestResultsView::keepsTheChosenMomentInANewList()
{
    m_view->setCurrentIndex(m_view->moments().index(6));
    const auto before = m_view->moments().idOf(m_view->currentIndex());
    auto fewer = m_videos;
    fewer.erase(fewer.begin());
    m_view->setVideos(fewer, ResultsView::Place::Keep);
    QVERIFY(m_view->moments().idOf(m_view->currentIndex()) == before);
    fewer.erase(fewer.begin());
    m_view->setVideos(fewer, ResultsView::Place::Keep); // gone: the first one
    QCOMPARE(m_view->currentIndex(), m_view->moments().firstMoment());
}

void TestResultsView::beginsAtTheTopOfAnotherAnswer()
{
    m_view->setCurrentIndex(m_view->moments().index(30));
    m_view->scrollTo(m_view->currentIndex());
    m_view->setVideos(m_videos, ResultsView::Place::Top);
    QCOMPARE(m_view->currentIndex(), m_view->moments().firstMoment());
    QCOMPARE(m_view->verticalScrollBar()->value(), 0);
}

void TestResultsView::asksForPicturesOfWhatCanBeSeenOnly()
{
    QTRY_VERIFY(m_thumbnails.wishes > 0);
    m_thumbnails.wishes = 0;
    m_view->grab();
    QVERIFY2(m_thumbnails.wishes <= 12, qPrintable(QString::number(m_thumbnails.wishes)));
    QVERIFY(m_view->visibleVideos().size() <= 4);
}

QTEST_MAIN(TestResultsView)
#include "tst_results_view.moc"
