#include "app/studio/pages/evaluate/evaluate_page.h"

#include "app/studio/pages/evaluate/evaluation_detail.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/json.h"
#include "store/project.h"
#include "support/gui.h"
#include "support/made_up_evaluations.h"
#include "support/quiet_studio.h"
#include "support/run_state.h"
#include "support/verify.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QToolButton>

using namespace clipscope;
using namespace clipscope::studio;
using benchmarks::Benchmark;
using widgets::ClipTile;
using widgets::ClipTiles;

class TestEvaluatePage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void saysThatThereIsNoCheckpoint();
    void showsACardForEachBenchmark();
    void movesBetweenCardsByKeysAndOpensOne();
    void cardsFillTheWidth();
    void asksForAnnotationsOnceAndStarts();
    void showsHowFarARunIs();
    void saysWhyARunFailed();
    void saysWhenAResultIsOlderThanItsCheckpoint();
    void saysWhatIsMissing();
    void showsFiguresBesidePublishedOnes();
    void listsTheWorstItemsFirst();
    void filtersItems();
    void showsTruthAndAnswersAndOpensThem();
    void takesUpAResultThatIsWrittenMeanwhile();
    void comparesCheckpoints();
    void copiesAndSavesTables();
    void saysWhichFileIsDamaged();
    void comesBackToTheItemOfTheLastSession();

private:
    void write(Benchmark benchmark, const std::string& checkpoint,
        const benchmarks::Evaluation& evaluation);
    void writeJob(const char* benchmark, store::RunPhase phase, std::optional<Error> error = {});
    void chooseCheckpoint(const QString& name);
    void openPage();
    void openDetail(Benchmark benchmark);
    template<typename T> T* find(const char* name)
    {
        return m_page->findChild<T*>(QLatin1String(name));
    }
    QString text(const char* name) { return find<QLabel>(name)->text(); }
    const BenchmarkCard& card(Benchmark benchmark)
    {
        const auto& cards = find<BenchmarkCards>("benchmarkCards")->cards();
        return *cards.at(cards.index(static_cast<int>(benchmark)));
    }
    QString cell(const char* table, int row, int column)
    {
        const auto* model = find<QTableView>(table)->model();
        return model->index(row, column).data().toString();
    }
    const ClipTile& tile(const char* name, int row)
    {
        const auto& tiles = find<ClipTiles>(name)->tiles();
        return *tiles.at(tiles.index(row));
    }
    void run(const char* action)
    {
        for (const ActionRow& row : m_page->actionRows())
            if (row.id == QLatin1String(action))
                return row.run();
        QFAIL("there is no such action");
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_project;
    std::unique_ptr<test::QuietStudio> m_studio;
    std::unique_ptr<EvaluatePage> m_page;
};

