#include "labels/foreign_eaf.h"
#include "labels/made_up_labels.h"
#include "support/verify.h"

using namespace clipscope;
using namespace clipscope::labels;

namespace {

ExportInfo infoWith(const FrameClock& clock)
{
    ExportInfo info;
    info.video = "film.mp4";
    info.clock = clock;
    return info;
}

/// A small file of each format that can be written, and one of CVAT.
std::string sampleOf(Format format, const FrameClock& clock)
{
    if (format == Format::Cvat)
        return "<annotations><meta><task><labels><label><name>car</name></label></labels></task>"
               "<source>film.mp4</source></meta><track label=\"car\"><box frame=\"0\" "
               "outside=\"0\"/><box frame=\"9\" outside=\"1\"/></track><image id=\"30\">"
               "<tag label=\"rain\"/></image></annotations>";
    test::MadeUpLabels wish;
    wish.severalTiers = false;
    Annotation annotation = test::madeUpAnnotation(11, clock, wish);
    if (annotation.tiers[0].segments.size() > 4)
        annotation.tiers[0].segments.resize(4);
    const auto text = labelsText("/nowhere/x", format, annotation, infoWith(clock));
    return text ? text->content : std::string();
}

/// What may be read of a broken file is at least sound.
void check(const Result<LabelFile>& file)
{
    if (!file) {
        QVERIFY(!file.error().message.empty());
        QCOMPARE(file.error().place.file, std::filesystem::path("/nowhere/broken"));
        return;
    }
    for (const VideoLabels& video : file->videos) {
        for (const Tier& tier : video.annotation.tiers) {
            QVERIFY(std::ranges::is_sorted(tier.segments, inTierOrder));
            for (const Segment& segment : tier.segments) {
                QVERIFY(segment.startSeconds >= 0.0);
                QVERIFY(segment.stopSeconds >= segment.startSeconds);
                QVERIFY(std::isfinite(segment.stopSeconds));
            }
        }
    }
    for (const Error& problem : file->problems)
        QVERIFY(!problem.place.where.empty());
}

void eachFormat()
{
    QTest::addColumn<int>("format");
    for (const Format format : allFormats)
        QTest::newRow(std::string(nameOf(format)).c_str()) << static_cast<int>(format);
}

void eachFormatWeWrite()
{
    QTest::addColumn<int>("format");
    for (const Format format : allFormats)
        if (canWrite(format))
            QTest::newRow(std::string(nameOf(format)).c_str()) << static_cast<int>(format);
}

} // namespace

class TestLabelHostile final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void everyTruncationAndChangedByteIsReadOrRefused_data() { eachFormat(); }
    void everyTruncationAndChangedByteIsReadOrRefused();
    void cutJsonAndXmlAreRefusedWithALine();
    void readsAndWritesAHundredThousandSegments_data() { eachFormat(); }
    void readsAndWritesAHundredThousandSegments();
    void segmentsAllAtOnceTakeNoQuadraticTime_data() { eachFormatWeWrite(); }
    void segmentsAllAtOnceTakeNoQuadraticTime();
    void tiersOfOneVideoAreNotGivenToAll();
    void aHundredThousandFaultsDoNotFloodTheReport();
    void countsInFilesReserveNothing_data();
    void countsInFilesReserveNothing();
    void wrongEncodingsAreReadAsTextOrRefused_data() { eachFormat(); }
    void wrongEncodingsAreReadAsTextOrRefused();
    void filesOfAnotherFormatAreRefused_data() { eachFormat(); }
    void filesOfAnotherFormatAreRefused();
    void deepNestingIsNoDanger();
};

void TestLabelHostile::everyTruncationAndChangedByteIsReadOrRefused()
{
    QFETCH(int, format);
    const auto chosen = static_cast<Format>(format);
    ReadOptions options;
    options.clock = test::madeUpClock(60);
    const std::string whole = sampleOf(chosen, options.clock);
    QVERIFY(whole.size() > 40);
    const auto intact = parseLabels(whole, "/nowhere/broken", chosen, options);
    QVERIFY_RESULT(intact);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        check(parseLabels(whole.substr(0, at), "/nowhere/broken", chosen, options));
        for (const char byte : { '\0', '<', '"', '\xFF' }) {
            std::string changed = whole;
            changed[at] = byte;
            check(parseLabels(changed, "/nowhere/broken", chosen, options));
        }
    }
}

