#include "labels/made_up_labels.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <fstream>

using namespace clipscope;
using namespace clipscope::labels;

namespace {

/// Ten frames a second, so that frame numbers can be followed by eye.
FrameClock tenPerSecond()
{
    FrameClock clock;
    clock.frameCount = 100;
    clock.durationSeconds = 10.0;
    clock.secondsOf = [](std::int64_t frame) { return static_cast<double>(frame) / 10.0; };
    clock.frameAt = [](double seconds) {
        return std::clamp<std::int64_t>(std::llround(std::floor(seconds * 10.0 + 1e-6)), 0, 99);
    };
    return clock;
}

ReadOptions withClock()
{
    ReadOptions options;
    options.clock = tenPerSecond();
    return options;
}

/// "TIER: LABEL START-STOP …" of the first video, by tier.
QByteArray shown(const LabelFile& file)
{
    QByteArray text;
    for (const Tier& tier : file.videos.at(0).annotation.tiers) {
        text += QByteArray::fromStdString(tier.name) + ":";
        for (const Segment& segment : tier.segments)
            text += " " + QByteArray::fromStdString(segment.label) + " "
                + QByteArray::number(segment.startSeconds) + "-"
                + QByteArray::number(segment.stopSeconds);
        text += "\n";
    }
    return text;
}

void wantedColumns()
{
    QTest::addColumn<int>("format");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QByteArray>("wanted");
}

void row(const char* name, Format format, const char* content, const char* wanted)
{
    QTest::newRow(name) << static_cast<int>(format) << QByteArray(content) << QByteArray(wanted);
}

} // namespace

/// Files as other programs write them.
class TestLabelReaders final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void readsTextAndTables_data();
    void readsTextAndTables() { readsAsWanted(); }
    void readsJsonAndXml_data();
    void readsJsonAndXml() { readsAsWanted(); }
    void readsTextGridInUtf16();
    void keepsScoresAndSources();
    void readsPerFrameNumbersThroughTheMapping();
    void tellsBadSegmentsWithTheirLine_data();
    void tellsBadSegmentsWithTheirLine();
    void readsTheRealFiles();

private:
    static void readsAsWanted();
};