void TestEvaluatePage::init()
{
    test::failOnAnyWarningOfOurs();
    m_folder = std::make_unique<QTemporaryDir>();
    qputenv("CLIPSCOPE_MODELS", m_folder->path().toUtf8()); // none are installed
    m_project = widgets::toPath(m_folder->filePath(QStringLiteral("test.clipscope")));
    {
        auto project = store::Project::create(m_project);
        QVERIFY_RESULT(project);
        store::NewVideo video;
        video.record.contentHash = hashOf(std::string("a film"));
        video.record.path = "/films/film-1.mp4";
        video.record.durationSeconds = 60.0;
        const auto id = project->catalogue().addVideo(video);
        QVERIFY_RESULT(id);
        QCOMPARE(*id, 1);
    }
    // Stands in for the command line: writes down its words.
    QFile program(m_folder->filePath(QStringLiteral("program")));
    QVERIFY(program.open(QIODevice::WriteOnly));
    program.write("#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$(dirname \"$0\")/words.part\"\n"
                  "mv \"$(dirname \"$0\")/words.part\" \"$(dirname \"$0\")/words\"\n");
    program.close();
    QVERIFY(program.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    m_studio = std::make_unique<test::QuietStudio>(
        m_folder->filePath(QStringLiteral("preferences.ini")), program.fileName());
    m_page = std::make_unique<EvaluatePage>(m_studio->services);
    m_page->resize(1200, 800);
    m_page->setVisible(true);
    chooseCheckpoint(QStringLiteral("run-1.best"));
}

void TestEvaluatePage::cleanup()
{
    m_page.reset();
    m_studio.reset();
    m_folder.reset();
}

void TestEvaluatePage::chooseCheckpoint(const QString& name)
{
    ModelState state;
    state.phase = ModelState::Phase::Ready;
    state.checkpoint = name;
    m_studio->model.become(state);
}

void TestEvaluatePage::write(
    Benchmark benchmark, const std::string& checkpoint, const benchmarks::Evaluation& evaluation)
{
    QVERIFY_RESULT(benchmarks::writeEvaluation(
        benchmarks::evaluationPath(m_project, checkpoint, benchmark), evaluation));
}

void TestEvaluatePage::writeJob(
    const char* benchmark, store::RunPhase phase, std::optional<Error> error)
{
    const auto folder = store::RunFolder::createNumbered(m_project / "jobs", "evaluate");
    QVERIFY_RESULT(folder);
    const Json request{ { "verb", "evaluate" },
        { "arguments",
            { m_project.string(), benchmark, "--annotations", "/list.json", "--checkpoint",
                "run-1.best" } } };
    QVERIFY_RESULT(writeFileAtomically(folder->folder() / "request.json", dump(request)));
    QVERIFY_RESULT(
        test::writeRunState(*folder, "evaluate", phase, { "score", 12, 40, "videos", 0.1, "" }));
    if (!error)
        return;
    auto state = folder->readState();
    QVERIFY_RESULT(state);
    state->error = std::move(error);
    state->startedAt = 5e9;
    QVERIFY_RESULT(folder->writeState(*state));
}

void TestEvaluatePage::openPage()
{
    m_studio->project.open(m_project);
    QTRY_VERIFY(m_studio->project.isOpen() && m_page->isSettled());
}

void TestEvaluatePage::openDetail(Benchmark benchmark)
{
    openPage();
    Q_EMIT find<BenchmarkCards>("benchmarkCards")->detailsRequested(benchmark);
    QTRY_VERIFY(find<QTableView>("items")->model()->rowCount() > 0 && m_page->isSettled());
}

void TestEvaluatePage::saysThatThereIsNoCheckpoint()
{
    ModelState state;
    state.phase = ModelState::Phase::NoModel;
    state.error = Error{ ErrorKind::NotFound, "There is no checkpoint.", {}, {}, "Make one." };
    m_studio->model.become(state);
    openPage();
    const auto* empty = m_page->findChild<widgets::EmptyState*>();
    QVERIFY(!find<BenchmarkCards>("benchmarkCards")->isVisible());
    QVERIFY(empty->isVisible());
    QCOMPARE(empty->accessibleDescription(), QStringLiteral("There is no checkpoint. Make one."));
}

void TestEvaluatePage::showsACardForEachBenchmark()
{
    write(Benchmark::YouCook2, "run-1.best",
        test::madeUpEvaluation(Benchmark::YouCook2, "run-1.best", 4, 0.235));
    openPage();
    const auto& cards = find<BenchmarkCards>("benchmarkCards")->cards();
    QCOMPARE(cards.rowCount(), 6);
    const BenchmarkCard& done = card(Benchmark::YouCook2);
    QCOMPARE(done.state, BenchmarkCard::State::Result);
    QCOMPARE(done.value, QStringLiteral("23.5 %"));
    QCOMPARE(done.valueAbout, QStringLiteral("R@1, 95 %: 21.5 to 26.5 %"));
    QCOMPARE(done.reference, QStringLiteral("Published: 22.7 % zero-shot, 32.2 % fine-tuned"));
    QCOMPARE(done.chance, QStringLiteral("Chance 5.0 %"));
    QVERIFY(done.incomplete.isEmpty());
    const BenchmarkCard& waiting = card(Benchmark::Didemo);
    QCOMPARE(waiting.state, BenchmarkCard::State::NotRun);
    QCOMPARE(waiting.reference, QStringLiteral("Published: 16.6 % zero-shot"));
    QVERIFY(!waiting.question.isEmpty() && waiting.whyNotRun.isEmpty());
    QCOMPARE(cards.index(0).data(Qt::AccessibleTextRole).toString().left(23),
        QStringLiteral("YouCook2, Done, 23.5 %,"));
    QVERIFY(text("evaluateFacts").contains(QStringLiteral("1 of 6 benchmarks measured")));
    // Of another checkpoint there is nothing.
    chooseCheckpoint(QStringLiteral("starter"));
    QCOMPARE(card(Benchmark::YouCook2).state, BenchmarkCard::State::NotRun);
}

void TestEvaluatePage::movesBetweenCardsByKeysAndOpensOne()
{
    write(Benchmark::Coin, "run-1.best",
        test::madeUpEvaluation(Benchmark::Coin, "run-1.best", 3, 0.5));
    openPage();
    auto* cards = find<BenchmarkCards>("benchmarkCards");
    cards->setFocus();
    QCOMPARE(cards->current()->benchmark, Benchmark::YouCook2);
    QTest::keyClick(cards, Qt::Key_Right);
    QCOMPARE(cards->current()->benchmark, Benchmark::MsrVtt);
    QTest::keyClick(cards, Qt::Key_Down); // three cards in a row
    QCOMPARE(cards->current()->benchmark, Benchmark::Coin);
    run("evaluate.details");
    QTRY_COMPARE(find<QTableView>("items")->model()->rowCount(), 3);
    QCOMPARE(text("benchmarkTitle"), QStringLiteral("COIN action segmentation"));
    QVERIFY(!text("benchmarkProtocol").isEmpty());
    run("evaluate.back");
    QVERIFY(cards->isVisible());
    QCOMPARE(cards->current()->benchmark, Benchmark::Coin);
}

void TestEvaluatePage::cardsFillTheWidth()
{
    openPage();
    auto* cards = find<BenchmarkCards>("benchmarkCards");
    for (const auto& [width, columns] :
        { std::pair(820, 2), std::pair(1200, 3), std::pair(1900, 6) }) {
        m_page->resize(width, 800);
        QTRY_COMPARE(BenchmarkCardGeometry::columnsIn(cards->viewport()->width()), columns);
        const auto rect
            = [cards](int row) { return cards->visualRect(cards->model()->index(row, 0)); };
        QTRY_COMPARE(rect(columns - 1).top(), rect(0).top());
        if (columns < 6)
            QVERIFY(rect(columns).top() > rect(0).top());
        QVERIFY(rect(columns - 1).right() <= cards->viewport()->width());
        QVERIFY(rect(5).bottom() <= cards->height()); // nothing to scroll inside
    }
}

void TestEvaluatePage::asksForAnnotationsOnceAndStarts()
{
    openPage();
    auto* cards = find<BenchmarkCards>("benchmarkCards");
    const QString list = m_folder->filePath(QStringLiteral("list.csv"));
    QVERIFY(QFile(list).open(QIODevice::WriteOnly));
    cards->setCurrent(Benchmark::MsrVtt);
    run("evaluate.run");
    auto* dialog = find<QFileDialog>("annotationsDialog");
    QVERIFY(dialog && dialog->isVisible());
    QCOMPARE(dialog->fileMode(), QFileDialog::ExistingFile);
    Q_EMIT dialog->fileSelected(list);
    dialog->close();
    QFile words(m_folder->filePath(QStringLiteral("words")));
    QTRY_VERIFY(words.exists());
    QVERIFY(words.open(QIODevice::ReadOnly));
    QCOMPARE(QString::fromUtf8(words.readAll()).split(QLatin1Char('\n')).mid(0, 7),
        (QStringList{ QStringLiteral("evaluate"), widgets::fromPath(m_project),
            QStringLiteral("msr-vtt"), QStringLiteral("--annotations"), list,
            QStringLiteral("--checkpoint"), QStringLiteral("run-1.best") }));
    QCOMPARE(card(Benchmark::MsrVtt).annotations, list);
    QCOMPARE(
        m_studio->preferences.annotations(widgets::fromPath(m_project), QStringLiteral("msr-vtt")),
        list);
    QVERIFY(card(Benchmark::Didemo).annotations.isEmpty());
    // A second time the same benchmark is not started while it runs.
    QVERIFY(!card(Benchmark::MsrVtt).whyNotRun.isEmpty());
    // CrossTask is a folder.
    cards->setCurrent(Benchmark::CrossTask);
    QTRY_VERIFY(!find<QFileDialog>("annotationsDialog"));
    run("evaluate.annotations");
    dialog = find<QFileDialog>("annotationsDialog");
    QVERIFY(dialog);
    QCOMPARE(dialog->fileMode(), QFileDialog::Directory);
}

void TestEvaluatePage::showsHowFarARunIs()
{
    writeJob("didemo", store::RunPhase::Running);
    openPage();
    QTRY_COMPARE(card(Benchmark::Didemo).state, BenchmarkCard::State::Running);
    QCOMPARE(card(Benchmark::Didemo).fraction, 0.3);
    QVERIFY2(card(Benchmark::Didemo).progress.startsWith(QStringLiteral("12 of 40 videos")),
        qPrintable(card(Benchmark::Didemo).progress));
    QVERIFY(!card(Benchmark::Didemo).whyNotRun.isEmpty());
    QCOMPARE(card(Benchmark::YouCook2).state, BenchmarkCard::State::NotRun);
    QCOMPARE(m_studio->jobs.jobs().front().title(), QStringLiteral("Evaluating"));
    // The run is of one checkpoint.
    chooseCheckpoint(QStringLiteral("starter"));
    QCOMPARE(card(Benchmark::Didemo).state, BenchmarkCard::State::NotRun);
}

void TestEvaluatePage::saysWhyARunFailed()
{
    writeJob("coin", store::RunPhase::Failed,
        Error{
            ErrorKind::BadInput, "The file ends too soon.", { "/lists/COIN.json", {} }, {}, {} });
    openPage();
    QTRY_COMPARE(card(Benchmark::Coin).state, BenchmarkCard::State::Failed);
    QCOMPARE(card(Benchmark::Coin).noteText(),
        QStringLiteral("The file ends too soon. [/lists/COIN.json]"));
    QCOMPARE(card(Benchmark::Coin).runText(), QStringLiteral("Run Again"));
}

void TestEvaluatePage::saysWhenAResultIsOlderThanItsCheckpoint()
{
    QVERIFY_RESULT(writeFileAtomically(
        widgets::toPath(m_folder->filePath(QStringLiteral("starter.safetensors"))), "weights"));
    auto made = test::madeUpEvaluation(Benchmark::Coin, "starter", 3, 0.5);
    write(
        Benchmark::MsrVtt, "starter", test::madeUpEvaluation(Benchmark::MsrVtt, "starter", 3, 0.5));
    made.madeAt = 1'000'000'000;
    write(Benchmark::Coin, "starter", made);
    chooseCheckpoint(QStringLiteral("starter"));
    openPage();
    QTRY_COMPARE(card(Benchmark::Coin).state, BenchmarkCard::State::Old);
    QVERIFY(card(Benchmark::Coin).noteText().contains(QStringLiteral("has changed")));
    QCOMPARE(card(Benchmark::Coin).value, QStringLiteral("50.0 %"));
    QCOMPARE(card(Benchmark::MsrVtt).state, BenchmarkCard::State::Result);
}

void TestEvaluatePage::saysWhatIsMissing()
{
    auto part = test::madeUpEvaluation(Benchmark::YouCook2, "run-1.best", 4, 0.25);
    part.itemsInBenchmark = 3350;
    for (int i = 0; i < 512; ++i)
        part.missingVideos.push_back("absent-" + std::to_string(1000 + i));
    part.notes = { "Two sentences were cut.", "One clip is shorter than a second." };
    write(Benchmark::YouCook2, "run-1.best", part);
    openDetail(Benchmark::YouCook2);
    const QString sentence = QStringLiteral("4 of %1 items: 512 videos are not here, so this is "
                                            "not comparable with the published figure.")
                                 .arg(widgets::count(3350));
    QCOMPARE(card(Benchmark::YouCook2).incomplete, sentence);
    QCOMPARE(text("evaluationNote"), sentence);
    QVERIFY(text("evaluationNotes").startsWith(QStringLiteral("Two sentences were cut.\n")));
    QCOMPARE(text("missingTitle"), QStringLiteral("Not here: 512 videos"));
    QVERIFY(text("missingVideos").startsWith(QStringLiteral("absent-1000, absent-1001")));
    QVERIFY(text("missingVideos").endsWith(QStringLiteral("and 500 more")));
    find<QPushButton>("copyMissing")->click();
    QCOMPARE(QApplication::clipboard()->text().count(QLatin1Char('\n')), 512);
}

void TestEvaluatePage::showsFiguresBesidePublishedOnes()
{
    write(Benchmark::YouCook2, "run-1.best",
        test::madeUpEvaluation(Benchmark::YouCook2, "run-1.best", 4, 0.25));
    openDetail(Benchmark::YouCook2);
    const auto row = [this](int at) {
        QStringList cells;
        for (int column = 0; column < FiguresModel::ColumnCount; ++column)
            cells += cell("figures", at, column);
        return cells.join(QLatin1Char('|'));
    };
    QCOMPARE(row(0), QStringLiteral("R@1|25.0 %|23.0 to 28.0 %|5.0 %|22.7 %|32.2 %"));
    QCOMPARE(row(1), QStringLiteral("median rank|2.5|2.0 to 4.0|\u2013|\u2013|\u2013"));
    const auto* model = find<QTableView>("figures")->model();
    QVERIFY(model->index(0, 1).data(Qt::TextAlignmentRole).toInt() & Qt::AlignRight);
}

void TestEvaluatePage::listsTheWorstItemsFirst()
{
    auto made = test::madeUpEvaluation(Benchmark::Didemo, "run-1.best", 4, 0.25);
    made.items[1].value.reset(); // a miss
    write(Benchmark::Didemo, "run-1.best", made);
    openDetail(Benchmark::Didemo);
    QCOMPARE(cell("items", 0, ItemsModel::Text), QStringLiteral("sentence 2"));
    QCOMPARE(cell("items", 0, ItemsModel::Result), QStringLiteral("miss"));
    QCOMPARE(cell("items", 1, ItemsModel::Result), QStringLiteral("4"));
    QCOMPARE(cell("items", 3, ItemsModel::Result), QStringLiteral("1"));
    QCOMPARE(cell("items", 3, ItemsModel::Passage), QStringLiteral("0:00 to 0:10"));
    auto* table = find<QTableView>("items");
    table->sortByColumn(ItemsModel::Number, Qt::AscendingOrder);
    QCOMPARE(cell("items", 0, ItemsModel::Text), QStringLiteral("sentence 1"));
}

void TestEvaluatePage::filtersItems()
{
    write(Benchmark::Coin, "run-1.best",
        test::madeUpEvaluation(Benchmark::Coin, "run-1.best", 12, 0.5));
    openDetail(Benchmark::Coin);
    QAbstractItemModel* items = find<QTableView>("items")->model();
    auto* words = find<QLineEdit>("itemWords");
    words->setText(QStringLiteral("SENT film-1"));
    QCOMPARE(items->rowCount(), 4); // 1, 10, 11, 12
    QCOMPARE(text("itemCount"), QStringLiteral("4 of 12 items"));
    auto* which = find<QComboBox>("itemFilter");
    which->setCurrentIndex(static_cast<int>(ItemFilter::Right));
    QCOMPARE(items->rowCount(), 1); // of the last one every second is right
    QCOMPARE(cell("items", 0, ItemsModel::Result), QStringLiteral("100.0 %"));
    words->clear();
    which->setCurrentIndex(static_cast<int>(ItemFilter::InProject));
    QCOMPARE(items->rowCount(), 1);
    which->setCurrentIndex(static_cast<int>(ItemFilter::All));
    QCOMPARE(items->rowCount(), 12);
    QCOMPARE(text("itemCount"), QStringLiteral("12 items"));
}

void TestEvaluatePage::showsTruthAndAnswersAndOpensThem()
{
    write(Benchmark::YouCook2, "run-1.best",
        test::madeUpEvaluation(Benchmark::YouCook2, "run-1.best", 3, 0.25));
    openDetail(Benchmark::YouCook2);
    QTRY_COMPARE(tile("truth", 0).text, QStringLiteral("sentence 3"));
    QVERIFY(tile("truth", 0).videoId < 0); // not in the project
    QVERIFY(tile("truth", 0).figures.contains(QStringLiteral("not in the project")));
    const QSignalSpy opened(&m_studio->navigator, &Navigator::videoRequested);
    run("evaluate.play");
    QCOMPARE(opened.size(), 0);
    auto* table = find<QTableView>("items");
    table->setCurrentIndex(table->model()->index(2, 0));
    QTRY_COMPARE(tile("truth", 0).text, QStringLiteral("sentence 1"));
    QCOMPARE(tile("truth", 0).path, QStringLiteral("/films/film-1.mp4"));
    QVERIFY(tile("truth", 0).mark.isEmpty());
    QCOMPARE(find<ClipTiles>("answers")->tiles().rowCount(), 2);
    QCOMPARE(tile("answers", 0).title, QStringLiteral("film-1  0:20 to 0:30"));
    QCOMPARE(tile("answers", 0).mark, QStringLiteral("right"));
    QCOMPARE(tile("answers", 0).figures, QStringLiteral("score 0.750"));
    QVERIFY(tile("answers", 1).mark.isEmpty());
    run("evaluate.play");
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened.front().at(0).toLongLong(), 1);
    QCOMPARE(opened.front().at(1).toDouble(), 0.0);
    auto* answers = find<ClipTiles>("answers");
    answers->setCurrentIndex(answers->model()->index(0, 0));
    QTest::keyClick(answers, Qt::Key_Return);
    QCOMPARE(opened.size(), 2);
    QCOMPARE(opened.back().at(1).toDouble(), 20.0);
}

