#include "app/studio/pages/collection/collection_page.h"

#include "app/studio/pages/collection/details_panel.h"
#include "store/feature_shards.h"
#include "store/project.h"
#include "support/gui.h"
#include "support/make_video.h"
#include "support/quiet_studio.h"
#include "support/verify.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"

#include <QAbstractItemModelTester>
#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QToolButton>

using namespace clipscope;
using namespace clipscope::studio;

class TestCollectionPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void saysWhatToDoWhenItIsEmpty();
    void importsADroppedFolder();
    void showsWhatIsKnownOfEachVideo();
    void keepsTheSelectionWhenRowsAreAdded();
    void filtersByNameAndByProblem();
    void sortsByNumbersAsNumbers();
    void showsStreamsAndCaptionsOfTheSelectedVideo();
    void opensTheVideoAtADoubleClickedCaption();
    void showsTheSameVideosAsPictures();
    void hidesWhatIsOfNoUseWithoutVideos();
    void modelKeepsItsPromises();

private:
    std::int64_t addVideo(const char* name, double seconds, int captions);
    void openPage();
    QTableView* table() { return m_page->findChild<QTableView*>(QStringLiteral("videoTable")); }
    QString cell(int row, int column)
    {
        return table()->model()->index(row, column).data().toString();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_project;
    std::unique_ptr<test::QuietStudio> m_studio;
    std::unique_ptr<CollectionPage> m_page;
};

void TestCollectionPage::init()
{
    test::failOnAnyWarningOfOurs();
    m_folder = std::make_unique<QTemporaryDir>();
    m_project = widgets::toPath(m_folder->filePath(QStringLiteral("test.clipscope")));
    QVERIFY_RESULT(store::Project::create(m_project));
    m_studio = std::make_unique<test::QuietStudio>(
        m_folder->filePath(QStringLiteral("preferences.ini")));
    m_page = std::make_unique<CollectionPage>(m_studio->services);
    m_page->resize(1200, 700);
    m_page->show();
}

void TestCollectionPage::cleanup()
{
    m_page.reset();
    m_studio.reset();
    m_folder.reset();
}

std::int64_t TestCollectionPage::addVideo(const char* name, double seconds, int captions)
{
    auto project = store::Project::open(m_project, store::Access::ReadWrite);
    store::NewVideo video;
    video.record.contentHash = std::string("hash of ") + name;
    video.record.path = std::filesystem::path("/films") / name;
    video.record.durationSeconds = seconds;
    video.record.frameCount = static_cast<std::int64_t>(seconds * 25);
    video.record.averageFps = 25.0;
    video.record.widthPixels = 640;
    video.record.heightPixels = 360;
    video.record.codec = "h264";
    video.record.container = "mov,mp4";
    video.record.streamsJson
        = R"({"rotation":90,"audio":{"codec":"aac","rate":48000,"channels":2}})";
    for (int i = 0; i < captions; ++i)
        video.captions.push_back(
            { i * 2.0, i * 2.0 + 1, "caption " + std::to_string(i), "stream:1" });
    const auto id = project->catalogue().addVideo(video);
    return id ? *id : -1;
}

void TestCollectionPage::openPage()
{
    m_studio->project.open(m_project);
    QTRY_VERIFY(m_studio->project.isOpen() && m_page->isSettled());
}

void TestCollectionPage::saysWhatToDoWhenItIsEmpty()
{
    openPage();
    auto* empty = m_page->findChild<widgets::EmptyState*>();
    QVERIFY(empty->isVisible());
    QVERIFY(empty->accessibleDescription().contains(QStringLiteral("Drop a folder")));
    QVERIFY(!table()->isVisible());
}

