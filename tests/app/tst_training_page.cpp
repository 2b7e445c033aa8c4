#include "app/studio/pages/training/training_page.h"

#include "app/studio/pages/training/curve_grid.h"
#include "app/studio/pages/training/new_run_form.h"
#include "base/files.h"
#include "base/hash.h"
#include "store/project.h"
#include "support/gui.h"
#include "support/quiet_studio.h"
#include "support/run_state.h"
#include "support/verify.h"
#include "widgets/charts/curve_chart.h"
#include "widgets/common/chip.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"
#include "widgets/forms/settings_form.h"

#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableWidget>
#include <QTemporaryDir>

using namespace clipscope;
using namespace clipscope::studio;
using store::RunFolder;
using store::RunPhase;

class TestTrainingPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void saysWhyNothingCanBeTrained();
    void saysWhatFewVideosMean();
    void followsARunWhileItWrites();
    void asksARunToPauseAndToStop();
    void saysWhyAButtonIsOff();
    void showsTheLogAsItGrows();
    void readsAShortenedCurveAnew();
    void startsARunWithWhatTheFormSays();
    void refusesANameThatIsTaken();
    void beginsWithACheckpointOfTheProject();
    void showsSettingsWithTheirSources();
    void putsCurvesThatBelongTogetherIntoOneChart();

private:
    void addCaptionedVideo();
    RunFolder makeRun(const char* name, RunPhase phase);
    void writeState(const RunFolder& run, RunPhase phase, std::int64_t step);
    void openPage();
    QPushButton* button(const char* name)
    {
        return m_page->findChild<QPushButton*>(QLatin1String(name));
    }
    const widgets::CurveData* lossCurve();

    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_project;
    std::unique_ptr<test::QuietStudio> m_studio;
    std::unique_ptr<TrainingPage> m_page;
};

