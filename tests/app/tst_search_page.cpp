#include "app/studio/actions.h"
#include "app/studio/job_service.h"
#include "app/studio/model_service.h"
#include "app/studio/navigator.h"
#include "app/studio/pages/search/search_page.h"
#include "app/studio/pages/search/start_panel.h"
#include "app/studio/preferences.h"
#include "app/studio/project_session.h"
#include "app/studio/services.h"
#include "app/studio/thumbnails.h"
#include "app/studio/waveform_service.h"
#include "media/video_index.h"
#include "store/project.h"
#include "support/gui.h"
#include "support/make_video.h"
#include "support/verify.h"
#include "widgets/common/format.h"
#include "widgets/player/player.h"
#include "widgets/results/results_view.h"

#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QToolButton>

#include <memory>

using namespace clipscope;
using namespace clipscope::studio;
using widgets::HeatScores;
using widgets::HeatStrip;
using widgets::VideoMoments;

namespace {

/// Keeps what it is asked and answers when the test says so.
class FakeModel final : public ModelService
{
public:
    const ModelState& state() const override { return m_state; }
    void openProject(const std::filesystem::path&, const QString&) override { }
    void refresh() override { ++refreshes; }
    void search(const QString& query) override { searches.append(query); }
    void strips(const QString& query, const QList<qint64>& videoIds) override
    {
        stripQueries.append(query);
        stripVideos = videoIds;
    }
    void suggest() override { ++suggests; }
    void label(qint64, const labels::LabelSet&, const labels::SegmenterOptions&) override { }

    void become(const ModelState& state)
    {
        m_state = state;
        Q_EMIT stateChanged(m_state);
    }
    void becomeReady(int searchable, int all)
    {
        ModelState state;
        state.phase = ModelState::Phase::Ready;
        state.checkpoint = QStringLiteral("starter");
        state.title = QStringLiteral("Starter: object and scene search");
        state.limits = QStringLiteral("It does not know motion.");
        state.searchableVideos = searchable;
        state.allVideos = all;
        become(state);
    }

    QStringList searches;
    QStringList stripQueries;
    QList<qint64> stripVideos;
    int refreshes = 0;
    int suggests = 0;

private:
    ModelState m_state;
};

} // namespace

class TestSearchPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void asksForCurvesAtOnceAndForMomentsAfterARest();
    void doesNotLetACommittedQueryWait();
    void ignoresAnswersToOldWords();
    void playsAChosenMomentAndStopsAtItsEnd();
    void showsTheBestMomentStillWhenNothingWasChosen();
    void paintsTheCurveOfTheWordsUnderTheScrubber();
    void opensAVideoOfTheProjectAtASecond();
    void saysWhyNothingCanBeFound_data();
    void saysWhyNothingCanBeFound();
    void namesTheCommandThatMakesTheModel();
    void saysHowManyVideosCanBeSearched();
    void saysWhenNothingMatchesWell();
    void saysWhatTheStarterCannotDo();
    void offersSuggestionsAndRecentQueries();
    void pinsAQueryAndOffersItAgain();
    void showsTheBestOfACommittedQueryWhateverWasPlayedBefore();
    void ordersAndFiltersWhatWasFound();
    void searchesAgainWhenMoreVideosAreReady();
    void startsOverWithAnotherProject();
    void standsWhereItStoodInTheLastSession();

private:
    SearchReply reply(const QString& query, bool weak = false) const;
    QString labelText(const char* name) const;
    QString allText() const;

    QTemporaryDir m_folder;
    QString m_film;
    std::filesystem::path m_projectFolder;
    qint64 m_videoId = 0;

    std::unique_ptr<ProjectSession> m_project;
    std::unique_ptr<JobService> m_jobs;
    std::unique_ptr<FakeModel> m_model;
    std::unique_ptr<Thumbnails> m_thumbnails;
    std::unique_ptr<WaveformService> m_waveforms;
    std::unique_ptr<Preferences> m_preferences;
    std::unique_ptr<Navigator> m_navigator;
    std::unique_ptr<Services> m_services;
    std::unique_ptr<SearchPage> m_page;
};

