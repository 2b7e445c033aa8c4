#include "base/files.h"
#include "benchmarks/annotation_files.h"
#include "benchmarks/annotations.h"

#include <algorithm>
#include <functional>
#include <set>

using namespace clipscope;
using namespace clipscope::benchmarks;

namespace {

namespace fs = std::filesystem;

const std::string youCook2Csv
    = "end,start,task,text,video_id\n"
      "60,47,226,\"cut, then trim\",a\n89.5,66.5,226,boil,b\n7,5,1,mix,a\n";
const std::string youCook2Json
    = R"({"database":{"a":{"subset":"validation","annotations":[)"
      R"({"segment":[9,12.5],"id":0,"sentence":"cut"},{"segment":[0.5,3],"id":1,"sentence":"mix"}]},)"
      R"("b":{"subset":"training","annotations":"?"},)"
      R"("c":{"subset":"validation","annotations":[{"segment":[1,2],"id":0,"sentence":"boil"}]}}})";
const std::string msrVttCsv = "key,vid_key,video_id,sentence\nret0,msr1,video1,\"a man, \"\"he\"\" "
                              "says\"\nret1,msr2,video2,two cats\n";
const std::string choiceTsv
    = "\tvid_key\ta1\ta2\ta3\ta4\ta5\tanswer\n0\tmsr7010\ta, b\tc\td\te\tf\t0"
      "\n1\tmsr8\tp\tq\tr\ts\tt u\t4\n";
const std::string didemoJson = R"([{"video":"a.mp4","description":"a cat","times":[[0,0],[0,5]]},)"
                               R"({"video":"b.avi","description":"dogs","times":[[3,5]]}])";
const std::string coinJson
    = R"({"database":{"a":{"subset":"testing","annotation":[)"
      R"({"id":"7","segment":[1.5,3],"label":"stir"},{"id":2,"segment":[2,8],"label":"pour"}]},)"
      R"("b":{"subset":"training","annotation":[{"id":1,"segment":[0,1],"label":"no test"}]},)"
      R"("c":{"subset":"testing","annotation":[{"id":30,"segment":[0,1],"label":"stir"}]},)"
      R"("d":{"subset":"testing","annotation":[]}}})";

/// How many items a reader finds: all readers of one file look alike.
using Reader = std::function<Result<std::size_t>(const fs::path&)>;
template<typename Function> Reader counting(Function read)
{
    return [read](const fs::path& file) -> Result<std::size_t> {
        CLIP_TRY_ASSIGN(const auto items, read(file));
        return items.size();
    };
}

struct Sample
{
    Reader read;
    std::string content;
    std::size_t items;
};

const std::map<std::string, Sample>& samples()
{
    static const auto coin = [](const fs::path& file) -> Result<std::size_t> {
        CLIP_TRY_ASSIGN(const auto benchmark, readCoin(file));
        return benchmark.videos.size();
    };
    static const std::map<std::string, Sample> all{
        { "youcook2.csv", { counting(readYouCook2), youCook2Csv, 3 } },
        { "youcook2.json", { counting(readYouCook2), youCook2Json, 3 } },
        { "msr-vtt.csv", { counting(readMsrVtt), msrVttCsv, 2 } },
        { "choice.tsv", { counting(readMsrVttChoice), choiceTsv, 2 } },
        { "didemo.json", { counting(readDidemo), didemoJson, 2 } },
        { "coin.json", { coin, coinJson, 3 } },
    };
    return all;
}

} // namespace

class TestAnnotations final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void readsClips();
    void readsChoicesAndParts();
    void actionsAreInTheOrderOfTheirNumbers();
    void readsEncodings();
    void refusesWithThePlace_data();
    void refusesWithThePlace();
    void survivesEveryTruncation();
    void clipsAreThoseOfTheReference();
    void choicesAndPartsAreThoseOfTheReference();
    void actionsAreThoseOfTheReference();
    void readsTheRealFiles();

private:
    test::AnnotationFiles m_files;
};

