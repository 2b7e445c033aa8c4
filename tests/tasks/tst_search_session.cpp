#include "tasks/search_session.h"

#include "store/feature_shards.h"
#include "store/project.h"
#include "support/made_up_films.h"
#include "support/verify.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>

#include <algorithm>
#include <array>

using namespace clipscope;

namespace {

constexpr std::array<const char*, 8> things{ "fish", "boat", "tree", "horse", "bread", "cloud",
    "wheel", "lamp" };

/// Knows the eight things of the made-up films: states are the features, a text is its thing's
/// direction.
class FakeModel final : public tasks::EmbeddingModel
{
public:
    explicit FakeModel(int* computed, std::string version = "1")
        : m_computed(computed)
        , m_version(std::move(version))
    {
    }
    const tasks::CheckpointInfo& info() const override { return m_info; }
    std::string fingerprint() const override { return "fake-" + m_version; }
    int dim() const override { return 16; }
    int featureDim() const override { return 16; }
    float weakBelow() const override { return 1.0F; }
    at::Tensor secondStates(const at::Tensor& features) const override
    {
        ++*m_computed;
        return features.to(at::kFloat);
    }
    Result<tasks::EmbeddedTexts> embedTexts(std::span<const std::string> texts) const override
    {
        const auto vectors = at::zeros({ 1, 16 }, at::kFloat);
        for (std::size_t i = 0; i < things.size(); ++i)
            if (texts[0].find(things[i]) != std::string::npos)
                vectors[0][static_cast<std::int64_t>(i)] = 1.0F;
        if (texts[0].empty())
            return fail(ErrorKind::BadInput, "The query has no words.");
        return tasks::EmbeddedTexts{ vectors, {} };
    }

private:
    int* m_computed;
    std::string m_version;
    tasks::CheckpointInfo m_info{ "fake", "Fake", tasks::CheckpointKind::VideoClip, {}, "made-up",
        {} };
};

} // namespace

class TestSearchSession : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY_RESULT(test::makeFilms(folder(), {}));
        m_computed = 0;
    }
    void findsTheSecondsThatTheCaptionsName();
    void givesTheScoresOfAVideo();
    void answersAlikeEachTime();
    void callsWhatIsNotThereWeak();
    void computesStatesOnceAndAgainForAnotherCheckpoint();
    void takesInFeaturesThatCameLater();
    void saysWhatToRunWithoutFeatures();
    void refusesAnEmptyQuery();
    void indexesWindowsWhenAsked();
    void sharesOfTheStatesReadAsOne();

private:
    std::filesystem::path folder() const
    {
        return std::filesystem::path(m_folder->path().toStdString()) / "p.clipscope";
    }
    store::Project project() const
    {
        return store::Project::open(folder(), store::Access::ReadOnly).value();
    }
    Result<tasks::SearchSession> session(std::string version = "1")
    {
        return tasks::SearchSession::open(
            project(), std::make_unique<FakeModel>(&m_computed, std::move(version)), {});
    }
    std::unique_ptr<QTemporaryDir> m_folder;
    int m_computed = 0;
};

void TestSearchSession::findsTheSecondsThatTheCaptionsName()
{
    auto opened = session();
    QVERIFY_RESULT(opened);
    const auto from = project();
    for (const char* thing : things) {
        const auto answer = opened->search(thing, { 50, {} });
        QVERIFY_RESULT(answer);
        for (const auto& moment : answer->moments) {
            if (moment.weak)
                continue;
            const auto captions = from.catalogue().captions(moment.videoId).value();
            const auto at
                = std::find_if(captions.begin(), captions.end(), [&](const auto& caption) {
                      return caption.startSeconds <= static_cast<double>(moment.peakSecond)
                          && static_cast<double>(moment.peakSecond) < caption.stopSeconds;
                  });
            QVERIFY(at != captions.end() && at->text.find(thing) != std::string::npos);
        }
    }
}

void TestSearchSession::givesTheScoresOfAVideo()
{
    auto opened = session();
    QVERIFY_RESULT(opened);
    QVERIFY(opened->scoresOfVideo(1).empty());
    const auto answer = opened->search("fish");
    QVERIFY_RESULT(answer);
    const auto features = store::FeatureReader::open(project().featuresFolder("made-up"));
    QVERIFY_RESULT(features);
    for (const std::int64_t id : features->videoIds()) {
        const auto view = features->find(id);
        const auto scores = opened->scoresOfVideo(id);
        QCOMPARE(static_cast<std::int64_t>(scores.size()), view->seconds);
        for (std::size_t t = 0; t < scores.size(); ++t)
            QVERIFY(std::abs(scores[t] - floatFromHalf(view->halves[t * 16])) < 1e-3F);
    }
    QVERIFY(opened->scoresOfVideo(12345).empty());
    QVERIFY(answer->stripHigh > answer->stripLow);
}

void TestSearchSession::answersAlikeEachTime()
{
    auto one = session(), two = session();
    QVERIFY_RESULT(one);
    QVERIFY_RESULT(two);
    for (const char* thing : things)
        QVERIFY(one->search(thing)->moments == two->search(thing)->moments);
    // A text in no direction scores everything the same: ties go by video.
    const auto tied = one->search("nothing known", { 5, {} });
    QVERIFY_RESULT(tied);
    QCOMPARE(tied->moments.size(), std::size_t(5));
    for (std::size_t i = 1; i < tied->moments.size(); ++i)
        QVERIFY(tied->moments[i - 1].videoId < tied->moments[i].videoId);
}