void TestEvaluatePage::takesUpAResultThatIsWrittenMeanwhile()
{
    write(Benchmark::MsrVttChoice, "run-1.best",
        test::madeUpEvaluation(Benchmark::MsrVttChoice, "run-1.best", 3, 0.5));
    openDetail(Benchmark::MsrVttChoice);
    auto* table = find<QTableView>("items");
    table->setCurrentIndex(table->model()->index(1, 0));
    QTRY_VERIFY(m_page->isSettled());
    const QString chosen = cell("items", 1, ItemsModel::Text);
    write(Benchmark::MsrVttChoice, "run-1.best",
        test::madeUpEvaluation(Benchmark::MsrVttChoice, "run-1.best", 5, 0.75));
    QTRY_COMPARE_WITH_TIMEOUT(table->model()->rowCount(), 5, 10000);
    QCOMPARE(card(Benchmark::MsrVttChoice).value, QStringLiteral("75.0 %"));
    // The item at hand stays at hand.
    const QModelIndex current = table->currentIndex();
    QCOMPARE(current.siblingAtColumn(ItemsModel::Text).data().toString(), chosen);
}

void TestEvaluatePage::comparesCheckpoints()
{
    for (const auto& [checkpoint, value] :
        { std::pair("run-1.best", 0.25), std::pair("run-2.best", 0.5) })
        write(Benchmark::YouCook2, checkpoint,
            test::madeUpEvaluation(Benchmark::YouCook2, checkpoint, 4, value));
    auto part = test::madeUpEvaluation(Benchmark::YouCook2, "starter", 2, 0.75);
    part.missingVideos = { "absent" };
    part.itemsInBenchmark = 4;
    write(Benchmark::YouCook2, "starter", part);
    openPage();
    QTRY_COMPARE(find<QTableView>("comparison")->model()->rowCount(), 5);
    QCOMPARE(cell("comparison", 0, 0), QStringLiteral("Checkpoint run-1.best"));
    QCOMPARE(cell("comparison", 0, 1), QStringLiteral("25.0 %"));
    QCOMPARE(cell("comparison", 1, 1), QStringLiteral("50.0 %"));
    QCOMPARE(cell("comparison", 2, 1), QStringLiteral("75.0 % *"));
    QCOMPARE(cell("comparison", 3, 1), QStringLiteral("22.7 %"));
    QCOMPARE(cell("comparison", 4, 1), QStringLiteral("32.2 %"));
    QVERIFY(find<QLabel>("partNote")->isVisible());
    const auto* model = find<QTableView>("comparison")->model();
    const auto isBold = [model](int row) {
        const QVariant font = model->index(row, 1).data(Qt::FontRole);
        return font.isValid() && font.value<QFont>().bold();
    };
    // Half of the items do not count against all of them.
    QVERIFY(!isBold(0) && isBold(1) && !isBold(2) && !isBold(3));
    chooseCheckpoint(QStringLiteral("run-2.best"));
    QCOMPARE(cell("comparison", 0, 0), QStringLiteral("Checkpoint run-2.best"));
    QVERIFY(isBold(0) && !isBold(1));
    run("evaluate.copy-comparison");
    QVERIFY(QApplication::clipboard()->text().contains(
        QStringLiteral("Checkpoint run-2.best\t50.0 %\t")));
}

