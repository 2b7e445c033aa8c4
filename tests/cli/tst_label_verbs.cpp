#include "base/files.h"
#include "support/cli.h"
#include "support/make_video.h"
#include "support/verify.h"

#include <QTemporaryDir>

using namespace clipscope;
using test::runCli;

/// labels import, export, compare and sets as a script runs them, on a film of variable frame rate.
class TestLabelVerbs final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { test::failOnAnyWarning(); }

    void labelsGoOutAndComeBack_data();
    void labelsGoOutAndComeBack();
    void whatElanHasBesideTheTiersSurvives();
    void badSegmentsAreNamedWithTheirLine();
    void saysWhatIsMissing_data();
    void saysWhatIsMissing();
    void keepsLabelSets();
    void comparesTwoTiers();

private:
    QString path(const char* name) const { return m_folder.filePath(QString::fromLatin1(name)); }
    void write(const char* name, const std::string& text) const
    {
        QVERIFY_RESULT(writeFileAtomically(path(name).toStdString(), text));
    }
    test::CliAnswer labels(const QString& action, QStringList rest) const
    {
        rest.prepend(path("p.clipscope"));
        rest.prepend(action);
        rest.prepend(QStringLiteral("labels"));
        rest.append(QStringLiteral("--json"));
        return runCli(rest);
    }

    QTemporaryDir m_folder;
};

void TestLabelVerbs::initTestCase()
{
    test::MadeVideo film;
    film.framesAtMilliseconds.clear();
    for (std::int64_t frame = 0; frame < film.frames; ++frame) // 50 and 20 frames a second in turn
        film.framesAtMilliseconds.push_back(frame / 2 * 70 + frame % 2 * 20);
    QVERIFY_RESULT(test::makeVideo(path("film.mkv").toStdString(), film));
    QCOMPARE(runCli({ QStringLiteral("init"), path("p.clipscope") }).exitCode, 0);
    QCOMPARE(
        runCli({ QStringLiteral("import"), path("p.clipscope"), path("film.mkv") }).exitCode, 0);
    // Frames alone: their times come from the film.
    write("hand.csv",
        "tier,label,start_frame,end_frame,score,source\nhand,cut,0,4,,hand\n"
        "hand,stir the soup,4,9,,hand\nmodel,cut,1,5,0.25,model\n");
    const auto taken
        = labels(QStringLiteral("import"), { QStringLiteral("film"), path("hand.csv") });
    QVERIFY2(taken.exitCode == 0, taken.errors.c_str());
    QCOMPARE(taken.json()["tiers"].size(), std::size_t(2));
}

void TestLabelVerbs::labelsGoOutAndComeBack_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name : { "eaf", "srt", "boris", "labelstudio", "fiftyone" })
        QTest::newRow(name) << QString::fromLatin1(name);
}

void TestLabelVerbs::labelsGoOutAndComeBack()
{
    QFETCH(QString, name);
    const QString file = m_folder.filePath(QStringLiteral("out.") + name);
    const QString csv = m_folder.filePath(name + QStringLiteral(".csv"));
    const auto exported = labels(QStringLiteral("export"),
        { QStringLiteral("film.mkv"), QStringLiteral("--format"), name, file,
            QStringLiteral("--tier"), QStringLiteral("hand") });
    QVERIFY2(exported.exitCode == 0, exported.errors.c_str());
    QCOMPARE(exported.json()["files"][0].get<std::string>(), file.toStdString());
    // Into another tier and out again as numbers.
    const auto taken = labels(QStringLiteral("import"),
        { QStringLiteral("1"), QStringLiteral("--format"), name, file, QStringLiteral("--tier"),
            QStringLiteral("copy") });
    QVERIFY2(taken.exitCode == 0, (taken.errors + taken.output).c_str());
    QCOMPARE(labels(QStringLiteral("export"),
                 { QStringLiteral("film"), csv, QStringLiteral("--tier"), QStringLiteral("copy") })
                 .exitCode,
        0);
    const auto text = readFile(csv.toStdString());
    QVERIFY_RESULT(text);
    const QByteArrayList lines = QByteArray::fromStdString(*text).split('\n');
    QVERIFY2(lines[1].startsWith("film.mkv,copy,cut,0,0.14,0,4,,hand,accepted"), lines[1]);
    QVERIFY2(lines[2].startsWith("film.mkv,copy,stir the soup,0.14,0.3,4,9,,hand"), lines[2]);
}

void TestLabelVerbs::whatElanHasBesideTheTiersSurvives()
{
    const QStringList out{ QStringLiteral("film"), path("a.eaf"), QStringLiteral("--tier"),
        QStringLiteral("hand") };
    QCOMPARE(labels(QStringLiteral("export"), out).exitCode, 0);
    auto text = readFile(path("a.eaf").toStdString());
    QVERIFY_RESULT(text);
    text->insert(text->find("<LINGUISTIC_TYPE"), "<MINE deep=\"1\"/>");
    write("a.eaf", *text);
    QCOMPARE(
        labels(QStringLiteral("import"), { QStringLiteral("film"), path("a.eaf") }).exitCode, 0);
    QCOMPARE(labels(QStringLiteral("export"), out).exitCode, 0);
    text = readFile(path("a.eaf").toStdString());
    QVERIFY_RESULT(text);
    QVERIFY2(text->find("<MINE deep=\"1\"") != std::string::npos, text->c_str());
    QVERIFY(text->find("RELATIVE_MEDIA_URL=\"./film.mkv\"") != std::string::npos);
}

