#include "support/verify.h"
#include "widgets/results/moments_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>

using namespace clipscope::widgets;
using Kind = MomentsModel::Kind;

class TestMomentsModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { clipscope::test::failOnAnyWarning(); }

    void keepsTheRulesOfModels();
    void listsAHeadingBeforeItsMoments();
    void drawsOneLineBeforeTheFirstWeakVideo();
    void drawsNoLineWhenEverythingIsWeak();
    void letsOnlyMomentsBeChosen();
    void findsAMomentAgainInANewList();
    void speaksEveryRow();
    void repaintsOnlyTheStripsThatChanged();
    void ordersByNameAndTimeWithWeakVideosLast();
    void keepsOneVideoWhenAsked();
};

namespace {

VideoMoments video(qint64 id, std::vector<Moment> moments)
{
    VideoMoments made;
    made.videoId = id;
    made.title = QStringLiteral("film %1.mp4").arg(id);
    made.durationSeconds = 60.0;
    made.moments = std::move(moments);
    return made;
}

Moment moment(double start, double score, bool weak = false)
{
    return { start, start + 8.0, start + 2.0, score, weak };
}

std::vector<VideoMoments> twoStrongOneWeak()
{
    return { video(7, { moment(4.0, 0.41), moment(20.0, 0.38) }), video(3, { moment(2.0, 0.29) }),
        video(5, { moment(0.0, 0.1, true) }) };
}

std::vector<Kind> kinds(const MomentsModel& model)
{
    std::vector<Kind> result;
    for (int row = 0; row < model.rowCount(); ++row)
        result.push_back(model.kind(model.index(row)));
    return result;
}

} // namespace

void TestMomentsModel::keepsTheRulesOfModels()
{
    MomentsModel model;
    const QAbstractItemModelTester tester(
        &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setVideos(twoStrongOneWeak());
    model.setStrips({ { 3, { { 1.0F } } } });
    model.setVideos({ video(1, { moment(0.0, 0.5) }) });
    model.setVideos({});
    QCOMPARE(model.rowCount(), 0);
}

void TestMomentsModel::listsAHeadingBeforeItsMoments()
{
    MomentsModel model;
    model.setVideos({ video(7, { moment(4.0, 0.41), moment(20.0, 0.38) }) });
    QVERIFY(kinds(model) == (std::vector{ Kind::Video, Kind::Moment, Kind::Moment }));
    QCOMPARE(model.moment(model.index(2))->startSeconds, 20.0);
    QCOMPARE(model.video(model.index(2))->videoId, qint64(7));
    QCOMPARE(model.firstMoment().row(), 1);
    QCOMPARE(model.momentCount(), 2);
}

void TestMomentsModel::drawsOneLineBeforeTheFirstWeakVideo()
{
    MomentsModel model;
    auto videos = twoStrongOneWeak();
    videos.push_back(video(9, { moment(1.0, 0.05, true) }));
    model.setVideos(std::move(videos));
    QVERIFY(kinds(model)
        == (std::vector{ Kind::Video, Kind::Moment, Kind::Moment, Kind::Video, Kind::Moment,
            Kind::WeakLine, Kind::Video, Kind::Moment, Kind::Video, Kind::Moment }));
}

void TestMomentsModel::drawsNoLineWhenEverythingIsWeak()
{
    MomentsModel model;
    model.setVideos(
        { video(9, { moment(1.0, 0.05, true) }), video(4, { moment(1.0, 0.04, true) }) });
    QVERIFY(kinds(model) == (std::vector{ Kind::Video, Kind::Moment, Kind::Video, Kind::Moment }));
}

void TestMomentsModel::letsOnlyMomentsBeChosen()
{
    MomentsModel model;
    model.setVideos(twoStrongOneWeak());
    for (int row = 0; row < model.rowCount(); ++row) {
        const QModelIndex index = model.index(row);
        const bool canBeChosen = model.flags(index).testFlag(Qt::ItemIsSelectable);
        QCOMPARE(canBeChosen, model.kind(index) == Kind::Moment);
    }
}

void TestMomentsModel::findsAMomentAgainInANewList()
{
    MomentsModel model;
    model.setVideos(twoStrongOneWeak());
    const auto id = model.idOf(model.index(4));
    QVERIFY(id);
    model.setVideos({ video(3, { moment(2.0, 0.6) }), video(7, { moment(4.0, 0.41) }) });
    QCOMPARE(model.indexOf(*id).row(), 1);
    model.setVideos({});
    QVERIFY(!model.indexOf(*id).isValid());
}

void TestMomentsModel::speaksEveryRow()
{
    MomentsModel model;
    model.setVideos(twoStrongOneWeak());
    const auto spoken
        = [&](int row) { return model.index(row).data(Qt::AccessibleTextRole).toString(); };
    QCOMPARE(spoken(1), QStringLiteral("film 7.mp4, 0:04 to 0:12, score 0.41"));
    QVERIFY(spoken(7).endsWith(QStringLiteral("weak match")));
    for (int row = 0; row < model.rowCount(); ++row)
        QVERIFY(!spoken(row).isEmpty());
}

void TestMomentsModel::repaintsOnlyTheStripsThatChanged()
{
    MomentsModel model;
    model.setVideos(twoStrongOneWeak());
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.setStrips({ { 3, { { 0.5F, 1.0F } } }, { 99, { { 1.0F } } } });
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed.first().first().toModelIndex().row(), 3);
    model.setStrips({ { 3, { { 0.5F, 1.0F } } } });
    QCOMPARE(changed.size(), 1);
}

void TestMomentsModel::ordersByNameAndTimeWithWeakVideosLast()
{
    auto videos = twoStrongOneWeak();
    videos.push_back(video(1, { moment(30.0, 0.2, true), moment(9.0, 0.3) }));
    const auto ordered = arranged(videos, MomentOrder::ByName, std::nullopt);
    std::vector<qint64> ids;
    for (const VideoMoments& each : ordered)
        ids.push_back(each.videoId);
    QCOMPARE(ids, (std::vector<qint64>{ 1, 3, 7, 5 }));
    QCOMPARE(ordered[0].moments[0].startSeconds, 9.0);
    QVERIFY(arranged(videos, MomentOrder::BestFirst, std::nullopt) == videos);
    MomentsModel model; // a weak moment that comes first in time makes no weak video
    model.setVideos(ordered);
    QCOMPARE(model.kind(model.index(0)), Kind::Video);
}

void TestMomentsModel::keepsOneVideoWhenAsked()
{
    const auto one = arranged(twoStrongOneWeak(), MomentOrder::BestFirst, 3);
    QCOMPARE(one.size(), 1u);
    QCOMPARE(one[0].videoId, qint64(3));
    QVERIFY(arranged(twoStrongOneWeak(), MomentOrder::ByName, 99).empty());
}

QTEST_MAIN(TestMomentsModel)
#include "tst_moments_model.moc"
