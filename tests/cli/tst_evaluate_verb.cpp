#include "base/files.h"
#include "benchmarks/evaluation.h"
#include "support/cli.h"
#include "support/made_up_starter.h"
#include "support/make_video.h"
#include "support/verify.h"

#include <QDir>
#include <QTemporaryDir>

using namespace clipscope;
using test::runCli;

/// evaluate as a user runs it, with a starter of random weights.
class TestEvaluateVerb final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { test::failOnAnyWarning(); }

    void evaluates_data();
    void evaluates();
    void saysWhichVideosAreMissing();
    void featureFilesGiveTheSameFigures();
    void findsVideosAsDownloadersNameThem();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();

private:
    QString file(const QString& name) const { return m_folder.filePath(name); }
    void write(const QString& name, const std::string& text) const
    {
        QVERIFY_RESULT(writeFileAtomically(file(name).toStdString(), text));
    }
    test::CliAnswer evaluate(
        const QString& benchmark, const QString& annotations, const QStringList& more = {}) const
    {
        return runCli(QStringList{ QStringLiteral("evaluate"), m_project, benchmark,
                          QStringLiteral("--annotations"), file(annotations) }
            + more + QStringList{ QStringLiteral("--json") });
    }

    QTemporaryDir m_folder;
    QString m_project;
};

void TestEvaluateVerb::initTestCase()
{
    QVERIFY_RESULT(test::writeMadeUpStarter(file("starter.safetensors").toStdString()));
    qputenv("CLIPSCOPE_MODELS", m_folder.path().toLocal8Bit());
    QVERIFY(QDir(m_folder.path()).mkdir(QStringLiteral("films")));
    test::MadeVideo video;
    video.frames = 250;
    for (const char* name : { "video1", "video2", "Cooking [video3]" }) {
        ++video.frames; // equal films would be one
        QVERIFY_RESULT(test::makeVideo(
            file(QStringLiteral("films/%1.mp4").arg(QLatin1String(name))).toStdString(), video));
    }
    write("retrieval.csv",
        "key,vid_key,video_id,sentence\nret0,msr1,video1,a fish\nret1,msr2,video2,\"a boat, red\"\n"
        "ret2,msr3,video3,a lamp\n");
    write("incomplete.csv",
        "key,vid_key,video_id,sentence\nret0,msr1,video1,a fish\nret1,msr9,video9,a boat\n");
    write("choice.tsv",
        "\tvid_key\tvideo\ta1\ta2\ta3\ta4\ta5\tanswer\n"
        "0\tmsr1\tx\ta fish\ta boat\ta lamp\ta tree\ta wheel\t0\n"
        "1\tmsr2\tx\ta fish\ta boat\ta lamp\ta tree\ta wheel\t4\n");
    write("didemo.json",
        R"([{"video": "video1.mov", "description": "a fish", "times": [[0, 0], [0, 1], [1, 1]]},
            {"video": "video2.mp4", "description": "a boat", "times": [[0, 0], [5, 5]]}])");
    write("COIN.json",
        R"({"database": {"video1": {"class": "Swim", "subset": "testing", "annotation": [
              {"id": "1", "label": "a fish", "segment": [1.0, 4.0]},
              {"id": "2", "label": "a boat", "segment": [5.0, 9.0]}]}}})");
    write("youcook.json",
        R"({"database": {"video1": {"subset": "validation", "annotations": [
              {"id": 0, "segment": [0, 4], "sentence": "a fish"},
              {"id": 1, "segment": [5, 9], "sentence": "a boat"}]}}})");
    m_project = file("p.clipscope");
    QCOMPARE(runCli({ QStringLiteral("init"), m_project }).exitCode, 0);
    QCOMPARE(runCli({ QStringLiteral("import"), m_project, file("films") }).exitCode, 0);
    QCOMPARE(runCli({ QStringLiteral("extract"), m_project }).exitCode, 0);
}

void TestEvaluateVerb::evaluates_data()
{
    QTest::addColumn<QString>("benchmark");
    QTest::addColumn<QString>("annotations");
    QTest::addColumn<int>("items");
    QTest::addColumn<QString>("figure");
    QTest::newRow("youcook2") << "youcook2"
                              << "youcook.json" << 2 << "R@1";
    QTest::newRow("msr-vtt") << "msr-vtt"
                             << "retrieval.csv" << 3 << "R@1";
    QTest::newRow("choice") << "msr-vtt-choice"
                            << "choice.tsv" << 2 << "accuracy";
    QTest::newRow("didemo") << "didemo"
                            << "didemo.json" << 2 << "R@1";
    QTest::newRow("coin") << "coin"
                          << "COIN.json" << 1 << "accuracy";
}