void TestTrainingPage::init()
{
    test::failOnAnyWarningOfOurs();
    m_folder = std::make_unique<QTemporaryDir>();
    m_project = widgets::toPath(m_folder->filePath(QStringLiteral("test.clipscope")));
    QVERIFY_RESULT(store::Project::create(m_project));
    QFile program(m_folder->filePath(QStringLiteral("program")));
    QVERIFY(program.open(QIODevice::WriteOnly));
    program.write("#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$(dirname \"$0\")/words\"\n");
    program.close();
    QVERIFY(program.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    m_studio = std::make_unique<test::QuietStudio>(
        m_folder->filePath(QStringLiteral("preferences.ini")), program.fileName());
    m_page = std::make_unique<TrainingPage>(m_studio->services);
    m_page->resize(1200, 800);
    m_page->show();
}

void TestTrainingPage::cleanup()
{
    m_page.reset();
    m_studio.reset();
    m_folder.reset();
}

void TestTrainingPage::addCaptionedVideo()
{
    auto project = store::Project::open(m_project, store::Access::ReadWrite);
    QVERIFY_RESULT(project);
    store::NewVideo video;
    video.record.contentHash = hashOf("a");
    video.record.path = "/films/a.mp4";
    video.record.durationSeconds = 3.0;
    video.captions = { { 0.0, 1.0, "a dog", "stream:1" } };
    QVERIFY_RESULT(project->catalogue().addVideo(video));
}

RunFolder TestTrainingPage::makeRun(const char* name, RunPhase phase)
{
    auto run = RunFolder::create(m_project / "runs", name);
    writeState(*run, phase, 0);
    return *run;
}

void TestTrainingPage::writeState(const RunFolder& run, RunPhase phase, std::int64_t step)
{
    QVERIFY_RESULT(
        test::writeRunState(run, "pretrain", phase, { "train", step, 300, "steps", 10.0, "" }));
}

void TestTrainingPage::openPage()
{
    m_studio->project.open(m_project);
    QTRY_VERIFY(m_studio->project.isOpen() && m_page->isSettled());
}

const widgets::CurveData* TestTrainingPage::lossCurve()
{
    for (const widgets::CurveChart* chart : m_page->findChild<CurveGrid*>()->charts())
        for (const widgets::CurveData& curve : chart->curves())
            if (curve.name == QStringLiteral("loss"))
                return &curve;
    return nullptr;
}

void TestTrainingPage::saysWhyNothingCanBeTrained()
{
    openPage();
    QVERIFY(!button("newRun")->isEnabled());
    QVERIFY(button("newRun")->toolTip().contains(QStringLiteral("captions")));
}

void TestTrainingPage::saysWhatFewVideosMean()
{
    addCaptionedVideo();
    openPage();
    QVERIFY(button("newRun")->isEnabled());
    const auto* notice = m_page->findChild<QLabel*>(QStringLiteral("trainingNotice"));
    QVERIFY2(notice->text().contains(QStringLiteral("only show that training works")),
        qPrintable(notice->text()));
}

void TestTrainingPage::followsARunWhileItWrites()
{
    const RunFolder run = makeRun("run-1", RunPhase::Running);
    for (int step = 1; step <= 5; ++step)
        QVERIFY_RESULT(run.appendMetrics({ step, { { "loss", 5.0 - step * 0.1 } } }));
    openPage();
    QTRY_COMPARE(m_page->currentRun(), QStringLiteral("run-1"));
    QTRY_VERIFY(lossCurve() && lossCurve()->x.size() == 5);
    for (int step = 6; step <= 9; ++step)
        QVERIFY_RESULT(run.appendMetrics({ step, { { "loss", 1.0 }, { "recall-1", 0.25 } } }));
    writeState(run, RunPhase::Finished, 9);
    QTRY_COMPARE(lossCurve()->x.size(), 9u);
    QCOMPARE(lossCurve()->y.back(), 1.0);
    QTRY_VERIFY(!button("pauseRun")->isEnabled());
}

void TestTrainingPage::asksARunToPauseAndToStop()
{
    const RunFolder run = makeRun("run-1", RunPhase::Running);
    openPage();
    QTRY_VERIFY(button("pauseRun")->isEnabled());
    QVERIFY(button("stopRun")->isEnabled());
    QVERIFY(!button("resumeRun")->isEnabled());
    button("pauseRun")->click();
    QCOMPARE(run.takeControl(), store::Control::Pause);
    QVERIFY(!button("pauseRun")->isEnabled()); // it was asked; asking twice means nothing
    QCOMPARE(m_page->findChild<widgets::Chip*>()->text(), QStringLiteral("pausing"));
    button("stopRun")->click();
    QCOMPARE(run.takeControl(), store::Control::Stop);
    writeState(run, RunPhase::Paused, 7);
    QTRY_VERIFY(button("resumeRun")->isEnabled());
    button("resumeRun")->click();
    QFile words(m_folder->filePath(QStringLiteral("words")));
    QTRY_VERIFY(words.exists() && words.size() > 0);
    QVERIFY(words.open(QIODevice::ReadOnly));
    QVERIFY(words.readAll().contains("--resume\nrun-1\n"));
}

void TestTrainingPage::saysWhyAButtonIsOff()
{
    makeRun("run-1", RunPhase::Finished);
    openPage();
    QTRY_COMPARE(m_page->currentRun(), QStringLiteral("run-1"));
    for (const char* name : { "pauseRun", "stopRun", "resumeRun" }) {
        QVERIFY(!button(name)->isEnabled());
        QVERIFY2(button(name)->toolTip().contains(QStringLiteral("finished")), name);
    }
}

void TestTrainingPage::showsTheLogAsItGrows()
{
    const RunFolder run = makeRun("run-1", RunPhase::Running);
    auto log = run.openLog();
    QVERIFY_RESULT(log);
    (*log)->info("reading captions");
    openPage();
    QTRY_COMPARE(m_page->currentRun(), QStringLiteral("run-1"));
    const auto views = m_page->findChildren<QPlainTextEdit*>(QStringLiteral("logView"));
    const auto anyContains = [&views](const char* text) {
        return std::any_of(views.begin(), views.end(), [text](const QPlainTextEdit* view) {
            return view->toPlainText().contains(QLatin1String(text));
        });
    };
    QTRY_VERIFY(anyContains("reading captions"));
}

void TestTrainingPage::readsAShortenedCurveAnew()
{
    const RunFolder run = makeRun("run-1", RunPhase::Running);
    for (int step = 1; step <= 20; ++step)
        QVERIFY_RESULT(run.appendMetrics({ step, { { "loss", 5.0 } } }));
    openPage();
    QTRY_VERIFY(lossCurve() && lossCurve()->x.size() == 20);
    std::filesystem::resize_file(run.metricsFile(), 0);
    for (int step = 1; step <= 3; ++step)
        QVERIFY_RESULT(run.appendMetrics({ step, { { "loss", 2.0 } } }));
    QTRY_COMPARE(lossCurve()->x.size(), 3u);
    QCOMPARE(lossCurve()->y.front(), 2.0);
}

void TestTrainingPage::startsARunWithWhatTheFormSays()
{
    addCaptionedVideo();
    openPage();
    button("newRun")->click();
    auto* form = m_page->findChild<NewRunForm*>();
    QVERIFY(form->isVisible());
    auto* steps = form->findChild<QLineEdit*>(QStringLiteral("train.steps"));
    QVERIFY(steps);
    steps->setText(QStringLiteral("12"));
    auto* name = form->findChild<QLineEdit*>(QStringLiteral("runName"));
    name->setText(QStringLiteral("first try"));
    QVERIFY2(form->form().commandLine().endsWith(
                 QStringLiteral("--name 'first try' --set train.steps=12")),
        qPrintable(form->form().commandLine()));
    form->findChild<QPushButton*>(QStringLiteral("startRun"))->click();
    const auto* empty = m_page->findChild<widgets::EmptyState*>();
    QVERIFY(empty->isVisible() && !empty->findChild<QPushButton*>()->isVisible());
    QFile words(m_folder->filePath(QStringLiteral("words")));
    QTRY_VERIFY(words.exists() && words.size() > 0);
    QVERIFY(words.open(QIODevice::ReadOnly));
    QVERIFY(words.readAll().startsWith("pretrain\n" + widgets::fromPath(m_project).toUtf8()
        + "\n--name\nfirst try\n--set\n"
          "train.steps=12\n"));
    // The run's own process makes its folder; then it is shown.
    makeRun("first try", RunPhase::Running);
    QTRY_COMPARE(m_page->currentRun(), QStringLiteral("first try"));
}

void TestTrainingPage::refusesANameThatIsTaken()
{
    addCaptionedVideo();
    makeRun("run-1", RunPhase::Finished);
    openPage();
    button("newRun")->click();
    auto* name = m_page->findChild<QLineEdit*>(QStringLiteral("runName"));
    for (const char* taken : { "run-1", "a/b", ".." }) {
        name->setText(QLatin1String(taken));
        QVERIFY2(!button("startRun")->isEnabled(), taken);
    }
    name->setText(QStringLiteral("run-2"));
    QVERIFY(button("startRun")->isEnabled());
}

void TestTrainingPage::beginsWithACheckpointOfTheProject()
{
    NewRunForm form;
    form.setProject(QStringLiteral("/p"));
    form.setBeginnings({ { QStringLiteral("run-1.best"), QStringLiteral("run-1, best") } });
    auto* from = form.findChild<QComboBox*>(QStringLiteral("runFrom"));
    QCOMPARE(form.arguments(), QStringList()); // from scratch
    from->setCurrentIndex(from->findText(QStringLiteral("run-1, best")));
    QCOMPARE(
        form.arguments(), (QStringList{ QStringLiteral("--from"), QStringLiteral("run-1.best") }));
    // The choice stays when another run has ended meanwhile, and goes with its project.
    form.setBeginnings({ { QStringLiteral("run-2.best"), QStringLiteral("run-2, best") },
        { QStringLiteral("run-1.best"), QStringLiteral("run-1, best") } });
    QCOMPARE(form.arguments().value(1), QStringLiteral("run-1.best"));
    form.setProject(QStringLiteral("/q"));
    QCOMPARE(form.arguments(), QStringList());
}

void TestTrainingPage::showsSettingsWithTheirSources()
{
    const RunFolder run = makeRun("run-1", RunPhase::Running);
    QVERIFY_RESULT(writeFileAtomically(run.configFile(),
        "model.width = 256 # default\ntrain.steps = 40 # flag\ndata.encoder = 'a # b' # file\n"));
    auto log = run.openLog();
    QVERIFY_RESULT(log);
    (*log)->write(LogLevel::Warning, "Only few films.");
    openPage();
    auto* table = m_page->findChild<QTableWidget*>(QStringLiteral("runSettings"));
    QTRY_COMPARE(table->rowCount(), 3);
    const auto cell = [table](int row, int column) { return table->item(row, column)->text(); };
    QCOMPARE(cell(0, 2), QStringLiteral("default"));
    QCOMPARE(cell(1, 0), QStringLiteral("train.steps"));
    QCOMPARE(cell(1, 1), QStringLiteral("40"));
    QCOMPARE(cell(1, 2), QStringLiteral("set for this run"));
    QVERIFY(!table->item(1, 0)->toolTip().isEmpty());
    QCOMPARE(cell(2, 1), QStringLiteral("a # b"));
    QCOMPARE(cell(2, 2), QStringLiteral("settings file"));
    QCOMPARE(m_page->findChild<QLabel*>(QStringLiteral("runWarnings"))->text(),
        QStringLiteral("Only few films."));
}

void TestTrainingPage::putsCurvesThatBelongTogetherIntoOneChart()
{
    QCOMPARE(chartTitleOf(QStringLiteral("loss")), chartTitleOf(QStringLiteral("validation-loss")));
    QCOMPARE(chartTitleOf(QStringLiteral("recall-1")), chartTitleOf(QStringLiteral("recall-5")));
    QVERIFY(
        chartTitleOf(QStringLiteral("recall-1")) != chartTitleOf(QStringLiteral("median-rank")));
    CurveGrid grid;
    grid.setCurves({ { QStringLiteral("loss"), { 1 }, { 2 } },
        { QStringLiteral("validation-loss"), { 1 }, { 3 } },
        { QStringLiteral("skipped"), { 1 }, { 0 } } });
    QCOMPARE(grid.charts().size(), 1u);
    grid.setCurves({ { QStringLiteral("skipped"), { 1, 2 }, { 0, 1 } } });
    QCOMPARE(grid.charts().size(), 2u);
}

QTEST_MAIN(TestTrainingPage)
#include "tst_training_page.moc"