void TestCollectionPage::importsADroppedFolder()
{
    if (!QFile::exists(qEnvironmentVariable("CLIPSCOPE_CLI")))
        QSKIP("clipscope-cli is not built");
    const QString films = m_folder->filePath(QStringLiteral("films"));
    QVERIFY(QDir().mkpath(films));
    for (const char* name : { "one.mp4", "two.mkv" }) {
        test::MadeVideo made;
        made.frames = QLatin1String(name) == QLatin1String("one.mp4") ? 50 : 75;
        QVERIFY_RESULT(test::makeVideo(widgets::toPath(films) / name, made));
    }
    QFile broken(films + QStringLiteral("/broken.mp4"));
    QVERIFY(broken.open(QIODevice::WriteOnly));
    broken.write(QByteArray(4000, 'x'));
    broken.close();
    openPage();
    // As studio.cpp does it.
    connect(&m_studio->jobs, &JobService::jobFinished, &m_studio->project,
        &ProjectSession::announceContents);

    QMimeData data;
    data.setUrls({ QUrl::fromLocalFile(films) });
    QDragEnterEvent enter(QPoint(100, 100), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(m_page.get(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(100, 100), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(m_page.get(), &drop);
    QTRY_COMPARE_WITH_TIMEOUT(table()->model()->rowCount(), 3, 30000);
    QTRY_VERIFY_WITH_TIMEOUT(!m_studio->jobs.isRunning(QStringLiteral("import")), 30000);
    QStringList names;
    for (int row = 0; row < 3; ++row)
        names += cell(row, VideoTable::Name);
    names.sort();
    QCOMPARE(names,
        (QStringList{
            QStringLiteral("broken.mp4"), QStringLiteral("one.mp4"), QStringLiteral("two.mkv") }));
    QCOMPARE(cell(2, VideoTable::Name), QStringLiteral("broken.mp4"));
    QCOMPARE(cell(2, VideoTable::Features), QStringLiteral("Not imported"));
    QVERIFY(!cell(2, VideoTable::Problems).isEmpty());
}

void TestCollectionPage::showsWhatIsKnownOfEachVideo()
{
    const std::int64_t id = addVideo("beach.mp4", 75.0, 3);
    addVideo("city.mp4", 4.2, 0);
    auto writer = store::FeatureWriter::open(
        m_project / "features" / "efficientnet-lite0", { "efficientnet-lite0", "f", 2, {} });
    QVERIFY_RESULT(writer);
    const std::vector<std::uint16_t> halves(2 * 75);
    QVERIFY_RESULT(writer->append(id, "hash of beach.mp4", halves, 75));
    openPage();
    QCOMPARE(table()->model()->rowCount(), 2);
    QCOMPARE(cell(0, VideoTable::Name), QStringLiteral("beach.mp4"));
    QCOMPARE(cell(0, VideoTable::Duration), QStringLiteral("1:15"));
    QCOMPARE(cell(0, VideoTable::Captions), QStringLiteral("3"));
    QCOMPARE(cell(0, VideoTable::Features), QStringLiteral("Features ready"));
    QCOMPARE(cell(1, VideoTable::Captions), QString());
    QCOMPARE(cell(1, VideoTable::Features), QStringLiteral("Waiting"));
    const auto* summary = m_page->findChild<QLabel*>(QStringLiteral("collectionSummary"));
    QVERIFY2(summary->text().contains(QStringLiteral("1:19")), qPrintable(summary->text()));
}

void TestCollectionPage::keepsTheSelectionWhenRowsAreAdded()
{
    addVideo("a.mp4", 1.0, 0);
    addVideo("b.mp4", 2.0, 0);
    openPage();
    table()->setCurrentIndex(table()->model()->index(1, 0));
    addVideo("c.mp4", 3.0, 0);
    m_studio->project.announceContents();
    QTRY_COMPARE(table()->model()->rowCount(), 3);
    QCOMPARE(table()->currentIndex().row(), 1);
}

void TestCollectionPage::filtersByNameAndByProblem()
{
    addVideo("a.mp4", 1.0, 0);
    addVideo("b.mp4", 2.0, 0);
    {
        auto project = store::Project::open(m_project, store::Access::ReadWrite);
        QVERIFY_RESULT(project);
        const store::ProblemRecord problem{ "/films/note.mp4", ErrorKind::BadInput, "No video.",
            "import", {} };
        QVERIFY_RESULT(
            project->catalogue().setProblems(problem.path, "import", std::span(&problem, 1)));
    }
    openPage();
    QCOMPARE(table()->model()->rowCount(), 3);
    m_page->findChild<QLineEdit*>(QStringLiteral("findVideo"))->setText(QStringLiteral("b.mp4"));
    QCOMPARE(table()->model()->rowCount(), 1);
    m_page->findChild<QLineEdit*>(QStringLiteral("findVideo"))->clear();
    auto* problems = m_page->findChild<QPushButton*>(QStringLiteral("problemsFilter"));
    QVERIFY(problems->isVisible());
    problems->click();
    QCOMPARE(table()->model()->rowCount(), 1);
    QCOMPARE(cell(0, VideoTable::Problems), QStringLiteral("No video."));
}

void TestCollectionPage::sortsByNumbersAsNumbers()
{
    addVideo("a.mp4", 100.0, 0);
    addVideo("b.mp4", 9.0, 0);
    openPage();
    table()->sortByColumn(VideoTable::Duration, Qt::AscendingOrder);
    QCOMPARE(cell(0, VideoTable::Name), QStringLiteral("b.mp4"));
    table()->sortByColumn(VideoTable::Duration, Qt::DescendingOrder);
    QCOMPARE(cell(0, VideoTable::Name), QStringLiteral("a.mp4"));
}

void TestCollectionPage::showsStreamsAndCaptionsOfTheSelectedVideo()
{
    addVideo("a.mp4", 10.0, 3);
    openPage();
    auto* details = m_page->findChild<DetailsPanel*>();
    QString all;
    const auto labels = details->findChildren<QLabel*>();
    for (const QLabel* label : labels)
        all += label->text() + QLatin1Char('\n');
    for (const char* part : { "a.mp4", "0:00:10.000", "640 x 360", "h264", "90 degrees", "aac" })
        QVERIFY2(all.contains(QLatin1String(part)), qPrintable(all));
    auto* captions = details->findChild<QListView*>(QStringLiteral("captionList"));
    QTRY_COMPARE(captions->model()->rowCount(), 3);
    QCOMPARE(captions->model()->index(2, 0).data().toString(), QStringLiteral("caption 2"));
}

void TestCollectionPage::opensTheVideoAtADoubleClickedCaption()
{
    const std::int64_t id = addVideo("a.mp4", 10.0, 3);
    openPage();
    auto* captions = m_page->findChild<QListView*>(QStringLiteral("captionList"));
    QTRY_COMPARE(captions->model()->rowCount(), 3);
    QSignalSpy spy(&m_studio->navigator, &Navigator::videoRequested);
    Q_EMIT captions->activated(captions->model()->index(2, 0));
    QCOMPARE(spy.count(), 1);
    QCOMPARE(spy.first().at(0).value<std::int64_t>(), id);
    QCOMPARE(spy.first().at(1).toDouble(), 4.0);
    Q_EMIT table()->activated(table()->model()->index(0, 0));
    QCOMPARE(spy.count(), 2);
    QCOMPARE(spy.last().at(1).toDouble(), 0.0);
}

void TestCollectionPage::showsTheSameVideosAsPictures()
{
    addVideo("a.mp4", 1.0, 0);
    const std::int64_t second = addVideo("b.mp4", 2.0, 0);
    openPage();
    table()->setCurrentIndex(table()->model()->index(1, VideoTable::Duration));
    auto* grid = m_page->findChild<QListView*>(QStringLiteral("videoGrid"));
    QVERIFY(!grid->isVisible());
    m_page->findChild<QToolButton*>(QStringLiteral("showAsGrid"))->click();
    QVERIFY(grid->isVisible() && !table()->isVisible());
    QCOMPARE(grid->model()->rowCount(), 2);
    QCOMPARE(grid->currentIndex(), grid->model()->index(1, 0));
    QVERIFY(grid->visualRect(grid->model()->index(0, 0)).right()
        < grid->visualRect(grid->model()->index(1, 0)).left());
    QTRY_VERIFY(m_page->isSettled());
    const QSignalSpy opened(&m_studio->navigator, &Navigator::videoRequested);
    grid->setFocus();
    QTest::keyClick(grid, Qt::Key_Return);
    QCOMPARE(opened.count(), 1);
    QCOMPARE(opened.first().at(0).value<std::int64_t>(), second);

    const QJsonObject state = m_page->saveState();
    CollectionPage other(m_studio->services);
    other.restoreState(state);
    QTRY_VERIFY(other.isSettled());
    other.resize(900, 600);
    other.show();
    QVERIFY(other.findChild<QListView*>(QStringLiteral("videoGrid"))->isVisible());
}

void TestCollectionPage::hidesWhatIsOfNoUseWithoutVideos()
{
    openPage();
    auto* find = m_page->findChild<QLineEdit*>(QStringLiteral("findVideo"));
    auto* shape = m_page->findChild<QToolButton*>(QStringLiteral("showAsGrid"));
    QVERIFY(!find->isVisible() && !shape->isVisible());
    addVideo("a.mp4", 1.0, 0);
    m_studio->project.announceContents();
    QTRY_VERIFY(find->isVisible() && shape->isVisible());
}

void TestCollectionPage::modelKeepsItsPromises()
{
    VideoTable model;
    const QAbstractItemModelTester tester(
        &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const auto row = [](std::int64_t id, const char* path) {
        CollectionRow made;
        made.video.id = id;
        made.video.path = path;
        return made;
    };
    model.setRows({ row(1, "/a"), row(2, "/b") });
    model.setRows({ row(1, "/a"), row(2, "/b"), row(3, "/c") });
    model.setRows({ row(1, "/a"), row(3, "/c") });
    QCOMPARE(model.rowCount(), 2);
    model.setRows({});
    QCOMPARE(model.rowCount(), 0);
}

QTEST_MAIN(TestCollectionPage)
#include "tst_collection_page.moc"
