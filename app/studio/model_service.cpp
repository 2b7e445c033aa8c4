#include "app/studio/model_service.h"

#include "app/studio/suggestions.h"
#include "base/guarded.h"
#include "media/video_index.h"
#include "store/project.h"
#include "tasks/checkpoints.h"
#include "tasks/labelling.h"
#include "tasks/search_session.h"
#include "tensor/device.h"
#include "widgets/common/format.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace clipscope::studio {

using widgets::fromPath;
using widgets::fromUtf8;
using widgets::toUtf8;

namespace {

constexpr int mostMoments = 60; // more than anybody looks through
constexpr std::size_t mostSuggestions = 3;
/// Scoring fewer seconds than this takes one core less time than it takes cores to meet.
constexpr std::int64_t manySeconds = 100'000;

/// How many cores the work of this thread may use. A query is a hundred tiny products, and on a
/// machine that also decodes and trains each of them waits until every core is free: measured on
/// two busy cores 510 ms a query, with one thread 60 ms. Computing states takes all cores.
void useThreads(bool all)
{
    tensor::useThreads(
        all ? std::max(1, static_cast<int>(std::thread::hardware_concurrency())) : 1);
}

/// What the GUI thread wants; one place for each kind, so that the newest wins.
struct Wishes
{
    struct Place
    {
        std::filesystem::path folder; ///< empty: close
        QString checkpoint;
    };
    struct Strips
    {
        QString query;
        QList<qint64> videoIds;
    };
    struct Labels
    {
        qint64 videoId = 0;
        labels::LabelSet labelSet;
        labels::SegmenterOptions options;
    };
    std::optional<Place> place;
    std::optional<Strips> strips;
    std::optional<QString> search;
    std::optional<Labels> labels;
    bool refresh = false;
    bool suggest = false;

    bool any() const { return place || strips || search || labels || refresh || suggest; }
};

struct Video
{
    store::VideoRecord record;
    std::shared_ptr<const media::VideoIndex> index;
};

/// Everything that lives on the model thread.
class ModelWorker final
{
public:
    const ModelState& state() const { return m_state; }

    void open(const Wishes::Place& place, std::stop_token stop);
    void refresh(std::stop_token stop);
    Result<SearchReply> search(const QString& query);
    Result<StripsReply> strips(const Wishes::Strips& wish);
    /// Errors: Cancelled; what is embedded and scored by then is kept.
    Result<LabelReply> label(const Wishes::Labels& wish, std::stop_token stop);
    QStringList suggestions();

private:
    Status load(const std::string& checkpoint, std::stop_token stop);
    Status startSession(std::stop_token stop);
    void countVideos();
    Result<tasks::SearchAnswer> ask(const QString& query);
    Result<tasks::LabelledVideo> labelled(const Wishes::Labels& wish, std::stop_token stop);
    widgets::HeatScores heatOf(qint64 videoId) const;
    Result<Video> video(qint64 id);