void TestSearchPage::initTestCase()
{
    m_film = m_folder.filePath(QStringLiteral("film.mp4"));
    test::MadeVideo made;
    made.frames = 75;
    QVERIFY_RESULT(test::makeVideo(widgets::toPath(m_film), made));
    auto inspected = media::inspect(widgets::toPath(m_film));
    QVERIFY_RESULT(inspected);

    m_projectFolder = widgets::toPath(m_folder.filePath(QStringLiteral("test.clipscope")));
    auto project = store::Project::create(m_projectFolder);
    QVERIFY_RESULT(project);
    store::NewVideo video;
    video.record.contentHash = "0123";
    video.record.path = widgets::toPath(m_film);
    video.record.durationSeconds = inspected->index.durationSeconds();
    video.record.frameCount = inspected->index.frameCount();
    video.frameIndex = inspected->index.serialise();
    const auto id = project->catalogue().addVideo(video);
    QVERIFY_RESULT(id);
    m_videoId = *id;
}

void TestSearchPage::init()
{
    test::failOnAnyWarningOfOurs();
    m_project = std::make_unique<ProjectSession>();
    m_jobs = std::make_unique<JobService>(*m_project, QStringLiteral("clipscope-cli"));
    m_model = std::make_unique<FakeModel>();
    m_thumbnails = std::make_unique<Thumbnails>();
    m_waveforms = std::make_unique<WaveformService>();
    const QString file = m_folder.filePath(QStringLiteral("preferences.ini"));
    QFile::remove(file);
    m_preferences = std::make_unique<Preferences>(file);
    m_navigator = std::make_unique<Navigator>();
    m_services.reset(new Services{
        *m_project, *m_jobs, *m_model, *m_thumbnails, *m_waveforms, *m_preferences, *m_navigator });
    m_page = std::make_unique<SearchPage>(*m_services);
    m_page->player().setMuted(true);
    m_page->resize(1200, 700);
    m_page->show();
    QVERIFY(QTest::qWaitForWindowActive(m_page.get()));
}

void TestSearchPage::cleanup()
{
    m_page.reset();
    m_services.reset();
}

SearchReply TestSearchPage::reply(const QString& query, bool weak) const
{
    VideoMoments video;
    video.videoId = m_videoId;
    video.title = QStringLiteral("film.mp4");
    video.path = m_film;
    video.durationSeconds = 3.0;
    video.heat = { { 0.1F, 1.0F, 0.2F } };
    video.moments = { { 1.0, 2.0, 1.0, 0.41, weak } };
    SearchReply made;
    made.query = query;
    made.videos = { video };
    made.nothingMatches = weak;
    return made;
}

QString TestSearchPage::labelText(const char* name) const
{
    const auto* label = m_page->findChild<QLabel*>(QLatin1String(name));
    return label && label->isVisible() ? label->text() : QString();
}

QString TestSearchPage::allText() const
{
    QString text;
    for (const QLabel* label : m_page->findChildren<QLabel*>()) {
        if (label->isVisible())
            text += label->text() + QLatin1Char('\n');
    }
    return text;
}

void TestSearchPage::asksForCurvesAtOnceAndForMomentsAfterARest()
{
    m_model->becomeReady(1, 1);
    m_page->setQuery(QStringLiteral("water"));
    Q_EMIT m_model->searchFinished(reply(QStringLiteral("water"))); // now a video is shown
    m_model->searches.clear();
    m_model->stripQueries.clear();

    m_navigator->query(QStringLiteral("water in"), false);
    m_navigator->query(QStringLiteral("water in a glass"), false);
    QCOMPARE(m_model->stripQueries,
        QStringList({ QStringLiteral("water in"), QStringLiteral("water in a glass") }));
    QCOMPARE(m_model->stripVideos, QList<qint64>({ m_videoId }));
    QVERIFY(m_model->searches.isEmpty());
    QTRY_COMPARE(m_model->searches, QStringList({ QStringLiteral("water in a glass") }));
}

void TestSearchPage::doesNotLetACommittedQueryWait()
{
    m_model->becomeReady(1, 1);
    m_navigator->query(QStringLiteral("a ball"), true);
    QCOMPARE(m_model->searches, QStringList({ QStringLiteral("a ball") }));
    QTest::qWait(200);
    QCOMPARE(m_model->searches.size(), 1);
}

void TestSearchPage::ignoresAnswersToOldWords()
{
    m_model->becomeReady(1, 1);
    m_page->setQuery(QStringLiteral("new"));
    Q_EMIT m_model->searchFinished(reply(QStringLiteral("old")));
    QCOMPARE(m_page->results().moments().momentCount(), 0);
    Q_EMIT m_model->searchFinished(reply(QStringLiteral("new")));
    QCOMPARE(m_page->results().moments().momentCount(), 1);
    QVERIFY(m_page->isSettled() || m_page->player().frameIndex() < 0);
}