void TestSearchSession::callsWhatIsNotThereWeak()
{
    auto opened = session();
    QVERIFY_RESULT(opened);
    QVERIFY(opened->search("nothing known")->nothingMatches);
    QVERIFY(!opened->search("fish")->nothingMatches);
}

void TestSearchSession::computesStatesOnceAndAgainForAnotherCheckpoint()
{
    QVERIFY_RESULT(session());
    QCOMPARE(m_computed, 12);
    QVERIFY_RESULT(session());
    QCOMPARE(m_computed, 12);
    QVERIFY_RESULT(session("2"));
    QCOMPARE(m_computed, 24);
}

void TestSearchSession::takesInFeaturesThatCameLater()
{
    auto opened = session();
    QVERIFY_RESULT(opened);
    {
        auto writable = store::Project::open(folder(), store::Access::ReadWrite);
        QVERIFY_RESULT(writable);
        store::NewVideo video;
        video.record.path = "/films/late.mp4";
        video.record.contentHash = "late";
        video.record.durationSeconds = 1.5;
        const auto id = writable->catalogue().addVideo(video);
        QVERIFY_RESULT(id);
        auto answer = opened->search("fish");
        QVERIFY_RESULT(opened->refresh(project(), {}));
        answer = opened->search("fish");
        QCOMPARE(answer->notes.size(), std::size_t(1)); // a video without features
        auto writer = store::FeatureWriter::open(
            writable->featuresFolder("made-up"), { "made-up", "made-up-1", 16, Json::object() });
        QVERIFY_RESULT(writer);
        std::vector<std::uint16_t> halves(32, 0);
        halves[0] = halves[16] = halfFromFloat(50.0F);
        QVERIFY_RESULT(writer->append(*id, "late", halves, 2));
        QVERIFY_RESULT(opened->refresh(project(), {}));
        answer = opened->search("fish");
        QCOMPARE(answer->moments[0].videoId, *id);
        QCOMPARE(answer->moments[0].stopSeconds, 1.5);
        QVERIFY(answer->notes.empty());
    }
    QCOMPARE(m_computed, 13);
}

void TestSearchSession::saysWhatToRunWithoutFeatures()
{
    std::filesystem::remove_all(folder() / "features");
    const auto opened = session();
    QVERIFY_ERROR(opened, ErrorKind::NotFound);
    QVERIFY(opened.error().hint.find("extract") != std::string::npos);
}

void TestSearchSession::refusesAnEmptyQuery()
{
    auto opened = session();
    QVERIFY_RESULT(opened);
    QVERIFY_ERROR(opened->search(""), ErrorKind::BadInput);
}

void TestSearchSession::indexesWindowsWhenAsked()
{
    const FakeModel model(&m_computed);
    const auto report = tasks::ensureStates(project(), model, tasks::WindowIndex::Always, {});
    QVERIFY_RESULT(report);
    QCOMPARE(report->indexedWindows, std::int64_t(12)); // 16 seconds: one window a film
    const auto features = store::FeatureReader::open(project().featuresFolder("made-up"));
    const auto states = store::FeatureReader::open(project().statesFolder("fake"),
        tasks::statesFingerprint(model, features->manifest().fingerprint));
    QVERIFY_RESULT(states);
    const auto index = tasks::loadWindowIndex(project(), model, *states);
    QVERIFY_RESULT(index);
    std::vector<float> query(16, 0.0F);
    query[0] = 1.0F;
    const auto hits = index->search(query, 3);
    QVERIFY_RESULT(hits);
    QCOMPARE(hits->size(), std::size_t(3));
    QVERIFY(states->find(tasks::unpacked((*hits)[0].id).videoId).has_value());
}

void TestSearchSession::sharesOfTheStatesReadAsOne()
{
    const FakeModel model(&m_computed);
    std::int64_t computed = 0;
    for (const std::int64_t index : { 0, 1, 2 }) {
        const auto report = tasks::ensureStates(
            project(), model, tasks::WindowIndex::Always, {}, store::Share{ index, 3 });
        QVERIFY_RESULT(report);
        QCOMPARE(report->videosComputed, std::int64_t(4));
        QCOMPARE(report->indexedWindows, std::int64_t(0)); // needs all
        computed += report->videosComputed;
    }
    QCOMPARE(computed, std::int64_t(12));
    const auto all = tasks::ensureStates(project(), model, tasks::WindowIndex::Always, {});
    QVERIFY_RESULT(all);
    QCOMPARE(all->videosKnown, std::int64_t(12));
    QCOMPARE(m_computed, 12);
    QVERIFY(all->indexedWindows > 0);
    auto opened = session();
    QVERIFY_RESULT(opened);
    QVERIFY(!opened->search("fish", { 50, {} })->moments.empty());
    QCOMPARE(m_computed, 12);
}

QTEST_GUILESS_MAIN(TestSearchSession)
#include "tst_search_session.moc"
