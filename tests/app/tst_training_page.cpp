#include "app/studio/pages/training/training_page.h"

#include "app/studio/pages/training/compare_panel.h"
#include "app/studio/pages/training/new_run_form.h"
#include "app/studio/pages/training/run_panel.h"
#include "app/studio/pages/training/run_settings.h"
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

#include <QAbstractItemModelTester>
#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSet>
#include <QSignalSpy>
#include <QTableView>
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
    void showsTheDeviceThatIsUsed();
    void showsTheLogAsItGrows();
    void readsAShortenedCurveAnew();
    void startsARunWithWhatTheFormSays();
    void refusesANameThatIsTaken();
    void beginsWithACheckpointOfTheProject();
    void showsSettingsWithTheirSources();
    void putsCurvesThatBelongTogetherIntoOneChart();
    void listsRunsInOrderAndByFilter();
    void overlaysRunsAndGroupsSeeds();
    void comparesSettingsWithAnotherRunAndTheDefaults();
    void forksARunWithOneChange();
    void archivesARunAndBringsItBack();
    void asksBeforeARunGoesToTheTrash();
    void saysThatAKilledRunStopped();

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
    qputenv("XDG_DATA_HOME", m_folder->path().toUtf8()); // where the trash is
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
    for (const widgets::CurveChart* chart : m_page->findChild<RunPanel*>()->curves()->charts())
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
    QTRY_VERIFY(lossCurve() && lossCurve()->points->size() == 5);
    for (int step = 6; step <= 9; ++step)
        QVERIFY_RESULT(run.appendMetrics({ step, { { "loss", 1.0 }, { "recall-1", 0.25 } } }));
    writeState(run, RunPhase::Finished, 9);
    QTRY_COMPARE(lossCurve()->points->size(), 9u);
    QCOMPARE(lossCurve()->points->values().back(), 1.0f);
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