void TestSearchPage::playsAChosenMomentAndStopsAtItsEnd()
{
    m_model->becomeReady(1, 1);
    m_page->setQuery(QStringLiteral("ball"));
    Q_EMIT m_model->searchFinished(reply(QStringLiteral("ball")));
    QSignalSpy finished(&m_page->player(), &widgets::Player::finished);
    m_page->results().setFocus();
    QTest::keyClick(&m_page->results(), Qt::Key_Return);
    QVERIFY(finished.wait());
    QCOMPARE(m_page->player().path(), m_film);
    QCOMPARE(m_page->player().frameIndex(), qint64(49)); // the last frame of [1, 2) at 25 a second
    QVERIFY(!m_page->player().isPlaying());
}

void TestSearchPage::showsTheBestMomentStillWhenNothingWasChosen()
{
    m_model->becomeReady(1, 1);
    m_page->setQuery(QStringLiteral("ball"));
    Q_EMIT m_model->searchFinished(reply(QStringLiteral("ball")));
    QTRY_COMPARE(m_page->player().frameIndex(), qint64(25));
    QVERIFY(!m_page->player().isPlaying());
}

void TestSearchPage::paintsTheCurveOfTheWordsUnderTheScrubber()
{
    m_model->becomeReady(1, 1);
    m_page->setQuery(QStringLiteral("ball"));
    Q_EMIT m_model->searchFinished(reply(QStringLiteral("ball")));
    auto* strip = m_page->player().findChild<HeatStrip*>();
    QCOMPARE(strip->scores(), (HeatScores{ { 0.1F, 1.0F, 0.2F } }));
    m_navigator->query(QStringLiteral("balls"), false);
    const HeatScores fresh{ { 0.9F, 0.0F, 0.0F } };
    Q_EMIT m_model->stripsFinished({ QStringLiteral("ball"), { { m_videoId, {} } } }); // too late
    Q_EMIT m_model->stripsFinished({ QStringLiteral("balls"), { { m_videoId, fresh } } });
    QCOMPARE(strip->scores(), fresh);
    m_navigator->query({}, false);
    QCOMPARE(strip->scores(), HeatScores());
}

void TestSearchPage::opensAVideoOfTheProjectAtASecond()
{
    QSignalSpy changed(m_project.get(), &ProjectSession::changed);
    m_project->open(m_projectFolder);
    QVERIFY(changed.wait());
    m_model->becomeReady(0, 1);
    m_navigator->openVideo(m_videoId, 2.0);
    QTRY_COMPARE(m_page->player().frameIndex(), qint64(50));
    QVERIFY(!m_page->player().isPlaying());

    QSignalSpy reported(m_navigator.get(), &Navigator::errorReported);
    m_page->openVideo(m_videoId + 1, 0.0);
    QVERIFY(reported.wait());
    QCOMPARE(static_cast<int>(reported.first().first().value<Error>().kind),
        static_cast<int>(ErrorKind::NotFound));
}

void TestSearchPage::saysWhyNothingCanBeFound_data()
{
    using Phase = ModelState::Phase;
    QTest::addColumn<int>("phase");
    QTest::addColumn<int>("videos");
    QTest::addColumn<QString>("said");
    const auto row = [](const char* name, Phase phase, int videos, const char* said) {
        QTest::newRow(name) << static_cast<int>(phase) << videos << QString::fromLatin1(said);
    };
    row("no project", Phase::NoProject, 0, "No project is open");
    row("loading", Phase::Loading, 0, "Loading the model");
    row("no model", Phase::NoModel, 3, "No model is installed");
    row("broken model", Phase::Failed, 3, "The file is damaged.");
    row("no videos", Phase::Ready, 0, "The project has no videos yet");
    row("nothing extracted", Phase::Ready, 3, "No video can be searched yet");
}

void TestSearchPage::saysWhyNothingCanBeFound()
{
    QFETCH(int, phase);
    QFETCH(int, videos);
    QFETCH(QString, said);
    ModelState state;
    state.phase = static_cast<ModelState::Phase>(phase);
    state.allVideos = videos;
    if (state.phase == ModelState::Phase::Failed)
        state.error = Error{ ErrorKind::BadInput, "The file is damaged.", {}, {}, {} };
    m_model->become(state);
    QVERIFY2(allText().contains(said), qPrintable(allText()));
}