    ModelState m_state;
    std::optional<store::Project> m_project;
    std::optional<tasks::CheckpointInfo> m_checkpoint;
    std::optional<tasks::SearchSession> m_session;
    std::optional<tasks::Labeller> m_labeller; // borrows the session
    std::map<qint64, Video> m_videos; // read once each
    std::optional<tasks::SearchAnswer> m_answer; // of the last query, while it holds
};

void ModelWorker::open(const Wishes::Place& place, std::stop_token stop)
{
    *this = {};
    if (place.folder.empty())
        return;
    m_state.phase = ModelState::Phase::Loading;
    auto project = store::Project::open(place.folder, store::Access::ReadOnly);
    if (!project) {
        m_state.phase = ModelState::Phase::Failed;
        m_state.error = project.error();
        return;
    }
    m_project.emplace(std::move(*project));
    const Status loaded = load(toUtf8(place.checkpoint), stop);
    if (!loaded) {
        m_state.phase = m_checkpoint ? ModelState::Phase::Failed : ModelState::Phase::NoModel;
        m_state.error = loaded.error();
    }
    countVideos();
}

Status ModelWorker::load(const std::string& checkpoint, std::stop_token stop)
{
    CLIP_TRY_ASSIGN(const auto all, tasks::listCheckpoints(*m_project));
    for (const tasks::CheckpointInfo& each : all)
        m_state.checkpoints.append({ fromUtf8(each.name), fromUtf8(each.title) });
    auto chosen = tasks::findCheckpoint(*m_project, checkpoint);
    // The one of last time may be gone; another one is better than none.
    if (!chosen && !checkpoint.empty())
        chosen = tasks::findCheckpoint(*m_project, {});
    if (!chosen)
        return fail(std::move(chosen).error());
    m_checkpoint = std::move(*chosen);
    m_state.checkpoint = fromUtf8(m_checkpoint->name);
    m_state.title = fromUtf8(m_checkpoint->title);
    m_state.limits = fromUtf8(m_checkpoint->limits);
    return startSession(stop);
}

Status ModelWorker::startSession(std::stop_token stop)
{
    useThreads(true);
    auto session = tasks::SearchSession::open(*m_project, m_checkpoint->name, { .stop = stop });
    m_answer.reset();
    m_labeller.reset();
    // Nothing was extracted yet: not a failure, refresh() will find it.
    if (!session && session.error().kind != ErrorKind::NotFound)
        return fail(std::move(session).error());
    if (session) {
        m_session.emplace(std::move(*session));
        m_labeller.emplace(*m_session);
    }
    useThreads(m_session && m_session->states().seconds >= manySeconds);
    m_state.phase = ModelState::Phase::Ready;
    m_state.error.reset();
    return {};
}

void ModelWorker::refresh(std::stop_token stop)
{
    if (!m_project)
        return;
    if (m_state.phase == ModelState::Phase::Ready)
        m_state.error.reset();
    Status done;
    if (!m_checkpoint)
        done = load({}, stop);
    else if (!m_session)
        done = startSession(stop);
    else {
        useThreads(true);
        done = m_session->refresh(*m_project, { .stop = stop });
        useThreads(m_session->states().seconds >= manySeconds);
        m_answer.reset();
    }
    if (!done && m_checkpoint && done.error().kind != ErrorKind::Cancelled)
        m_state.error = done.error();
    countVideos();
}

void ModelWorker::countVideos()
{
    if (const auto count = m_project->catalogue().videoCount())
        m_state.allVideos = static_cast<int>(*count);
    if (!m_session)
        return;
    const tasks::StatesReport& states = m_session->states();
    m_state.searchableVideos = static_cast<int>(states.videosComputed + states.videosKnown);
}

Result<tasks::SearchAnswer> ModelWorker::ask(const QString& query)
{
    std::string text = toUtf8(query);
    if (m_answer && m_answer->query == text)
        return *m_answer;
    m_answer.reset();
    CLIP_TRY_ASSIGN(m_answer, m_session->search(text, { .top = mostMoments, .rule = {} }));
    return *m_answer;
}

widgets::HeatScores ModelWorker::heatOf(qint64 videoId) const
{
    std::vector<float> scores = m_session->scoresOfVideo(videoId);
    const float span = std::max(m_answer->stripHigh - m_answer->stripLow, 1e-6F);
    for (float& score : scores)
        score = std::clamp((score - m_answer->stripLow) / span, 0.0F, 1.0F);
    return { std::move(scores) };
}

Result<Video> ModelWorker::video(qint64 id)
{
    if (const auto known = m_videos.find(id); known != m_videos.end())
        return known->second;
    CLIP_TRY_ASSIGN(const auto record, m_project->catalogue().video(id));
    if (!record)
        return fail(ErrorKind::NotFound, "The video is no longer in the project.");
    Video made{ *record, nullptr };
    CLIP_TRY_ASSIGN(const std::string bytes, m_project->catalogue().frameIndex(id));
    // Without its table a video still plays: the player makes one.
    if (auto index = media::VideoIndex::parse(bytes))
        made.index = std::make_shared<const media::VideoIndex>(std::move(*index));
    return m_videos.emplace(id, std::move(made)).first->second;
}

Result<SearchReply> ModelWorker::search(const QString& query)
{
    SearchReply reply;
    reply.query = query;
    if (!m_session)
        return reply;
    const auto begin = std::chrono::steady_clock::now();
    CLIP_TRY_ASSIGN(const tasks::SearchAnswer answer, ask(query));
    std::map<qint64, std::size_t> places;
    for (const tasks::Moment& moment : answer.moments) {
        const auto [place, isNew] = places.emplace(moment.videoId, reply.videos.size());
        if (isNew) {
            CLIP_TRY_ASSIGN(const Video found, video(moment.videoId));
            reply.videos.push_back({ moment.videoId, fromPath(found.record.path.filename()),
                fromPath(found.record.path), found.record.durationSeconds, heatOf(moment.videoId),
                {}, found.index });
        }
        reply.videos[place->second].moments.push_back(
            { moment.startSeconds, moment.stopSeconds, static_cast<double>(moment.peakSecond),
                static_cast<double>(moment.score), moment.weak });
    }
    reply.nothingMatches = answer.nothingMatches;
    for (const std::string& note : answer.notes)
        reply.notes.append(fromUtf8(note));
    const auto taken = std::chrono::steady_clock::now() - begin;
    reply.milliseconds = std::chrono::duration<double, std::milli>(taken).count();
    return reply;
}

Result<StripsReply> ModelWorker::strips(const Wishes::Strips& wish)
{
    StripsReply reply{ wish.query, {} };
    if (!m_session)
        return reply;
    CLIP_TRY(ask(wish.query));
    for (const qint64 id : wish.videoIds)
        reply.strips.insert(id, heatOf(id));
    return reply;
}

Result<tasks::LabelledVideo> ModelWorker::labelled(const Wishes::Labels& wish, std::stop_token stop)
{
    CLIP_TRY(m_labeller->setLabelSet(wish.labelSet, stop));
    return m_labeller->label(wish.videoId, wish.options, stop);
}

Result<LabelReply> ModelWorker::label(const Wishes::Labels& wish, std::stop_token stop)
{
    LabelReply reply;
    reply.videoId = wish.videoId;
    reply.labelSet = wish.labelSet;
    reply.options = wish.options;
    if (!m_labeller) // the state says why; a video without states does not differ
        return reply;
    reply.checkpoint = m_session->model().fingerprint();
    const auto begin = std::chrono::steady_clock::now();
    if (!m_session->statesOf(wish.videoId))
        return reply;
    // One short text and one column: measured on two cores with other work on them, 80 ms with one
    // thread and 400 with two.
    useThreads(false);
    Result<tasks::LabelledVideo> done = labelled(wish, stop);
    useThreads(m_session->states().seconds >= manySeconds);
    if (!done)
        return fail(std::move(done).error());
    CLIP_TRY_ASSIGN(const Video found, video(wish.videoId));
    reply.seconds = static_cast<qint64>(done->seconds);
    reply.scores = std::move(done->scores);
    reply.segments
        = labels::segmentsOf(done->labelling.spans, wish.labelSet, found.record.durationSeconds);
    reply.labelling = std::move(done->labelling);
    reply.threshold = done->threshold;
    reply.thresholds = std::move(done->thresholds);
    for (const std::string& note : done->notes)
        reply.notes.append(fromUtf8(note));
    const auto taken = std::chrono::steady_clock::now() - begin;
    reply.milliseconds = std::chrono::duration<double, std::milli>(taken).count();
    return reply;
}

QStringList ModelWorker::suggestions()
{
    if (!m_project)
        return {};
    std::vector<std::vector<std::string>> texts;
    const auto counts = m_project->catalogue().captionCounts();
    if (!counts)
        return {};
    for (const auto& [id, count] : *counts) {
        auto& ofVideo = texts.emplace_back();
        if (const auto captions = m_project->catalogue().captions(id)) {
            for (const store::CaptionRecord& caption : *captions)
                ofVideo.push_back(caption.text);
        }
    }
    QStringList queries;
    for (const std::string& query : queriesFromCaptions(texts, mostSuggestions))
        queries.append(fromUtf8(query));
    return queries;
}

/// The service: wishes in, answers back on the GUI thread.
class ThreadedModelService final : public ModelService
{
public:
    ThreadedModelService()
        : m_thread([this](const std::stop_token& stop) { work(stop); })
    {
    }
    ~ThreadedModelService() override
    {
        m_operation.request_stop();
        const std::scoped_lock lock(m_mutex);
        m_labelling.request_stop();
    }

