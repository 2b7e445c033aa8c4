#include "app/studio/pages/clusters/clusters_page.h"

#include "base/files.h"
#include "base/hash.h"
#include "store/caption_shards.h"
#include "store/project.h"
#include "store/run_folder.h"
#include "store/step_records.h"
#include "support/gui.h"
#include "support/quiet_studio.h"
#include "support/run_state.h"
#include "support/verify.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"

#include <QComboBox>
#include <QLabel>
#include <QSignalSpy>
#include <QSlider>
#include <QTemporaryDir>

#include <fstream>

using namespace clipscope;
using namespace clipscope::studio;
using widgets::ClipTile;
using widgets::ClipTiles;

class TestClustersPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void saysWhyThereIsNothingToSee();
    void listsTheClustersOfTheNewestEpoch();
    void showsSeedCandidatesAndPairsOfACluster();
    void movesThroughEpochsByKeys();
    void ordersClustersByWhatTheyCost();
    void opensAPairInThePlayerAtItsSecond();
    void takesUpAnEpochThatBeganMeanwhile();
    void saysWhichFileIsDamaged();
    void namesVideosThatAreGoneByTheirNumber();
    void namesVideosOfASourceByTheirIdThere();

private:
    void addVideos();
    void writeEpoch(std::int64_t epoch, float loss);
    void openPage();
    ClipTiles* tiles(const char* name)
    {
        return m_page->findChild<ClipTiles*>(QLatin1String(name));
    }
    const ClipTile& tile(const char* name, int row)
    {
        const auto& model = tiles(name)->tiles();
        return *model.at(model.index(row));
    }
    int rows(const char* name) { return tiles(name)->tiles().rowCount(); }
    QString label(const char* name)
    {
        return m_page->findChild<QLabel*>(QLatin1String(name))->text();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_project, m_steps;
    std::unique_ptr<test::QuietStudio> m_studio;
    std::unique_ptr<ClustersPage> m_page;
};

void TestClustersPage::init()
{
    test::failOnAnyWarningOfOurs();
    m_folder = std::make_unique<QTemporaryDir>();
    m_project = widgets::toPath(m_folder->filePath(QStringLiteral("test.clipscope")));
    m_steps = m_project / "runs" / "run-1" / "steps";
    QVERIFY_RESULT(store::Project::create(m_project));
    m_studio = std::make_unique<test::QuietStudio>(
        m_folder->filePath(QStringLiteral("preferences.ini")));
    m_page = std::make_unique<ClustersPage>(m_studio->services);
    m_page->resize(1200, 800);
    m_page->setVisible(true);
}

void TestClustersPage::cleanup()
{
    m_page.reset();
    m_studio.reset();
    m_folder.reset();
}

void TestClustersPage::addVideos()
{
    auto project = store::Project::open(m_project, store::Access::ReadWrite);
    QVERIFY_RESULT(project);
    for (int i = 1; i <= 4; ++i) {
        store::NewVideo video;
        video.record.contentHash = hashOf(std::string(1, static_cast<char>('a' + i)));
        video.record.path = "/films/film-" + std::to_string(i) + ".mp4";
        video.record.durationSeconds = 30.0;
        video.captions = { { 0.0, 1.0, "first words", "stream:1" },
            { 1.0, 2.0, "of film " + std::to_string(i), "stream:1" } };
        QVERIFY_RESULT(project->catalogue().addVideo(video));
    }
    const auto run = store::RunFolder::create(m_project / "runs", "run-1");
    QVERIFY_RESULT(run);
    QVERIFY_RESULT(test::writeRunState(*run, "pretrain", store::RunPhase::Running, {}));
}

void TestClustersPage::writeEpoch(std::int64_t epoch, float loss)
{
    auto writer = store::StepRecordWriter::open(m_steps, 10 * (epoch - 1));
    QVERIFY_RESULT(writer);
    QVERIFY_RESULT(writer->append(store::ClusterRecord{
        epoch, 0, 1, { { 1, 0.0f, true }, { 2, 0.5f, true }, { 3, 0.75f, false } } }));
    QVERIFY_RESULT(writer->append(
        store::ClusterRecord{ epoch, 1, 4, { { 4, 0.0f, true }, { 3, 0.25f, true } } }));
    const std::int64_t step = 10 * (epoch - 1);
    QVERIFY_RESULT(writer->append(store::StepRecord{ step + 1, epoch, 0, 1, 1.0,
        { { 1, 0, 2, 3, 9, loss, 0.5f }, { 2, 1, 2, 12, 20, loss + 1.0f, -0.25f } } }));
    QVERIFY_RESULT(writer->append(store::StepRecord{
        step + 2, epoch, 1, 1, 1.0, { { 4, 0, 1, 0, 4, loss + 3.0f, 0.125f } } }));
}

