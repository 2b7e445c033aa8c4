#include "app/studio/model_service.h"
#include "support/made_up_films.h"
#include "support/made_up_starter.h"
#include "support/verify.h"
#include "widgets/common/format.h"

#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>

using namespace clipscope;
using namespace clipscope::studio;

/// The real model thread with a starter of random weights: what it says is chance, but it says it.
class TestModelService : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { test::failOnAnyWarning(); }
    void cleanup() { m_service.reset(); }

    void labelsEverySecondOfAVideo();
    void answersOnlyTheNewestWish();
    void searchesAndLabelsInTurn();
    void answersWhatIsTypedWhileManyLabelsAreNew();
    void saysWhichLabelItCannotRead();
    void saysThatAVideoHasNoStates();
    void forgetsTheWishWhenAnotherProjectOpens();

private:
    static labels::LabelSet things(std::vector<std::string> names)
    {
        labels::LabelSet set;
        set.name = "things";
        for (std::string& name : names)
            set.labels.emplace_back().name = std::move(name);
        return set;
    }
    std::filesystem::path project() const
    {
        return widgets::toPath(m_folder.filePath(QStringLiteral("films.clipscope")));
    }
    bool open()
    {
        m_service = makeModelService();
        m_service->openProject(project());
        return QTest::qWaitFor(
            [this] { return m_service->state().phase == ModelState::Phase::Ready; }, 60000);
    }

    QTemporaryDir m_folder;
    std::unique_ptr<ModelService> m_service;
};

void TestModelService::initTestCase()
{
    const QString models = m_folder.filePath(QStringLiteral("models"));
    QVERIFY(QDir().mkpath(models));
    QVERIFY_RESULT(test::writeMadeUpStarter(widgets::toPath(models) / "starter.safetensors"));
    qputenv("CLIPSCOPE_MODELS", models.toLocal8Bit());
    QVERIFY_RESULT(test::makeFilms(project(),
        { .films = 3,
            .featureWidth = model::EfficientNetLite0::featureWidth,
            .encoder = "efficientnet-lite0" }));
}

void TestModelService::labelsEverySecondOfAVideo()
{
    QVERIFY(open());
    QSignalSpy spy(m_service.get(), &ModelService::labelled);
    labels::SegmenterOptions options;
    options.outside = labels::Outside::Never;
    options.smoothingSeconds = 3;
    const labels::LabelSet set = things({ "fish", "boat", "a lamp" });
    m_service->label(2, set, options);
    QTRY_COMPARE_WITH_TIMEOUT(spy.count(), 1, 30000);
    const auto reply = spy[0][0].value<LabelReply>();
    QCOMPARE(reply.videoId, 2);
    QVERIFY(reply.labelSet == set && reply.options == options);
    QCOMPARE(reply.seconds, 16);
    QCOMPARE(reply.scores->size(), std::size_t(48));
    QCOMPARE(reply.thresholds, std::vector<double>(3, reply.threshold));
    QCOMPARE(reply.labelling.labels.size(), std::size_t(16));
    QCOMPARE(reply.labelling.margins.size(), std::size_t(16));
    QCOMPARE(reply.segments.size(), reply.labelling.spans.size());
    QCOMPARE(reply.segments.front().startSeconds, 0.0);
    QCOMPARE(reply.segments.back().stopSeconds, 16.0);
    QVERIFY(reply.milliseconds > 0.0);
}

void TestModelService::answersOnlyTheNewestWish()
{
    QVERIFY(open());
    QSignalSpy spy(m_service.get(), &ModelService::labelled);
    // The thread may have begun with the first; of the others only the last is served.
    for (int i = 0; i < 50; ++i)
        m_service->label(1, things({ "fish", "boat " + std::to_string(i) }), {});
    const auto last = [&] {
        return spy.isEmpty() ? std::string()
                             : spy.back()[0].value<LabelReply>().labelSet.labels[1].name;
    };
    QTRY_COMPARE_WITH_TIMEOUT(last(), std::string("boat 49"), 30000);
    QVERIFY(spy.count() < 50);
}

