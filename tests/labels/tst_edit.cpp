#include "labels/edit.h"
#include "support/verify.h"

#include <algorithm>

using namespace clipscope;
using namespace clipscope::labels;

class TestEdit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void takesBackWhatItDid_data();
    void takesBackWhatItDid();
    void changesNothingWhenTheSegmentIsAnother();
    void refusesTwoTiersOfOneName();
    void keepsTiersInOrder();
    void comesBackFromItsLine();
    void refusesALineThatIsNoEdit_data();
    void refusesALineThatIsNoEdit();

private:
    static Segment segment(std::int64_t id, double start, double stop, std::string label)
    {
        Segment result;
        result.id = id;
        result.startSeconds = start;
        result.stopSeconds = stop;
        result.label = std::move(label);
        return result;
    }
    static Annotation sample()
    {
        Tier hand{ 1, "hand", Source::Hand, "kitchen",
            { segment(1, 0.0, 2.5, "cut"), segment(2, 2.5, 1.0 / 3.0 + 3.0, "stir") } };
        Tier model{ 2, "model", Source::Model, "kitchen", { segment(3, 0.0, 3.0, "cut") } };
        return { { hand, model } };
    }
    static Edit borderMoved()
    {
        const std::vector<Segment> old = sample().tiers[0].segments;
        Edit edit{ "Move border", {}, { { 1, old[0], old[0] }, { 1, old[1], old[1] } } };
        edit.segments[0].after->stopSeconds = 2.0;
        edit.segments[1].after->startSeconds = 2.0;
        return edit;
    }
    static Edit tierRemoved()
    {
        Tier head = sample().tiers[1];
        const Segment segment = head.segments[0];
        head.segments.clear();
        return { "Delete tier", { { head, std::nullopt, 1 } }, { { 2, segment, std::nullopt } } };
    }
    static Edit tierRenamed()
    {
        Tier before = sample().tiers[0];
        before.segments.clear();
        Tier after = before;
        after.name = "first hand";
        return { "Rename tier", { { before, after, -1 } }, {} };
    }
};

void TestEdit::takesBackWhatItDid_data()
{
    QTest::addColumn<Edit>("edit");
    QTest::newRow("shared border") << borderMoved();
    QTest::newRow("tier with its segments") << tierRemoved();
    QTest::newRow("tier's name") << tierRenamed();
}

void TestEdit::takesBackWhatItDid()
{
    QFETCH(Edit, edit);
    Annotation annotation = sample();
    QVERIFY_RESULT(apply(annotation, edit));
    QVERIFY(annotation != sample());
    QVERIFY_RESULT(apply(annotation, inverseOf(edit)));
    QVERIFY(annotation == sample());
}

void TestEdit::changesNothingWhenTheSegmentIsAnother()
{
    Annotation annotation = sample();
    annotation.tiers[0].segments[1].label = "fry";
    const Annotation before = annotation;
    const Status status = apply(annotation, borderMoved());
    QVERIFY(!status);
    QCOMPARE(status.error().kind, ErrorKind::Conflict);
    QVERIFY(annotation == before);
}

void TestEdit::refusesTwoTiersOfOneName()
{
    Annotation annotation = sample();
    const Edit edit{ "Add tier", { { std::nullopt, Tier{ 3, "model", {}, {}, {} }, -1 } }, {} };
    const Status status = apply(annotation, edit);
    QVERIFY(!status);
    QCOMPARE(status.error().kind, ErrorKind::Conflict);
}

void TestEdit::keepsTiersInOrder()
{
    Annotation annotation = sample();
    const Segment moved = annotation.tiers[0].segments[0];
    Segment later = moved;
    later.startSeconds = 8.0;
    later.stopSeconds = 9.0;
    QVERIFY_RESULT(apply(annotation, Edit{ "Move", {}, { { 1, moved, later } } }));
    QVERIFY(std::ranges::is_sorted(annotation.tiers[0].segments, inTierOrder));
    QCOMPARE(annotation.tiers[0].segments.back().id, 1);
}

void TestEdit::comesBackFromItsLine()
{
    Edit edit = tierRemoved();
    edit.segments[0].before->score = 0.1 + 0.2;
    edit.segments[0].before->note = "\"quoted\"\nsecond line, größer";
    edit.segments[0].before->verdict = Verdict::Rejected;
    edit.tiers[0].before->checkpoint = "c0ffee";
    const std::string line = serialise(edit);
    QVERIFY(line.find('\n') == std::string::npos);
    const Result<Edit> read = parseEdit(line);
    QVERIFY_RESULT(read);
    QVERIFY(*read == edit);
}

void TestEdit::refusesALineThatIsNoEdit_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::newRow("no JSON") << QByteArray("{");
    QTest::newRow("another thing") << QByteArray("[]");
    QTest::newRow("tiers no list") << QByteArray(R"({"what":"","tiers":1,"segments":[]})");
    QTest::newRow("a change of nothing")
        << QByteArray(R"({"what":"","tiers":[],"segments":[{"tier":1}]})");
    QTest::newRow("a segment that ends before its start") << QByteArray(
        R"({"what":"","tiers":[],"segments":[{"tier":1,"after":{"id":1,"start":2.0,"stop":1.0,)"
        R"("label":"","source":"hand","verdict":"open"}}]})");
}

void TestEdit::refusesALineThatIsNoEdit()
{
    QFETCH(QByteArray, line);
    const Result<Edit> read = parseEdit(line.toStdString());
    QVERIFY(!read);
    QCOMPARE(read.error().kind, ErrorKind::BadInput);
}

QTEST_GUILESS_MAIN(TestEdit)
#include "tst_edit.moc"