void TestEvaluateVerb::evaluates()
{
    QFETCH(QString, benchmark);
    QFETCH(QString, annotations);
    QFETCH(int, items);
    QFETCH(QString, figure);
    const auto answer = evaluate(benchmark, annotations);
    QCOMPARE(answer.exitCode, 0);
    const Json json = answer.json();
    QCOMPARE(json.at("items_evaluated").get<int>(), items);
    QVERIFY(!json.contains("items"));
    QCOMPARE(json.at("figures").at(0).at("name").get<std::string>(), figure.toStdString());
    // What is stored is what was printed, with the items.
    const auto stored = benchmarks::readEvaluation(json.at("file").get<std::string>());
    QVERIFY_RESULT(stored);
    QCOMPARE(stored->items.size(), static_cast<std::size_t>(items));
    QCOMPARE(stored->figures.front().value, json.at("figures").at(0).at("value").get<double>());
    QVERIFY(stored->items.front().truth.videoId > 0);
    QVERIFY(stored->isComplete());
}

void TestEvaluateVerb::saysWhichVideosAreMissing()
{
    const auto answer = evaluate(QStringLiteral("msr-vtt"), QStringLiteral("incomplete.csv"));
    QCOMPARE(answer.exitCode, 1);
    const Json json = answer.json();
    QCOMPARE(json.at("items_in_benchmark").get<int>(), 2);
    QCOMPARE(json.at("items_evaluated").get<int>(), 1);
    QCOMPARE(json.at("missing_videos").get<std::vector<std::string>>(),
        std::vector<std::string>{ "video9" });
}

void TestEvaluateVerb::featureFilesGiveTheSameFigures()
{
    const auto here = evaluate(QStringLiteral("didemo"), QStringLiteral("didemo.json"));
    QCOMPARE(
        runCli({ QStringLiteral("features"), m_project, QStringLiteral("export"), file("arrays"),
                   QStringLiteral("--encoder"), QStringLiteral("efficientnet-lite0") })
            .exitCode,
        0);
    const QString empty = file("empty.clipscope");
    QCOMPARE(runCli({ QStringLiteral("init"), empty }).exitCode, 0);
    const auto there = runCli({ QStringLiteral("evaluate"), empty, QStringLiteral("didemo"),
        QStringLiteral("--annotations"), file("didemo.json"), QStringLiteral("--features"),
        file("arrays"), QStringLiteral("--json") });
    QCOMPARE(there.exitCode, 0);
    QVERIFY(here.json().at("figures") == there.json().at("figures"));
}

void TestEvaluateVerb::findsVideosAsDownloadersNameThem()
{
    const auto answer = evaluate(QStringLiteral("msr-vtt"), QStringLiteral("retrieval.csv"));
    const auto stored = benchmarks::readEvaluation(answer.json().at("file").get<std::string>());
    QVERIFY_RESULT(stored);
    QCOMPARE(stored->items.at(2).truth.video, std::string("video3"));
    QVERIFY(stored->items.at(2).truth.videoId > 0);
}

void TestEvaluateVerb::saysWhatIsWrong_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QString>("says");
    const auto row
        = [](const char* name, const QStringList& arguments, int code, const char* says) {
              QTest::newRow(name) << arguments << code << QString::fromLatin1(says);
          };
    const QString annotations = QStringLiteral("--annotations");
    row("no such benchmark", { QStringLiteral("msrvtt"), annotations, file("retrieval.csv") }, 2,
        "no benchmark \"msrvtt\"");
    row("no annotations", { QStringLiteral("coin") }, 2, "No annotations of COIN");
    row("no such file", { QStringLiteral("coin"), annotations, file("none.json") }, 3, "none.json");
    row("another benchmark's file", { QStringLiteral("coin"), annotations, file("retrieval.csv") },
        2, "retrieval.csv");
    row("no such features",
        { QStringLiteral("coin"), annotations, file("COIN.json"), QStringLiteral("--features"),
            file("nowhere") },
        3, "nowhere");
    row("no such checkpoint",
        { QStringLiteral("coin"), annotations, file("COIN.json"), QStringLiteral("--checkpoint"),
            QStringLiteral("best") },
        3, "best");
}

void TestEvaluateVerb::saysWhatIsWrong()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, exitCode);
    QFETCH(QString, says);
    const auto answer = runCli(QStringList{ QStringLiteral("evaluate"), m_project } + arguments
        + QStringList{ QStringLiteral("--json") });
    QCOMPARE(answer.exitCode, exitCode);
    const std::string error = dump(answer.json().at("error"));
    QVERIFY2(error.find(says.replace(QLatin1Char('"'), QStringLiteral("\\\"")).toStdString())
            != std::string::npos,
        error.c_str());
}

QTEST_GUILESS_MAIN(TestEvaluateVerb)
#include "tst_evaluate_verb.moc"