void TestLabelReaders::readsTextAndTables_data()
{
    wantedColumns();
    row("WebVTT with voices, notes and settings", Format::Vtt,
        "WEBVTT - x\nKind: captions\n\nNOTE hello\n\nintro\n00:01.000 --> 00:02.500 align:start\n"
        "<v Ann>Fish &amp; <b>chips</b>\non two lines\n\n1:00:03.000 --> 1:00:04.000\nlate\n",
        "captions: Fish & chips on two lines 1-2.5 late 3603-3604\n");
    row("SubRip of Windows, overlapping, without empty lines", Format::Srt,
        "\xEF\xBB\xBF"
        "1\r\n00:00:01,500 --> 00:00:02,750 X1:0\r\n<i>one</i>\r\n2\r\n00:02,000 --> "
        "00:05\r\ntwo\r\n",
        "captions: one 1.5-2.75 two 2-5\n");
    row("CSV in another order of columns", Format::Csv,
        "end_s;label;start_s;remark\n2;\"a;b\";1;x\n\n4;c;3;\n", "labels: a;b 1-2 c 3-4\n");
    row("CSV with frames alone", Format::Csv, "label,start_frame,end_frame\ncut,10,20\n",
        "labels: cut 1-2\n");
    row("TextGrid, long", Format::TextGrid,
        "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0 \nxmax = 2.3 \n"
        "tiers? <exists> \nsize = 2 \nitem []: \n    item [1]:\n        class = \"IntervalTier\" \n"
        "        name = \"Mary\" \n        xmin = 0 \n        xmax = 2.3 \n"
        "        intervals: size = 2 \n        intervals [1]:\n            xmin = 0 \n"
        "            xmax = 1 \n            text = \"\" \n        intervals [2]:\n"
        "            xmin = 1 \n            xmax = 2.3 \n            text = \"say \"\"hi\"\"\" \n"
        "    item [2]:\n        class = \"TextTier\" \n        name = \"bell\" \n        xmin = 0 "
        "\n"
        "        xmax = 2.3 \n        points: size = 1 \n        points [1]:\n"
        "            number = 1.5 \n            mark = \"ding\" \n",
        "Mary: say \"hi\" 1-2.3\nbell: ding 1.5-1.5\n");
    row("TextGrid, short, two tiers of one name", Format::TextGrid,
        "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n0\n2\n<exists>\n2\n"
        "\"IntervalTier\"\n\"w\"\n0\n2\n1\n0\n2\n\"a\"\n\"IntervalTier\"\n\"w\"\n0\n2\n1\n0\n2\n\"b"
        "\"\n",
        "w: a 0-2\nw [2]: b 0-2\n");
    row("BORIS tabular events", Format::Boris,
        "Observation id\tMedia file name\tSubject\tBehavior\tModifiers\tBehavior "
        "type\tTime\tComment\n"
        "o\ta.mp4\tAnn\trun\tfast\tSTART\t1.5\t\no\ta.mp4\tAnn\tjump\t\tPOINT\t2\thigh\n"
        "o\ta.mp4\tAnn\trun\tfast\tSTOP\t3\t\no\ta.mp4\tNo focal subject\trest\t\tPOINT\t4\t\n",
        "Ann: run 1.5-3 jump 2-2\nlabels: rest 4-4\n");
    row("BORIS 7 with lines before the table", Format::Boris,
        "Observation id\tx\n\nMedia file(s)\n\nTime\tMedia file path\tTotal length\tFPS\tSubject\t"
        "Behavior\tBehavioral category\tComment\tStatus\n"
        "1\t/a.mp4\t9\t25\tAnn\trun\t\t\tSTART\n2\t/a.mp4\t9\t25\tAnn\trun\t\t\tSTOP\n",
        "Ann: run 1-2\n");
    row("BORIS aggregated events", Format::Boris,
        "Observation id,Subject,Behavior,Behavior type,Start (s),Stop (s),Duration (s)\n"
        "o,Ann,run,STATE,1,2.5,1.5\no,Ann,jump,POINT,2,2,NA\n",
        "Ann: run 1-2.5 jump 2-2\n");
}

