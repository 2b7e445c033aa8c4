#include "labels/foreign_eaf.h"
#include "labels/made_up_labels.h"
#include "support/verify.h"

using namespace clipscope;
using namespace clipscope::labels;

namespace {

LabelFile readForeign()
{
    auto file = parseLabels(test::foreignEaf, "a.eaf", Format::Eaf);
    return file ? std::move(*file) : LabelFile();
}

QByteArray shown(const Annotation& annotation)
{
    QByteArray text;
    for (const Tier& tier : annotation.tiers) {
        text += QByteArray::fromStdString(tier.name) + ":";
        for (const Segment& segment : tier.segments)
            text += " " + QByteArray::fromStdString(segment.label) + " "
                + QByteArray::number(segment.startSeconds) + "-"
                + QByteArray::number(segment.stopSeconds);
        text += "\n";
    }
    return text;
}

std::string exported(const Annotation& annotation, const std::string& kept)
{
    ExportInfo info;
    info.kept = kept;
    info.videoPath = "/films/soup.mp4";
    const auto text = labelsText("/films/labels/a.eaf", Format::Eaf, annotation, info);
    return text ? text->content : text.error().toString();
}

} // namespace

class TestLabelEaf final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void readsEveryKindOfTier();
    void keepsWhatItDoesNotKnow();
    void changesNothingBesideTheOneSegment();
    void dependentTiersStandAloneOnceTheirParentIsGone();
    void writesVocabulariesAndMediaPaths();
    void staysTheSameWhenWrittenAgain();
    void doesNotExpandEntities();
    void survivesCirclesOfReferences();
    void namesTheLineOfBrokenXml();
    void refusesOtherUnits();
    void obeysTheOriginOfTheMedia();
};

void TestLabelEaf::readsEveryKindOfTier()
{
    const LabelFile file = readForeign();
    QVERIFY(file.problems.empty());
    QCOMPARE(file.videos.at(0).video, std::string("soup.mp4"));
    QCOMPARE(shown(file.videos[0].annotation),
        QByteArray("steps: cut & stir 1-3 pour 3-5\nparts: first 1-2 second 2-3\n"
                   "gloss: verser 3-5\nwords: ver 3-4 ser 4-5\n"));
    QCOMPARE(file.videos[0].annotation.tiers[0].labelSet, std::string("verbs"));
    QCOMPARE(file.labelSets.at(0).labels.size(), std::size_t(2));
    QCOMPARE(file.labelSets[0].labels[0].name, std::string("cut & stir"));
}

void TestLabelEaf::keepsWhatItDoesNotKnow()
{
    const LabelFile file = readForeign();
    const std::string text = exported(file.videos[0].annotation, file.videos[0].kept);
    for (const char* kept : { "<!-- a comment above -->", "x:extra=\"kept\"", "AUTHOR=\"Ann\"",
             "<LICENSE LICENSE_URL=\"\">free</LICENSE>", "<LINKED_FILE_DESCRIPTOR",
             "urn:nl-mpi-tools", "PARTICIPANT=\"Bob\"", "x:mark=\"tier\"", "EXT_REF=\"e1\"",
             "<x:more />", "x:q=\"1\"", "<LOCALE LANGUAGE_CODE=\"en\"",
             "<EXTERNAL_REF EXT_REF_ID=\"e1\"", "<x:deep>kept too</x:deep>",
             "PREVIOUS_ANNOTATION=\"a6\"", "PARENT_REF=\"steps\"", "TIME_SLOT_ID=\"ts2\"" })
        QVERIFY2(text.find(kept) != std::string::npos, (kept + ("\n" + text)).c_str());
    // What was 2.7 is 3.0 now, vocabularies included.
    for (const char* now : { "FORMAT=\"3.0\"", "VERSION=\"3.0\"", "<CV_ENTRY_ML",
             "LANG_REF=\"und\"", "<LANGUAGE LANG_ID=\"und\"", "what one does", "with a knife",
             "MEDIA_URL=\"file:///films/soup.mp4\"", "RELATIVE_MEDIA_URL=\"../soup.mp4\"" })
        QVERIFY2(text.find(now) != std::string::npos, (now + ("\n" + text)).c_str());
    const auto again = parseLabels(text, "b.eaf", Format::Eaf);
    QVERIFY_RESULT(again);
    QVERIFY(again->videos[0].annotation == file.videos[0].annotation);
    QVERIFY(again->labelSets == file.labelSets);
}

