#include "base/files.h"
#include "base/json.h"
#include "labels/label_set_file.h"
#include "labels/made_up_labels.h"
#include "support/verify.h"

#include <QTemporaryDir>

using namespace clipscope;
using namespace clipscope::labels;
using test::MadeUpLabels;
using test::Times;

namespace {

LabelSet kitchen()
{
    LabelSet set;
    set.name = "kitchen";
    set.labels = { { "cut", { "a knife cuts", "cutting" }, {}, {}, {}, 0, {} },
        { "pour", {}, "cut", {}, {}, 0, {} } };
    return set;
}

ExportInfo infoWith(const FrameClock& clock)
{
    ExportInfo info;
    info.version = "1.2.3";
    info.videoPath = "/films/soup day.mp4";
    info.originSeconds = 0.25;
    info.clock = clock;
    info.labelSets = { kitchen() };
    return info;
}

std::filesystem::path pathFor(Format format)
{
    return "/exports/labels" + std::string(extensionOf(format));
}

/// What a person sees of an annotation that did not come back.
std::string shown(const Annotation& annotation)
{
    std::string text;
    for (const Tier& tier : annotation.tiers) {
        text += "\n" + tier.name + " " + std::string(nameOf(tier.source)) + " " + tier.labelSet;
        for (const Segment& segment : tier.segments)
            text += "\n  " + std::to_string(segment.startSeconds) + " "
                + std::to_string(segment.stopSeconds) + " [" + segment.label + "] "
                + std::string(nameOf(segment.source)) + " " + std::string(nameOf(segment.verdict))
                + " " + (segment.score ? std::to_string(*segment.score) : "-") + " [" + segment.note
                + "]";
    }
    return text;
}

/// Segments at the same times may come back in another order from formats that sort by label, and
/// tiers in the order of their first segments.
Annotation normal(Annotation annotation, Format format)
{
    if (format == Format::Srt || format == Format::Boris)
        std::ranges::sort(annotation.tiers, {}, &Tier::name);
    for (Tier& tier : annotation.tiers)
        std::ranges::stable_sort(tier.segments, {}, [](const Segment& segment) {
            return std::tuple{ segment.startSeconds, segment.stopSeconds, segment.label,
                segment.score, segment.note, segment.source, segment.verdict };
        });
    return annotation;
}

} // namespace

class TestLabelFile final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void comesBackAsTheResolutionAllows_data();
    void comesBackAsTheResolutionAllows();
    void framesComeBackWhereverTheyAreShown();
    void millisecondsAreKeptWithoutAClock();
    void snapsToTheFrameThatWasMeant();
    void csvHasTheFixedHeader();
    void everyExportSaysWhereItComesFrom_data();
    void everyExportSaysWhereItComesFrom();
    void refusesWhatAFormatCannotHold();
    void writesWholeFilesAndWhatStandsBeside();
    void knowsFormatsByNameAndContent();
    void takesTheVideoThatIsAskedFor();
};

void TestLabelFile::comesBackAsTheResolutionAllows_data()
{
    QTest::addColumn<int>("format");
    QTest::addColumn<int>("times");
    QTest::addColumn<bool>("emptyTiers");
    const auto row = [](Format format, Times times, bool emptyTiers) {
        QTest::newRow(std::string(nameOf(format)).c_str())
            << static_cast<int>(format) << static_cast<int>(times) << emptyTiers;
    };
    row(Format::Eaf, Times::OnFrames, true);
    row(Format::Vtt, Times::OnFrames, true);
    row(Format::Srt, Times::OnFrames, false);
    row(Format::Csv, Times::Anywhere, false);
    row(Format::ActivityNet, Times::Anywhere, true);
    row(Format::TextGrid, Times::Anywhere, false);
    row(Format::Boris, Times::Anywhere, false);
    row(Format::LabelStudio, Times::Anywhere, true);
    row(Format::FiftyOne, Times::Anywhere, true);
}