void TestLabelReaders::readsJsonAndXml_data()
{
    wantedColumns();
    row("ActivityNet ground truth", Format::ActivityNet,
        R"({"version":"1.3","taxonomy":[],"database":{"abc":{"duration":9,"subset":"training",
           "annotations":[{"label":"Run","segment":[1.5,2]}]}}})",
        "labels: Run 1.5-2\n");
    row("ActivityNet predictions", Format::ActivityNet,
        R"({"version":"1.3","results":{"abc":[{"label":"Run","score":0.5,"segment":[1.5,2]}]},
           "external_data":{}})",
        "predictions: Run 1.5-2\n");
    row("ActivityNet Captions", Format::ActivityNet,
        R"({"v_abc":{"duration":9,"timestamps":[[0,1],[1,2.5]],"sentences":["a","b"]}})",
        "captions: a 0-1 b 1-2.5\n");
    row("COIN", Format::ActivityNet,
        R"({"database":{"abc":{"class":"X","annotation":[{"id":"3","label":"cut","segment":[1,2]}]}}})",
        "labels: cut 1-2\n");
    row("Label Studio", Format::LabelStudio,
        R"([{"id":1,"data":{"video":"/data/upload/1/0badcafe-a.mp4"},"annotations":[{"result":[
           {"type":"timelinelabels","from_name":"steps","value":{"ranges":[{"start":1,"end":10}],
            "timelinelabels":["cut"]}},{"type":"choices","value":{"choices":["x"]}}]},
           {"result":[{"type":"timelinelabels","from_name":"steps","value":{"ranges":
            [{"start":11,"end":11}],"timelinelabels":["pour"]}}]}],"predictions":[{"result":[
           {"type":"timelinelabels","from_name":"model","value":{"ranges":[{"start":2,"end":3}],
            "timelinelabels":["cut"]}}]}]}])",
        "steps: cut 0-1\nsteps [2]: pour 1-1.1\nmodel: cut 0.1-0.3\n");
    row("Label Studio, short export", Format::LabelStudio,
        R"([{"video":"a.mp4","id":1,"steps":[{"ranges":[{"start":1,"end":10}],
           "timelinelabels":["cut"]}]}])",
        "steps: cut 0-1\n");
    row("FiftyOne labels", Format::FiftyOne,
        R"({"classes":["cut","pour"],"labels":{"a":[{"label":1,"support":[1,10],"confidence":0.5},
           {"label":"cut","timestamps":[2.5,3]}],"b":null}})",
        "labels: pour 0-1 cut 2.5-3\n");
    row("FiftyOne samples", Format::FiftyOne,
        R"({"samples":[{"filepath":"/x/a.mp4","steps":{"_cls":"TemporalDetections","detections":
           [{"_cls":"TemporalDetection","label":"cut","support":[11,20]}]}}]})",
        "steps: cut 1-2\n");
    row("CVAT for video", Format::Cvat,
        R"(<?xml version="1.0"?><annotations><meta><task><name>t</name><labels><label><name>car</name>
           </label></labels></task><source>a.mp4</source></meta>
           <track id="0" label="car"><box frame="0" outside="0"/><box frame="5" outside="0"/>
           <box frame="10" outside="1"/><box frame="20" outside="0"/></track>
           <track id="1" label="car"><box frame="10" outside="0"/><box frame="12" outside="1"/></track>
           <image id="30" name="x"><tag label="rain"/></image><image id="31"><tag label="rain"/>
           </image></annotations>)",
        "tags: rain 3-3.2\ntracks: car 0-1.2 car 2-2.1\n");
}

void TestLabelReaders::readsAsWanted()
{
    QFETCH(int, format);
    QFETCH(QByteArray, content);
    QFETCH(QByteArray, wanted);
    const auto file
        = parseLabels(content.toStdString(), "file", static_cast<Format>(format), withClock());
    QVERIFY_RESULT(file);
    QVERIFY2(
        file->problems.empty(), file->problems.empty() ? "" : file->problems[0].toString().c_str());
    QCOMPARE(shown(*file), wanted);
}

void TestLabelReaders::readsTextGridInUtf16()
{
    const std::u16string text
        = u"File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n0\n2\n"
          u"<exists>\n1\n\"IntervalTier\"\n\"größer\"\n0\n2\n1\n0\n2\n\"日本\"\n";
    std::string bytes = "\xFE\xFF";
    for (const char16_t unit : text) {
        bytes += static_cast<char>(unit >> 8);
        bytes += static_cast<char>(unit & 0xFF);
    }
    const auto file = parseLabels(bytes, "a.TextGrid", Format::TextGrid);
    QVERIFY_RESULT(file);
    QCOMPARE(shown(*file), QByteArray("größer: 日本 0-2\n"));
}

void TestLabelReaders::keepsScoresAndSources()
{
    const auto file = parseLabels(
        R"({"version":"1.3","results":{"abc":[{"label":"Run","score":0.25,"segment":[1.5,2]}]}})",
        "a.json", Format::ActivityNet);
    QVERIFY_RESULT(file);
    const Tier& tier = file->videos[0].annotation.tiers[0];
    QCOMPARE(tier.source, Source::Model);
    QCOMPARE(tier.segments[0].source, Source::Model);
    QCOMPARE(tier.segments[0].verdict, Verdict::Open);
    QCOMPARE(tier.segments[0].score, std::optional(0.25));
    const auto hand = parseLabels("WEBVTT\n\n00:01.000 --> 00:02.000\nx\n", "a.vtt", Format::Vtt);
    QVERIFY_RESULT(hand);
    QCOMPARE(hand->videos[0].annotation.tiers[0].segments[0].source, Source::Hand);
    QCOMPARE(hand->videos[0].annotation.tiers[0].segments[0].verdict, Verdict::Accepted);
}

