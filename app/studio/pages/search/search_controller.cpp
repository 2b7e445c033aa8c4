#include "app/studio/pages/search/search_controller.h"

#include "app/studio/job_service.h"
#include "app/studio/preferences.h"
#include "app/studio/project_session.h"
#include "app/studio/services.h"
#include "media/video_index.h"
#include "store/project.h"
#include "widgets/common/format.h"

#include <chrono>

namespace clipscope::studio {

namespace {

constexpr std::chrono::milliseconds restBeforeSearch{ 150 };
constexpr std::chrono::seconds growthInterval{ 3 }; // how often new features are looked for
constexpr qsizetype mostRecent = 8;

Result<LocatedVideo> readVideo(const std::filesystem::path& folder, qint64 videoId, double seconds)
{
    CLIP_TRY_ASSIGN(const auto project, store::Project::open(folder, store::Access::ReadOnly));
    CLIP_TRY_ASSIGN(const auto record, project.catalogue().video(videoId));
    if (!record)
        return fail(ErrorKind::NotFound, "This video is no longer in the project.");
    LocatedVideo located;
    located.seconds = seconds;
    located.video.videoId = videoId;
    located.video.title = widgets::fromPath(record->path.filename());
    located.video.path = widgets::fromPath(record->path);
    located.video.durationSeconds = record->durationSeconds;
    CLIP_TRY_ASSIGN(const std::string bytes, project.catalogue().frameIndex(videoId));
    // Without its table a video still plays: the player makes one.
    if (auto index = media::VideoIndex::parse(bytes))
        located.video.index = std::make_shared<const media::VideoIndex>(std::move(*index));
    return located;
}

} // namespace

SearchController::SearchController(Services& services, QObject* parent)
    : QObject(parent)
    , m_services(services)
    , m_lookup(this)
{
    m_rest.setSingleShot(true);
    m_rest.setInterval(restBeforeSearch);
    connect(&m_rest, &QTimer::timeout, this, &SearchController::search);

    m_growth.setSingleShot(true);
    m_growth.setInterval(growthInterval);
    connect(&m_growth, &QTimer::timeout, &m_services.model, &ModelService::refresh);

    ModelService& model = m_services.model;
    connect(&model, &ModelService::stateChanged, this, &SearchController::takeState);
    connect(&model, &ModelService::searchFinished, this, [this](const SearchReply& reply) {
        if (reply.query != m_query)
            return; // more was typed meanwhile
        m_waiting = false;
        Q_EMIT found(reply);
    });
    connect(&model, &ModelService::stripsFinished, this, [this](const StripsReply& reply) {
        if (reply.query == m_query)
            Q_EMIT stripsChanged(reply);
    });
    connect(&model, &ModelService::suggestionsReady, this, [this](const QStringList& queries) {
        m_suggestions = queries;
        Q_EMIT sceneChanged();
    });
    connect(&model, &ModelService::failed, this, [this](const Error& error) {
        m_waiting = false;
        Q_EMIT failed(error);
    });
    connect(&m_services.jobs, &JobService::jobsChanged, this, [this] {
        if (m_services.jobs.isRunning(QStringLiteral("extract")) && !m_growth.isActive())
            m_growth.start();
        Q_EMIT sceneChanged();
    });
}

void SearchController::type(const QString& text)
{
    if (text.trimmed() == m_query)
        return;
    m_query = text.trimmed();
    if (m_query.isEmpty()) {
        m_rest.stop();
        m_waiting = false;
        Q_EMIT stripsChanged({});
    } else {
        watch(m_watched);
        m_rest.start();
    }
    Q_EMIT sceneChanged();
}

void SearchController::commit(const QString& text)
{
    type(text);
    if (m_rest.isActive())
        search();
    rememberQuery();
}

void SearchController::search()
{
    m_rest.stop();
    if (m_query.isEmpty() || model().phase != ModelState::Phase::Ready)
        return;
    m_waiting = true;
    m_services.model.search(m_query);
}

void SearchController::watch(const QList<qint64>& videoIds)
{
    m_watched = videoIds;
    if (!m_query.isEmpty() && !videoIds.isEmpty() && model().phase == ModelState::Phase::Ready)
        m_services.model.strips(m_query, videoIds);
}

void SearchController::rememberQuery()
{
    if (m_query.isEmpty())
        return;
    QStringList queries = recentQueries();
    queries.removeAll(m_query);
    queries.prepend(m_query);
    m_services.preferences.set(keys::recentQueries, queries.mid(0, mostRecent));
}

QStringList SearchController::recentQueries() const
{
    return m_services.preferences.get(keys::recentQueries);
}

QStringList SearchController::pinnedQueries() const
{
    return m_services.preferences.get(keys::pinnedQueries);
}

void SearchController::togglePin()
{
    if (m_query.isEmpty())
        return;
    QStringList queries = pinnedQueries();
    if (queries.removeAll(m_query) == 0)
        queries.prepend(m_query);
    m_services.preferences.set(keys::pinnedQueries, queries);
    Q_EMIT sceneChanged();
}

const ModelState& SearchController::model() const
{
    return m_services.model.state();
}

void SearchController::takeState(const ModelState& state)
{
    const bool ready = state.phase == ModelState::Phase::Ready;
    if (!ready) {
        m_searchable = -1;
        m_waiting = false;
    } else if (state.searchableVideos != m_searchable) {
        m_searchable = state.searchableVideos;
        m_services.model.suggest();
        watch(m_watched);
        search(); // the same words find more now
    }
    Q_EMIT sceneChanged();
}

SearchScene SearchController::scene() const
{
    const ModelState& state = model();
    switch (state.phase) {
    case ModelState::Phase::NoProject:
        return SearchScene::NoProject;
    case ModelState::Phase::Loading:
        return SearchScene::Loading;
    case ModelState::Phase::NoModel:
        return SearchScene::NoModel;
    case ModelState::Phase::Failed:
        return SearchScene::Failed;
    case ModelState::Phase::Ready:
        break;
    }
    if (state.allVideos == 0)
        return SearchScene::NoVideos;
    if (state.searchableVideos == 0)
        return SearchScene::NothingExtracted;
    return m_query.isEmpty() ? SearchScene::Start : SearchScene::Results;
}

QString SearchController::coverage() const
{
    const ModelState& state = model();
    const int missing = state.allVideos - state.searchableVideos;
    if (state.phase != ModelState::Phase::Ready || missing <= 0)
        return {};
    return m_services.jobs.isRunning(QStringLiteral("extract"))
        ? tr("Still extracting: %1 of %2 videos can be searched now.")
              .arg(state.searchableVideos)
              .arg(state.allVideos)
        : tr("%1 of %2 videos can be searched; the others have no features yet.")
              .arg(state.searchableVideos)
              .arg(state.allVideos);
}

void SearchController::locate(qint64 videoId, double seconds)
{
    if (!m_services.project.isOpen())
        return;
    m_lookup.run([folder = m_services.project.folder(), videoId, seconds](
                     const std::stop_token&) { return readVideo(folder, videoId, seconds); },
        [this](const Result<LocatedVideo>& video) {
            if (video)
                Q_EMIT located(*video);
            else
                Q_EMIT failed(video.error());
        });
}

} // namespace clipscope::studio
