#include "store/label_store.h"
#include "store/project.h"

#include "support/verify.h"

#include <QFile>
#include <QTemporaryDir>

#include <sqlite3.h>

using namespace clipscope;
using namespace clipscope::store;
using labels::Edit;
using labels::Segment;
using labels::Tier;

class TestLabelStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_temporary = std::make_unique<QTemporaryDir>();
        m_project = m_temporary->path().toStdString();
    }

    void isEmptyWithoutAFileAndMakesNone();
    void comesBackAsItWasEdited();
    void undoesAndRedoesAfterARestart();
    void forgetsWhatWasUndoneOnceSomethingElseIsDone();
    void neverUsesAnIdAgain();
    void keepsTiersWhereTheyStood();
    void refusesAnEditOfAnOlderRevision();
    void changesNothingWhenAnEditDoesNotFit();
    void writesNothingWhenOpenedReadOnly();
    void keepsReviewTimeAndRemainders();
    void countsWhatIsLeftToReview();
    void takesAFileThatWasNeverFilled();
    void refusesAnotherDatabase();
    void letsTwoWritersSeeEachOther();
    void takesAFileOfVersionOne();

private:
    static Segment segment(std::int64_t id, double start, double stop)
    {
        Segment result;
        result.id = id;
        result.startSeconds = start;
        result.stopSeconds = stop;
        result.label = "cut the onion";
        return result;
    }
    static Edit firstEdit()
    {
        const Tier hand{ 1, "hand", labels::Source::Hand, "kitchen", {}, "c0ffee" };
        Segment scored = segment(3, 1.0 / 3.0, 9.0);
        scored.score = 0.1 + 0.2;
        scored.source = labels::Source::Model;
        scored.verdict = labels::Verdict::Rejected;
        scored.note = "größer";
        return { "Draw", { { std::nullopt, hand, -1 } },
            { { 1, std::nullopt, segment(2, 9.0, 12.0) }, { 1, std::nullopt, scored } } };
    }
    static Edit moved(const Segment& before, double start)
    {
        Segment after = before;
        after.startSeconds = start;
        return { "Move border", {}, { { 1, before, after } } };
    }
    Result<LabelStore> open(Access access = Access::ReadWrite) const
    {
        return LabelStore::open(m_project, access);
    }
    std::unique_ptr<QTemporaryDir> m_temporary;
    std::filesystem::path m_project;
};

void TestLabelStore::isEmptyWithoutAFileAndMakesNone()
{
    const auto store = open();
    QVERIFY_RESULT(store);
    QVERIFY(*store->read("hash") == LabelDocument{});
    QVERIFY(store->summaries()->empty());
    QVERIFY(!std::filesystem::exists(m_project / "labels.sqlite"));
}

void TestLabelStore::comesBackAsItWasEdited()
{
    {
        auto store = open();
        QVERIFY_RESULT(store);
        const auto revision = store->apply("hash", 0, firstEdit());
        QVERIFY_RESULT(revision);
        QCOMPARE(*revision, 1);
    }
    const auto document = open(Access::ReadOnly)->read("hash");
    QVERIFY_RESULT(document);
    labels::Annotation expected;
    QVERIFY_RESULT(labels::apply(expected, firstEdit()));
    QVERIFY(document->annotation == expected);
    QCOMPARE(document->nextId, 4);
    QVERIFY(document->undoes == "Draw");
    QVERIFY(!document->redoes);
    QVERIFY(open()->read("another")->annotation.tiers.empty());
}

void TestLabelStore::undoesAndRedoesAfterARestart()
{
    QVERIFY_RESULT(open()->apply("hash", 0, firstEdit()));
    const labels::Annotation first = open()->read("hash")->annotation;
    QVERIFY_RESULT(open()->apply("hash", 1, moved(first.tiers[0].segments[1], 9.5)));
    const labels::Annotation second = open()->read("hash")->annotation;

    const auto undone = open()->undo("hash", 2);
    QVERIFY_RESULT(undone);
    QVERIFY(undone->has_value());
    QVERIFY(open()->read("hash")->annotation == first);
    QVERIFY_RESULT(open()->undo("hash", 3));
    QVERIFY(open()->read("hash")->annotation.tiers.empty());
    QVERIFY(!open()->undo("hash", 4)->has_value());

    QVERIFY_RESULT(open()->redo("hash", 4));
    QVERIFY(open()->read("hash")->annotation == first);
    QVERIFY_RESULT(open()->redo("hash", 5));
    QVERIFY(open()->read("hash")->annotation == second);
    QVERIFY(!open()->redo("hash", 6)->has_value());
}