void TestLabelVerbs::badSegmentsAreNamedWithTheirLine()
{
    write("bad.csv", "tier,label,start_s,end_s\nbad,x,0,1\nbad,y,2,1\nbad,z,99,100\nbad,w,1,99\n");
    const auto taken
        = labels(QStringLiteral("import"), { QStringLiteral("film"), path("bad.csv") });
    QCOMPARE(taken.exitCode, 1);
    const Json json = taken.json();
    QCOMPARE(json["skipped"].size(), std::size_t(2));
    QCOMPARE(json["skipped"][0]["where"].get<std::string>(), std::string("line 3"));
    QCOMPARE(json["tiers"][0]["segments"].get<int>(), 2);
    QCOMPARE(json["notes"].size(), std::size_t(1)); // cut at the end of the film
}

void TestLabelVerbs::saysWhatIsMissing_data()
{
    QTest::addColumn<QString>("action");
    QTest::addColumn<QStringList>("rest");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QByteArray>("said");
    const auto row = [](const char* action, const QStringList& rest, int code, const char* said) {
        QTest::addRow("%s %s", action, qPrintable(rest.join(QLatin1Char(' '))))
            << QString::fromLatin1(action) << rest << code << QByteArray(said);
    };
    const QString film = QStringLiteral("film"), csv = QStringLiteral("/nowhere/a.csv");
    row("export", { film, csv, QStringLiteral("--tier"), QStringLiteral("none") }, 3,
        "hand, model");
    row("export", { film, QStringLiteral("/nowhere/a.xyz") }, 2, "eaf, vtt");
    row("export", { film, csv, QStringLiteral("--format"), QStringLiteral("cvat") }, 5,
        "only read");
    row("import", { film, csv }, 3, "/nowhere/a.csv");
    row("import", { QStringLiteral("flim.mkv"), csv }, 3, "film.mkv");
    row("import", { film }, 2, "labels import PROJECT VIDEO FILE");
    row("sets", { QStringLiteral("turn") }, 2, "labels sets PROJECT list");
    row("sets", { QStringLiteral("export"), QStringLiteral("none"), csv }, 3, "no label set");
    row("dance", { film }, 2, "import, export, compare or sets");
}

void TestLabelVerbs::saysWhatIsMissing()
{
    QFETCH(QString, action);
    QFETCH(QStringList, rest);
    QFETCH(int, exitCode);
    QFETCH(QByteArray, said);
    const auto answer = labels(action, rest);
    const std::string all = answer.output + answer.errors;
    QVERIFY2(answer.exitCode == exitCode, all.c_str());
    QVERIFY2(all.find(said.toStdString()) != std::string::npos, all.c_str());
}

void TestLabelVerbs::keepsLabelSets()
{
    write("words.txt", "cut = a knife cuts | cutting\nstir the soup\n");
    const auto taken = labels(QStringLiteral("sets"),
        { QStringLiteral("import"), path("words.txt"), QStringLiteral("--name"),
            QStringLiteral("a/b: \"kitchen\"") });
    QVERIFY2(taken.exitCode == 0, taken.errors.c_str());
    const auto listed = labels(QStringLiteral("sets"), { QStringLiteral("list") });
    QCOMPARE(listed.exitCode, 0);
    QCOMPARE(listed.json()["sets"].size(), std::size_t(1));
    QCOMPARE(listed.json()["sets"][0]["wordings"].get<int>(), 3);
    QCOMPARE(labels(QStringLiteral("sets"),
                 { QStringLiteral("export"), QStringLiteral("a/b: \"kitchen\""), path("k.json") })
                 .exitCode,
        0);
    const auto again = labels(QStringLiteral("sets"), { QStringLiteral("import"), path("k.json") });
    QCOMPARE(again.json()["replaced"].get<bool>(), true);
    // Per-frame files have underscores; the project knows the words.
    std::string frames;
    for (int frame = 0; frame < 75; ++frame)
        frames += frame < 10 ? "stir_the_soup\n" : "SIL\n";
    write("frames.txt", frames);
    const auto perFrame = labels(QStringLiteral("import"),
        { QStringLiteral("film"), path("frames.txt"), QStringLiteral("--tier"),
            QStringLiteral("per frame"), QStringLiteral("--background"), QStringLiteral("SIL") });
    QCOMPARE(perFrame.json()["tiers"][0]["segments"].get<int>(), 1);
    QVERIFY2(perFrame.exitCode == 0, perFrame.errors.c_str());
    QCOMPARE(labels(QStringLiteral("export"),
                 { QStringLiteral("film"), path("f.csv"), QStringLiteral("--tier"),
                     QStringLiteral("per frame") })
                 .exitCode,
        0);
    const auto text = readFile(path("f.csv").toStdString());
    QVERIFY_RESULT(text);
    QVERIFY2(text->find("film.mkv,per frame,stir the soup,0,0.35,0,10,") != std::string::npos,
        text->c_str());
}

void TestLabelVerbs::comparesTwoTiers()
{
    const auto compared = labels(QStringLiteral("compare"),
        { QStringLiteral("film"), QStringLiteral("--tier"), QStringLiteral("hand"),
            QStringLiteral("--tier"), QStringLiteral("model") });
    QVERIFY2(compared.exitCode == 0, compared.errors.c_str());
    // Frames 0 and 4 to 8 of the 75 differ.
    QCOMPARE(compared.json()["frame_accuracy"].get<double>(), 69.0 / 75.0);
}

QTEST_GUILESS_MAIN(TestLabelVerbs)
#include "tst_label_verbs.moc"