void TestLabelHostile::cutJsonAndXmlAreRefusedWithALine()
{
    ReadOptions options;
    options.clock = test::madeUpClock(60);
    for (const Format format : { Format::Eaf, Format::Cvat, Format::ActivityNet,
             Format::LabelStudio, Format::FiftyOne, Format::TextGrid }) {
        std::string whole = sampleOf(format, options.clock);
        while (whole.back() == '\n')
            whole.pop_back();
        for (std::size_t size = 1; size < whole.size(); ++size) {
            const auto cut = parseLabels(whole.substr(0, size), "cut", format, options);
            if (format == Format::TextGrid && cut)
                continue; // cut behind its last digit, a number is another number
            QVERIFY_ERROR(cut, ErrorKind::BadInput);
            QVERIFY2(
                cut.error().place.where.starts_with("line "), cut.error().place.toString().c_str());
        }
    }
    for (std::size_t size = 1; size + 1 < test::foreignEaf.size(); ++size)
        QVERIFY(!parseLabels(test::foreignEaf.substr(0, size), "cut", Format::Eaf, options));
}

void TestLabelHostile::readsAndWritesAHundredThousandSegments()
{
    QFETCH(int, format);
    const auto chosen = static_cast<Format>(format);
    constexpr std::size_t count = 100000;
    ReadOptions options;
    options.clock = test::madeUpClock(200001);
    std::string content;
    if (chosen == Format::Cvat) {
        content = "<annotations>";
        for (std::size_t at = 0; at < count; ++at)
            content += "<image id=\"" + std::to_string(2 * at) + "\"><tag label=\"x\"/></image>\n";
        content += "</annotations>";
    } else {
        Annotation annotation;
        annotation.tiers.push_back({ 0, "hand", Source::Hand, "", {} });
        for (std::size_t at = 0; at < count; ++at) {
            const auto frame = static_cast<std::int64_t>(2 * at);
            annotation.tiers[0].segments.push_back(
                { 0, options.clock.startOf(frame), options.clock.startOf(frame + 1),
                    "label " + std::to_string(at % 7), 0.5, Source::Hand, Verdict::Open, {} });
        }
        const auto text = labelsText("/nowhere/x", chosen, annotation, infoWith(options.clock));
        QVERIFY_RESULT(text);
        content = text->content;
    }
    const auto file = parseLabels(content, "/nowhere/many", chosen, options);
    QVERIFY_RESULT(file);
    QCOMPARE(file->videos[0].annotation.tiers.at(0).segments.size(), count);
    if (chosen != Format::Eaf)
        return;
    // Written once more over what was kept, all of it found again by time and text.
    ExportInfo info = infoWith(options.clock);
    info.kept = file->videos[0].kept;
    const auto again = labelsText("/nowhere/x", chosen, file->videos[0].annotation, info);
    QVERIFY_RESULT(again);
    QCOMPARE(again->content.size(), content.size());
}

void TestLabelHostile::segmentsAllAtOnceTakeNoQuadraticTime()
{
    QFETCH(int, format);
    const auto chosen = static_cast<Format>(format);
    constexpr std::size_t count = 20000;
    ReadOptions options;
    options.clock = test::madeUpClock(200001);
    Annotation annotation;
    annotation.tiers.push_back({ 0, "hand", Source::Hand, "", {} });
    for (std::size_t at = 0; at < count; ++at) // each overlaps all others
        annotation.tiers[0].segments.push_back(
            { 0, options.clock.startOf(static_cast<std::int64_t>(at)),
                options.clock.startOf(static_cast<std::int64_t>(200000 - at)), "x", {},
                Source::Hand, Verdict::Accepted, {} });
    const auto text = labelsText("/nowhere/x", chosen, annotation, infoWith(options.clock));
    QVERIFY_RESULT(text);
    const auto file = parseLabels(text->content, "/nowhere/many", chosen, options);
    QVERIFY_RESULT(file);
    QVERIFY(file->problems.empty());
    QCOMPARE(file->videos[0].annotation.tiers.at(0).segments.size(),
        chosen == Format::Frames ? 1 : count); // all of one label: one run of frames
}

void TestLabelHostile::tiersOfOneVideoAreNotGivenToAll()
{
    std::string tiers, videos;
    for (int at = 0; at < 3000; ++at) {
        (tiers += at ? "," : "") += "{\"tier\":\"t" + std::to_string(at) + "\"}";
        (videos += at ? "," : "") += "\"v" + std::to_string(at) + "\":[]";
    }
    const std::string own = ",\"clipscope\":{\"tiers\":[" + tiers + "]}}";
    const auto net = parseLabels("{\"results\":{" + videos + "}" + own, "x", Format::ActivityNet);
    const auto one = parseLabels("{\"labels\":{" + videos + "}" + own, "x", Format::FiftyOne);
    QVERIFY_RESULT(net);
    QVERIFY_RESULT(one);
    QVERIFY(net->videos.at(0).annotation.tiers.empty());
    QVERIFY(one->videos.at(0).annotation.tiers.empty());
}