void TestLabelEaf::changesNothingBesideTheOneSegment()
{
    LabelFile file = readForeign();
    Annotation& annotation = file.videos[0].annotation;
    annotation.tiers[0].segments[0].stopSeconds = 2.5;
    const std::string text = exported(annotation, file.videos[0].kept);
    QVERIFY(text.find("ANNOTATION_ID=\"a2\"") != std::string::npos); // untouched
    QVERIFY(text.find("ANNOTATION_ID=\"a1\"") == std::string::npos); // another one now
    QVERIFY(text.find("ANNOTATION_ID=\"a8\"") != std::string::npos);
    const auto again = parseLabels(text, "b.eaf", Format::Eaf);
    QVERIFY_RESULT(again);
    QVERIFY2(again->videos[0].annotation == annotation, text.c_str());
    QVERIFY(text.find("PARENT_REF=\"gloss\"") != std::string::npos);
    // Slots stay in the order of their times.
    double last = 0.0;
    for (std::size_t at = text.find("TIME_VALUE=\""); at != std::string::npos;
         at = text.find("TIME_VALUE=\"", at + 1)) {
        const double ms = std::stod(text.substr(at + 12));
        QVERIFY(ms >= last);
        last = ms;
    }
}

void TestLabelEaf::dependentTiersStandAloneOnceTheirParentIsGone()
{
    LabelFile file = readForeign();
    Annotation& annotation = file.videos[0].annotation;
    annotation.tiers.erase(annotation.tiers.begin());
    const std::string text = exported(annotation, file.videos[0].kept);
    QVERIFY(text.find("PARENT_REF=\"steps\"") == std::string::npos);
    const auto again = parseLabels(text, "b.eaf", Format::Eaf);
    QVERIFY_RESULT(again);
    QCOMPARE(shown(again->videos[0].annotation), shown(annotation));
}

void TestLabelEaf::writesVocabulariesAndMediaPaths()
{
    LabelSet set;
    set.name = "kitchen";
    set.labels = { { "cut", { "a knife cuts", "cutting" }, {}, {}, {}, 0, {} },
        { "pour", {}, {}, {}, {}, 0, {} } };
    ExportInfo info;
    info.videoPath = "/films/soup.mp4";
    info.labelSets = { set };
    const Annotation annotation{ { { 0, "hand", Source::Hand, "kitchen",
        { { 0, 1.0, 2.0, "cut", {}, Source::Hand, Verdict::Accepted, {} } } } } };
    const auto text = labelsText("/films/soup.eaf", Format::Eaf, annotation, info);
    QVERIFY_RESULT(text);
    QVERIFY2(text->content.find("RELATIVE_MEDIA_URL=\"./soup.mp4\"") != std::string::npos,
        text->content.c_str());
    const auto file = parseLabels(text->content, "a.eaf", Format::Eaf);
    QVERIFY_RESULT(file);
    QCOMPARE(file->labelSets.size(), std::size_t(1));
    QVERIFY(file->labelSets[0] == set);
}

void TestLabelEaf::staysTheSameWhenWrittenAgain()
{
    const FrameClock clock = test::madeUpClock();
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const Annotation annotation = test::madeUpAnnotation(seed, clock, {});
        const std::string first = exported(annotation, {});
        const std::string second = exported(annotation, first);
        const auto withoutDate = [](std::string text) {
            const std::size_t at = text.find(" DATE=");
            return at == std::string::npos ? text : text.erase(at, 34);
        };
        const auto read = parseLabels(second, "a.eaf", Format::Eaf);
        QVERIFY_RESULT(read);
        QCOMPARE(withoutDate(second), withoutDate(first));
    }
}

