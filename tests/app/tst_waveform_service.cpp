#include "app/studio/waveform_service.h"
#include "store/project.h"
#include "support/make_video.h"
#include "support/verify.h"
#include "widgets/common/format.h"

#include <QFile>
#include <QFileInfo>
#include <QSignalSpy>
#include <QTemporaryDir>

using namespace clipscope;
using studio::WaveformService;

class TestWaveformService : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { test::failOnAnyWarning(); }

    void givesTheWaveformLaterAndThenAtOnce();
    void keepsItOnDiskAndMakesADamagedOneAgain();
    void showsALongFilmWhileItIsRead();
    void tellsOnceWhatCannotBeRead();
    void forgetsWhatIsNotWantedAnyMore();
    void worksWhereNothingCanBeWritten();

private:
    qint64 add(store::Project& project, const QString& name, int seconds, bool sound);
    QString cacheOf(const QString& hash) const
    {
        return m_folder.filePath(QStringLiteral("test.clipscope/thumbnails/%1.waveform").arg(hash));
    }

    QTemporaryDir m_folder;
    std::filesystem::path m_project;
    qint64 m_short = 0, m_long = 0, m_mute = 0;
};

qint64 TestWaveformService::add(
    store::Project& project, const QString& name, int seconds, bool sound)
{
    test::MadeVideo made;
    made.widthPixels = 32;
    made.heightPixels = 16;
    made.frames = seconds * made.fps;
    made.sound = sound;
    const auto film = widgets::toPath(m_folder.filePath(name + QStringLiteral(".mkv")));
    if (!test::makeVideo(film, made))
        return 0;
    const auto inspected = media::inspect(film);
    if (!inspected)
        return 0;
    store::NewVideo video;
    video.record.contentHash = name.toStdString();
    video.record.path = film;
    video.frameIndex = inspected->index.serialise();
    return project.catalogue().addVideo(video).value_or(0);
}

void TestWaveformService::initTestCase()
{
    m_project = widgets::toPath(m_folder.filePath(QStringLiteral("test.clipscope")));
    auto project = store::Project::create(m_project);
    QVERIFY_RESULT(project);
    m_short = add(*project, QStringLiteral("short"), 3, true);
    m_long = add(*project, QStringLiteral("long"), 150, true);
    m_mute = add(*project, QStringLiteral("mute"), 1, false);
    QVERIFY(m_short > 0 && m_long > 0 && m_mute > 0);
}

void TestWaveformService::givesTheWaveformLaterAndThenAtOnce()
{
    WaveformService service;
    service.setProject(m_project);
    QSignalSpy ready(&service, &WaveformService::ready);
    QVERIFY(!service.waveform(m_short));
    QVERIFY(!service.waveform(m_short)); // asking again starts nothing anew
    QVERIFY(ready.wait());
    QCOMPARE(ready.size(), 1);
    QCOMPARE(ready.first().first().toLongLong(), m_short);
    const auto waveform = service.waveform(m_short);
    QVERIFY(waveform);
    QCOMPARE(waveform->durationSeconds(), 3.0);
    QVERIFY(!waveform->isSilent());
}

void TestWaveformService::keepsItOnDiskAndMakesADamagedOneAgain()
{
    const QString path = cacheOf(QStringLiteral("short"));
    const auto wholeSize = QFileInfo(path).size();
    QCOMPARE(wholeSize, qint64{ 5 + 4 * 300 + 8 });
    // What is on disk is what is given: another waveform there comes back as it is.
    const media::Waveform other(std::vector<media::Peak>(7, media::Peak{ -1, 1 }));
    const auto give = [&](const std::string& bytes) {
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate))
            return std::shared_ptr<const media::Waveform>();
        file.write(QByteArray::fromStdString(bytes));
        file.close();
        WaveformService service;
        service.setProject(m_project);
        QSignalSpy ready(&service, &WaveformService::ready);
        service.waveform(m_short);
        ready.wait();
        return service.waveform(m_short);
    };
    const auto fromDisk = give(other.serialise());
    QVERIFY(fromDisk && *fromDisk == other);
    const auto again = give("not a waveform");
    QVERIFY(again);
    QCOMPARE(again->durationSeconds(), 3.0);
    QCOMPARE(QFileInfo(path).size(), wholeSize);
}

void TestWaveformService::showsALongFilmWhileItIsRead()
{
    WaveformService service;
    service.setProject(m_project);
    QSignalSpy ready(&service, &WaveformService::ready);
    QList<double> parts;
    connect(&service, &WaveformService::progressed, &service, [&](qint64 id, double part) {
        parts += part;
        const auto some = service.waveform(id);
        QVERIFY(some);
        QCOMPARE(some->durationSeconds(), part * 150.0);
    });
    service.waveform(m_long);
    QVERIFY(ready.wait());
    QCOMPARE(parts, (QList<double>{ 0.4, 0.8 }));
    QCOMPARE(service.waveform(m_long)->durationSeconds(), 150.0);
}

void TestWaveformService::tellsOnceWhatCannotBeRead()
{
    WaveformService service;
    QSignalSpy failed(&service, &WaveformService::failed);
    service.waveform(m_short); // no project yet
    QVERIFY(failed.wait());
    service.setProject(m_project);
    for (const qint64 id : { m_mute, m_mute + 100 }) {
        failed.clear();
        QVERIFY(!service.waveform(id));
        QVERIFY(failed.wait());
        QCOMPARE(failed.size(), 1);
        QCOMPARE(failed.first().first().toLongLong(), id);
    }
}

void TestWaveformService::forgetsWhatIsNotWantedAnyMore()
{
    QVERIFY(QFile::remove(cacheOf(QStringLiteral("long"))));
    WaveformService service;
    service.setProject(m_project);
    QSignalSpy ready(&service, &WaveformService::ready);
    QSignalSpy failed(&service, &WaveformService::failed);
    service.waveform(m_long);
    service.waveform(m_short);
    QVERIFY(ready.wait());
    QCOMPARE(ready.first().first().toLongLong(), m_short);
    service.waveform(m_long);
    service.setProject({});
    service.waveform(m_short); // answered last: nothing of the project before came in between
    QVERIFY(failed.wait());
    QCOMPARE(failed.size(), 1);
    QCOMPARE(ready.size(), 1);
    QVERIFY(!QFile::exists(cacheOf(QStringLiteral("long"))));
}

void TestWaveformService::worksWhereNothingCanBeWritten()
{
    // A file where the folder should be stops everyone, the superuser too.
    const QString thumbnails = m_folder.filePath(QStringLiteral("test.clipscope/thumbnails"));
    QVERIFY(QDir(thumbnails).removeRecursively());
    QFile inTheWay(thumbnails);
    QVERIFY(inTheWay.open(QIODevice::WriteOnly));
    WaveformService service;
    service.setProject(m_project);
    QSignalSpy ready(&service, &WaveformService::ready);
    service.waveform(m_short);
    QVERIFY(ready.wait());
    QVERIFY(service.waveform(m_short));
    QVERIFY(QFileInfo(thumbnails).isFile());
}

QTEST_GUILESS_MAIN(TestWaveformService)
#include "tst_waveform_service.moc"