void TestLabelReaders::readsPerFrameNumbersThroughTheMapping()
{
    QTemporaryDir folder;
    const std::filesystem::path path(folder.path().toStdString());
    std::filesystem::create_directory(path / "groundTruth");
    std::ofstream(path / "mapping.txt") << "0 background\n1 cut_tomato\n12 pour\n";
    const auto read = [&](const std::string& content) {
        ReadOptions options = withClock();
        options.knownLabels = { "cut tomato", "pour" };
        return parseLabels(content, path / "groundTruth" / "film.txt", Format::Frames, options);
    };
    const auto file = read("0\n1\n1\ncut_tomato\n12\nbackground\n");
    QVERIFY_RESULT(file);
    QCOMPARE(
        shown(*file), QByteArray("frames: cut tomato 0.1-0.3 cut tomato 0.3-0.4 pour 0.4-0.5\n"));
    QCOMPARE(file->notes.size(), std::size_t(1)); // fewer lines than frames
    QCOMPARE(file->labelSets.at(0).labels.size(), std::size_t(2));
    QCOMPARE(file->labelSets.at(0).labels[1].sourceId, 12);
    std::string tooMany;
    for (int line = 0; line < 101; ++line)
        tooMany += "1\n";
    const auto refused = read(tooMany);
    QVERIFY_ERROR(refused, ErrorKind::BadInput);
    QVERIFY(refused.error().place.where == "line 101");
}