void TestAnnotations::readsClips()
{
    const auto csv = readYouCook2(m_files.written("y.csv", youCook2Csv));
    QVERIFY_RESULT(csv);
    QVERIFY(*csv
        == (std::vector<ClipItem>{
            { "a", "cut, then trim", 47, 60 }, { "b", "boil", 66, 90 }, { "a", "mix", 5, 7 } }));
    const auto json = readYouCook2(m_files.written("y.json", youCook2Json));
    QVERIFY_RESULT(json);
    QVERIFY(*json
        == (std::vector<ClipItem>{
            { "a", "cut", 9, 13 }, { "a", "mix", 0, 3 }, { "c", "boil", 1, 2 } }));
    const auto msrVtt = readMsrVtt(m_files.written("m.csv", msrVttCsv));
    QVERIFY_RESULT(msrVtt);
    QVERIFY(*msrVtt
        == (std::vector<ClipItem>{
            { "video1", "a man, \"he\" says", 0, 0 }, { "video2", "two cats", 0, 0 } }));
}

void TestAnnotations::readsChoicesAndParts()
{
    const auto choices = readMsrVttChoice(m_files.written("c.tsv", choiceTsv));
    QVERIFY_RESULT(choices);
    QVERIFY(*choices
        == (std::vector<ChoiceItem>{ { "video7010", { "a, b", "c", "d", "e", "f" }, 0 },
            { "video8", { "p", "q", "r", "s", "t u" }, 4 } }));
    const auto parts = readDidemo(m_files.written("d.json", didemoJson));
    QVERIFY_RESULT(parts);
    QVERIFY(*parts
        == (std::vector<PartItem>{
            { "a.mp4", "a cat", { { 0, 0 }, { 0, 5 } } }, { "b.avi", "dogs", { { 3, 5 } } } }));
}

void TestAnnotations::actionsAreInTheOrderOfTheirNumbers()
{
    const auto coin = readCoin(m_files.written("coin.json", coinJson));
    QVERIFY_RESULT(coin);
    QCOMPARE(coin->actions, (std::vector<std::string>{ "pour", "stir", "stir" }));
    QCOMPARE(coin->videos.size(), std::size_t(3));
    const ActionVideo& first = coin->videos[0];
    QCOMPARE(first.video, std::string("a"));
    QCOMPARE(first.actions, (std::vector<std::size_t>{ 1, 0 }));
    QCOMPARE(first.segments[0].label, std::string("stir"));
    QCOMPARE(first.segments[0].startSeconds, 1.5);
    QCOMPARE(first.segments[1].stopSeconds, 8.0);
    QCOMPARE(coin->videos[1].actions, (std::vector<std::size_t>{ 2 }));
    QVERIFY(coin->videos[2].segments.empty());
}

void TestAnnotations::readsEncodings()
{
    const std::string text = "video_id,sentence\r\nv,caf\xC3\xA9\r\n\r\n";
    const auto marked = readMsrVtt(m_files.written("bom.csv", "\xEF\xBB\xBF" + text));
    QVERIFY_RESULT(marked);
    std::string wide("\xFF\xFE", 2);
    for (const char c : std::string("video_id,sentence\r\nv,caf\xE9"))
        (wide += c) += '\0';
    const auto utf16 = readMsrVtt(m_files.written("utf16.csv", wide));
    QVERIFY_RESULT(utf16);
    QVERIFY(*marked == *utf16);
    QCOMPARE(marked->at(0).text, std::string("caf\xC3\xA9"));
}