void TestSearchPage::namesTheCommandThatMakesTheModel()
{
    ModelState state;
    state.phase = ModelState::Phase::NoModel;
    m_model->become(state);
    QVERIFY(allText().contains(QStringLiteral("clipscope-cli make-starter")));
}

void TestSearchPage::saysHowManyVideosCanBeSearched()
{
    m_model->becomeReady(12, 40);
    QVERIFY2(labelText("searchNote").contains(QStringLiteral("12 of 40 videos")),
        qPrintable(labelText("searchNote")));
    m_model->becomeReady(40, 40);
    QCOMPARE(labelText("searchNote"), QString());
}

void TestSearchPage::saysWhenNothingMatchesWell()
{
    m_model->becomeReady(1, 1);
    m_page->setQuery(QStringLiteral("a unicorn"));
    Q_EMIT m_model->searchFinished(reply(QStringLiteral("a unicorn"), true));
    QVERIFY(labelText("searchNote").contains(QStringLiteral("Nothing here matches well")));
    QCOMPARE(m_page->results().moments().momentCount(), 1); // the closest are shown all the same
}

void TestSearchPage::saysWhatTheStarterCannotDo()
{
    m_model->becomeReady(1, 1);
    QVERIFY(labelText("searchLimits").contains(QStringLiteral("It does not know motion.")));
}

void TestSearchPage::offersSuggestionsAndRecentQueries()
{
    m_preferences->set(keys::recentQueries, QStringList{ QStringLiteral("old words") });
    m_model->becomeReady(1, 1);
    QCOMPARE(m_model->suggests, 1);
    Q_EMIT m_model->suggestionsReady({ QStringLiteral("a white parrot") });
    auto* panel = m_page->findChild<StartPanel*>();
    QVERIFY(panel && panel->isVisible());
    QSignalSpy requested(m_navigator.get(), &Navigator::queryRequested);
    QStringList offered;
    for (QPushButton* button : panel->findChildren<QPushButton*>()) {
        offered.append(button->text());
        button->click();
    }
    QCOMPARE(
        offered, QStringList({ QStringLiteral("a white parrot"), QStringLiteral("old words") }));
    QCOMPARE(requested.size(), 2);

    m_page->setQuery(QStringLiteral("new words"));
    QCOMPARE(m_preferences->get(keys::recentQueries),
        QStringList({ QStringLiteral("new words"), QStringLiteral("old words") }));
}