void TestLabelFile::comesBackAsTheResolutionAllows()
{
    QFETCH(int, format);
    QFETCH(int, times);
    QFETCH(bool, emptyTiers);
    const auto chosen = static_cast<Format>(format);
    const FrameClock clock = test::madeUpClock();
    MadeUpLabels wish{ static_cast<Times>(times), true, true, true, emptyTiers, true };
    std::size_t segments = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        const Annotation annotation = test::madeUpAnnotation(seed, clock, wish);
        for (const Tier& tier : annotation.tiers) {
            segments += tier.segments.size();
            if (tier.segments.empty() && !emptyTiers)
                goto next; // segments too short for the film were left out
        }
        {
            const auto text = labelsText(pathFor(chosen), chosen, annotation, infoWith(clock));
            QVERIFY_RESULT(text);
            ReadOptions options;
            options.clock = clock;
            options.video = "soup day.mp4";
            const auto file = parseLabels(text->content, "labels", chosen, options);
            QVERIFY_RESULT(file);
            QVERIFY2(file->problems.empty(),
                file->problems.empty() ? "" : file->problems[0].toString().c_str());
            QVERIFY2(file->notes.empty(), file->notes.empty() ? "" : file->notes[0].c_str());
            QCOMPARE(file->videos.size(), std::size_t(1));
            const Annotation wanted = normal(annotation, chosen);
            const Annotation read = normal(file->videos[0].annotation, chosen);
            QVERIFY2(read == wanted,
                ("seed " + std::to_string(seed) + shown(wanted) + "\n--- read" + shown(read) + "\n"
                    + text->content)
                    .c_str());
        }
    next:;
    }
    QVERIFY(segments > 300);
}

void TestLabelFile::framesComeBackWhereverTheyAreShown()
{
    const FrameClock clock = test::madeUpClock();
    QTemporaryDir folder;
    const auto path = std::filesystem::path(folder.path().toStdString()) / "film.txt";
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const MadeUpLabels wish{ Times::OnFrames, false, false, false, false, false };
        Annotation annotation = test::madeUpAnnotation(seed, clock, wish);
        ReadOptions options;
        options.clock = clock;
        options.tier = annotation.tiers[0].name;
        Tier& tier = annotation.tiers[0];
        tier.source = Source::Hand;
        tier.labelSet.clear();
        for (std::size_t at = 0; at < tier.segments.size(); ++at) {
            // All that a per-frame file can say; labels alternate, equal neighbours would merge.
            const Segment& old = tier.segments[at];
            tier.segments[at]
                = { 0, old.startSeconds, old.stopSeconds, (at % 2 ? "stir the soup" : "cut"),
                      std::nullopt, Source::Hand, Verdict::Accepted, {} };
            options.knownLabels.push_back(tier.segments[at].label);
        }
        QVERIFY_RESULT(writeLabels(path, Format::Frames, annotation, infoWith(clock)));
        const auto file = readLabels(path, Format::Frames, options);
        QVERIFY_RESULT(file);
        QVERIFY2(file->videos[0].annotation == annotation,
            (shown(annotation) + "\n--- read" + shown(file->videos[0].annotation)).c_str());
    }
    const auto mapping = readFile(path.parent_path() / "mapping.txt");
    QVERIFY_RESULT(mapping);
    QVERIFY(mapping->find(" stir_the_soup\n") != std::string::npos);
}

void TestLabelFile::millisecondsAreKeptWithoutAClock()
{
    const FrameClock clock = test::madeUpClock();
    for (const Format format : { Format::Eaf, Format::Vtt, Format::Srt }) {
        for (std::uint64_t seed = 1; seed <= 20; ++seed) {
            const MadeUpLabels wish{ Times::OnMilliseconds, true, true, true, false, true };
            const Annotation annotation = test::madeUpAnnotation(seed, clock, wish);
            if (std::ranges::any_of(
                    annotation.tiers, [](const Tier& tier) { return tier.segments.empty(); }))
                continue;
            const auto text = labelsText(pathFor(format), format, annotation, infoWith(clock));
            QVERIFY_RESULT(text);
            const auto file = parseLabels(text->content, "labels", format);
            QVERIFY_RESULT(file);
            QVERIFY2(normal(file->videos[0].annotation, format) == normal(annotation, format),
                (shown(annotation) + "\n--- read" + shown(file->videos[0].annotation)).c_str());
        }
    }
}