void TestModelService::searchesAndLabelsInTurn()
{
    QVERIFY(open());
    QSignalSpy labelled(m_service.get(), &ModelService::labelled);
    QSignalSpy searched(m_service.get(), &ModelService::searchFinished);
    QSignalSpy strips(m_service.get(), &ModelService::stripsFinished);
    m_service->label(1, things({ "fish", "boat" }), {});
    m_service->strips(QStringLiteral("a fi"), { 1 });
    m_service->search(QStringLiteral("a fish"));
    m_service->label(3, things({ "fish", "boat" }), {});
    const auto labelledLast
        = [&] { return labelled.isEmpty() ? 0 : labelled.back()[0].value<LabelReply>().videoId; };
    QTRY_COMPARE_WITH_TIMEOUT(labelledLast(), 3, 30000);
    QTRY_COMPARE_WITH_TIMEOUT(searched.count(), 1, 30000);
    QTRY_COMPARE_WITH_TIMEOUT(strips.count(), 1, 30000);
    QCOMPARE(searched[0][0].value<SearchReply>().query, QStringLiteral("a fish"));
}

void TestModelService::answersWhatIsTypedWhileManyLabelsAreNew()
{
    QVERIFY(open());
    QSignalSpy labelled(m_service.get(), &ModelService::labelled);
    QSignalSpy searched(m_service.get(), &ModelService::searchFinished);
    labels::LabelSet many = things({});
    for (int i = 0; i < 1500; ++i) // seconds of work
        many.labels.emplace_back().name = "fish " + std::to_string(i);
    m_service->label(1, many, {});
    for (int i = 1; i <= 5; ++i) { // after the first at the latest, labels are under way
        m_service->search(QStringLiteral("a fish %1").arg(i));
        QTRY_COMPARE_WITH_TIMEOUT(searched.count(), i, 30000);
        QCOMPARE(labelled.count(), 0);
    }
    QTRY_COMPARE_WITH_TIMEOUT(labelled.count(), 1, 120000);
    QCOMPARE(labelled[0][0].value<LabelReply>().scores->size(), std::size_t(1500 * 16));
}

void TestModelService::saysWhichLabelItCannotRead()
{
    QVERIFY(open());
    QSignalSpy spy(m_service.get(), &ModelService::labellingFailed);
    labels::LabelSet set = things({ "fish", "boat" });
    set.labels[1].wordings = { " " };
    m_service->label(1, set, {});
    QTRY_COMPARE_WITH_TIMEOUT(spy.count(), 1, 30000);
    QCOMPARE(spy[0][0].toLongLong(), 1);
    const auto error = spy[0][1].value<Error>();
    QCOMPARE(error.kind, ErrorKind::BadInput);
    QVERIFY(error.message.find("\"boat\"") != std::string::npos);
}

void TestModelService::saysThatAVideoHasNoStates()
{
    QVERIFY(open());
    QSignalSpy spy(m_service.get(), &ModelService::labelled);
    m_service->label(12345, things({ "fish" }), {});
    QTRY_COMPARE_WITH_TIMEOUT(spy.count(), 1, 30000);
    const auto reply = spy[0][0].value<LabelReply>();
    QCOMPARE(reply.seconds, 0);
    QVERIFY(!reply.scores && reply.segments.empty());
}

void TestModelService::forgetsTheWishWhenAnotherProjectOpens()
{
    QVERIFY(open());
    QSignalSpy spy(m_service.get(), &ModelService::labelled);
    m_service->label(1, things({ "fish" }), {});
    m_service->openProject(project());
    QTRY_COMPARE_WITH_TIMEOUT(m_service->state().phase, ModelState::Phase::Ready, 60000);
    m_service->label(2, things({ "fish" }), {});
    QTRY_COMPARE_WITH_TIMEOUT(spy.count(), 1, 30000);
    QCOMPARE(spy[0][0].value<LabelReply>().videoId, 2);
}

QTEST_GUILESS_MAIN(TestModelService)
#include "tst_model_service.moc"
