#include "app/studio/thumbnails.h"
#include "media/video_index.h"
#include "store/project.h"
#include "support/gui.h"
#include "support/make_video.h"
#include "support/verify.h"
#include "widgets/common/format.h"

#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>

using namespace clipscope;
using studio::Thumbnails;
using widgets::ThumbnailKey;

class TestThumbnails : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { test::failOnAnyWarningOfOurs(); }

    void givesThePictureLaterAndThenAtOnce();
    void keepsPicturesOnDisk();
    void makesADamagedFileAgain();
    void givesUpOnceOnAnUnknownVideo();
    void answersNothingOfTheProjectBefore();

private:
    QImage wait(Thumbnails& thumbnails, const ThumbnailKey& key);
    QStringList cached() const;

    QTemporaryDir m_folder;
    std::filesystem::path m_project;
    qint64 m_video = 0;
};

void TestThumbnails::initTestCase()
{
    const auto film = widgets::toPath(m_folder.filePath(QStringLiteral("film.mp4")));
    QVERIFY_RESULT(test::makeVideo(film));
    auto inspected = media::inspect(film);
    QVERIFY_RESULT(inspected);
    m_project = widgets::toPath(m_folder.filePath(QStringLiteral("test.clipscope")));
    auto project = store::Project::create(m_project);
    QVERIFY_RESULT(project);
    store::NewVideo video;
    video.record.contentHash = "0123";
    video.record.path = film;
    video.frameIndex = inspected->index.serialise();
    const auto id = project->catalogue().addVideo(video);
    QVERIFY_RESULT(id);
    m_video = *id;
}

QImage TestThumbnails::wait(Thumbnails& thumbnails, const ThumbnailKey& key)
{
    QSignalSpy ready(&thumbnails, &Thumbnails::ready);
    const QImage now = thumbnails.thumbnail(key);
    if (!now.isNull())
        return now;
    ready.wait();
    return thumbnails.thumbnail(key);
}

QStringList TestThumbnails::cached() const
{
    return QDir(widgets::fromPath(m_project / "thumbnails")).entryList(QDir::Files);
}

void TestThumbnails::givesThePictureLaterAndThenAtOnce()
{
    Thumbnails thumbnails;
    thumbnails.setProject(m_project);
    const ThumbnailKey key{ m_video, 1000, { 120, 120 } };
    QVERIFY(thumbnails.thumbnail(key).isNull());
    const QImage picture = wait(thumbnails, key);
    QCOMPARE(picture.size(), QSize(120, 72)); // fits, keeps its shape
    QVERIFY(!thumbnails.thumbnail(key).isNull());
}

void TestThumbnails::keepsPicturesOnDisk()
{
    QVERIFY(!cached().isEmpty());
    const QString file = cached().first();
    QVERIFY(file.startsWith(QStringLiteral("0123_1000_")));
}

void TestThumbnails::makesADamagedFileAgain()
{
    const QString path
        = widgets::fromPath(m_project / "thumbnails" / cached().first().toStdString());
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.write("not a picture");
    file.close();
    Thumbnails thumbnails;
    thumbnails.setProject(m_project);
    QVERIFY(!wait(thumbnails, { m_video, 1000, { 120, 120 } }).isNull());
    QVERIFY(QFileInfo(path).size() > 100);
}

void TestThumbnails::givesUpOnceOnAnUnknownVideo()
{
    Thumbnails thumbnails;
    thumbnails.setProject(m_project);
    QSignalSpy ready(&thumbnails, &Thumbnails::ready);
    const ThumbnailKey unknown{ m_video + 1, 0, { 120, 120 } };
    QVERIFY(wait(thumbnails, unknown).isNull());
    QCOMPARE(ready.size(), 1);
    QTest::qWait(50);
    QCOMPARE(ready.size(), 1);
}

void TestThumbnails::answersNothingOfTheProjectBefore()
{
    Thumbnails thumbnails;
    thumbnails.setProject(m_project);
    QSignalSpy ready(&thumbnails, &Thumbnails::ready);
    for (int i = 0; i < 20; ++i)
        thumbnails.thumbnail({ m_video, 100 * i, { 64, 64 } });
    thumbnails.setProject({});
    QTest::qWait(100);
    QCOMPARE(ready.size(), 0);
}

QTEST_MAIN(TestThumbnails)
#include "tst_thumbnails.moc"