void TestLabelFile::snapsToTheFrameThatWasMeant()
{
    const FrameClock clock = test::madeUpClock();
    for (std::int64_t frame = 0; frame < clock.frameCount; ++frame) {
        const double exact = clock.startOf(frame);
        const double rounded = std::round(exact * 1000.0) / 1000.0;
        QCOMPARE(clock.snapped(rounded, 0.0005), exact);
    }
    // Half-way between two frames nothing is meant but the time itself.
    const double between = (clock.startOf(10) + clock.startOf(11)) / 2.0;
    QCOMPARE(clock.snapped(between, 0.0005), between);
    QCOMPARE(clock.firstFrom(clock.startOf(10)), 10);
    QCOMPARE(clock.firstFrom(between), 11);
    QCOMPARE(clock.firstFrom(clock.durationSeconds), clock.frameCount);
}

void TestLabelFile::csvHasTheFixedHeader()
{
    const FrameClock clock = test::madeUpClock();
    const Annotation annotation{ { { 0, "hand", Source::Hand, "",
        { { 0, clock.startOf(3), clock.startOf(5), "cut, \"fine\"", 0.5, Source::Hand,
            Verdict::Accepted, {} } } } } };
    const auto text = labelsText("a.csv", Format::Csv, annotation, infoWith(clock));
    QVERIFY_RESULT(text);
    const QByteArrayList lines = QByteArray::fromStdString(text->content).split('\n');
    QVERIFY(
        lines[0].startsWith("video,tier,label,start_s,end_s,start_frame,end_frame,score,source,"));
    QCOMPARE(lines[1],
        QByteArray("soup day.mp4,hand,\"cut, \"\"fine\"\"\",0.05,0.08333333333333333,3,5,0.5,hand,"
                   "accepted,,hand,"));
    const auto tabs = labelsText("a.tsv", Format::Csv, annotation, infoWith(clock));
    QVERIFY_RESULT(tabs);
    QVERIFY(tabs->content.starts_with("video\ttier\tlabel\tstart_s"));
}

void TestLabelFile::everyExportSaysWhereItComesFrom_data()
{
    QTest::addColumn<int>("format");
    for (const Format format : allFormats)
        if (canWrite(format))
            QTest::newRow(std::string(nameOf(format)).c_str()) << static_cast<int>(format);
}

void TestLabelFile::everyExportSaysWhereItComesFrom()
{
    QFETCH(int, format);
    const FrameClock clock = test::madeUpClock();
    const MadeUpLabels wish{ Times::OnFrames, false, false, false, false, false };
    Annotation annotation = test::madeUpAnnotation(3, clock, wish);
    annotation.tiers.front().checkpoint = "c0ffee";
    const auto text
        = labelsText("/nowhere/labels", static_cast<Format>(format), annotation, infoWith(clock));
    QVERIFY_RESULT(text);
    const std::string all = text->content + text->about;
    for (const std::string& word :
        { std::string("Clipscope"), std::string("1.2.3"), std::string("c0ffee"), hashOf(kitchen()),
            std::string("first shown frame"), std::string("0.25") })
        QVERIFY2(all.find(word) != std::string::npos, word.c_str());
}

void TestLabelFile::refusesWhatAFormatCannotHold()
{
    const FrameClock clock = test::madeUpClock();
    const Annotation two{ { { 0, "a", {}, {}, {} }, { 0, "b", {}, {}, {} } } };
    QVERIFY_ERROR(labelsText("x.xml", Format::Cvat, two, infoWith(clock)), ErrorKind::Unsupported);
    QVERIFY_ERROR(labelsText("x.txt", Format::Frames, two, infoWith(clock)), ErrorKind::BadInput);
    for (const Format format : { Format::LabelStudio, Format::FiftyOne, Format::Frames })
        QVERIFY_ERROR(labelsText("x", format, two, infoWith({})), ErrorKind::BadInput);
    Annotation broken = two;
    for (const auto& [start, stop] : { std::pair{ -1.0, 1.0 }, std::pair{ 2.0, 1.0 },
             std::pair{ 0.0, std::numeric_limits<double>::quiet_NaN() },
             std::pair{ 0.0, std::numeric_limits<double>::infinity() } }) {
        broken.tiers[0].segments = { { 0, start, stop, "x", {}, {}, {}, {} } };
        QVERIFY_ERROR(
            labelsText("x.csv", Format::Csv, broken, infoWith(clock)), ErrorKind::BadInput);
    }
}

