#include "base/files.h"
#include "support/verify.h"
#include "text/caption_readers.h"

#include <QTemporaryDir>

using namespace clipscope;
using text::Caption;
using Captions = std::vector<Caption>;

class TestCaptionReaders final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void readsSubRip_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("plain") << QByteArray("1\n00:00:01,500 --> 00:00:02,750\nCut the\nonions\n\n"
                                             "2\n01:00:00,000 --> 01:00:01,000\nDone\n");
        QTest::newRow("Windows") << QByteArray(
            "\xEF\xBB\xBF"
            "1\r\n00:00:01,500 --> 00:00:02,750 X1:0 X2:9\r\n<i>Cut</i> {\\an8}the\r\n"
            "onions\r\n\r\n2\r\n1:00:00.000 --> 1:00:01.000\r\nDone");
        QTest::newRow("no empty line, no counter")
            << QByteArray("00:01,500-->00:02,750\n Cut the onions \n7\n"
                          "60:00,0 --> 60:01\n<font color=\"red\">Done\n");
    }

    void readsSubRip()
    {
        QFETCH(QByteArray, content);
        const auto list = text::parseSrt(content.toStdString(), "a.srt");
        QVERIFY_RESULT(list);
        QCOMPARE(list->problems.size(), std::size_t(0));
        QCOMPARE(list->captions,
            (Captions{ { 1.5, 2.75, "Cut the onions" }, { 3600.0, 3601.0, "Done" } }));
    }

    void readsWebVtt()
    {
        const auto list = text::parseVtt("WEBVTT - title\nKind: captions\n\n"
                                         "STYLE\n::cue { color: red }\n\n"
                                         "NOTE this --> is no cue\nnor --> this\n\n"
                                         "intro\n00:01.000 --> 00:02.500 align:start line:0\n"
                                         "<v Ann>Fish &amp; <c.loud>chips</c> 1 < 2\n\n"
                                         "00:00:03.000 --> 00:00:04.000\n"
                                         "<00:03.500>late\n",
            "a.vtt");
        QVERIFY_RESULT(list);
        QCOMPARE(list->problems.size(), std::size_t(0));
        QCOMPARE(
            list->captions, (Captions{ { 1.0, 2.5, "Fish & chips 1 < 2" }, { 3.0, 4.0, "late" } }));
    }

    void badCuesAreProblemsWithTheirLine()
    {
        const auto list = text::parseSrt("1\n00:00:02,000 --> 00:00:01,000\nreversed\n\n"
                                         "2\n-00:00:02,000 --> 00:00:01,000\nnegative\n\n"
                                         "3\n00:00:zz,000 --> 00:00:01,000\nunreadable\n\n"
                                         "4\n00:00:01,000 --> 00:00:02,000\ngood\n",
            "a.srt");
        QVERIFY_RESULT(list);
        QCOMPARE(list->captions, (Captions{ { 1.0, 2.0, "good" } }));
        QCOMPARE(list->problems.size(), std::size_t(3));
        QCOMPARE(list->problems[0].message,
            std::string("A caption was left out: it ends before it starts."));
        QCOMPARE(list->problems[0].place.toString(), std::string("a.srt: line 2"));
        QCOMPARE(list->problems[1].place.toString(), std::string("a.srt: line 6"));
        QCOMPARE(list->problems[2].place.toString(), std::string("a.srt: line 10"));
    }

    void filesOfAnotherKindAreRefused()
    {
        QVERIFY_ERROR(text::parseSrt("just some text\n", "a.srt"), ErrorKind::BadInput);
        QVERIFY_ERROR(
            text::parseVtt("1\n00:01.000 --> 00:02.000\nx\n", "a.vtt"), ErrorKind::BadInput);
        QVERIFY_ERROR(text::parseVtt("WEBVTTX\n", "a.vtt"), ErrorKind::BadInput);
        QVERIFY_ERROR(text::readSubtitles("a.ass"), ErrorKind::Unsupported);
        QVERIFY_ERROR(text::readSubtitles("/nowhere/a.SRT"), ErrorKind::NotFound);
        const auto empty = text::parseSrt("\n\n", "a.srt");
        QVERIFY_RESULT(empty);
        QVERIFY(empty->captions.empty());
    }

    void everyTruncationAndEveryChangedByteIsRead()
    {
        const std::string whole = "WEBVTT\n\nNOTE x\n\n1\n00:01.000 --> 00:02.000\n<b>a</b> &lt;\n";
        for (std::size_t at = 0; at < whole.size(); ++at) {
            for (const char byte : { '\0', '<', '{', ':', '\xFF', '9' }) {
                std::string changed = whole;
                changed[at] = byte;
                for (const std::string& content : { whole.substr(0, at), changed }) {
                    (void)text::parseVtt(content, "a.vtt");
                    (void)text::parseSrt(content, "a.srt");
                    (void)text::parseCaptionsJson(content, "a.json");
                }
            }
        }
        // A number of any length is no time, and no overflow.
        const auto huge
            = text::parseSrt(std::string(5000, '9') + ":00:00,000 --> 99:00:00,000\nx\n", "a.srt");
        QVERIFY_RESULT(huge);
        QCOMPARE(huge->problems.size(), std::size_t(1));
    }

    void readsEveryFormOfJson_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("list") << QByteArray(
            R"({"a.mp4": [{"start": 1, "end": 2.5, "text": "x"}, {"start": 3, "stop": 4, "text": "y"}]})");
        QTest::newRow("HowTo100M") << QByteArray(
            R"({"a.mp4": {"start": [1, 2, 3], "end": [2.5, 3, 4], "text": ["x", NaN, "y"]}})");
        QTest::newRow("clips") << QByteArray(
            R"({"about": "…", "clips": [{"file": "a.mp4", "bytes": 7, "captions":
               [{"start": 1, "end": 2.5, "text": " x "}, {"start": 3, "end": 4, "text": "y"}]}]})");
        QTest::newRow("videos") << QByteArray("\xEF\xBB\xBF"
                                              R"({"videos": [{"path": "a.mp4", "captions":
               [{"start": 1, "end": 2.5, "text": "x"}, {"start": 3, "end": 4, "text": "y"}]}]})");
    }

    void readsEveryFormOfJson()
    {
        QFETCH(QByteArray, content);
        const auto collection = text::parseCaptionsJson(content.toStdString(), "c.json");
        QVERIFY_RESULT(collection);
        QCOMPARE(collection->problems.size(), std::size_t(0));
        QCOMPARE(collection->videos.size(), std::size_t(1));
        QCOMPARE(collection->videos[0].video, std::string("a.mp4"));
        QCOMPARE(
            collection->videos[0].captions, (Captions{ { 1.0, 2.5, "x" }, { 3.0, 4.0, "y" } }));
    }

    void badCaptionsInJsonAreProblemsWithTheirPath()
    {
        const auto collection = text::parseCaptionsJson(
            R"({"a": [{"start": 3, "end": 1, "text": "x"}, {"start": -1, "end": 1, "text": "x"},
                      {"start": "1", "end": 2, "text": "x"}, {"start": NaN, "end": 2, "text": "x"},
                      {"start": 0, "end": 1, "text": "good"}, {"start": 0, "end": 1, "text": null}]})",
            "c.json");
        QVERIFY_RESULT(collection);
        QCOMPARE(collection->videos[0].captions, (Captions{ { 0.0, 1.0, "good" } }));
        QCOMPARE(collection->problems.size(), std::size_t(4));
        QCOMPARE(collection->problems[1].place.toString(), std::string("c.json: /a/1"));
        QCOMPARE(collection->problems[1].message,
            std::string("A caption of \"a\" was left out: it starts before 0."));
    }

    void jsonOfAnotherFormIsRefusedWithItsPlace_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("place");
        QTest::newRow("broken") << QByteArray("{\"a\": [\n{\"start\": 1,}]}")
                                << QByteArray("c.json: line 2, column 13");
        QTest::newRow("array") << QByteArray("[1]") << QByteArray("c.json: line 1, column 1");
        QTest::newRow("number") << QByteArray(R"({"a": 7})") << QByteArray("c.json: /a");
        QTest::newRow("strings") << QByteArray(R"({"a": ["x"]})") << QByteArray("c.json: /a/0");
        QTest::newRow("columns") << QByteArray(
            R"({"a": {"start": [1], "end": [2, 3], "text": ["x"]}})")
                                 << QByteArray("c.json: /a");
        QTest::newRow("no name") << QByteArray(R"({"clips": [{"captions": []}]})")
                                 << QByteArray("c.json: /clips/0");
    }

    void jsonOfAnotherFormIsRefusedWithItsPlace()
    {
        QFETCH(QByteArray, content);
        QFETCH(QByteArray, place);
        const auto collection = text::parseCaptionsJson(content.toStdString(), "c.json");
        QVERIFY_ERROR(collection, ErrorKind::BadInput);
        QCOMPARE(collection.error().place.toString(), place.toStdString());
    }

    void readsTheRealFiles()
    {
        const auto folder = test::dataFolder() / "annotations";
        if (!std::filesystem::exists(folder))
            QSKIP("the sample data is not here; set CLIPSCOPE_DATA");
        for (const auto& entry : std::filesystem::directory_iterator(folder / "subtitles")) {
            const auto list = text::readSubtitles(entry.path());
            QVERIFY_RESULT(list);
            QVERIFY2(list->captions.size() > 3, entry.path().c_str());
            QVERIFY2(list->problems.empty(), entry.path().c_str());
            for (const Caption& caption : list->captions)
                QVERIFY2(caption.text.find("<v ") == std::string::npos, caption.text.c_str());
        }
        for (const auto& path : { folder / "raw_caption.asr.json",
                 folder / "raw_caption.sample.json", test::dataFolder() / "clips.json" }) {
            const auto collection = text::readCaptionsJson(path);
            QVERIFY_RESULT(collection);
            QVERIFY(!collection->videos.empty());
            QCOMPARE(collection->problems.size(), std::size_t(0));
        }
    }
};

QTEST_GUILESS_MAIN(TestCaptionReaders)
#include "tst_caption_readers.moc"
