#include "labels/editing.h"
#include "support/verify.h"

#include <array>
#include <random>

using namespace clipscope;
using namespace clipscope::labels;

namespace {

constexpr double duration = 100.0;

Segment segment(std::int64_t id, double start, double stop, std::string label = "cut",
    Source source = Source::Hand, Verdict verdict = Verdict::Accepted)
{
    return { id, start, stop, std::move(label), {}, source, verdict, {} };
}

/// hand: [10,20) cut, [20,30) stir, [40,50) fry; model: [12,18) cut, [60,70) fry.
Annotation sample()
{
    const Tier hand{ 1, "hand", Source::Hand, "kitchen",
        { segment(11, 10, 20, "cut"), segment(12, 20, 30, "stir"), segment(13, 40, 50, "fry") } };
    const Tier model{ 2, "model", Source::Model, "kitchen",
        { segment(21, 12, 18, "cut", Source::Model, Verdict::Open),
            segment(22, 60, 70, "fry", Source::Model, Verdict::Open) } };
    return { { hand, model } };
}

/// "10-20 cut, 20-30 stir": a tier for reading.
QString written(const Tier& tier)
{
    QStringList parts;
    for (const Segment& each : tier.segments)
        parts += QStringLiteral("%1-%2 %3")
                     .arg(each.startSeconds)
                     .arg(each.stopSeconds)
                     .arg(QString::fromStdString(each.label));
    return parts.join(QStringLiteral(", "));
}

using Intention = std::function<Result<Edit>(const Editing&)>;

bool hasOverlap(const Tier& tier)
{
    double end = 0.0;
    for (const Segment& each : tier.segments) {
        if (each.startSeconds == each.stopSeconds)
            continue; // an event is in nobody's way
        if (each.startSeconds < end - 1e-9)
            return true;
        end = std::max(end, each.stopSeconds);
    }
    return false;
}

} // namespace
Q_DECLARE_METATYPE(Intention)

namespace {

void row(const char* name, Intention intention, const char* hand)
{
    QTest::newRow(name) << std::move(intention) << QString::fromLatin1(hand);
}

void addSpans()
{
    row(
        "draw in a gap",
        [](const Editing& e) {
            return e.draw(1, { 31, 35 }, "new");
        },
        "10-20 cut, 20-30 stir, 31-35 new, 40-50 fry");
    row(
        "draw over a border",
        [](const Editing& e) {
            return e.draw(1, { 15, 25 }, "new");
        },
        "10-15 cut, 15-25 new, 25-30 stir, 40-50 fry");
    row(
        "draw inside",
        [](const Editing& e) {
            return e.draw(1, { 12, 15 }, "new");
        },
        "10-12 cut, 12-15 new, 15-20 cut, 20-30 stir, 40-50 fry");
    row(
        "draw over all of one",
        [](const Editing& e) {
            return e.draw(1, { 20, 45 }, "new");
        },
        "10-20 cut, 20-45 new, 45-50 fry");
    row(
        "draw an event",
        [](const Editing& e) {
            return e.draw(1, { 15, 15 }, "new");
        },
        "10-20 cut, 15-15 new, 20-30 stir, 40-50 fry");
    row(
        "draw and push",
        [](const Editing& e) {
            return e.draw(1, { 18, 22 }, "new", InTheWay::Push);
        },
        "8-18 cut, 18-22 new, 22-32 stir, 40-50 fry");
    row(
        "resize over the next",
        [](const Editing& e) {
            return e.setSpan(11, { 10, 24 });
        },
        "10-24 cut, 24-30 stir, 40-50 fry");
    row(
        "resize and push",
        [](const Editing& e) {
            return e.setSpan(11, { 10, 34 }, InTheWay::Push);
        },
        "10-34 cut, 34-44 stir, 44-54 fry");
    row(
        "move and push earlier",
        [](const Editing& e) {
            return e.setSpan(12, { 15, 25 }, InTheWay::Push);
        },
        "5-15 cut, 15-25 stir, 40-50 fry");
    row(
        "move over another",
        [](const Editing& e) {
            return e.setSpan(11, { 41, 51 });
        },
        "20-30 stir, 40-41 fry, 41-51 cut");
}

void addGroups()
{
    row(
        "nudge a group",
        [](const Editing& e) {
            return e.shift(std::array<std::int64_t, 2>{ 11, 12 }, 15.0);
        },
        "25-35 cut, 35-45 stir, 45-50 fry");
    row(
        "nudge no further than the film",
        [](const Editing& e) { return e.shift(std::array<std::int64_t, 1>{ 11 }, -25.0); },
        "0-10 cut, 20-30 stir, 40-50 fry");
    row(
        "neighbours change places",
        [](const Editing& e) {
            return e.place(
                std::array{ Placement{ 11, { 20, 30 } }, Placement{ 12, { 10, 20 } } }, "Swap");
        },
        "10-20 stir, 20-30 cut, 40-50 fry");
    row(
        "shared border", [](const Editing& e) { return e.moveBorder(11, 12, 22.5); },
        "10-22.5 cut, 22.5-30 stir, 40-50 fry");
    row(
        "border over a gap", [](const Editing& e) { return e.moveBorder(12, 13, 36); },
        "10-20 cut, 20-36 stir, 36-50 fry");
    row(
        "split", [](const Editing& e) { return e.split(12, 24); },
        "10-20 cut, 20-24 stir, 24-30 stir, 40-50 fry");
    row(
        "merge", [](const Editing& e) { return e.mergeWithNext(11); }, "10-30 cut, 40-50 fry");
    row(
        "merge over a gap", [](const Editing& e) { return e.mergeWithNext(12); },
        "10-20 cut, 20-50 stir");
    row(
        "remove",
        [](const Editing& e) {
            return e.remove(std::array<std::int64_t, 2>{ 11, 13 });
        },
        "20-30 stir");
    row(
        "relabel",
        [](const Editing& e) {
            return e.relabel(std::array<std::int64_t, 2>{ 11, 12 }, "chop");
        },
        "10-20 chop, 20-30 chop, 40-50 fry");
    row(
        "accept over a border of the hand",
        [](const Editing& e) {
            return e.accept(std::array<std::int64_t, 2>{ 21, 22 }, 1);
        },
        "10-12 cut, 12-18 cut, 18-20 cut, 20-30 stir, 40-50 fry, 60-70 fry");
}

} // namespace

