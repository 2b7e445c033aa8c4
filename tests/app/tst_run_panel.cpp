#include "app/studio/pages/training/run_panel.h"

#include "app/studio/log_panel.h"
#include "app/studio/pages/training/batch_view.h"
#include "base/files.h"
#include "base/hash.h"
#include "store/project.h"
#include "support/gui.h"
#include "support/one_film_project.h"
#include "support/verify.h"
#include "widgets/charts/curve_chart.h"
#include "widgets/charts/histogram.h"
#include "widgets/common/format.h"

#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTemporaryDir>

using namespace clipscope;
using namespace clipscope::studio;

namespace {

constexpr const char* smallBatch = R"({"step": 50, "pairs": [
  {"video": 1, "text": "a dog runs", "text_start": 1, "text_stop": 4, "video_start": 2.5,
   "video_stop": 6, "loss": 0.5, "margin": 0.25},
  {"video": 9, "name": "cat-9", "text": "a cat sleeps", "text_start": 0, "text_stop": 3, "video_start": 7,
   "video_stop": 12, "loss": 2.5, "margin": -0.5}],
 "scores": [[0.75, 0.5], [0.75, 0.25]]})";

} // namespace

class TestRunPanel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void saysWhenThereIsNoBatchYet();
    void showsTheLastBatchAndItsHardness();
    void opensTheClipOfACell();
    void refusesWhatIsNoBatch_data();
    void refusesWhatIsNoBatch();
    void findsWordsInTheLog();
    void drawsWhatTheMachineDoes();
    void callsWatchedQueriesByTheirWords();
    void opensTheTabOfTheLastSession();

private:
    QTabWidget* tabs() { return m_panel->findChild<QTabWidget*>(QStringLiteral("runTabs")); }
    void showTab(QWidget* page)
    {
        tabs()->setCurrentWidget(page);
        show();
    }
    void show(const WatchNames& watched = {}) { m_panel->show(m_run, {}, watched, m_project, {}); }
    QString label(const char* name)
    {
        return m_panel->findChild<QLabel*>(QLatin1String(name))->text();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_project;
    RunInfo m_run;
    std::unique_ptr<RunPanel> m_panel;
};

void TestRunPanel::init()
{
    test::failOnAnyWarningOfOurs();
    m_folder = std::make_unique<QTemporaryDir>();
    m_project = widgets::toPath(m_folder->filePath(QStringLiteral("test.clipscope")));
    QVERIFY_RESULT(test::makeOneFilmProject(m_project));
    m_run = {};
    m_run.name = QStringLiteral("run-1");
    m_run.folder = m_project / "runs" / "run-1";
    std::filesystem::create_directories(m_run.folder);
    m_panel = std::make_unique<RunPanel>();
    m_panel->resize(1000, 700);
    m_panel->setVisible(true);
    show();
}

void TestRunPanel::cleanup()
{
    m_panel.reset();
    m_folder.reset();
}

void TestRunPanel::saysWhenThereIsNoBatchYet()
{
    auto* batch = m_panel->findChild<BatchView*>();
    showTab(batch);
    bool said = false;
    for (const QLabel* each : batch->findChildren<QLabel*>())
        said = said || (each->isVisible() && each->text().contains(QStringLiteral("not kept")));
    QVERIFY(said);
}

void TestRunPanel::showsTheLastBatchAndItsHardness()
{
    QVERIFY_RESULT(writeFileAtomically(m_run.folder / "batch.json", smallBatch));
    auto* batch = m_panel->findChild<BatchView*>();
    showTab(batch);
    QTRY_COMPARE(batch->batch().pairs.size(), 2u);
    QVERIFY2(label("batchHardness").startsWith(QStringLiteral("1 of 2 pairs (50 %)")),
        qPrintable(label("batchHardness")));
    const auto& bins = batch->findChild<widgets::Histogram*>()->bins();
    QCOMPARE(bins.counts.front(), 1); // the one below zero
    auto* matrix = batch->findChild<widgets::MatrixView*>();
    QCOMPARE(matrix->matrix().at(1, 0), 0.75f);
    QTest::mouseMove(matrix, matrix->geometry().cell({ 1, 0 }).center().toPoint());
    QTRY_VERIFY2(label("batchCell").contains(QStringLiteral("a cat sleeps")),
        qPrintable(label("batchCell")));
    QVERIFY(label("batchCell").contains(QStringLiteral("dog, 0:02 to 0:06")));
    QVERIFY(label("batchCell").contains(QStringLiteral("own score is 0.25")));
    // One that is not in the catalogue has the name the run knew it by.
    QTest::mouseMove(matrix, matrix->geometry().cell({ 0, 1 }).center().toPoint());
    QTRY_VERIFY2(label("batchCell").contains(QStringLiteral("cat-9, 0:07 to 0:12")),
        qPrintable(label("batchCell")));
    // The next evaluation replaces it.
    std::string next = smallBatch;
    next.replace(next.find("50"), 2, "99");
    next.replace(next.find("a cat"), 5, "a cow");
    QVERIFY_RESULT(writeFileAtomically(m_run.folder / "batch.json", next));
    std::filesystem::last_write_time(m_run.folder / "batch.json",
        std::filesystem::file_time_type::clock::now() + std::chrono::seconds(2));
    show();
    QTRY_COMPARE(batch->batch().step, 99);
}