void TestAnnotations::refusesWithThePlace_data()
{
    QTest::addColumn<QByteArray>("sample");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QByteArray>("place");
    const auto row
        = [](const char* sample, const char* what, const std::string& content, const char* place) {
              QTest::addRow("%s: %s", sample, what)
                  << QByteArray(sample) << QByteArray::fromStdString(content) << QByteArray(place);
          };
    for (const auto& [name, sample] : samples()) {
        const bool isJson = name.ends_with(".json") && name != "youcook2.json";
        row(name.c_str(), "empty", "", isJson ? "line 1, column 0" : "line 1");
        row(name.c_str(), "packed", "\x1F\x8B\x08", "");
        row(name.c_str(), "another form", R"({"a": [1]})",
            name == "didemo.json"                                   ? "/"
                : name.ends_with(".json") || name == "youcook2.csv" ? "/database"
                                                                    : "line 1");
        const std::size_t head = sample.content.find('\n');
        if (head != std::string::npos) {
            const std::string first = sample.content.substr(0, head + 1);
            row(name.c_str(), "nothing below the names", first, "");
            row(name.c_str(), "too few cells", sample.content + "\nx\n",
                name == "youcook2.csv" ? "line 6" : "line 5");
            row(name.c_str(), "open quote", first + "\"a\n", "line 2");
        }
    }
    const std::string head = "end,start,text,video_id\n";
    for (const char* times : { "1,x", "1,1", "1,2", "5,-1", "nan,1", "inf,1", "1e9,1", "," })
        row("youcook2.csv", times, head + times + ",cut,a\n", "line 2");
    row("youcook2.csv", "no text", head + "2,1,,a\n", "line 2");
    const auto clip = [](const std::string& members) {
        return R"({"database":{"a":{"subset":"validation","annotations":[{)" + members + "}]}}}";
    };
    for (const char* members : { "", R"("segment":[1,2])", R"("segment":[1,2],"sentence":1)",
             R"("segment":[1],"sentence":"a")", R"("segment":[2,1],"sentence":"a")",
             R"("segment":[-1,1],"sentence":"a")", R"("segment":[1,1e300],"sentence":"a")",
             R"("segment":["1","2"],"sentence":"a")", R"("segment":[0,0],"sentence":"a")",
             R"("segment":[1,2],"sentence":"")", R"("segment":null,"sentence":"a")" })
        row("youcook2.json", members, clip(members), "/database/a/annotations/0");
    row("youcook2.json", "NaN", R"({"database":NaN})", "line 1, column 13");
    row("youcook2.json", "overflow", R"({"database":1e999})", "line 1, column 17");
    row("youcook2.json", "no list", R"({"database":{"a":{"subset":"validation"}}})",
        "/database/a/annotations");
    row("youcook2.json", "no subset", R"({"database":{"a":[]}})", "/database/a/subset");
    row("youcook2.json", "other subset", R"({"database":{"a":{"subset":"training"}}})", "");
    row("youcook2.json", "list", "[1]", "line 1");
    const std::string names = choiceTsv.substr(0, choiceTsv.find('\n') + 1);
    for (const char* answer : { "", "5", "-1", "1.5", "a", "99999999999999999999" })
        row("choice.tsv", answer, names + "0\tmsr1\ta\tb\tc\td\te\t" + answer + "\n", "line 2");
    row("choice.tsv", "key", names + "0\tvideo1\ta\tb\tc\td\te\t1\n", "line 2");
    for (const char* times : { "", "[0,6]", "[2,1]", "[-1,0]", "[0.5,1]", "[0]", "[0,1,2]", "3",
             "[\"0\",\"1\"]", "[1e300,1e300]", "null" })
        row("didemo.json", times,
            std::string(R"([{"video":"a","description":"b","times":[)") + times + "]}]",
            *times ? "/0/times/0" : "/0");
    row("didemo.json", "members", R"([{"video":"a","description":"b"}])", "/0");
    row("didemo.json", "no object", R"([3])", "/0");
    row("didemo.json", "none", "[]", "");
    const auto action = [](const std::string& members) {
        return R"({"database":{"a":{"subset":"testing","annotation":[{)" + members + "}]}}}";
    };
    for (const char* members :
        { R"("id":0,"label":"a","segment":[0,1])", R"("id":"x","label":"a","segment":[0,1])",
            R"("id":1.5,"label":"a","segment":[0,1])", R"("id":[[[]]],"label":"a","segment":[0,1])",
            R"("id":1,"segment":[0,1])", R"("id":18446744073709551615,"label":"a","segment":[0,1])",
            R"("id":1,"label":"a","segment":[-1,0])", R"("id":1,"label":"a","segment":{})",
            R"("id":1,"label":"a","segment":[0,1e300])" })
        row("coin.json", members, action(members), "/database/a/annotation/0");
    row("coin.json", "no list", R"({"database":{"a":{"subset":"testing"}}})",
        "/database/a/annotation");
    row("coin.json", "no test", R"({"database":{"a":{"subset":"training"}}})", "");
}

