#include "base/files.h"
#include "benchmarks/evaluation.h"
#include "support/verify.h"

#include <QTemporaryDir>
#include <QTest>

using namespace clipscope;
using namespace clipscope::benchmarks;

namespace {

Evaluation example()
{
    Evaluation evaluation;
    evaluation.benchmark = Benchmark::Didemo;
    evaluation.checkpoint = "a.best";
    evaluation.checkpointTitle = "a, best";
    evaluation.checkpointFingerprint = "123";
    evaluation.features = "456";
    evaluation.annotations = { "/data/test_data.json", "789" };
    evaluation.programVersion = "0.1";
    evaluation.madeAt = 1'700'000'000;
    evaluation.elapsedSeconds = 2.5;
    evaluation.itemsInBenchmark = 3;
    evaluation.missingVideos = { "z.mp4" };
    evaluation.figures
        = { { "R@1", 0.5, { 0.25, 0.75 }, std::nullopt }, { "R@5", 1.0, { 1.0, 1.0 }, 0.25 } };
    evaluation.notes = { "1 text is cut." };
    const Answer right{ "x.mp4", 7, 5, 10, "a cat", 1.5, true };
    const Answer wrong{ "x.mp4", 7, 0, 5, "a cat", 0.5, false };
    evaluation.items = { { right, 1.0, { right, wrong } },
        { { "y.mp4", 0, 0, 5, "Käse", -1.0, true }, std::nullopt, {} } };
    return evaluation;
}

} // namespace

class TestEvaluation final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void comesBackAsItWasWritten()
    {
        const auto file = evaluationPath(project(), "a.best", Benchmark::Didemo);
        QVERIFY_RESULT(writeEvaluation(file, example()));
        const auto read = readEvaluation(file);
        QVERIFY_RESULT(read);
        QVERIFY(*read == example());
    }

    void listsWhatAProjectHas()
    {
        QVERIFY_RESULT(
            writeEvaluation(evaluationPath(project(), "a.best", Benchmark::Didemo), example()));
        QVERIFY_RESULT(writeEvaluation(evaluationPath(project(), "b", Benchmark::Coin), example()));
        QVERIFY_RESULT(writeFileAtomically(project() / "evaluations" / "b" / "other.json", "{}"));
        const auto files = evaluationFiles(project());
        QVERIFY_RESULT(files);
        QCOMPARE(files->size(), std::size_t(2));
        QCOMPARE(files->back().filename().string(), std::string("coin.json"));
        QVERIFY(evaluationFiles(project() / "nowhere")->empty());
    }

    void refusesWhatIsNoEvaluation_data()
    {
        QTest::addColumn<QByteArray>("pointer");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("place");
        QTest::newRow("no format")
            << QByteArray("/format") << QByteArray("null") << QByteArray("/");
        QTest::newRow("another benchmark")
            << QByteArray("/benchmark") << QByteArray("\"msr\"") << QByteArray("/benchmark");
        QTest::newRow("figures are no list")
            << QByteArray("/figures") << QByteArray("{}") << QByteArray("/");
        QTest::newRow("a value is a text")
            << QByteArray("/figures/1/value") << QByteArray("\"1\"") << QByteArray("/figures/1");
        QTest::newRow("an item is a number")
            << QByteArray("/items/1") << QByteArray("5") << QByteArray("/items/1");
        QTest::newRow("an answer lacks its text")
            << QByteArray("/items/0/answers/1/text") << QByteArray("null")
            << QByteArray("/items/0/answers/1");
    }
    void refusesWhatIsNoEvaluation()
    {
        QFETCH(QByteArray, pointer);
        QFETCH(QByteArray, value);
        QFETCH(QByteArray, place);
        Json json = toJson(example());
        json[Json::json_pointer(pointer.toStdString())] = Json::parse(value.toStdString());
        const auto read = evaluationFromJson(json, "e.json");
        QVERIFY_ERROR(read, ErrorKind::BadInput);
        QCOMPARE(read.error().place.where, place.toStdString());
    }

    void refusesANewerFormat()
    {
        Json json = toJson(example());
        json["format"] = 2;
        QVERIFY_ERROR(evaluationFromJson(json), ErrorKind::Unsupported);
    }

    void everyTruncationIsAnError()
    {
        const std::string whole = dump(toJson(example()));
        const auto file = project() / "cut.json";
        for (std::size_t length = 0; length < whole.size(); ++length) {
            QVERIFY_RESULT(writeFileAtomically(file, whole.substr(0, length)));
            QVERIFY_ERROR(readEvaluation(file), ErrorKind::BadInput);
        }
    }

private:
    std::filesystem::path project() const { return m_folder.path().toStdString(); }
    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestEvaluation)
#include "tst_evaluation.moc"
