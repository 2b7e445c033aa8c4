#include "text/caption_stream.h"

#include "base/files.h"
#include "support/verify.h"
#include "text/caption_readers.h"

#include <QTemporaryDir>

using namespace clipscope;

namespace {

struct Read
{
    Status status;
    std::vector<text::VideoCaptions> videos;
    std::vector<Error> problems;
    std::uint64_t lastDone = 0;
};

} // namespace

class TestCaptionStream final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    std::filesystem::path file() const { return m_folder.filePath("raw.json").toStdString(); }

    Read readFileAt(const std::filesystem::path& path, std::stop_token stop = {}) const
    {
        Read read;
        read.status = text::streamCaptionsJson(path,
            { [&](text::VideoCaptions video) {
                 read.videos.push_back(std::move(video));
                 return Status();
             },
                [&](Error error) { read.problems.push_back(std::move(error)); },
                [&](std::uint64_t done, std::uint64_t) { read.lastDone = done; } },
            std::move(stop));
        return read;
    }
    Read read(const std::string& json) const
    {
        if (const auto written = writeFileAtomically(file(), json); !written)
            return { written, {}, {} };
        return readFileAt(file());
    }

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void readsVideosInTheOrderOfTheFile()
    {
        const auto found = read(R"({"b": {"start": [1, 2.5], "end": [2, 3], "text": ["x", "y\nz"]},
            "a": {"text": ["q", null, 7, "", NaN], "stop": [1, 2, 3, 4, 5], "more": [{"x": [1]}, 2],
                  "start": [0, 1, 2, 3, 4], "language": "en"},
            "c": {"start": [], "end": [], "text": []}})");
        QVERIFY_RESULT(found.status);
        QCOMPARE(found.problems.size(), std::size_t(0));
        QCOMPARE(found.videos.size(), std::size_t(3));
        QVERIFY((found.videos[0]
            == text::VideoCaptions{ "b", { { 1.0, 2.0, "x" }, { 2.5, 3.0, "y\nz" } } }));
        QVERIFY((found.videos[1] == text::VideoCaptions{ "a", { { 0.0, 1.0, "q" } } }));
        QVERIFY((found.videos[2] == text::VideoCaptions{ "c", {} }));
        QVERIFY(found.lastDone > 100);
    }

    void agreesWithTheReaderOfWholeFilesAcrossItsBuffer()
    {
        // More than two buffers, with words of Python at every distance from their ends.
        std::string json = "{";
        for (int video = 0; json.size() < (std::size_t(5) << 19); ++video) {
            const std::string word = std::string(static_cast<std::size_t>(video % 23), 'w');
            json += (video > 0 ? ",\n" : "") + ("\"v" + std::to_string(video))
                + "\": {\"start\": [0.5, 1, NaN, 3], \"end\": [1, -Infinity, 3, 4], \"text\": [\""
                + word + "\\\" NaN, \\\\\", \"b\", \"c\", NaN]}";
        }
        json += "}";
        const auto found = read(json);
        QVERIFY_RESULT(found.status);
        const auto whole = text::readCaptionsJson(file());
        QVERIFY_RESULT(whole);
        QVERIFY(found.videos.size() > 10'000);
        QVERIFY(found.videos == whole->videos);
        QCOMPARE(found.problems.size(), whole->problems.size());
        QCOMPARE(found.lastDone, std::uint64_t(json.size()));
    }

    void badCaptionsAndVideosAreProblems()
    {
        // A number that no double holds is not read by the parser.
        QVERIFY_ERROR(read(R"({"a": {"start": [1e400], "end": [1], "text": ["x"]}})").status,
            ErrorKind::BadInput);
        const auto rest = read(R"({"a": {"start": [3, -1, "1", 0, 1e300], )"
                               R"("end": [1, 1, 2, 1, 2e300], )"
                               R"("text": ["x", "x", "x", "good", "late"]},
            "b": {"start": [1], "end": [2, 3], "text": ["x"]}, "c": {"start": [1], "text": ["x"]},
            "d": {"start": [[1]], "end": [{"a": 2}], "text": [["x"]]}})");
        QVERIFY_RESULT(rest.status);
        QCOMPARE(rest.problems.size(), std::size_t(5));
        QCOMPARE(rest.problems[0].message,
            std::string("Caption 0 of \"a\" was left out: it ends before it starts."));
        QVERIFY(rest.problems[1].message.find("before 0") != std::string::npos);
        QVERIFY(rest.problems[2].message.find("not numbers") != std::string::npos);
        QVERIFY(rest.problems[3].message.find("\"b\"") != std::string::npos);
        QVERIFY(rest.problems[4].message.find("\"c\"") != std::string::npos);
        QCOMPARE(rest.videos.size(), std::size_t(2));
        QCOMPARE(rest.videos[0].captions.size(), std::size_t(2));
        QVERIFY(rest.videos[1].captions.empty());
    }

    void rejectsAFileCutOffAnywhere()
    {
        const std::string json = "{\"a\": {\"start\": [1, NaN], \"end\": [2, 3], \"text\": "
                                 "[\"x\\u00e9 \\\"\", \"y\"]}}";
        QVERIFY_RESULT(read(json).status);
        for (std::size_t length = 0; length < json.size(); ++length) {
            const auto found = read(json.substr(0, length));
            QVERIFY_ERROR(found.status, ErrorKind::BadInput);
            QVERIFY(found.status.error().place.where.starts_with("line 1, column "));
        }
    }

    void rejectsOtherForms_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::newRow("list") << QByteArray("[]");
        QTest::newRow("number") << QByteArray("7");
        QTest::newRow("list of captions") << QByteArray(R"({"a": [{"start": 1}]})");
        QTest::newRow("text for a video") << QByteArray(R"({"a": "x"})");
        QTest::newRow("number for a list") << QByteArray(R"({"a": {"start": 1}})");
        QTest::newRow("object for a list") << QByteArray(R"({"a": {"text": {}}})");
        QTest::newRow("more behind it") << QByteArray("{} x");
        QTest::newRow("no UTF-8") << QByteArray("{\"a\": {\"text\": [\"\xff\"]}}");
        QTest::newRow("Python's None") << QByteArray(R"({"a": None})");
    }

    void rejectsOtherForms()
    {
        QFETCH(QByteArray, json);
        QVERIFY_ERROR(read(json.toStdString()).status, ErrorKind::BadInput);
    }

    void saysLineAndColumnOfWhatIsBroken()
    {
        const auto found = read("{\"a\":\n  {\"start\": [1,\n   x]}}");
        QVERIFY_ERROR(found.status, ErrorKind::BadInput);
        QCOMPARE(found.status.error().place.where, std::string("line 3, column 4, byte 26"));
    }

    void nestsAsDeepAsTheFileLikes()
    {
        const std::string deep(200'000, '['), closed(200'000, ']');
        QVERIFY_RESULT(read(
            "{\"a\": {\"start\": [], \"end\": [], \"text\": [], \"x\": " + deep + closed + "}}")
                           .status);
    }

    void aVideoWithoutEndIsRefused()
    {
        const auto found = read("{\"a\": {\"text\": [\"" + std::string(65 << 20, 'x') + "\"]}}");
        QVERIFY_ERROR(found.status, ErrorKind::BadInput);
        QVERIFY(found.status.error().message.find("64 MB") != std::string::npos);
    }

    void stopsWhenAsked()
    {
        QVERIFY_RESULT(read("{}").status);
        std::stop_source source;
        source.request_stop();
        QVERIFY_ERROR(readFileAt(file(), source.get_token()).status, ErrorKind::Cancelled);
        QVERIFY_ERROR(
            readFileAt(m_folder.filePath("none").toStdString()).status, ErrorKind::NotFound);
    }
};

QTEST_GUILESS_MAIN(TestCaptionStream)
#include "tst_caption_stream.moc"