void TestLabelStore::forgetsWhatWasUndoneOnceSomethingElseIsDone()
{
    auto store = open();
    QVERIFY_RESULT(store->apply("hash", 0, firstEdit()));
    const Segment later = store->read("hash")->annotation.tiers[0].segments[1];
    QVERIFY_RESULT(store->apply("hash", 1, moved(later, 9.5)));
    QVERIFY_RESULT(store->undo("hash", 2));
    QVERIFY(store->read("hash")->redoes == "Move border");
    QVERIFY_RESULT(store->apply("hash", 3, moved(later, 10.0)));
    QVERIFY(!store->read("hash")->redoes);
    QVERIFY(!store->redo("hash", 4)->has_value());
}

void TestLabelStore::neverUsesAnIdAgain()
{
    auto store = open();
    QVERIFY_RESULT(store->apply("hash", 0, firstEdit()));
    QVERIFY_RESULT(store->undo("hash", 1));
    QCOMPARE(store->read("hash")->nextId, 4);
}

void TestLabelStore::keepsTiersWhereTheyStood()
{
    auto store = open();
    labels::Annotation expected;
    std::int64_t revision = 0;
    const auto both = [&](const Edit& edit) {
        const auto next = store->apply("hash", revision, edit);
        QVERIFY_RESULT(next);
        revision = *next;
        QVERIFY_RESULT(labels::apply(expected, edit));
    };
    const Tier a{ 1, "a", {}, {}, {} }, b{ 2, "b", {}, {}, {} }, c{ 3, "c", {}, {}, {} };
    both({ "Add", { { std::nullopt, a, -1 } }, {} });
    both({ "Add", { { std::nullopt, b, 0 } }, {} });
    both({ "Add", { { std::nullopt, c, 1 } }, {} });
    QVERIFY(store->read("hash")->annotation == expected); // b, c, a
    both({ "Delete", { { b, std::nullopt, 0 } }, {} });
    QVERIFY(store->read("hash")->annotation == expected);
    QVERIFY_RESULT(store->undo("hash", revision));
    QCOMPARE(store->read("hash")->annotation.tiers[0].name, std::string("b"));
}

void TestLabelStore::refusesAnEditOfAnOlderRevision()
{
    auto store = open();
    QVERIFY_RESULT(store->apply("hash", 0, firstEdit()));
    const Segment later = store->read("hash")->annotation.tiers[0].segments[1];
    QVERIFY_ERROR(store->apply("hash", 0, moved(later, 9.5)), ErrorKind::Conflict);
    QVERIFY_ERROR(store->undo("hash", 7), ErrorKind::Conflict);
    QCOMPARE(store->read("hash")->revision, 1);
}

void TestLabelStore::changesNothingWhenAnEditDoesNotFit()
{
    auto store = open();
    QVERIFY_RESULT(store->apply("hash", 0, firstEdit()));
    const LabelDocument before = *store->read("hash");
    Edit wrong = moved(before.annotation.tiers[0].segments[0], 0.5);
    wrong.segments.push_back({ 1, segment(99, 0.0, 1.0), std::nullopt });
    QVERIFY_ERROR(store->apply("hash", 1, wrong), ErrorKind::Conflict);
    QVERIFY(*store->read("hash") == before);
}

void TestLabelStore::writesNothingWhenOpenedReadOnly()
{
    auto store = open(Access::ReadOnly);
    QVERIFY_ERROR(store->apply("hash", 0, firstEdit()), ErrorKind::Conflict);
    QVERIFY_ERROR(store->setReview("hash", ReviewState::Done), ErrorKind::Conflict);
    QVERIFY(!std::filesystem::exists(m_project / "labels.sqlite"));
}

