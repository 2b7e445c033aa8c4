#include "widgets/timeline/segments_model.h"

#include "support/gui.h"
#include "support/made_up_timeline.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QSortFilterProxyModel>

using namespace clipscope;
using namespace clipscope::widgets;

class TestSegmentsModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarningOfOurs(); }

    void listsTheSegmentsOfAllTiersByStart();
    void showsEveryColumn();
    void readsTimesAsPeopleTypeThem_data();
    void readsTimesAsPeopleTypeThem();
    void editingACellOnlyTellsWhatIsWanted();
    void refusesWhatIsNoTimeOrRunsBackwards();
    void tiersOfTheModelKeepTheirTimes();
    void tellsOnlyWhatChanged();
    void staysAModelThroughManyEdits();
    void sortsByNumbers();
};

namespace {

std::shared_ptr<labels::Annotation> annotation()
{
    auto made = std::make_shared<labels::Annotation>();
    made->tiers = {
        { 1, "Starter", labels::Source::Model, {},
            { { 1, 4.2, 7.0, "cut", 0.4125, labels::Source::Model, labels::Verdict::Open, {} },
                { 2, 90.0, 95.0, "peel", 0.3, labels::Source::Model, labels::Verdict::Open,
                    {} } } },
        { 2, "Steps", labels::Source::Hand, {},
            { { 3, 5.0, 7.25, "cut", {}, labels::Source::Hand, labels::Verdict::Accepted,
                  "blurred" },
                { 4, 9.0, 19.0, "stir", {}, labels::Source::Hand, labels::Verdict::Accepted,
                    {} } } },
    };
    return made;
}

QVector<qint64> idsOf(const SegmentsModel& model)
{
    QVector<qint64> ids;
    for (int row = 0; row < model.rowCount(); ++row)
        ids.push_back(model.segmentId(row));
    return ids;
}

} // namespace

void TestSegmentsModel::listsTheSegmentsOfAllTiersByStart()
{
    SegmentsModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(model.rowCount(), 0);
    model.setAnnotation(annotation());
    QCOMPARE(idsOf(model), (QVector<qint64>{ 1, 3, 4, 2 }));
    QCOMPARE(model.rowOf(4), 2);
    QCOMPARE(model.rowOf(99), -1);
    model.setAnnotation(nullptr);
    QCOMPARE(model.rowCount(), 0);
}

void TestSegmentsModel::showsEveryColumn()
{
    SegmentsModel model;
    model.setAnnotation(annotation());
    const QStringList wanted[] = {
        { QStringLiteral("Starter"), QStringLiteral("cut"), QStringLiteral("0:00:04.200"),
            QStringLiteral("0:00:07.000"), QStringLiteral("2.800"), QStringLiteral("0.4125"),
            QStringLiteral("model"), QStringLiteral("open"), QString() },
        { QStringLiteral("Steps"), QStringLiteral("cut"), QStringLiteral("0:00:05.000"),
            QStringLiteral("0:00:07.250"), QStringLiteral("2.250"), QString(),
            QStringLiteral("hand"), QStringLiteral("accepted"), QStringLiteral("blurred") },
    };
    for (int row = 0; row < 2; ++row)
        for (int column = 0; column < SegmentsModel::ColumnCount; ++column)
            QCOMPARE(model.index(row, column).data().toString(), wanted[row][column]);
    for (int column = 0; column < SegmentsModel::ColumnCount; ++column)
        QVERIFY(!model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString().isEmpty());
}

void TestSegmentsModel::readsTimesAsPeopleTypeThem_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<double>("seconds"); // -1: no time
    for (const auto& [text, seconds] :
        { std::pair("1:02:03.250", 3723.25), { "2:03.25", 123.25 }, { "123.25", 123.25 },
            { "123,25", 123.25 }, { " 7 ", 7.0 }, { "0:00:04.200", 4.2 }, { "90:00", 5400.0 },
            { "", -1.0 }, { "-3", -1.0 }, { "1:60", -1.0 }, { "1:2:3:4", -1.0 }, { "abc", -1.0 },
            { "1e3", -1.0 }, { "nan", -1.0 }, { "1.5:00", -1.0 }, { "1..5", -1.0 }, { ":", -1.0 } })
        QTest::addRow("%s", text) << QString::fromLatin1(text) << seconds;
}