class TestEditing : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void doesWhatIsMeant_data();
    void doesWhatIsMeant();
    void refusesWhatCannotBe_data();
    void refusesWhatCannotBe();
    void marksWhatAHandTouched();
    void copiesAcceptedSuggestionsAndMarksThem();
    void marksRejectedSuggestions();
    void keepsVerdictsWhenTheModelLabelsAnew();
    void copiesATierWithoutWhatWasRejected();
    void takesATierAwayAndBringsItBack();
    void changesNothingWhenNothingMoves();
    void neverLeavesOverlapsWhateverIsDone();
};

void TestEditing::doesWhatIsMeant_data()
{
    QTest::addColumn<Intention>("intention");
    QTest::addColumn<QString>("hand");
    addSpans();
    addGroups();
}

void TestEditing::doesWhatIsMeant()
{
    QFETCH(Intention, intention);
    QFETCH(QString, hand);
    Annotation annotation = sample();
    const Result<Edit> edit = intention(Editing(annotation, 100, duration));
    QVERIFY_RESULT(edit);
    QVERIFY_RESULT(apply(annotation, *edit));
    QCOMPARE(written(annotation.tiers[0]), hand);
    QVERIFY_RESULT(apply(annotation, inverseOf(*edit)));
    QVERIFY(annotation == sample());
}