void TestAnnotations::refusesWithThePlace()
{
    QFETCH(QByteArray, sample);
    QFETCH(QByteArray, content);
    QFETCH(QByteArray, place);
    const fs::path file = m_files.written("x", content.toStdString());
    const auto count = samples().at(sample.toStdString()).read(file);
    QVERIFY_ERROR(count, ErrorKind::BadInput);
    QCOMPARE(count.error().place.file, file);
    QCOMPARE(QByteArray::fromStdString(count.error().place.where), place);
    QVERIFY_ERROR(samples().at(sample.toStdString()).read(m_files.folder() / "not there"),
        ErrorKind::NotFound);
}

void TestAnnotations::survivesEveryTruncation()
{
    for (const auto& [name, sample] : samples()) {
        const auto whole = sample.read(m_files.written("x", sample.content));
        QVERIFY_RESULT(whole);
        QCOMPARE(*whole, sample.items);
        for (std::size_t size = 0; size < sample.content.size(); ++size) {
            const auto count = sample.read(m_files.written("x", sample.content.substr(0, size)));
            if (name.ends_with(".json"))
                QVERIFY2(!count, name.c_str());
            QVERIFY2(!count || (*count > 0 && *count <= sample.items), name.c_str());
        }
    }
}

void TestAnnotations::clipsAreThoseOfTheReference()
{
    const Json all = test::referenceDatasets();
    if (all.is_null())
        QSKIP("the parity fixtures are not there; set CLIPSCOPE_FIXTURES");
    const auto clips
        = readMsrVtt(m_files.written("m.csv", all["msrvtt"]["file"].get<std::string>()));
    QVERIFY_RESULT(clips);
    std::vector<ClipItem> wanted;
    for (const Json& item : all["msrvtt"]["items"])
        wanted.push_back({ item[0].get<std::string>(), item[1].get<std::string>(), 0, 0 });
    QVERIFY(*clips == wanted);

    // The reference goes through a list of its own, which Clipscope does not need.
    const Json& youCook2 = all["youcook"];
    auto cooked = readYouCook2(m_files.written("y.json", dump(youCook2["annotation"])));
    QVERIFY_RESULT(cooked);
    const auto available = youCook2["available_videos"].get<std::set<std::string>>();
    std::erase_if(*cooked, [&](const ClipItem& clip) { return !available.contains(clip.video); });
    wanted.clear();
    for (const Json& item : youCook2["items"])
        wanted.push_back({ item["video"].get<std::string>(), item["text"].get<std::string>(),
            item["start"].get<std::int64_t>(), item["end"].get<std::int64_t>() });
    QCOMPARE(cooked->size(), wanted.size());
    QVERIFY(std::ranges::is_permutation(*cooked, wanted));
}

void TestAnnotations::choicesAndPartsAreThoseOfTheReference()
{
    const Json all = test::referenceDatasets();
    if (all.is_null())
        QSKIP("the parity fixtures are not there; set CLIPSCOPE_FIXTURES");
    const Json& choice = all["msrvtt_multiple_choice"];
    const auto choices
        = readMsrVttChoice(m_files.written("c.tsv", choice["file"].get<std::string>()));
    QVERIFY_RESULT(choices);
    std::vector<ChoiceItem> wantedChoices;
    for (const Json& item : choice["items"])
        wantedChoices.push_back({ item["video"].get<std::string>(),
            item["choices"].get<std::vector<std::string>>(), item["answer"].get<std::size_t>() });
    QVERIFY(*choices == wantedChoices);

    const Json& didemo = all["didemo"];
    const auto parts = readDidemo(m_files.written("d.json", dump(didemo["file"])));
    QVERIFY_RESULT(parts);
    QCOMPARE(parts->size(), didemo["items"].size());
    for (std::size_t at = 0; at < parts->size(); ++at) {
        QCOMPARE(parts->at(at).video, didemo["items"][at][0].get<std::string>());
        QCOMPARE(parts->at(at).text, didemo["items"][at][1].get<std::string>());
        QVERIFY((parts->at(at).times
            == didemo["file"][at]["times"].get<std::vector<std::pair<int, int>>>()));
    }
}