void TestSegmentsModel::readsTimesAsPeopleTypeThem()
{
    QFETCH(QString, text);
    QTEST(secondsFromText(text).value_or(-1.0), "seconds");
}

void TestSegmentsModel::editingACellOnlyTellsWhatIsWanted()
{
    SegmentsModel model;
    model.setAnnotation(annotation());
    QSignalSpy label(&model, &SegmentsModel::labelWanted);
    QSignalSpy range(&model, &SegmentsModel::rangeWanted);
    QSignalSpy verdict(&model, &SegmentsModel::verdictWanted);
    QSignalSpy note(&model, &SegmentsModel::noteWanted);
    const auto edit = [&](int column, const char* text) {
        return model.setData(model.index(1, column), QString::fromLatin1(text), Qt::EditRole);
    };
    QVERIFY(edit(SegmentsModel::Label, "peel"));
    QCOMPARE(label.takeFirst(), (QVariantList{ qint64{ 3 }, QStringLiteral("peel") }));
    QVERIFY(edit(SegmentsModel::Start, "5.5"));
    QCOMPARE(range.takeFirst().at(1).value<TimeRange>(), (TimeRange{ 5.5, 7.25 }));
    QVERIFY(edit(SegmentsModel::Stop, "0:08"));
    QCOMPARE(range.takeFirst().at(1).value<TimeRange>(), (TimeRange{ 5.0, 8.0 }));
    QVERIFY(edit(SegmentsModel::Duration, "1.5"));
    QCOMPARE(range.takeFirst().at(1).value<TimeRange>(), (TimeRange{ 5.0, 6.5 }));
    QVERIFY(edit(SegmentsModel::Verdict, "Rejected"));
    QCOMPARE(verdict.takeFirst().at(1).value<labels::Verdict>(), labels::Verdict::Rejected);
    QVERIFY(edit(SegmentsModel::Note, "sharp"));
    QCOMPARE(note.takeFirst().at(1).toString(), QStringLiteral("sharp"));
    // What is typed as it was is no edit.
    for (int column = 0; column < SegmentsModel::ColumnCount; ++column)
        model.setData(
            model.index(1, column), model.index(1, column).data(Qt::EditRole), Qt::EditRole);
    QCOMPARE(label.size() + range.size() + verdict.size() + note.size(), 0);
    QCOMPARE(model.index(1, SegmentsModel::Label).data().toString(), QStringLiteral("cut"));
}

void TestSegmentsModel::refusesWhatIsNoTimeOrRunsBackwards()
{
    SegmentsModel model;
    model.setAnnotation(annotation());
    QSignalSpy range(&model, &SegmentsModel::rangeWanted);
    for (const char* text : { "x", "", "8" })
        QVERIFY(!model.setData(
            model.index(1, SegmentsModel::Start), QString::fromLatin1(text), Qt::EditRole));
    QVERIFY(!model.setData(model.index(1, SegmentsModel::Stop), QStringLiteral("4"), Qt::EditRole));
    QVERIFY(!model.setData(
        model.index(1, SegmentsModel::Verdict), QStringLiteral("maybe"), Qt::EditRole));
    QVERIFY(
        !model.setData(model.index(1, SegmentsModel::Tier), QStringLiteral("Other"), Qt::EditRole));
    QCOMPARE(range.size(), 0);
}

void TestSegmentsModel::tiersOfTheModelKeepTheirTimes()
{
    SegmentsModel model;
    model.setAnnotation(annotation());
    QVERIFY(!(model.index(0, SegmentsModel::Start).flags() & Qt::ItemIsEditable));
    QVERIFY(model.index(0, SegmentsModel::Verdict).flags() & Qt::ItemIsEditable);
    QVERIFY(model.index(1, SegmentsModel::Start).flags() & Qt::ItemIsEditable);
    QVERIFY(!(model.index(1, SegmentsModel::Source).flags() & Qt::ItemIsEditable));
}