void TestEditing::refusesWhatCannotBe_data()
{
    QTest::addColumn<Intention>("intention");
    QTest::addColumn<int>("kind");
    const auto row = [](const char* name, Intention intention, ErrorKind kind) {
        QTest::newRow(name) << std::move(intention) << static_cast<int>(kind);
    };
    row(
        "no such tier",
        [](const Editing& e) {
            return e.draw(9, { 1, 2 }, "x");
        },
        ErrorKind::NotFound);
    row(
        "no such segment", [](const Editing& e) { return e.split(99, 1.0); }, ErrorKind::NotFound);
    row(
        "before the film",
        [](const Editing& e) {
            return e.draw(1, { -1, 2 }, "x");
        },
        ErrorKind::BadInput);
    row(
        "after the film",
        [](const Editing& e) {
            return e.setSpan(11, { 90, 101 });
        },
        ErrorKind::BadInput);
    row(
        "no number",
        [](const Editing& e) {
            return e.draw(1, { 1, std::nan("") }, "x");
        },
        ErrorKind::BadInput);
    row(
        "backwards",
        [](const Editing& e) {
            return e.setSpan(11, { 15, 12 });
        },
        ErrorKind::BadInput);
    row(
        "no room to push",
        [](const Editing& e) {
            return e.setSpan(13, { 5, 99 }, InTheWay::Push);
        },
        ErrorKind::BadInput);
    row(
        "split at the border", [](const Editing& e) { return e.split(11, 20.0); },
        ErrorKind::BadInput);
    row(
        "merge the last", [](const Editing& e) { return e.mergeWithNext(13); },
        ErrorKind::NotFound);
    row(
        "border past the neighbour", [](const Editing& e) { return e.moveBorder(11, 12, 31); },
        ErrorKind::BadInput);
    row(
        "border of two tiers", [](const Editing& e) { return e.moveBorder(11, 22, 31); },
        ErrorKind::BadInput);
    row(
        "reject what a hand drew",
        [](const Editing& e) { return e.reject(std::array<std::int64_t, 1>{ 11 }); },
        ErrorKind::BadInput);
    row(
        "accept into the model's tier",
        [](const Editing& e) { return e.accept(std::array<std::int64_t, 1>{ 21 }, 2); },
        ErrorKind::BadInput);
    row(
        "name taken", [](const Editing& e) { return e.renameTier(1, "model"); },
        ErrorKind::Conflict);
    row(
        "no name", [](const Editing& e) { return e.addTier("", Source::Hand, ""); },
        ErrorKind::BadInput);
}

void TestEditing::refusesWhatCannotBe()
{
    QFETCH(Intention, intention);
    QFETCH(int, kind);
    const Annotation annotation = sample();
    const Result<Edit> edit = intention(Editing(annotation, 100, duration));
    QVERIFY_ERROR(edit, static_cast<ErrorKind>(kind));
}

void TestEditing::marksWhatAHandTouched()
{
    Annotation annotation = sample();
    const auto edit = Editing(annotation, 100, duration).setSpan(21, { 12, 19 });
    QVERIFY_RESULT(apply(annotation, *edit));
    const Segment& touched = annotation.tiers[1].segments[0];
    QVERIFY(touched.source == Source::Hand);
    QVERIFY(touched.verdict == Verdict::Accepted);
}

void TestEditing::copiesAcceptedSuggestionsAndMarksThem()
{
    Annotation annotation = sample();
    const auto edit
        = Editing(annotation, 100, duration).accept(std::array<std::int64_t, 1>{ 22 }, 1);
    QVERIFY_RESULT(apply(annotation, *edit));
    QVERIFY(annotation.tiers[1].segments[1].verdict == Verdict::Accepted);
    QVERIFY(annotation.tiers[1].segments[0].verdict == Verdict::Open);
    const Segment& copy = annotation.tiers[0].segments.back();
    QVERIFY(copy.id >= 100);
    QVERIFY(copy.source == Source::Model);
}

void TestEditing::marksRejectedSuggestions()
{
    Annotation annotation = sample();
    const auto edit = Editing(annotation, 100, duration).reject(std::array<std::int64_t, 1>{ 21 });
    QVERIFY_RESULT(apply(annotation, *edit));
    QVERIFY(annotation.tiers[1].segments[0].verdict == Verdict::Rejected);
    QCOMPARE(annotation.tiers[1].segments.size(), std::size_t{ 2 });
}