void TestAnnotations::actionsAreThoseOfTheReference()
{
    const Json all = test::referenceDatasets();
    if (all.is_null())
        QSKIP("the parity fixtures are not there; set CLIPSCOPE_FIXTURES");
    const Json& wanted = all["coin"];
    auto coin = readCoin(m_files.written("coin.json", dump(wanted["file"])));
    QVERIFY_RESULT(coin);
    QCOMPARE(coin->actions, wanted["text_labels"].get<std::vector<std::string>>());
    const auto available = wanted["available_videos"].get<std::set<std::string>>();
    std::erase_if(
        coin->videos, [&](const ActionVideo& video) { return !available.contains(video.video); });
    QCOMPARE(coin->videos.size(), wanted["items"].size());
    for (std::size_t at = 0; at < coin->videos.size(); ++at) {
        const ActionVideo& video = coin->videos[at];
        const Json& item = wanted["items"][at];
        QCOMPARE(video.video, item["video"].get<std::string>());
        QCOMPARE(video.segments.size(), item["label"].size());
        QCOMPARE(video.actions.size(), item["label"].size());
        for (std::size_t i = 0; i < video.segments.size(); ++i) {
            QCOMPARE(video.segments[i].startSeconds, item["start"][i].get<double>());
            QCOMPARE(video.segments[i].stopSeconds, item["end"][i].get<double>());
            QCOMPARE(video.actions[i] + 1, item["label"][i].get<std::size_t>());
            QCOMPARE(video.segments[i].label, coin->actions[video.actions[i]]);
        }
    }
}

void TestAnnotations::readsTheRealFiles()
{
    const auto real = test::dataFolder() / "annotations";
    if (!fs::exists(real))
        QSKIP("the sample data is not here; set CLIPSCOPE_DATA");
    const auto msrVtt = readMsrVtt(real / "msrvtt_test.csv");
    QVERIFY_RESULT(msrVtt);
    QCOMPARE(msrVtt->size(), std::size_t(1000));
    QVERIFY(msrVtt->front()
        == (ClipItem{ "video9770", "a person is connecting something to system", 0, 0 }));
    const auto youCook2 = readYouCook2(real / "validation_youcook.csv");
    QVERIFY_RESULT(youCook2);
    QCOMPARE(youCook2->size(), std::size_t(3350));
    QVERIFY(youCook2->front()
        == (ClipItem{ "xHr8X2Wpmno", "pick the ends off the verdalago", 47, 60 }));
    const auto didemo = readDidemo(real / "didemo_test_data.json");
    QVERIFY_RESULT(didemo);
    QCOMPARE(didemo->size(), std::size_t(4021));
    std::set<std::string> videos;
    for (const PartItem& item : *didemo)
        videos.insert(item.video);
    QCOMPARE(videos.size(), std::size_t(1037));
    // The one video of the sample is for training.
    QVERIFY_ERROR(readCoin(real / "COIN.sample.json"), ErrorKind::BadInput);
    auto sample = readFile(real / "COIN.sample.json");
    QVERIFY_RESULT(sample);
    sample->replace(sample->find("training"), 8, "testing");
    const auto coin = readCoin(m_files.written("coin.json", *sample));
    QVERIFY_RESULT(coin);
    QCOMPARE(coin->actions.size(), std::size_t(2));
    QCOMPARE(coin->actions[0], std::string("take out the laptop CD drive"));
    QCOMPARE(coin->videos[0].segments[1].stopSeconds, 82.0);
}

QTEST_GUILESS_MAIN(TestAnnotations)
#include "tst_annotations.moc"