void TestRunPanel::opensTheClipOfACell()
{
    QVERIFY_RESULT(writeFileAtomically(m_run.folder / "batch.json", smallBatch));
    auto* batch = m_panel->findChild<BatchView*>();
    showTab(batch);
    QTRY_COMPARE(batch->batch().pairs.size(), 2u);
    const QSignalSpy chosen(m_panel.get(), &RunPanel::clipChosen);
    auto* matrix = batch->findChild<widgets::MatrixView*>();
    matrix->setFocus(Qt::TabFocusReason);
    QTest::keyClick(matrix, Qt::Key_Right);
    QTest::keyClick(matrix, Qt::Key_Return);
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen.front().at(0).toLongLong(), 9); // the video of the column
    QCOMPARE(chosen.front().at(1).toDouble(), 7.0);
}

void TestRunPanel::refusesWhatIsNoBatch_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addRow("nothing") << QByteArray("{}");
    QTest::addRow("list") << QByteArray("[]");
    QTest::addRow("pairs") << QByteArray(R"({"pairs": [1], "scores": [[1]]})");
    QTest::addRow("rows") << QByteArray(R"({"pairs": [{}], "scores": []})");
    QTest::addRow("columns") << QByteArray(R"({"pairs": [{}], "scores": [[1, 2]]})");
    QTest::addRow("torn") << QByteArray(R"({"pairs": [{}], "scores": [[1)");
}

void TestRunPanel::refusesWhatIsNoBatch()
{
    QFETCH(QByteArray, text);
    const auto file = m_run.folder / "batch.json";
    QVERIFY_RESULT(writeFileAtomically(file, text.toStdString()));
    QVERIFY_ERROR(readBatch(file), ErrorKind::BadInput);
    QVERIFY_ERROR(readBatch(m_run.folder / "no"), ErrorKind::NotFound);
}

void TestRunPanel::findsWordsInTheLog()
{
    QVERIFY_RESULT(writeFileAtomically(m_run.folder / "log.txt",
        "t info Step 10: loss 3\nt warning slow\nt info Step 20: loss 2\n"));
    auto* panel = m_panel->findChild<LogPanel*>();
    showTab(panel);
    auto* text = panel->findChild<QPlainTextEdit*>();
    QTRY_VERIFY(!text->toPlainText().isEmpty());
    auto* words = panel->findChild<QLineEdit*>(QStringLiteral("logWords"));
    QTest::keyClicks(words, QStringLiteral("step"));
    QCOMPARE(label("logFound"), QStringLiteral("2 places"));
    QCOMPARE(text->extraSelections().size(), 2);
    text->moveCursor(QTextCursor::Start);
    QTest::keyClick(words, Qt::Key_Return);
    QCOMPARE(text->textCursor().blockNumber(), 0);
    QTest::keyClick(words, Qt::Key_Return);
    QCOMPARE(text->textCursor().blockNumber(), 2);
    QTest::keyClick(words, Qt::Key_Return); // round the end
    QCOMPARE(text->textCursor().blockNumber(), 0);
    QTest::keyClicks(words, QStringLiteral("xyz"));
    QCOMPARE(label("logFound"), QStringLiteral("not found"));
}

void TestRunPanel::drawsWhatTheMachineDoes()
{
    m_run.curves = { { QStringLiteral("resident-bytes"), { 1, 2 }, { 1048576.0f, 2097152.0f } },
        { QStringLiteral("cpu-percent"), { 1, 2 }, { 150.0f, 190.0f } },
        { QStringLiteral("loss"), { 1, 2 }, { 3.0f, 2.0f } } };
    auto* resources = m_panel->findChild<CurveGrid*>(QStringLiteral("resources"));
    showTab(resources);
    QCOMPARE(resources->charts().size(), 2u);
    const auto& memory = resources->charts().front()->curves().front();
    QCOMPARE(memory.points->values(), (std::vector<float>{ 1.0f, 2.0f })); // megabytes
    const auto* drawn = memory.points.get();
    show();
    QCOMPARE(resources->charts().front()->curves().front().points.get(), drawn); // not made anew
    QCOMPARE(m_panel->curves()->charts().size(), 1u);
}

void TestRunPanel::callsWatchedQueriesByTheirWords()
{
    m_run.curves = { { QStringLiteral("watch.1"), { 10, 20 }, { 30.0f, 2.0f } },
        { QStringLiteral("watch.2"), { 10, 20 }, { 3.0f, 1.0f } } };
    show({ { 1, QStringLiteral("a dog runs") } });
    const auto charts = m_panel->curves()->charts();
    QCOMPARE(charts.size(), 1u);
    QCOMPARE(charts.front()->curves()[0].name, QStringLiteral("query 2")); // no longer pinned
    QCOMPARE(charts.front()->curves()[1].name, QStringLiteral("a dog runs"));
}

void TestRunPanel::opensTheTabOfTheLastSession()
{
    QCOMPARE(m_panel->tab(), QStringLiteral("curves"));
    for (const char* name : { "overview", "batch", "settings", "log", "resources" }) {
        m_panel->setTab(QLatin1String(name));
        QCOMPARE(m_panel->tab(), QLatin1String(name));
    }
    m_panel->setTab(QStringLiteral("nothing like this"));
    QCOMPARE(m_panel->tab(), QStringLiteral("resources"));
}

QTEST_MAIN(TestRunPanel)
#include "tst_run_panel.moc"