void TestTrainingPage::showsTheDeviceThatIsUsed()
{
    RunInfo run;
    run.origin.device = QStringLiteral("auto");
    QCOMPARE(run.deviceText(), QStringLiteral("auto")); // it has not begun
    const RunFolder folder = makeRun("run-1", RunPhase::Finished);
    auto state = folder.readState();
    QVERIFY_RESULT(state);
    state->device = "CPU, bfloat16";
    QVERIFY_RESULT(folder.writeState(*state));
    QVERIFY_RESULT(writeFileAtomically(folder.configFile(), "[train]\ndevice = \"auto\"\n"));
    openPage();
    QTRY_COMPARE(m_page->currentRun(), QStringLiteral("run-1"));
    const auto* list = m_page->findChild<QListView*>();
    QVERIFY(list);
    QTRY_VERIFY(list->model()
                    ->index(0, 0)
                    .data(Qt::AccessibleTextRole)
                    .toString()
                    .endsWith(QStringLiteral("device CPU, bfloat16")));
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
    QTRY_VERIFY(lossCurve() && lossCurve()->points->size() == 20);
    std::filesystem::resize_file(run.metricsFile(), 0);
    for (int step = 1; step <= 3; ++step)
        QVERIFY_RESULT(run.appendMetrics({ step, { { "loss", 2.0 } } }));
    QTRY_COMPARE(lossCurve()->points->size(), 3u);
    QCOMPARE(lossCurve()->points->values().front(), 2.0f);
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
                 QStringLiteral("--run 'first try' --set train.steps=12")),
        qPrintable(form->form().commandLine()));
    form->findChild<QPushButton*>(QStringLiteral("startRun"))->click();
    const auto* empty = m_page->findChild<widgets::EmptyState*>();
    QVERIFY(empty->isVisible() && !empty->findChild<QPushButton*>()->isVisible());
    QFile words(m_folder->filePath(QStringLiteral("words")));
    QTRY_VERIFY(words.exists() && words.size() > 0);
    QVERIFY(words.open(QIODevice::ReadOnly));
    QVERIFY(words.readAll().startsWith("pretrain\n" + widgets::fromPath(m_project).toUtf8()
        + "\n--run\nfirst try\n--set\n"
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
    const QString project = QStringLiteral("/p");
    QCOMPARE(form.arguments(), QStringList{ project }); // from scratch
    from->setCurrentIndex(from->findText(QStringLiteral("run-1, best")));
    QCOMPARE(form.arguments(),
        (QStringList{ project, QStringLiteral("--from"), QStringLiteral("run-1.best") }));
    // The choice stays when another run has ended meanwhile, and goes with its project.
    form.setBeginnings({ { QStringLiteral("run-2.best"), QStringLiteral("run-2, best") },
        { QStringLiteral("run-1.best"), QStringLiteral("run-1, best") } });
    QCOMPARE(form.arguments().value(2), QStringLiteral("run-1.best"));
    form.setProject(QStringLiteral("/q"));
    QCOMPARE(form.arguments(), QStringList{ QStringLiteral("/q") });
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
    const auto* settings = m_page->findChild<RunSettings*>();
    const auto* model = settings->findChild<QTableView*>(QStringLiteral("runSettings"))->model();
    QTRY_COMPARE(model->rowCount(), 3);
    const auto cell
        = [model](int row, int column) { return model->index(row, column).data().toString(); };
    QCOMPARE(cell(0, 2), QStringLiteral("default"));
    QCOMPARE(cell(1, 0), QStringLiteral("train.steps"));
    QCOMPARE(cell(1, 1), QStringLiteral("40"));
    QCOMPARE(cell(1, 2), QStringLiteral("set for this run"));
    QVERIFY(!model->index(1, 0).data(Qt::ToolTipRole).toString().isEmpty());
    QCOMPARE(cell(2, 1), QStringLiteral("a # b"));
    QCOMPARE(cell(2, 2), QStringLiteral("settings file"));
    QTRY_COMPARE(m_page->findChild<QLabel*>(QStringLiteral("runWarnings"))->text(),
        QStringLiteral("Only few films."));
}

void TestTrainingPage::putsCurvesThatBelongTogetherIntoOneChart()
{
    QCOMPARE(chartTitleOf(QStringLiteral("loss")), chartTitleOf(QStringLiteral("validation-loss")));
    QCOMPARE(chartTitleOf(QStringLiteral("recall-1")), chartTitleOf(QStringLiteral("recall-5")));
    QVERIFY(
        chartTitleOf(QStringLiteral("recall-1")) != chartTitleOf(QStringLiteral("median-rank")));
    RunInfo run;
    run.curves = { { QStringLiteral("validation-loss"), { 1 }, { 3 } },
        { QStringLiteral("loss"), { 1 }, { 2 } }, { QStringLiteral("skipped"), { 1 }, { 0 } },
        { QStringLiteral("cpu-percent"), { 1 }, { 50 } } };
    auto charts = chartsOf(run, {});
    QCOMPARE(charts.size(), 1u);
    QCOMPARE(charts.front().curves.front().name, QStringLiteral("loss")); // has the first colour
    run.curves.push_back({ QStringLiteral("skipped"), { 1, 2 }, { 0, 1 } });
    QCOMPARE(chartsOf(run, {}).size(), 2u);
    DerivedCurves derived;
    QCOMPARE(resourceChartsOf(run, derived).size(), 1u);
}

void TestTrainingPage::listsRunsInOrderAndByFilter()
{
    RunFollower follower;
    RunList list(follower);
    RunFilter filter(list);
    const QAbstractItemModelTester listTester(&list), filterTester(&filter);
    for (const char* name : { "run-2", "run-10", "run-1" })
        makeRun(name, RunPhase::Finished);
    const RunFolder active = makeRun("busy", RunPhase::Running);
    QVERIFY_RESULT(active.appendMetrics({ 1, { { "recall-1", 0.5 }, { "loss", 3.0 } } }));
    QVERIFY_RESULT(writeFileAtomically(active.configFile(), "train.seed = 7 # flag\n"));
    follower.setFolder(m_project / "runs");
    QTRY_COMPARE(filter.rowCount(), 4);
    const auto names = [&filter] {
        QStringList found;
        for (int row = 0; row < filter.rowCount(); ++row)
            found += filter.index(row, 0).data().toString();
        return found.join(QLatin1Char(' '));
    };
    filter.setOrder(RunOrder::Name);
    QCOMPARE(names(), QStringLiteral("busy run-1 run-2 run-10"));
    filter.setOrder(RunOrder::State);
    QVERIFY2(names().startsWith(QStringLiteral("busy")), qPrintable(names()));
    filter.setOrder(RunOrder::BestRecall);
    QVERIFY2(names().startsWith(QStringLiteral("busy")), qPrintable(names()));
    QVERIFY(filter.index(0, 0)
                .data(Qt::AccessibleTextRole)
                .toString()
                .contains(QStringLiteral("best recall at 1 50")));
    filter.setWords(QStringLiteral("RUN- 1"));
    filter.setOrder(RunOrder::Name);
    QCOMPARE(names(), QStringLiteral("run-1 run-10"));
    filter.setWords(QStringLiteral("seed=7"));
    QCOMPARE(names(), QStringLiteral("busy"));
    filter.setWords(QStringLiteral("nothing like this"));
    QCOMPARE(filter.rowCount(), 0);
    filter.setWords({});
    std::filesystem::remove_all(m_project / "runs" / "run-2");
    follower.refresh();
    QTRY_COMPARE(names(), QStringLiteral("busy run-1 run-10"));
}

void TestTrainingPage::overlaysRunsAndGroupsSeeds()
{
    for (int seed = 1; seed <= 3; ++seed) {
        const RunFolder run
            = makeRun(qPrintable(QStringLiteral("run-%1").arg(seed)), RunPhase::Finished);
        // The third differs in more than its seed.
        const std::string config = "train.seed = " + std::to_string(seed)
            + " # flag\ntrain.steps = " + (seed == 3 ? "9" : "40") + " # default\n";
        QVERIFY_RESULT(writeFileAtomically(run.configFile(), config));
        for (int step = 1; step <= 4; ++step)
            QVERIFY_RESULT(run.appendMetrics({ step, { { "loss", 1.0 * seed } } }));
    }
    openPage();
    auto* view = m_page->findChild<QListView*>(QStringLiteral("runList"));
    QTRY_COMPARE(view->model()->rowCount(), 3);
    view->setFocus();
    QTest::keyClick(view, Qt::Key_A, Qt::ControlModifier);
    QCOMPARE(m_page->selectedRuns().size(), 3);
    QVERIFY(m_page->currentRun().isEmpty());
    auto* panel = m_page->findChild<ComparePanel*>();
    QTRY_VERIFY(panel->isVisible());
    const auto curves = [panel] {
        const auto charts = panel->curves()->charts();
        return charts.empty() ? std::vector<widgets::CurveData>{} : charts.front()->curves();
    };
    QTRY_COMPARE(curves().size(), 3u);
    QSet<int> colours;
    for (const widgets::CurveData& curve : curves())
        colours += curve.colour;
    QCOMPARE(colours.size(), 3); // each its own
    auto* grouped = panel->findChild<QCheckBox*>(QStringLiteral("groupSeeds"));
    QVERIFY(grouped->isEnabled());
    grouped->click();
    QCOMPARE(curves().size(), 2u);
    const auto mean = curves();
    const auto band = std::find_if(mean.begin(), mean.end(), [](const auto& c) { return c.low; });
    QVERIFY(band != mean.end());
    QCOMPARE(band->points->values().front(), 1.5f);
    QVERIFY(band->name.contains(QStringLiteral("2 seeds")));
    const auto* table = panel->findChild<QTableView*>(QStringLiteral("runSettings"))->model();
    QCOMPARE(table->rowCount(), 2); // seed and steps
    QCOMPARE(table->columnCount(), 4);
}

void TestTrainingPage::comparesSettingsWithAnotherRunAndTheDefaults()
{
    for (const char* name : { "run-1", "run-2" }) {
        const RunFolder run = makeRun(name, RunPhase::Finished);
        QVERIFY_RESULT(writeFileAtomically(run.configFile(),
            std::string("train.seed = 1 # default\ntrain.steps = ")
                + (run.name() == "run-1" ? "7" : "8") + " # flag\n"));
    }
    SettingsModel model;
    const QAbstractItemModelTester tester(&model);
    model.setRuns({ { QStringLiteral("a"), { { QStringLiteral("x"), QStringLiteral("1"), {} } } },
                      { QStringLiteral("b"), {} } },
        true);
    QCOMPARE(model.index(0, 2).data().toString(), QStringLiteral("not there"));
    openPage();
    auto* settings = m_page->findChild<RunSettings*>();
    auto* with = settings->findChild<QComboBox*>(QStringLiteral("compareWith"));
    QTRY_COMPARE(with->count(), 3);
    with->setCurrentIndex(2);
    const auto* table = settings->findChild<QTableView*>(QStringLiteral("runSettings"))->model();
    QCOMPARE(table->rowCount(), 1);
    QCOMPARE(table->index(0, 0).data().toString(), QStringLiteral("train.steps"));
    with->setCurrentIndex(1);
    QVERIFY(table->rowCount() > 1); // the defaults have keys that this file has not
    QVERIFY(table->headerData(2, Qt::Horizontal, Qt::DisplayRole).toString()
        == QStringLiteral("Defaults"));
}

void TestTrainingPage::forksARunWithOneChange()
{
    addCaptionedVideo();
    const RunFolder run = makeRun("run-1", RunPhase::Paused);
    QVERIFY_RESULT(
        writeFileAtomically(run.configFile(), "train.steps = 40 # flag\ntrain.seed = 5 # flag\n"));
    openPage();
    QTRY_VERIFY(button("forkRun")->isEnabled());
    button("forkRun")->click();
    auto* form = m_page->findChild<NewRunForm*>();
    QVERIFY(form->isVisible());
    QCOMPARE(
        form->findChild<QLineEdit*>(QStringLiteral("train.steps"))->text(), QStringLiteral("40"));
    auto* rate = form->findChild<QLineEdit*>(QStringLiteral("train.steps"));
    rate->setText(QStringLiteral("60"));
    QVERIFY(rate->property("changed").toBool());
    QVERIFY2(form->form().commandLine().contains(QStringLiteral("clipscope-cli runs fork ")),
        qPrintable(form->form().commandLine()));
    form->findChild<QPushButton*>(QStringLiteral("startRun"))->click();
    QFile words(m_folder->filePath(QStringLiteral("words")));
    QTRY_VERIFY(words.exists() && words.size() > 0);
    QVERIFY(words.open(QIODevice::ReadOnly));
    const QByteArray expected = "runs\nfork\n" + widgets::fromPath(m_project).toUtf8()
        + "\nrun-1\n--run\nrun-1-fork-1\n--set\ntrain.steps=60\n";
    QVERIFY(words.readAll().startsWith(expected));
    // A new run begins with the defaults again.
    form->beginNew();
    QCOMPARE(form->verb(), QStringLiteral("pretrain"));
    QVERIFY(rate->text() != QStringLiteral("60"));
}

void TestTrainingPage::archivesARunAndBringsItBack()
{
    makeRun("run-1", RunPhase::Finished);
    makeRun("run-2", RunPhase::Running);
    openPage();
    auto* view = m_page->findChild<QListView*>(QStringLiteral("runList"));
    QTRY_COMPARE(view->model()->rowCount(), 2);
    const auto* filter = qobject_cast<RunFilter*>(view->model());
    auto* archive = m_page->findChild<QAction*>(QStringLiteral("archiveRun"));
    const auto choose = [view, filter](const QString& name) {
        view->selectionModel()->setCurrentIndex(
            filter->indexOf(name), QItemSelectionModel::ClearAndSelect);
    };
    choose(QStringLiteral("run-2"));
    QTRY_COMPARE(m_page->currentRun(), QStringLiteral("run-2"));
    QVERIFY(!archive->isEnabled()); // somebody works on it
    QVERIFY(archive->toolTip().contains(QStringLiteral("stop it first")));
    choose(QStringLiteral("run-1"));
    QVERIFY(archive->isEnabled());
    archive->trigger();
    QTRY_COMPARE(view->model()->rowCount(), 1);
    QVERIFY(std::filesystem::exists(m_project / "runs" / ".archive" / "run-1" / "state.json"));
    m_page->findChild<QCheckBox*>(QStringLiteral("showArchive"))->click();
    QTRY_COMPARE(view->model()->rowCount(), 2);
    choose(QStringLiteral("run-1 (archived)"));
    QTRY_COMPARE(archive->text(), QStringLiteral("Unarchive"));
    QVERIFY(!button("forkRun")->isEnabled());
    archive->trigger();
    QTRY_VERIFY(std::filesystem::exists(m_project / "runs" / "run-1" / "state.json"));
}

void TestTrainingPage::asksBeforeARunGoesToTheTrash()
{
    makeRun("run-1", RunPhase::Finished);
    openPage();
    QTRY_COMPARE(m_page->currentRun(), QStringLiteral("run-1"));
    auto* trash = m_page->findChild<QAction*>(QStringLiteral("trashRun"));
    const auto question
        = [this] { return m_page->findChild<QMessageBox*>(QStringLiteral("trashQuestion")); };
    trash->trigger();
    QTRY_VERIFY(question() && question()->isVisible());
    question()->button(QMessageBox::Cancel)->click();
    QTRY_VERIFY(!question());
    QVERIFY(std::filesystem::exists(m_project / "runs" / "run-1"));
    trash->trigger();
    QTRY_VERIFY(question());
    for (QAbstractButton* each : question()->buttons())
        if (question()->buttonRole(each) == QMessageBox::AcceptRole) {
            each->click();
            break;
        }
    QTRY_VERIFY(!std::filesystem::exists(m_project / "runs" / "run-1"));
}

void TestTrainingPage::saysThatAKilledRunStopped()
{
    const RunFolder run = makeRun("run-1", RunPhase::Running);
    // As kill -9 leaves it: running, by a process that is gone, silent for a while.
    auto text = readFile(run.stateFile());
    QVERIFY_RESULT(text);
    QString state = widgets::fromUtf8(*text);
    state.replace(QRegularExpression(QStringLiteral("\"heartbeat_at\": [0-9.e+]+")),
        QStringLiteral("\"heartbeat_at\": 5"));
    state.replace(QRegularExpression(QStringLiteral("\"process_start\": [0-9]+")),
        QStringLiteral("\"process_start\": 1"));
    QVERIFY_RESULT(writeFileAtomically(run.stateFile(), widgets::toUtf8(state)));
    openPage();
    QTRY_COMPARE(
        m_page->findChild<widgets::Chip*>()->text(), QStringLiteral("stopped unexpectedly"));
    QVERIFY(button("resumeRun")->isEnabled());
    QVERIFY(!button("pauseRun")->isEnabled());
}

QTEST_MAIN(TestTrainingPage)
#include "tst_training_page.moc"