void TestClustersPage::openPage()
{
    m_studio->project.open(m_project);
    QTRY_VERIFY(m_studio->project.isOpen() && m_page->isSettled());
}

void TestClustersPage::saysWhyThereIsNothingToSee()
{
    openPage();
    QVERIFY(m_page->findChild<widgets::EmptyState*>()->isVisible());
    QVERIFY(!m_page->findChild<QSlider*>(QStringLiteral("epochSlider"))->isEnabled());
    QVERIFY(!m_page->findChild<QSlider*>(QStringLiteral("epochSlider"))->toolTip().isEmpty());
}

void TestClustersPage::listsTheClustersOfTheNewestEpoch()
{
    addVideos();
    writeEpoch(1, 1.0f);
    writeEpoch(2, 0.5f);
    openPage();
    QTRY_COMPARE(rows("clusterList"), 2);
    QCOMPARE(label("epochLabel"), QStringLiteral("epoch 2 of 2"));
    QCOMPARE(tile("clusterList", 0).title, QStringLiteral("1. film-1"));
    QCOMPARE(tile("clusterList", 0).text, QStringLiteral("2 of 3 nearest drawn"));
    QCOMPARE(tile("clusterList", 0).figures, QStringLiteral("loss 1, least margin -0.25"));
}

void TestClustersPage::showsSeedCandidatesAndPairsOfACluster()
{
    addVideos();
    writeEpoch(1, 1.0f);
    openPage();
    QTRY_COMPARE(rows("candidates"), 3);
    QCOMPARE(tile("candidates", 0).mark, QStringLiteral("seed"));
    QCOMPARE(tile("candidates", 1).mark, QStringLiteral("drawn"));
    QCOMPARE(tile("candidates", 1).figures, QStringLiteral("distance 0.5"));
    QVERIFY(tile("candidates", 2).mark.isEmpty() && tile("candidates", 2).faint);
    QCOMPARE(rows("clusterPairs"), 2);
    const ClipTile& hardest = tile("clusterPairs", 0);
    QVERIFY2(hardest.title.startsWith(QStringLiteral("film-2  0:12")), qPrintable(hardest.title));
    QCOMPARE(hardest.text, QStringLiteral("of film 2"));
    QCOMPARE(hardest.figures, QStringLiteral("loss 2, margin -0.25"));
    QCOMPARE(tile("clusterPairs", 1).text, QStringLiteral("first words of film 1"));
    QVERIFY(label("clusterSummary").contains(QStringLiteral("step 1")));
    // The other cluster, by key.
    QTest::keyClick(tiles("clusterList"), Qt::Key_Down);
    QTRY_COMPARE(rows("clusterPairs"), 1);
    QCOMPARE(tile("clusterPairs", 0).videoId, 4);
}

void TestClustersPage::movesThroughEpochsByKeys()
{
    addVideos();
    writeEpoch(1, 1.0f);
    writeEpoch(2, 0.5f);
    openPage();
    QTRY_COMPARE(rows("clusterPairs"), 2);
    for (const ActionRow& action : m_page->actionRows())
        if (action.id == QLatin1String("clusters.previous-epoch"))
            action.run();
    QCOMPARE(label("epochLabel"), QStringLiteral("epoch 1 of 2"));
    QTRY_COMPARE(rows("clusterPairs"), 2);
    QTRY_COMPARE(tile("clusterPairs", 0).figures, QStringLiteral("loss 2, margin -0.25"));
}

void TestClustersPage::ordersClustersByWhatTheyCost()
{
    addVideos();
    writeEpoch(1, 1.0f);
    openPage();
    QTRY_COMPARE(rows("clusterList"), 2);
    auto* order = m_page->findChild<QComboBox*>(QStringLiteral("clusterOrder"));
    order->setCurrentText(QStringLiteral("Highest loss"));
    QCOMPARE(tile("clusterList", 0).title, QStringLiteral("2. film-4"));
    order->setCurrentText(QStringLiteral("Least margin"));
    QCOMPARE(tile("clusterList", 0).title, QStringLiteral("1. film-1"));
    order->setCurrentText(QStringLiteral("Closest videos"));
    QCOMPARE(tile("clusterList", 0).title, QStringLiteral("2. film-4"));
}