void TestLabelFile::writesWholeFilesAndWhatStandsBeside()
{
    QTemporaryDir folder;
    const std::filesystem::path path(folder.path().toStdString());
    const FrameClock clock = test::madeUpClock();
    const MadeUpLabels wish{ Times::OnFrames, false, false, false, false, false };
    const Annotation annotation = test::madeUpAnnotation(5, clock, wish);
    const auto written = writeLabels(path / "a.txt", Format::Frames, annotation, infoWith(clock));
    QVERIFY_RESULT(written);
    QCOMPARE(written->files,
        (std::vector{ path / "a.txt", path / "mapping.txt", path / "a.txt.about.json" }));
    for (const auto& file : written->files)
        QVERIFY(std::filesystem::exists(file));
    QVERIFY_RESULT(readJson(path / "a.txt.about.json"));
    QVERIFY_ERROR(writeLabels(path / "none" / "a.csv", Format::Csv, annotation, infoWith(clock)),
        ErrorKind::NotFound);
    QCOMPARE(std::distance(
                 std::filesystem::directory_iterator(path), std::filesystem::directory_iterator()),
        3);
}

void TestLabelFile::knowsFormatsByNameAndContent()
{
    for (const Format format : allFormats)
        QCOMPARE(formatOf(nameOf(format)), format);
    QVERIFY(!formatOf("docx"));
    const FrameClock clock = test::madeUpClock();
    const MadeUpLabels wish{ Times::OnFrames, false, false, false, false, false };
    const Annotation annotation = test::madeUpAnnotation(3, clock, wish);
    for (const Format format : allFormats) {
        if (!canWrite(format))
            continue;
        const auto text = labelsText("/nowhere/x", format, annotation, infoWith(clock));
        QVERIFY_RESULT(text);
        QCOMPARE(guessFormat(pathFor(format), text->content.substr(0, 4096)), format);
    }
    QCOMPARE(guessFormat("a.xml", "<annotations>"), Format::Cvat);
    QVERIFY(!guessFormat("a.docx", "x"));
    QVERIFY(!guessFormat("a.json", "[]"));
}

void TestLabelFile::takesTheVideoThatIsAskedFor()
{
    const std::string csv = "video,tier,label,start_s,end_s,start_frame,end_frame,score,source\n"
                            "a.mp4,t,x,0,1,,,,hand\n"
                            "b.mp4,t,y,0,1,,,,hand\n"
                            "b.mp4,t,broken,nan,1,,,,hand\n";
    ReadOptions options;
    const auto both = parseLabels(csv, "l.csv", Format::Csv, options);
    QVERIFY_RESULT(both);
    QCOMPARE(both->videos.size(), std::size_t(2));
    QCOMPARE(both->problems.size(), std::size_t(1));
    options.video = "/films/a.mkv";
    const auto one = parseLabels(csv, "l.csv", Format::Csv, options);
    QVERIFY_RESULT(one);
    QCOMPARE(one->videos.size(), std::size_t(1));
    QCOMPARE(one->videos[0].annotation.tiers[0].segments[0].label, std::string("x"));
    QVERIFY(one->problems.empty()); // those of the other video are not his
    options.video = "c.mp4";
    const auto none = parseLabels(csv, "l.csv", Format::Csv, options);
    QVERIFY_ERROR(none, ErrorKind::BadInput);
}

QTEST_GUILESS_MAIN(TestLabelFile)
#include "tst_label_file.moc"
