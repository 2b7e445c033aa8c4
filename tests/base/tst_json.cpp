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