void TestClustersPage::opensAPairInThePlayerAtItsSecond()
{
    addVideos();
    writeEpoch(1, 1.0f);
    openPage();
    QTRY_COMPARE(rows("clusterPairs"), 2);
    const QSignalSpy opened(&m_studio->navigator, &Navigator::videoRequested);
    ClipTiles* pairs = tiles("clusterPairs");
    pairs->setFocus();
    pairs->setCurrentIndex(pairs->model()->index(0, 0));
    QTest::keyClick(pairs, Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened.front().at(0).toLongLong(), 2);
    QCOMPARE(opened.front().at(1).toDouble(), 12.0);
}

void TestClustersPage::takesUpAnEpochThatBeganMeanwhile()
{
    addVideos();
    writeEpoch(1, 1.0f);
    openPage();
    QTRY_COMPARE(label("epochLabel"), QStringLiteral("epoch 1 of 1"));
    writeEpoch(2, 0.5f);
    QTRY_COMPARE_WITH_TIMEOUT(label("epochLabel"), QStringLiteral("epoch 2 of 2"), 10000);
}

void TestClustersPage::saysWhichFileIsDamaged()
{
    addVideos();
    std::filesystem::create_directories(m_steps);
    std::ofstream(m_steps / "epoch-0001.records") << "this is no record, whatever its name says";
    openPage();
    const auto* empty = m_page->findChild<widgets::EmptyState*>();
    QTRY_VERIFY(empty->isVisible());
    const auto says = [empty] {
        for (const QLabel* each : empty->findChildren<QLabel*>())
            if (each->text().contains(QStringLiteral("epoch-0001.records")))
                return true;
        return false;
    };
    QTRY_VERIFY(says());
}

void TestClustersPage::namesVideosThatAreGoneByTheirNumber()
{
    addVideos();
    writeEpoch(1, 1.0f);
    {
        auto project = store::Project::open(m_project, store::Access::ReadWrite);
        QVERIFY_RESULT(project);
        QVERIFY_RESULT(project->catalogue().removeVideo(2));
    }
    openPage();
    QTRY_COMPARE(rows("clusterPairs"), 2);
    const ClipTile& pair = tile("clusterPairs", 0);
    QVERIFY2(pair.title.startsWith(QStringLiteral("video 2")), qPrintable(pair.title));
    QCOMPARE(pair.text, QStringLiteral("captions 1 to 1"));
    QVERIFY(pair.videoId < 0); // nothing to open
}

void TestClustersPage::namesVideosOfASourceByTheirIdThere()
{
    addVideos();
    constexpr std::int64_t seed = 7'000'000'000, gone = 7'000'000'001;
    const auto run = store::RunFolder::open(m_steps.parent_path());
    QVERIFY_RESULT(run);
    QVERIFY_RESULT(writeFileAtomically(run->configFile(), "data.source = \"howto100m\"\n"));
    std::filesystem::create_directories(m_project / "captions" / "howto100m");
    auto shard = store::CaptionShardWriter::create(
        m_project / "captions" / "howto100m" / "captions.shard");
    QVERIFY_RESULT(shard);
    store::CaptionTable captions;
    const std::vector<std::int32_t> ids{ 5 };
    captions.add(0.0, 2.0, ids);
    QVERIFY_RESULT(shard->append(seed, "-HGPKw2tz_Q", "-HGPKw2tz_Q", captions.list()));
    QVERIFY_RESULT(shard->commit({ "words", "content" }));
    {
        auto writer = store::StepRecordWriter::open(m_steps, 0);
        QVERIFY_RESULT(writer);
        QVERIFY_RESULT(writer->append(
            store::ClusterRecord{ 1, 0, seed, { { seed, 0.0f, true }, { gone, 0.5f, true } } }));
        QVERIFY_RESULT(writer->append(
            store::StepRecord{ 1, 1, 0, 1, 1.0, { { seed, 0, 1, 3, 9, 1.0f, 0.5f } } }));
    }
    openPage();
    QTRY_COMPARE(rows("clusterPairs"), 1);
    QCOMPARE(tile("clusterList", 0).title, QStringLiteral("1. -HGPKw2tz_Q"));
    QCOMPARE(tile("candidates", 0).title, QStringLiteral("-HGPKw2tz_Q"));
    QCOMPARE(tile("candidates", 1).title, QStringLiteral("video %1").arg(gone));
    QVERIFY(tile("clusterPairs", 0).title.startsWith(QStringLiteral("-HGPKw2tz_Q")));
    QVERIFY(tile("clusterPairs", 0).videoId < 0); // no film to open
}

QTEST_MAIN(TestClustersPage)
#include "tst_clusters_page.moc"