void TestLabelEaf::doesNotExpandEntities()
{
    std::string laughs = "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [\n<!ENTITY lol0 \"lol\">\n"
                         "<!ENTITY file SYSTEM \"file:///etc/passwd\">\n";
    for (int level = 1; level < 10; ++level) {
        const std::string below = "&lol" + std::to_string(level - 1) + ";";
        laughs += "<!ENTITY lol" + std::to_string(level) + " \"";
        for (int times = 0; times < 10; ++times)
            laughs += below;
        laughs += "\">\n";
    }
    laughs += "]>\n<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID='a' TIME_VALUE='1'/>"
              "<TIME_SLOT TIME_SLOT_ID='b' TIME_VALUE='2'/></TIME_ORDER><TIER TIER_ID='t'>"
              "<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID='a1' TIME_SLOT_REF1='a' "
              "TIME_SLOT_REF2='b'><ANNOTATION_VALUE>&lol9;&file;</ANNOTATION_VALUE>"
              "</ALIGNABLE_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>";
    const auto file = parseLabels(laughs, "a.eaf", Format::Eaf);
    QVERIFY_RESULT(file);
    QCOMPARE(
        file->videos[0].annotation.tiers.at(0).segments.at(0).label, std::string("&lol9;&file;"));
}

void TestLabelEaf::survivesCirclesOfReferences()
{
    std::string text = "<ANNOTATION_DOCUMENT><TIER TIER_ID='t'>";
    for (int at = 0; at < 20000; ++at) // a chain that closes, and one to nowhere
        text += "<ANNOTATION><REF_ANNOTATION ANNOTATION_ID='a" + std::to_string(at)
            + "' ANNOTATION_REF='a" + std::to_string((at + 1) % 10000 + at / 10000 * 10001)
            + "'/></ANNOTATION>";
    text += "</TIER></ANNOTATION_DOCUMENT>";
    const auto file = parseLabels(text, "a.eaf", Format::Eaf);
    QVERIFY_RESULT(file);
    QVERIFY(file->videos[0].annotation.tiers.at(0).segments.empty());
    QCOMPARE(file->problems.size(), std::size_t(1000));
    QCOMPARE(file->notes.size(), std::size_t(1));
}

void TestLabelEaf::namesTheLineOfBrokenXml()
{
    const auto broken = parseLabels(
        "<ANNOTATION_DOCUMENT>\n<TIER>\n</HEADER></ANNOTATION_DOCUMENT>", "a.eaf", Format::Eaf);
    QVERIFY_ERROR(broken, ErrorKind::BadInput);
    QCOMPARE(broken.error().place.toString(), std::string("a.eaf: line 3"));
    QVERIFY_ERROR(parseLabels("<html/>", "a.eaf", Format::Eaf), ErrorKind::BadInput);
}

void TestLabelEaf::refusesOtherUnits()
{
    const auto frames = parseLabels(
        "<ANNOTATION_DOCUMENT><HEADER TIME_UNITS='PAL-frames'/></ANNOTATION_DOCUMENT>", "a.eaf",
        Format::Eaf);
    QVERIFY_ERROR(frames, ErrorKind::Unsupported);
}

void TestLabelEaf::obeysTheOriginOfTheMedia()
{
    const std::string text
        = "<ANNOTATION_DOCUMENT><HEADER><MEDIA_DESCRIPTOR MEDIA_URL='file:///a/soup.mp4' "
          "TIME_ORIGIN='500'/></HEADER><TIME_ORDER><TIME_SLOT TIME_SLOT_ID='a' TIME_VALUE='1000'/>"
          "<TIME_SLOT TIME_SLOT_ID='b' TIME_VALUE='2000'/></TIME_ORDER><TIER TIER_ID='t'>"
          "<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID='a1' TIME_SLOT_REF1='a' "
          "TIME_SLOT_REF2='b'/></ANNOTATION></TIER></ANNOTATION_DOCUMENT>";
    const auto file = parseLabels(text, "a.eaf", Format::Eaf);
    QVERIFY_RESULT(file);
    QCOMPARE(shown(file->videos[0].annotation), QByteArray("t:  1.5-2.5\n"));
    const std::string again = exported(file->videos[0].annotation, file->videos[0].kept);
    QVERIFY2(again.find("TIME_VALUE=\"1000\"") != std::string::npos, again.c_str());
    QVERIFY(again.find("ANNOTATION_ID=\"a1\"") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestLabelEaf)
#include "tst_label_eaf.moc"