void TestEvaluatePage::copiesAndSavesTables()
{
    auto made = test::madeUpEvaluation(Benchmark::YouCook2, "run-1.best", 3, 0.25);
    made.items[2].truth.text = "salt, pepper and \"herbs\"";
    write(Benchmark::YouCook2, "run-1.best", made);
    openDetail(Benchmark::YouCook2);
    run("evaluate.copy-figures");
    QVERIFY(QApplication::clipboard()->text().contains(
        QStringLiteral("R@1\t0.25\t0.23\t0.28\t0.05\t0.227\t0.322\n")));
    run("evaluate.copy-items"); // the current one, the worst
    const QString items = QApplication::clipboard()->text();
    QCOMPARE(items.count(QLatin1Char('\n')), 2);
    QVERIFY(items.contains(
        QStringLiteral("3\tfilm-3\t10\t20\t\"salt, pepper and \"\"herbs\"\"\"\t0.5\t3\t")));
    find<QToolButton>("saveEvaluation")->menu()->actions().front()->trigger();
    auto* dialog = find<QFileDialog>("saveDialog");
    QVERIFY(dialog);
    const QString saved = m_folder->filePath(QStringLiteral("items.csv"));
    Q_EMIT dialog->fileSelected(saved);
    dialog->close();
    QFile file(saved);
    QTRY_VERIFY(file.exists());
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArrayList lines = file.readAll().split('\n');
    QCOMPARE(lines.size(), 5); // a header, three items, nothing behind the last line
    QVERIFY2(lines.at(1).startsWith("3,film-3,10,20,\"salt, pepper and"), lines.at(1).constData());
}