    const ModelState& state() const override { return m_state; }

    void openProject(const std::filesystem::path& folder, const QString& checkpoint) override
    {
        m_operation.request_stop();
        m_operation = std::stop_source();
        ++m_generation;
        m_state = {};
        if (!folder.empty())
            m_state.phase = ModelState::Phase::Loading;
        Q_EMIT stateChanged(m_state);
        wish([&](Wishes& wishes) {
            wishes = {};
            wishes.place = Wishes::Place{ folder, checkpoint };
        });
    }
    void refresh() override
    {
        wish([](Wishes& wishes) { wishes.refresh = true; });
    }
    void search(const QString& query) override
    {
        wish([&](Wishes& wishes) { wishes.search = query; });
    }
    void strips(const QString& query, const QList<qint64>& videoIds) override
    {
        wish([&](Wishes& wishes) { wishes.strips = Wishes::Strips{ query, videoIds }; });
    }
    void suggest() override
    {
        wish([](Wishes& wishes) { wishes.suggest = true; });
    }
    void label(qint64 videoId, const labels::LabelSet& labelSet,
        const labels::SegmenterOptions& options) override
    {
        if (labelSet.labels.empty())
            return;
        wish([&](Wishes& wishes) { wishes.labels = Wishes::Labels{ videoId, labelSet, options }; });
    }

private:
    template<typename F> void wish(F change)
    {
        {
            const std::scoped_lock lock(m_mutex);
            change(m_wishes);
            m_wishGeneration = m_generation;
            m_wishStop = m_operation.get_token();
            // Many new labels take seconds; what is typed, or newer labels, need not wait for them.
            if (m_wishes.place || m_wishes.strips || m_wishes.search || m_wishes.labels)
                m_labelling.request_stop();
        }
        m_wake.notify_one();
    }