void TestSearchPage::pinsAQueryAndOffersItAgain()
{
    m_model->becomeReady(1, 1);
    studio::addActions(m_page.get(), m_page->actionRows(), *m_preferences); // as the window does it
    m_page->setQuery(QStringLiteral("a white dog"));
    auto* pin = m_page->findChild<QToolButton*>(QStringLiteral("pinQuery"));
    QVERIFY(!pin->isChecked());
    QTest::keyClick(m_page.get(), Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(pin->isChecked());
    QCOMPARE(m_preferences->get(keys::pinnedQueries), QStringList{ QStringLiteral("a white dog") });
    m_page->setQuery({});
    const auto* panel = m_page->findChild<StartPanel*>();
    QTRY_VERIFY(panel->isVisible());
    QStringList offered;
    for (const QPushButton* button : panel->findChildren<QPushButton*>())
        if (button->isVisible())
            offered.append(button->text());
    QCOMPARE(offered.count(QStringLiteral("a white dog")), 2); // pinned and recent
    m_page->setQuery(QStringLiteral("a white dog"));
    pin->click();
    QVERIFY(!pin->isChecked());
    QVERIFY(m_preferences->get(keys::pinnedQueries).isEmpty());
}

void TestSearchPage::showsTheBestOfACommittedQueryWhateverWasPlayedBefore()
{
    m_model->becomeReady(1, 1);
    m_navigator->query(QStringLiteral("ball"), true);
    Q_EMIT m_model->searchFinished(reply(QStringLiteral("ball")));
    QVERIFY(m_page->results().hasFocus());
    QTest::keyClick(&m_page->results(), Qt::Key_Return);
    QTRY_VERIFY(m_page->player().isPlaying());

    // Words that are only being typed leave the player alone; Enter does not.
    SearchReply other = reply(QStringLiteral("cat"));
    other.videos[0].moments = { { 2.0, 3.0, 2.0, 0.7, false } };
    m_navigator->query(QStringLiteral("cat"), false);
    QTRY_VERIFY(m_model->searches.contains(QStringLiteral("cat")));
    Q_EMIT m_model->searchFinished(other);
    QVERIFY(m_page->player().isPlaying() || m_page->player().frameIndex() == 49);
    m_navigator->query(QStringLiteral("cat"), true); // answered already
    QTRY_COMPARE(m_page->player().frameIndex(), qint64(50));
    QVERIFY(!m_page->player().isPlaying());
    QVERIFY(m_page->results().hasFocus());
}

void TestSearchPage::ordersAndFiltersWhatWasFound()
{
    m_model->becomeReady(2, 2);
    SearchReply found = reply(QStringLiteral("ball"));
    VideoMoments first = found.videos[0];
    first.videoId += 1;
    first.title = QStringLiteral("a film.mp4");
    found.videos.push_back(first);
    m_page->setQuery(QStringLiteral("ball"));
    Q_EMIT m_model->searchFinished(found);
    QCOMPARE(labelText("searchSummary"), QStringLiteral("2 moments in 2 videos"));
    const auto titleOfFirst = [this] { return m_page->results().moments().videos().front().title; };
    QCOMPARE(titleOfFirst(), QStringLiteral("film.mp4"));
    auto* sort = m_page->findChild<QToolButton*>(QStringLiteral("sortOrder"));
    sort->menu()->actions().at(1)->trigger();
    QCOMPARE(titleOfFirst(), QStringLiteral("a film.mp4"));

    auto* filter = m_page->findChild<QToolButton*>(QStringLiteral("videoFilter"));
    Q_EMIT filter->menu()->aboutToShow();
    filter->menu()->actions().last()->trigger(); // film.mp4, by name
    QCOMPARE(m_page->results().moments().videos().size(), 1u);
    QCOMPARE(labelText("searchSummary"), QStringLiteral("1 moment in 1 video"));
    // An answer without that video is shown whole.
    found.query = QStringLiteral("balls");
    found.videos = { first };
    m_page->setQuery(found.query);
    Q_EMIT m_model->searchFinished(found);
    QCOMPARE(m_page->results().moments().videos().size(), 1u);
    QCOMPARE(titleOfFirst(), QStringLiteral("a film.mp4"));
    QCOMPARE(filter->text(), QStringLiteral("All videos"));
}

void TestSearchPage::searchesAgainWhenMoreVideosAreReady()
{
    m_model->becomeReady(1, 2);
    m_page->setQuery(QStringLiteral("ball"));
    Q_EMIT m_model->searchFinished(reply(QStringLiteral("ball")));
    m_model->becomeReady(1, 2);
    QCOMPARE(m_model->searches.size(), 1);
    m_model->becomeReady(2, 2);
    QCOMPARE(m_model->searches.size(), 2);
}

void TestSearchPage::startsOverWithAnotherProject()
{
    m_model->becomeReady(1, 1);
    m_page->setQuery(QStringLiteral("ball"));
    Q_EMIT m_model->searchFinished(reply(QStringLiteral("ball")));
    QTRY_VERIFY(m_page->player().isOpen());
    QSignalSpy changed(m_project.get(), &ProjectSession::changed);
    m_project->open(m_projectFolder);
    QVERIFY(changed.wait());
    QVERIFY(!m_page->player().isOpen());
}

void TestSearchPage::standsWhereItStoodInTheLastSession()
{
    m_project->open(m_projectFolder);
    QTRY_VERIFY(m_project->isOpen());
    m_model->becomeReady(1, 1);
    m_page->setQuery(QStringLiteral("ball"));
    Q_EMIT m_model->searchFinished(reply(QStringLiteral("ball")));
    QTRY_COMPARE(m_page->player().frameIndex(), qint64(25));
    m_page->player().stepFrames(5);
    QTRY_COMPARE(m_page->player().frameIndex(), qint64(30));

    const QJsonObject state = m_page->saveState();
    SearchPage next(*m_services);
    next.player().setMuted(true);
    next.restoreState(state);
    m_project->open(m_projectFolder); // as the program does after it has restored the window
    QTRY_COMPARE(next.player().frameIndex(), qint64(30));
    // The answer to the words of last time leaves the player where it is.
    next.setQuery(QStringLiteral("ball"));
    Q_EMIT m_model->searchFinished(reply(QStringLiteral("ball")));
    QCOMPARE(next.results().moments().momentCount(), 1);
    QCOMPARE(next.player().frameIndex(), qint64(30));
}

QTEST_MAIN(TestSearchPage)
#include "tst_search_page.moc"