void TestLabelHostile::aHundredThousandFaultsDoNotFloodTheReport()
{
    std::string csv = "label,start_s,end_s\n";
    for (int at = 0; at < 100000; ++at)
        csv += "x,2,1\n";
    const auto file = parseLabels(csv, "x", Format::Csv);
    QVERIFY_RESULT(file);
    QCOMPARE(file->problems.size(), std::size_t(1000));
    QCOMPARE(file->notes.size(), std::size_t(1));
}

void TestLabelHostile::countsInFilesReserveNothing_data()
{
    QTest::addColumn<int>("format");
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("TextGrid") << static_cast<int>(Format::TextGrid)
                              << QByteArray("\"ooTextFile\" \"TextGrid\" 0 1 <exists> 1 "
                                            "\"IntervalTier\" \"x\" 0 1 999999999999999999");
    QTest::newRow("TextGrid tiers") << static_cast<int>(Format::TextGrid)
                                    << QByteArray("\"ooTextFile\" \"TextGrid\" 0 1 <exists> "
                                                  "9223372036854775807");
    QTest::newRow("TextGrid negative") << static_cast<int>(Format::TextGrid)
                                       << QByteArray("\"ooTextFile\" \"TextGrid\" 0 1 <exists> -1");
}

void TestLabelHostile::countsInFilesReserveNothing()
{
    QFETCH(int, format);
    QFETCH(QByteArray, content);
    QVERIFY_ERROR(
        parseLabels(content.toStdString(), "x", static_cast<Format>(format)), ErrorKind::BadInput);
}

void TestLabelHostile::wrongEncodingsAreReadAsTextOrRefused()
{
    QFETCH(int, format);
    const auto chosen = static_cast<Format>(format);
    ReadOptions options;
    options.clock = test::madeUpClock(60);
    std::string whole = sampleOf(chosen, options.clock);
    for (const char* bytes :
        { "\xE9", "\xC3", "\xED\xA0\x80", "\xF8\x88\x80\x80\x80", "\xFF\xFE" }) {
        check(parseLabels(bytes + whole, "/nowhere/broken", chosen, options));
        std::string inside = whole;
        inside.insert(inside.size() / 2, bytes);
        check(parseLabels(inside, "/nowhere/broken", chosen, options));
    }
    // Half of UTF-16 with its mark.
    std::string wide = "\xFF\xFE";
    for (const char c : whole)
        (wide += c) += '\0';
    const auto read = parseLabels(wide, "/nowhere/wide", chosen, options);
    QVERIFY_RESULT(read);
    check(parseLabels(wide.substr(0, wide.size() / 2 | 1), "/nowhere/broken", chosen, options));
}

void TestLabelHostile::filesOfAnotherFormatAreRefused()
{
    QFETCH(int, format);
    const auto chosen = static_cast<Format>(format);
    ReadOptions options;
    options.clock = test::madeUpClock(5);
    for (const char* content : { "[1,2]", "7", "\"x\"", "<html/>", "some text\nof people\n" }) {
        const auto file = parseLabels(content, "/nowhere/broken", chosen, options);
        if (chosen == Format::Frames)
            check(file); // any text is a label there
        else
            QVERIFY2(!file, content);
    }
}

void TestLabelHostile::deepNestingIsNoDanger()
{
    ReadOptions options;
    options.clock = test::madeUpClock(5);
    const std::string brackets(200000, '[');
    std::string tags;
    for (int level = 0; level < 200000; ++level)
        tags += "<a>";
    for (const Format format : { Format::ActivityNet, Format::LabelStudio, Format::FiftyOne })
        for (const std::string& text : { brackets, brackets + std::string(200000, ']') })
            QVERIFY(!parseLabels(text, "x", format, options));
    for (const Format format : { Format::Eaf, Format::Cvat }) {
        QVERIFY(!parseLabels(tags, "x", format, options));
        for (int level = 0; level < 200000; ++level)
            tags += "</a>";
        QVERIFY(!parseLabels(tags, "x", format, options));
    }
}

QTEST_GUILESS_MAIN(TestLabelHostile)
#include "tst_label_hostile.moc"