    template<typename F> void post(quint64 generation, F deliver)
    {
        QMetaObject::invokeMethod(
            this,
            [this, generation, deliver = std::move(deliver)] {
                if (generation == m_generation)
                    deliver();
            },
            Qt::QueuedConnection);
    }

    template<typename T, typename Deliver>
    void answer(quint64 generation, Result<T> result, Deliver deliver)
    {
        if (result)
            post(generation, [value = std::move(*result), deliver] { deliver(value); });
        else if (result.error().kind != ErrorKind::Cancelled)
            post(generation, [this, error = result.error()] { Q_EMIT failed(error); });
    }

    void work(const std::stop_token& stop)
    {
        ModelWorker worker;
        for (;;) {
            Wishes wishes;
            quint64 generation = 0;
            std::stop_token operation;
            {
                std::unique_lock lock(m_mutex);
                if (!m_wake.wait(lock, stop, [this] { return m_wishes.any(); })
                    || stop.stop_requested())
                    return;
                takeOne(wishes);
                generation = m_wishGeneration;
                operation = m_wishStop;
            }
            serve(worker, wishes, generation, operation);
        }
    }

    /// Takes the most urgent wish only, so that a newer strip is never behind an older search.
    void takeOne(Wishes& wishes)
    {
        if (m_wishes.place)
            wishes.place = std::exchange(m_wishes.place, std::nullopt);
        else if (m_wishes.strips)
            wishes.strips = std::exchange(m_wishes.strips, std::nullopt);
        else if (m_wishes.search)
            wishes.search = std::exchange(m_wishes.search, std::nullopt);
        else if (m_wishes.labels) {
            wishes.labels = std::exchange(m_wishes.labels, std::nullopt);
            m_labelling = std::stop_source();
        } else if (std::exchange(m_wishes.suggest, false))
            wishes.suggest = true;
        else
            wishes.refresh = std::exchange(m_wishes.refresh, false);
    }

    void serve(
        ModelWorker& worker, const Wishes& wishes, quint64 generation, const std::stop_token& stop)
    {
        if (wishes.place || wishes.refresh) {
            const Status done = guarded(
                [&] { wishes.place ? worker.open(*wishes.place, stop) : worker.refresh(stop); });
            if (!done)
                post(generation, [this, error = done.error()] { Q_EMIT failed(error); });
            post(generation, [this, state = worker.state()] {
                m_state = state;
                Q_EMIT stateChanged(m_state);
            });
            // A search that still works with what it had; otherwise the state says it all.
            if (const ModelState& state = worker.state();
                state.phase == ModelState::Phase::Ready && state.error)
                post(generation, [this, error = *state.error] { Q_EMIT failed(error); });
        } else if (wishes.strips) {
            answer(generation, guarded([&] { return worker.strips(*wishes.strips); }),
                [this](const StripsReply& reply) { Q_EMIT stripsFinished(reply); });
        } else if (wishes.search) {
            answer(generation, guarded([&] { return worker.search(*wishes.search); }),
                [this](const SearchReply& reply) { Q_EMIT searchFinished(reply); });
        } else if (wishes.labels) {
            serveLabels(worker, *wishes.labels, generation);
        } else if (wishes.suggest) {
            answer(generation, guarded([&] { return worker.suggestions(); }),
                [this](const QStringList& queries) { Q_EMIT suggestionsReady(queries); });
        }
    }

    void serveLabels(ModelWorker& worker, const Wishes::Labels& wish, quint64 generation)
    {
        // Only this thread gives it another state.
        const std::stop_token stop = m_labelling.get_token();
        const auto reply = guarded([&] { return worker.label(wish, stop); });
        if (reply) {
            post(generation, [this, reply = *reply] { Q_EMIT labelled(reply); });
        } else if (reply.error().kind != ErrorKind::Cancelled) {
            post(generation, [this, id = wish.videoId, error = reply.error()] {
                Q_EMIT labellingFailed(id, error);
            });
        } else {
            // It goes on where it was after what is typed, unless something newer took its place.
            const std::scoped_lock lock(m_mutex);
            if (!m_wishes.labels && !m_wishes.place)
                m_wishes.labels = wish;
        }
    }

    ModelState m_state; // GUI thread
    quint64 m_generation = 0; // GUI thread: of the open project
    std::stop_source m_operation; // GUI thread

    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    Wishes m_wishes; // guarded by m_mutex, as the three below
    quint64 m_wishGeneration = 0;
    std::stop_token m_wishStop;
    std::stop_source m_labelling; // of the labels being served

    std::jthread m_thread; // last: its thread uses everything above
};

} // namespace

std::unique_ptr<ModelService> makeModelService()
{
    return std::make_unique<ThreadedModelService>();
}

} // namespace clipscope::studio
