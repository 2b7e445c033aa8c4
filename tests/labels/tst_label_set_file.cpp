#include "base/files.h"
#include "labels/label_set_file.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <set>

using namespace clipscope;
using namespace clipscope::labels;

namespace {

LabelSet everything()
{
    LabelSet set;
    set.name = "kitchen \"work\"";
    set.templates = { "a video of {}", "{}" };
    set.labels = {
        { "prepare", {}, {}, 0x1f77b4, {}, 0, "p" },
        { "cut", { "cut the onions", "a knife cuts" }, "prepare", {}, 0.1 + 0.2, 7, "1" },
        { "größer = mehr", { "größer\nzweite Zeile" }, "cut", 0xffffff, -1.5, -3, {} },
    };
    return set;
}

} // namespace

class TestLabelSetFile final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void ownJsonLosesNothing();
    void setJustBegunMayBeEmpty();
    void readsLinesOfText();
    void readsCsv();
    void hashChangesWithEveryField();
    void refusesWithTheLine_data();
    void refusesWithTheLine();
    void readsCrossTask();
    void readsTheRealFiles();
    void survivesEveryTruncation();
    void survivesDeepNesting();
    void manyLabelsTakeNoQuadraticTime();
};

void TestLabelSetFile::ownJsonLosesNothing()
{
    QTemporaryDir folder;
    const std::filesystem::path path
        = std::filesystem::path(folder.path().toStdString()) / "a.json";
    QVERIFY_RESULT(writeLabelSet(path, everything()));
    const auto file = readLabelSet(path, SetFormat::Json);
    QVERIFY_RESULT(file);
    QVERIFY(file->set == everything());
    QCOMPARE(guessSetFormat(path, serialise(everything())), SetFormat::Json);
}

void TestLabelSetFile::setJustBegunMayBeEmpty()
{
    LabelSet begun;
    begun.name = "begun";
    const auto file = parseLabelSet(serialise(begun), "begun.json", SetFormat::Json);
    QVERIFY_RESULT(file);
    QVERIFY(file->set == begun);
}

void TestLabelSetFile::readsLinesOfText()
{
    const auto file = parseLabelSet("\xEF\xBB\xBF# a comment\r\n@templates = a video of {} | {}\r\n"
                                    "prepare\r\n  cut = cut the onions | a knife cuts\r\n"
                                    "    slice\r\n  pour\r\n\r\nserve = put it on a plate\r\n",
        "kitchen.txt", SetFormat::Text);
    QVERIFY_RESULT(file);
    const LabelSet& set = file->set;
    QCOMPARE(set.name, std::string("kitchen"));
    QCOMPARE(set.templates, (std::vector<std::string>{ "a video of {}", "{}" }));
    QCOMPARE(set.labels.size(), std::size_t(5));
    QCOMPARE(
        set.labels[1].wordings, (std::vector<std::string>{ "cut the onions", "a knife cuts" }));
    QCOMPARE(set.labels[1].parent, std::string("prepare"));
    QCOMPARE(set.labels[2].parent, std::string("cut"));
    QCOMPARE(set.labels[3].parent, std::string("prepare"));
    QCOMPARE(set.labels[4].parent, std::string());
}

void TestLabelSetFile::readsCsv()
{
    const auto file = parseLabelSet("name,wordings,parent,colour,threshold,id,key\n"
                                    "prepare,,,#1F77B4,,,p\n\"cut, fine\",a|b,prepare,,0.5,7,\n",
        "a.csv", SetFormat::Csv);
    QVERIFY_RESULT(file);
    const LabelSet& set = file->set;
    QVERIFY(set.labels[0] == (Label{ "prepare", {}, {}, 0x1f77b4, {}, 0, "p" }));
    QVERIFY(set.labels[1] == (Label{ "cut, fine", { "a", "b" }, "prepare", {}, 0.5, 7, {} }));
}