void TestSegmentsModel::tellsOnlyWhatChanged()
{
    SegmentsModel model;
    model.setAnnotation(annotation());
    QSignalSpy reset(&model, &SegmentsModel::modelReset);
    QSignalSpy changed(&model, &SegmentsModel::dataChanged);
    QSignalSpy inserted(&model, &SegmentsModel::rowsInserted);
    QSignalSpy removed(&model, &SegmentsModel::rowsRemoved);
    const QPersistentModelIndex last = model.index(3, 0);
    auto edited = annotation();
    edited->tiers[1].segments[0].label = "peel";
    model.setAnnotation(edited);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed.first().first().toModelIndex().row(), 1);
    edited = std::make_shared<labels::Annotation>(*edited);
    edited->tiers[1].segments.insert(edited->tiers[1].segments.begin() + 1,
        { 5, 8.0, 8.5, "new", {}, labels::Source::Hand, labels::Verdict::Accepted, {} });
    model.setAnnotation(edited);
    QCOMPARE(inserted.size(), 1);
    QCOMPARE(inserted.first().at(1).toInt(), 2);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(last.row(), 4);
    edited = std::make_shared<labels::Annotation>(*edited);
    edited->tiers[0].segments.erase(edited->tiers[0].segments.begin());
    model.setAnnotation(edited);
    QCOMPARE(removed.size(), 1);
    QCOMPARE(last.row(), 3);
    QCOMPARE(model.segmentId(last.row()), 2);
    QCOMPARE(reset.size(), 0);
}

void TestSegmentsModel::staysAModelThroughManyEdits()
{
    SegmentsModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    std::uint32_t random = 3;
    const auto next = [&random](std::uint32_t below) {
        random = random * 1664525U + 1013904223U;
        return (random >> 8U) % below;
    };
    labels::Annotation now = *annotation();
    std::int64_t id = 100;
    for (int round = 0; round < 300; ++round) {
        std::vector<labels::Segment>& all = now.tiers[next(2)].segments;
        const std::uint32_t what = next(4);
        if (what == 0 && !all.empty())
            all.erase(all.begin() + next(static_cast<std::uint32_t>(all.size())));
        else if (what == 1 && !all.empty())
            all[next(static_cast<std::uint32_t>(all.size()))].startSeconds = next(90);
        else if (what == 2 && !all.empty())
            all[next(static_cast<std::uint32_t>(all.size()))].label = std::string("x");
        else
            all.push_back({ ++id, static_cast<double>(next(90)), 99.0, "y", {},
                labels::Source::Hand, labels::Verdict::Accepted, {} });
        std::ranges::sort(all, labels::inTierOrder);
        model.setAnnotation(std::make_shared<labels::Annotation>(now));
        std::vector<labels::Segment> wanted = now.tiers[0].segments;
        wanted.insert(wanted.end(), now.tiers[1].segments.begin(), now.tiers[1].segments.end());
        std::ranges::sort(wanted, labels::inTierOrder);
        QCOMPARE(model.rowCount(), static_cast<int>(wanted.size()));
        for (int row = 0; row < model.rowCount(); ++row) {
            QCOMPARE(model.segment(row), wanted[static_cast<std::size_t>(row)]);
            QCOMPARE(model.rowOf(model.segmentId(row)), row);
        }
    }
}

void TestSegmentsModel::sortsByNumbers()
{
    SegmentsModel model;
    model.setAnnotation(annotation());
    QSortFilterProxyModel sorted;
    sorted.setSourceModel(&model);
    sorted.setSortRole(SegmentsModel::SortRole);
    sorted.sort(SegmentsModel::Duration, Qt::DescendingOrder);
    QVector<qint64> ids;
    for (int row = 0; row < sorted.rowCount(); ++row)
        ids.push_back(sorted.index(row, 0).data(SegmentsModel::SegmentIdRole).toLongLong());
    QCOMPARE(ids, (QVector<qint64>{ 4, 2, 1, 3 }));
}

QTEST_MAIN(TestSegmentsModel)
#include "tst_segments_model.moc"
