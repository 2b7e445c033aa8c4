#include "base/json.h"
#include "support/verify.h"

using namespace clipscope;

class TestJson final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void keepsTheOrderOfKeys()
    {
        const auto json = parseJson(R"({"b": 1, "a": [true, null]})");
        QVERIFY_RESULT(json);
        QCOMPARE(dump(*json), std::string(R"({"b":1,"a":[true,null]})"));
    }

    void brokenTextIsPlacedByLineAndColumn()
    {
        const auto json = parseJson("{\"a\": 1,\n \"b\": ]}", "captions.json");
        QVERIFY_ERROR(json, ErrorKind::BadInput);
        QCOMPARE(json.error().place.toString(), std::string("captions.json: line 2, column 7"));
    }

    void everyTruncationIsAnErrorAndNeverACrash()
    {
        const std::string text = R"({"a": [1, 2.5, "x\u00e9"], "b": {"c": false}})";
        for (std::size_t size = 0; size < text.size(); ++size)
            QVERIFY_ERROR(parseJson(text.substr(0, size)), ErrorKind::BadInput);
        QVERIFY_RESULT(parseJson(text));
    }

    void nestingHasAnEnd()
    {
        const auto nested = [](std::size_t levels) {
            return std::string(levels, '[') + std::string(levels, ']');
        };
        QVERIFY_RESULT(parseJson(nested(500)));
        for (const std::size_t levels : { 501, 1000000 }) {
            const auto json = parseJson(nested(levels), "deep.json");
            QVERIFY_ERROR(json, ErrorKind::BadInput);
            QCOMPARE(json.error().place.toString(), std::string("deep.json"));
            QVERIFY(json.error().message.find("deeper than 500 levels") != std::string::npos);
        }
        // Levels that were closed do not count.
        std::string wide = "[0";
        for (int at = 0; at < 1000; ++at)
            wide += at % 2 ? R"(,{"a":[]})" : ",[[]]";
        QVERIFY_RESULT(parseJson(wide + "]"));
    }

    void errorsBecomeTheObjectScriptsRelyOn()
    {
        const Json json
            = toJson(Error{ ErrorKind::Conflict, "It is there.", { "p", "line 1" }, {}, "Wait." });
        QCOMPARE(dump(json),
            std::string(
                R"({"kind":"conflict","message":"It is there.","place":"p: line 1","file":"p","hint":"Wait."})"));
    }

    void invalidUtf8IsReplacedWhenWritten()
    {
        QCOMPARE(dump(Json("a\xFF")), std::string("\"a\xEF\xBF\xBD\""));
    }
};

QTEST_GUILESS_MAIN(TestJson)
#include "tst_json.moc"