void TestLabelSetFile::hashChangesWithEveryField()
{
    std::vector<LabelSet> sets(10, everything());
    sets[1].name += "x";
    sets[2].templates.pop_back();
    sets[3].labels[1].wordings.push_back("more");
    sets[4].labels[1].parent.clear();
    sets[5].labels[1].colour = 0;
    sets[6].labels[1].threshold = 0.3;
    sets[7].labels[1].sourceId = 8;
    sets[8].labels[1].key += '2';
    std::swap(sets[9].labels[0], sets[9].labels[1]);
    std::set<std::string> hashes;
    for (const LabelSet& set : sets) {
        QCOMPARE(hashOf(set).size(), std::size_t(32));
        hashes.insert(hashOf(set));
    }
    QCOMPARE(hashes.size(), sets.size());
    QCOMPARE(hashOf(everything()), hashOf(sets[0]));
    // A promise to files already written.
    LabelSet small;
    small.name = "small";
    small.labels = { { "cut", {}, {}, {}, {}, 0, {} } };
    QCOMPARE(
        QByteArray::fromStdString(hashOf(small)), QByteArray("420b61dc06404ff08aaf108bcc1a50b2"));
}

void TestLabelSetFile::refusesWithTheLine_data()
{
    QTest::addColumn<int>("format");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QByteArray>("place");
    const auto row = [](const char* name, SetFormat format, const char* content,
                         const char* place) {
        QTest::newRow(name) << static_cast<int>(format) << QByteArray(content) << QByteArray(place);
    };
    row("text twice", SetFormat::Text, "a\nb\na\n", "x: line 3");
    row("text without name", SetFormat::Text, "a\n = b\n", "x: line 2");
    row("no label", SetFormat::Text, "# nothing\n", "x");
    row("csv without header", SetFormat::Csv, "a,b\n", "x: line 1");
    row("csv twice", SetFormat::Csv, "name\na\n\na\n", "x: line 4");
    row("csv colour", SetFormat::Csv, "name,colour\na,red\n", "x: line 2");
    row("csv threshold", SetFormat::Csv, "name,threshold\na,nan\n", "x: line 2");
    row("csv quote", SetFormat::Csv, "name\n\"a\n", "x: line 2");
    row("csv parent", SetFormat::Csv, "name,parent\na,b\n", "x");
    row("csv circle", SetFormat::Csv, "name,parent\na,b\nb,c\nc,a\n", "x");
    row("json", SetFormat::Json, "{\n\"a\":}", "x: line 2, column 5");
    row("json of others", SetFormat::Json, "{}", "x: line 1");
    row("json wordings", SetFormat::Json,
        R"({"format":"clipscope-label-set","version":1,"labels":[{"name":"a","wordings":[1]}]})",
        "x: /labels/0/wordings");
    row("crosstask count", SetFormat::CrossTask, "1\nTea\n-\n3\nboil,pour\n\n", "x: line 4");
    row("crosstask cut short", SetFormat::CrossTask, "1\nTea\n-\n", "x: line 1");
    row("coin", SetFormat::CoinTaxonomy,
        "Target Id,Target Label,Action Id,Action Label\n1,Tea,x,boil\n", "x: line 2");
}

void TestLabelSetFile::refusesWithTheLine()
{
    QFETCH(int, format);
    QFETCH(QByteArray, content);
    QFETCH(QByteArray, place);
    const auto file = parseLabelSet(content.toStdString(), "x", static_cast<SetFormat>(format));
    QVERIFY_ERROR(file, ErrorKind::BadInput);
    QCOMPARE(QByteArray::fromStdString(file.error().place.toString()), place);
}

