#include "app/studio/pages/evaluate/evaluation_models.h"

#include "app/studio/pages/evaluate/benchmark_cards.h"
#include "app/studio/pages/evaluate/evaluation_text.h"
#include "support/gui.h"
#include "support/made_up_evaluations.h"

#include <QAbstractItemModelTester>

using namespace clipscope;
using namespace clipscope::studio;
using benchmarks::Benchmark;
using benchmarks::Question;

class TestEvaluationModels : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarningOfOurs(); }

    void keepTheirPromises();
    void saysResultsByWhatIsAsked_data();
    void saysResultsByWhatIsAsked();
    void showsSmallChances();
    void quotesWhatCommasWouldSplit();
    void quotesWhatTabsWouldSplit();
};

void TestEvaluationModels::keepTheirPromises()
{
    const auto failing = QAbstractItemModelTester::FailureReportingMode::QtTest;
    FiguresModel figures;
    ItemsModel items;
    ItemsFilter filter(items);
    ComparisonModel comparison;
    BenchmarkCardsModel cards;
    const QAbstractItemModelTester first(&figures, failing), second(&items, failing),
        third(&filter, failing), fourth(&comparison, failing), fifth(&cards, failing);
    const auto made = std::make_shared<const benchmarks::Evaluation>(
        test::madeUpEvaluation(Benchmark::YouCook2, "run-1.best", 5, 0.25));
    figures.setEvaluation(made);
    items.setEvaluation(made);
    filter.sort(ItemsModel::Result, Qt::DescendingOrder);
    filter.setWords(QStringLiteral("3"));
    QCOMPARE(filter.rowCount(), 1);
    filter.setWords({});
    QCOMPARE(filter.shown(), (std::vector<std::size_t>{ 4, 3, 2, 1, 0 }));
    items.setEvaluation(nullptr);
    figures.setEvaluation(nullptr);
    EvaluationSummary summary;
    summary.checkpoint = "run-1.best";
    summary.figures = made->figures;
    comparison.setEvaluations({ summary }, "run-1.best");
    QCOMPARE(comparison.rowCount(), 3);
    comparison.setEvaluations({}, {});
    QVERIFY(comparison.isEmpty());
    BenchmarkCard one;
    cards.setCards({ one, one });
    one.title = QStringLiteral("changed");
    cards.setCards({ one, one });
    cards.setCards({ one });
    QCOMPARE(cards.rowCount(), 1);
}

void TestEvaluationModels::saysResultsByWhatIsAsked_data()
{
    QTest::addColumn<int>("question");
    QTest::addColumn<double>("value"); // below 0: none
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("right");
    const auto add
        = [](const char* name, Question question, double value, const char* text, bool right) {
              QTest::newRow(name) << static_cast<int>(question) << value
                                  << QString::fromLatin1(text) << right;
          };
    add("first of all clips", Question::WhichClip, 1.0, "1", true);
    add("thirteenth", Question::WhichClip, 13.0, "13", false);
    add("mean rank of three people", Question::WhichPart, 1.3333333, "1.333", false);
    add("no part that anybody chose", Question::WhichPart, -1.0, "miss", false);
    add("right text", Question::WhichText, 1.0, "right", true);
    add("wrong text", Question::WhichText, 0.0, "wrong", false);
    add("some seconds", Question::WhichAction, 0.456, "45.6 %", false);
    add("all seconds", Question::WhichAction, 1.0, "100.0 %", true);
    add("wrong second", Question::WhichSeconds, 0.0, "wrong", false);
}

void TestEvaluationModels::saysResultsByWhatIsAsked()
{
    QFETCH(const int, question);
    QFETCH(const double, value);
    QFETCH(const QString, text);
    QFETCH(const bool, right);
    const auto asked = static_cast<Question>(question);
    const auto result = value < 0.0 ? std::nullopt : std::optional(value);
    QCOMPARE(resultText(asked, result), text);
    QCOMPARE(isRight(asked, result), right);
}

void TestEvaluationModels::showsSmallChances()
{
    QCOMPARE(chanceText("R@1", 0.000298), QStringLiteral("0.03 %"));
    QCOMPARE(chanceText("R@1", 0.0476), QStringLiteral("4.8 %"));
    QCOMPARE(chanceText("median rank", 1675.5), figureText("median rank", 1675.5));
}

void TestEvaluationModels::quotesWhatCommasWouldSplit()
{
    auto made = test::madeUpEvaluation(Benchmark::YouCook2, "run-1.best", 3, 0.25);
    made.items[2].truth.text = "salt, pepper and \"herbs\"";
    const std::size_t third = 2;
    const QString csv = tableText(itemRows(made, std::span(&third, 1)), ',');
    QVERIFY2(csv.endsWith(QStringLiteral("\n3,film-3,10,20,\"salt, pepper and \"\"herbs\"\"\",0.5,"
                                         "3,film-1,20,30,first answer,0.75,0\n")),
        qPrintable(csv));
    QCOMPARE(csv.count(QLatin1Char('\n')), 2);
}

void TestEvaluationModels::quotesWhatTabsWouldSplit()
{
    QCOMPARE(tableText({ { QStringLiteral("a\tb"), QStringLiteral("c, d") } }, '\t'),
        QStringLiteral("\"a\tb\"\tc, d\n"));
}

QTEST_MAIN(TestEvaluationModels)
#include "tst_evaluation_models.moc"