void TestEvaluatePage::saysWhichFileIsDamaged()
{
    const auto file = benchmarks::evaluationPath(m_project, "run-1.best", Benchmark::Coin);
    std::filesystem::create_directories(file.parent_path());
    QVERIFY_RESULT(writeFileAtomically(file, "{ \"format\": "));
    openPage();
    QTRY_COMPARE(card(Benchmark::Coin).state, BenchmarkCard::State::Failed);
    QVERIFY2(card(Benchmark::Coin).reason.contains(QStringLiteral("coin.json")),
        qPrintable(card(Benchmark::Coin).reason));
}

void TestEvaluatePage::comesBackToTheItemOfTheLastSession()
{
    write(Benchmark::Didemo, "run-1.best",
        test::madeUpEvaluation(Benchmark::Didemo, "run-1.best", 9, 0.25));
    openDetail(Benchmark::Didemo);
    auto* table = find<QTableView>("items");
    table->sortByColumn(ItemsModel::Text, Qt::AscendingOrder);
    find<QComboBox>("itemFilter")->setCurrentIndex(static_cast<int>(ItemFilter::Wrong));
    table->setCurrentIndex(table->model()->index(4, 0));
    const QString chosen = cell("items", 4, ItemsModel::Text);
    const QJsonObject state = m_page->saveState();
    QCOMPARE(state.value(QLatin1String("benchmark")).toString(), QStringLiteral("didemo"));

    // In a new window the state is there before the project.
    m_page.reset();
    m_studio->project.open({});
    m_studio = std::make_unique<test::QuietStudio>(
        m_folder->filePath(QStringLiteral("preferences.ini")));
    m_page = std::make_unique<EvaluatePage>(m_studio->services);
    m_page->resize(1200, 800);
    m_page->setVisible(true);
    m_page->restoreState(state);
    chooseCheckpoint(QStringLiteral("run-1.best"));
    m_studio->project.open(m_project);
    table = find<QTableView>("items");
    QTRY_COMPARE(table->model()->rowCount(), 8);
    QCOMPARE(table->currentIndex().siblingAtColumn(ItemsModel::Text).data().toString(), chosen);
    QCOMPARE(table->currentIndex().row(), 4);
    // Its state as a picture's command line gives it: only what differs.
    m_page->restoreState({ { QStringLiteral("benchmark"), QStringLiteral("didemo") } });
    QTRY_COMPARE(table->model()->rowCount(), 9);
    QCOMPARE(cell("items", 0, ItemsModel::Result), QStringLiteral("9"));
}

QTEST_MAIN(TestEvaluatePage)
#include "tst_evaluate_page.moc"