void TestLabelReaders::tellsBadSegmentsWithTheirLine_data()
{
    QTest::addColumn<int>("format");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QByteArray>("places");
    const auto row = [](const char* name, Format format, const char* content, const char* places) {
        QTest::newRow(name) << static_cast<int>(format) << QByteArray(content)
                            << QByteArray(places);
    };
    row("csv", Format::Csv,
        "label,start_s,end_s\na,nan,1\nb,0,inf\nc,-1,1\nd,2,1\ne,x,1\nf,,\ng,1,2\nh,0,1e999\n",
        "line 2,line 3,line 4,line 5,line 6,line 7,line 9,");
    row("vtt", Format::Vtt,
        "WEBVTT\n\n00:02.000 --> 00:01.000\nreversed\n\n-00:02.000 --> 00:01.000\nnegative\n\n"
        "00:zz.000 --> 00:01.000\nunreadable\n",
        "line 3,line 6,line 9,");
    row("srt", Format::Srt, "1\n00:00:02,000 --> 00:00:01,000\nx\n\n2\nNaN --> 00:00:01,000\nx\n",
        "line 2,line 6,");
    row("TextGrid", Format::TextGrid,
        "\"ooTextFile\"\n\"TextGrid\"\n0\n2\n<exists>\n1\n\"IntervalTier\"\n\"w\"\n0\n2\n3\n"
        "2\n1\n\"a\"\nnan\n1\n\"b\"\n-3\n1\n\"c\"\n",
        "line 12,line 15,line 18,");
    row("eaf", Format::Eaf,
        "<ANNOTATION_DOCUMENT><TIME_ORDER>\n<TIME_SLOT TIME_SLOT_ID='a' TIME_VALUE='2000'/>\n"
        "<TIME_SLOT TIME_SLOT_ID='b' TIME_VALUE='1000'/><TIME_SLOT TIME_SLOT_ID='n' "
        "TIME_VALUE='NaN'/><TIME_SLOT TIME_SLOT_ID='m' TIME_VALUE='-5'/></TIME_ORDER>\n"
        "<TIER TIER_ID='t'>\n<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID='1' "
        "TIME_SLOT_REF1='a' TIME_SLOT_REF2='b'/></ANNOTATION>\n<ANNOTATION><ALIGNABLE_ANNOTATION "
        "ANNOTATION_ID='2' TIME_SLOT_REF1='n' TIME_SLOT_REF2='a'/></ANNOTATION>\n<ANNOTATION>"
        "<ALIGNABLE_ANNOTATION ANNOTATION_ID='3' TIME_SLOT_REF1='m' TIME_SLOT_REF2='a'/>"
        "</ANNOTATION>\n<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID='4' TIME_SLOT_REF1='a' "
        "TIME_SLOT_REF2='none'/></ANNOTATION></TIER></ANNOTATION_DOCUMENT>",
        "line 5,line 6,line 7,line 8,");
    row("BORIS", Format::Boris,
        "Subject\tBehavior\tBehavior "
        "type\tTime\nA\trun\tSTOP\t1\nA\trun\tSTART\t2\nA\tx\tPOINT\tnan\n",
        "line 2,line 4,line 3,");
    row("ActivityNet", Format::ActivityNet,
        R"({"results":{"a":[{"label":"x","segment":[2,1]},{"label":"x","segment":["0",1]},
           {"label":"x","segment":[0,1e300]},{"segment":[0,1]},{"label":"x"}]}})",
        "/results/a/0,/results/a/1,/results/a/3,/results/a/4,");
    row("FiftyOne", Format::FiftyOne,
        R"({"labels":{"a":[{"label":"x","support":[0,1]},{"label":"x","support":[5,4]},
           {"label":"x","support":[500,501]},{"label":"x","support":[1.5,2]},{"label":"x"},
           {"label":"x","support":[-9223372036854775808,9223372036854775807]}]}})",
        "/labels/a/0,/labels/a/1,/labels/a/2,/labels/a/3,/labels/a/4,/labels/a/5,");
    row("CVAT", Format::Cvat,
        "<annotations>\n<track label='a'>\n<box frame='x'/>\n<box frame='100'/>\n"
        "<box frame='-1'/></track></annotations>",
        "line 3,line 4,line 5,");
}

void TestLabelReaders::tellsBadSegmentsWithTheirLine()
{
    QFETCH(int, format);
    QFETCH(QByteArray, content);
    QFETCH(QByteArray, places);
    const auto file
        = parseLabels(content.toStdString(), "file", static_cast<Format>(format), withClock());
    QVERIFY_RESULT(file);
    QByteArray told;
    for (const Error& problem : file->problems) {
        QCOMPARE(problem.place.file, std::filesystem::path("file"));
        told += QByteArray::fromStdString(problem.place.where) + ",";
    }
    QCOMPARE(told, places);
}

void TestLabelReaders::readsTheRealFiles()
{
    const auto folder = test::dataFolder() / "annotations";
    if (!std::filesystem::exists(folder))
        QSKIP("the sample data is not here; set CLIPSCOPE_DATA");
    for (const auto& entry : std::filesystem::directory_iterator(folder / "subtitles")) {
        const auto format = guessFormat(entry.path());
        QVERIFY(format);
        const auto file = readLabels(entry.path(), *format);
        QVERIFY_RESULT(file);
        QVERIFY2(file->problems.empty(), entry.path().c_str());
        QVERIFY2(file->videos[0].annotation.tiers.at(0).segments.size() > 3, entry.path().c_str());
    }
    for (const char* name : { "activitynet_captions_clips.json", "COIN.sample.json" }) {
        const auto file = readLabels(folder / name, Format::ActivityNet);
        QVERIFY_RESULT(file);
        QVERIFY2(file->problems.empty(), name);
        QVERIFY2(!file->videos[0].annotation.tiers.at(0).segments.empty(), name);
    }
}

QTEST_GUILESS_MAIN(TestLabelReaders)
#include "tst_label_readers.moc"