void TestLabelSetFile::readsCrossTask()
{
    const std::string two = "1\nMake Tea\nhttp://x\n2\nboil water,pour\n\n\n"
                            "22\nMake Toast\nhttp://y\n3\ntoast,spread butter,toast\n";
    SetOptions options;
    const auto none = parseLabelSet(two, "t.txt", SetFormat::CrossTask, options);
    QVERIFY_ERROR(none, ErrorKind::BadInput);
    QVERIFY(none.error().hint.find("Make Toast") != std::string::npos);
    const auto names = taskNamesIn(two, "t.txt", SetFormat::CrossTask);
    QVERIFY_RESULT(names);
    QVERIFY(*names == (std::vector<std::string>{ "Make Tea", "Make Toast" }));
    const auto noTasks = taskNamesIn(two, "t.txt", SetFormat::Text);
    QVERIFY_RESULT(noTasks);
    QVERIFY(noTasks->empty());
    for (const char* task : { "22", "make toast" }) {
        options.task = task;
        const auto file = parseLabelSet(two, "t.txt", SetFormat::CrossTask, options);
        QVERIFY_RESULT(file);
        QCOMPARE(file->set.name, std::string("Make Toast"));
        QCOMPARE(file->set.labels.size(), std::size_t(2));
        QCOMPARE(file->set.labels[1].name, std::string("spread butter"));
        QCOMPARE(file->notes.size(), std::size_t(1));
    }
}

void TestLabelSetFile::readsTheRealFiles()
{
    const auto folder = test::dataFolder() / "annotations";
    if (!std::filesystem::exists(folder))
        QSKIP("the sample data is not here; set CLIPSCOPE_DATA");
    const auto path = folder / "coin_taxonomy.target_action_mapping.csv";
    const auto content = readFile(path);
    QVERIFY_RESULT(content);
    QCOMPARE(guessSetFormat(path, *content), SetFormat::CoinTaxonomy);
    const auto all = readLabelSet(path, SetFormat::CoinTaxonomy);
    QVERIFY_RESULT(all);
    QCOMPARE(all->set.labels.size(), std::size_t(180 + 778));
    SetOptions options;
    options.task = "use analytical balance";
    const auto one = readLabelSet(path, SetFormat::CoinTaxonomy, options);
    QVERIFY_RESULT(one);
    QCOMPARE(one->set.labels[0].sourceId, 65);
    QCOMPARE(one->set.labels[0].name, std::string("clean inner wall of container"));
    const auto coin = readLabelSet(folder / "COIN.sample.json", SetFormat::Coin);
    QVERIFY_RESULT(coin);
    QCOMPARE(coin->set.labels.size(), std::size_t(3)); // a task and its two steps
    const auto kinetics = readLabelSet(folder / "kinetics400_label_map.txt", SetFormat::Text);
    QVERIFY_RESULT(kinetics);
    QCOMPARE(kinetics->set.labels.size(), std::size_t(400));
}

void TestLabelSetFile::survivesEveryTruncation()
{
    const std::string json = serialise(everything());
    for (std::size_t size = 0; size + 2 < json.size(); ++size)
        QVERIFY(!parseLabelSet(json.substr(0, size), "x", SetFormat::Json));
    const std::string csv = "name,wordings,parent,colour\n\"a\",b|c,,#123456\nd,,a,\n";
    for (std::size_t size = 0; size < csv.size(); ++size)
        static_cast<void>(parseLabelSet(csv.substr(0, size), "x", SetFormat::Csv));
}

void TestLabelSetFile::survivesDeepNesting()
{
    const std::string deep = std::string(1000000, '[') + std::string(1000000, ']');
    const auto file = parseLabelSet(
        R"({"database":{"v":{"class":"Tea","annotation":[{"label":"boil","id":)" + deep + "}]}}}",
        "x", SetFormat::Coin);
    QVERIFY_ERROR(file, ErrorKind::BadInput);
}

void TestLabelSetFile::manyLabelsTakeNoQuadraticTime()
{
    // A chain of parents: quadratic work would be 1e10 steps and run into the test's time limit.
    std::string text = "name,parent\nl0,\n";
    for (int at = 1; at < 100000; ++at)
        ((text += std::to_string(at).insert(0, 1, 'l')) += ",l") += std::to_string(at - 1) + "\n";
    const auto file = parseLabelSet(text, "x", SetFormat::Csv);
    QVERIFY_RESULT(file);
    QCOMPARE(file->set.labels.size(), std::size_t(100000));
}

QTEST_GUILESS_MAIN(TestLabelSetFile)
#include "tst_label_set_file.moc"