void TestEditing::keepsVerdictsWhenTheModelLabelsAnew()
{
    Annotation annotation = sample();
    annotation.tiers[1].segments[0].verdict = Verdict::Rejected; // [12,18) cut
    const Tier fresh{ 0, "model", Source::Model, "kitchen",
        { segment(0, 11, 18, "cut", Source::Model, Verdict::Open),
            segment(0, 60, 70, "stir", Source::Model, Verdict::Open) } };
    const auto edit = Editing(annotation, 100, duration).replaceTier(fresh, true);
    QVERIFY_RESULT(edit);
    QVERIFY_RESULT(apply(annotation, *edit));
    QCOMPARE(written(annotation.tiers[1]), QStringLiteral("11-18 cut, 60-70 stir"));
    QVERIFY(annotation.tiers[1].segments[0].verdict == Verdict::Rejected);
    QVERIFY(annotation.tiers[1].segments[1].verdict == Verdict::Open);
}

void TestEditing::copiesATierWithoutWhatWasRejected()
{
    Annotation annotation = sample();
    annotation.tiers[1].segments[0].verdict = Verdict::Rejected;
    const auto edit = Editing(annotation, 100, duration).copyTier(2, "second hand");
    QVERIFY_RESULT(edit);
    QVERIFY_RESULT(apply(annotation, *edit));
    const Tier* copy = annotation.tier("second hand");
    QVERIFY(copy);
    QVERIFY(copy->source == Source::Hand);
    QCOMPARE(written(*copy), QStringLiteral("60-70 fry"));
}

void TestEditing::takesATierAwayAndBringsItBack()
{
    Annotation annotation = sample();
    const auto edit = Editing(annotation, 100, duration).removeTier(1);
    QVERIFY_RESULT(apply(annotation, *edit));
    QVERIFY(!annotation.tier("hand"));
    QVERIFY_RESULT(apply(annotation, inverseOf(*edit)));
    QVERIFY(annotation == sample());
}

void TestEditing::changesNothingWhenNothingMoves()
{
    const Annotation annotation = sample();
    const Editing editing(annotation, 100, duration);
    QVERIFY(editing.setSpan(11, { 10, 20 })->isEmpty());
    QVERIFY(editing.moveBorder(11, 12, 20)->isEmpty());
    QVERIFY(editing.relabel(std::array<std::int64_t, 1>{ 11 }, "cut")->isEmpty());
    QVERIFY(editing.renameTier(1, "hand")->isEmpty());
}

void TestEditing::neverLeavesOverlapsWhateverIsDone()
{
    std::mt19937 random(7);
    const auto number
        = [&random](int most) { return static_cast<int>(random() % static_cast<unsigned>(most)); };
    Annotation annotation = sample();
    std::vector<Edit> done;
    std::int64_t nextId = 100;
    for (int step = 0; step < 3000; ++step) {
        const std::vector<Segment>& hand = annotation.tiers[0].segments;
        const std::int64_t any
            = hand.empty() ? 0 : hand[static_cast<std::size_t>(number(int(hand.size())))].id;
        const double a = number(100), b = number(101);
        const Span span{ std::min(a, b), std::max(a, b) };
        const auto way = number(2) == 0 ? InTheWay::Cut : InTheWay::Push;
        const Editing editing(annotation, nextId, duration);
        const std::array<std::int64_t, 1> one{ any };
        Result<Edit> edit = number(7) == 0 ? editing.draw(1, span, "new", way)
            : number(6) == 0               ? editing.setSpan(any, span, way)
            : number(5) == 0               ? editing.split(any, a + 0.5)
            : number(4) == 0               ? editing.mergeWithNext(any)
            : number(3) == 0               ? editing.shift(one, a - 50.0)
            : number(2) == 0               ? editing.remove(one)
                                           : editing.accept(std::array<std::int64_t, 1>{ 22 }, 1);
        if (!edit)
            continue;
        QVERIFY_RESULT(apply(annotation, *edit));
        for (const SegmentChange& change : edit->segments)
            if (change.after)
                nextId = std::max(nextId, change.after->id + 1);
        QVERIFY2(!hasOverlap(annotation.tiers[0]), qPrintable(written(annotation.tiers[0])));
        done.push_back(std::move(*edit));
    }
    QVERIFY(done.size() > 1000);
    for (auto edit = done.rbegin(); edit != done.rend(); ++edit)
        QVERIFY_RESULT(apply(annotation, inverseOf(*edit)));
    QVERIFY(annotation == sample());
}

QTEST_GUILESS_MAIN(TestEditing)
#include "tst_editing.moc"