void TestLabelStore::keepsReviewTimeAndRemainders()
{
    auto store = open();
    QVERIFY_RESULT(store->setReview("hash", ReviewState::Done));
    QVERIFY_RESULT(store->addSecondsSpent("hash", 1.5));
    QVERIFY_RESULT(store->addSecondsSpent("hash", 2.0));
    QVERIFY_RESULT(store->setKept("hash", "eaf", "<LOCALE/>"));
    QVERIFY_RESULT(store->setKept("hash", "eaf", "<LANGUAGE/>"));
    const auto document = open(Access::ReadOnly)->read("hash");
    QVERIFY(document->review == ReviewState::Done);
    QCOMPARE(document->secondsSpent, 3.5);
    QCOMPARE(document->revision, 0);
    QCOMPARE(*open()->kept("hash", "eaf"), std::string("<LANGUAGE/>"));
    QCOMPARE(*open()->kept("hash", "vtt"), std::string());
}

void TestLabelStore::countsWhatIsLeftToReview()
{
    auto store = open();
    QVERIFY_RESULT(store->apply("hash", 0, firstEdit()));
    Segment open1 = segment(5, 0.0, 1.0), done = segment(6, 1.0, 2.0);
    done.verdict = labels::Verdict::Accepted;
    const Tier model{ 4, "model", labels::Source::Model, {}, {} };
    QVERIFY_RESULT(store->apply("hash", 1,
        { "Label", { { std::nullopt, model, -1 } },
            { { 4, std::nullopt, open1 }, { 4, std::nullopt, done } } }));
    QVERIFY_RESULT(store->setReview("untouched", ReviewState::Started));
    const auto summaries = store->summaries();
    QVERIFY_RESULT(summaries);
    const std::vector<LabelSummary> expected{ { "hash", ReviewState::Open, 0.0, 2, 2, 1 },
        { "untouched", ReviewState::Started, 0.0, 0, 0, 0 } };
    QVERIFY(*summaries == expected);
}

void TestLabelStore::takesAFileThatWasNeverFilled()
{
    QFile file(QString::fromStdString((m_project / "labels.sqlite").string()));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    auto store = open();
    QVERIFY_RESULT(store);
    QVERIFY_RESULT(store->apply("hash", 0, firstEdit()));
    QCOMPARE(open()->read("hash")->revision, 1);
}

void TestLabelStore::refusesAnotherDatabase()
{
    QVERIFY_RESULT(Project::create(m_project / "p.clipscope"));
    std::filesystem::copy_file(
        m_project / "p.clipscope" / "project.sqlite", m_project / "labels.sqlite");
    const auto store = open();
    QVERIFY_ERROR(store, ErrorKind::BadInput);
    QVERIFY(store.error().place.file == m_project / "labels.sqlite");
}

void TestLabelStore::letsTwoWritersSeeEachOther()
{
    auto one = open(), other = open();
    QVERIFY_RESULT(one->apply("hash", 0, firstEdit()));
    QVERIFY_ERROR(other->apply("hash", 0, firstEdit()), ErrorKind::Conflict);
    const auto document = other->read("hash");
    QCOMPARE(document->revision, 1);
    QVERIFY_RESULT(other->apply("hash", 1, moved(document->annotation.tiers[0].segments[1], 9.5)));
    QCOMPARE(one->read("hash")->revision, 2);
}

void TestLabelStore::takesAFileOfVersionOne()
{
    QVERIFY_RESULT(open()->apply("hash", 0, firstEdit()));
    sqlite3* handle = nullptr;
    QCOMPARE(sqlite3_open((m_project / "labels.sqlite").c_str(), &handle), SQLITE_OK);
    QCOMPARE(sqlite3_exec(handle,
                 "ALTER TABLE tier DROP COLUMN checkpoint; DELETE FROM migration WHERE version = 2;"
                 "PRAGMA user_version = 1",
                 nullptr, nullptr, nullptr),
        SQLITE_OK);
    sqlite3_close(handle);
    labels::Annotation expected;
    QVERIFY_RESULT(labels::apply(expected, firstEdit()));
    expected.tiers.front().checkpoint.clear();
    for (const Access access : { Access::ReadOnly, Access::ReadWrite }) {
        const auto document = open(access)->read("hash");
        QVERIFY_RESULT(document);
        QVERIFY(document->annotation == expected);
    }
    QVERIFY_RESULT(open()->apply("hash", 1, moved(expected.tiers.front().segments.back(), 9.5)));
}

QTEST_GUILESS_MAIN(TestLabelStore)
#include "tst_label_store.moc"
