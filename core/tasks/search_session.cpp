#include "tasks/search_session.h"

#include "base/require.h"
#include "retrieval/vector_index.h"
#include "store/feature_shards.h"
#include "store/project.h"
#include "tasks/score_blocks.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>

namespace clipscope::tasks {

namespace {

using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point start)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Videos whose seconds are scored when the window index names them.
constexpr std::size_t candidateVideos = 1000;
constexpr int candidateWindows = 8192;

/// A video's states and where its scores lie in the session's array.
struct Place
{
    std::int64_t videoId = 0;
    std::span<const std::uint16_t> states;
    std::int64_t offset = 0, seconds = 0;
    double durationSeconds = 0.0;
};

} // namespace

struct SearchSession::Impl
{
    std::unique_ptr<EmbeddingModel> model;
    StatesReport report;
    std::optional<store::FeatureReader> reader;
    std::optional<retrieval::VectorIndex> windows; ///< only when it pays
    std::vector<Place> places; ///< ascending by video id
    std::int64_t totalSeconds = 0;
    std::int64_t revision = 0;

    std::vector<float> scores; ///< of the last query, [totalSeconds]; NaN where not scored
    bool searched = false;

    Status load(const store::Project& project, JobContext context);
    const Place* placeOf(std::int64_t videoId) const;
    void scorePlaces(std::span<const Place* const> chosen, std::span<const float> query);
    Result<std::vector<const Place*>> candidates(std::span<const float> query) const;
    void addMoments(SearchAnswer& answer, std::span<const Place* const> chosen,
        const SearchOptions& options) const;
};

Status SearchSession::Impl::load(const store::Project& project, JobContext context)
{
    CLIP_TRY_ASSIGN(
        const StatesReport states, ensureStates(project, *model, WindowIndex::WhenItPays, context));
    const auto features = store::FeatureReader::open(project.featuresFolder(model->info().encoder));
    if (!features)
        return fail(features.error());
    CLIP_TRY_ASSIGN(auto opened,
        store::FeatureReader::open(project.statesFolder(model->info().name),
            statesFingerprint(*model, features->manifest().fingerprint)));
    CLIP_TRY_ASSIGN(const auto videos, project.catalogue().videos());
    std::optional<retrieval::VectorIndex> index;
    if (states.seconds > windowIndexPaysFrom) {
        CLIP_TRY_ASSIGN(index, loadWindowIndex(project, *model, opened));
    }
    std::vector<Place> found;
    std::int64_t seconds = 0;
    for (const auto& video : videos) {
        const auto view = opened.find(video.id);
        if (!view || view->contentHash != video.contentHash)
            continue;
        found.push_back({ video.id, view->halves, seconds, view->seconds, video.durationSeconds });
        seconds += view->seconds;
    }
    std::sort(found.begin(), found.end(),
        [](const Place& a, const Place& b) { return a.videoId < b.videoId; });
    report = states;
    reader = std::move(opened);
    windows = std::move(index);
    places = std::move(found);
    totalSeconds = seconds;
    scores.assign(static_cast<std::size_t>(seconds), std::nanf(""));
    searched = false;
    ++revision;
    return {};
}

const Place* SearchSession::Impl::placeOf(std::int64_t videoId) const
{
    const auto found = std::lower_bound(places.begin(), places.end(), videoId,
        [](const Place& place, std::int64_t id) { return place.videoId < id; });
    return found != places.end() && found->videoId == videoId ? &*found : nullptr;
}

void SearchSession::Impl::scorePlaces(
    std::span<const Place* const> chosen, std::span<const float> query)
{
    std::vector<ScoreBlock> blocks;
    for (const Place* place : chosen)
        blocks.push_back({ place->states,
            { scores.data() + place->offset, static_cast<std::size_t>(place->seconds) } });
    scoreBlocks(blocks, query);
}

/// Every video, or above the threshold those that the window index names.
Result<std::vector<const Place*>> SearchSession::Impl::candidates(
    std::span<const float> query) const
{
    std::vector<const Place*> chosen;
    if (!windows) {
        for (const Place& place : places)
            chosen.push_back(&place);
        return chosen;
    }
    CLIP_TRY_ASSIGN(const auto best, windows->search(query, candidateWindows));
    std::set<std::int64_t> ids;
    for (const auto& hit : best)
        if (ids.size() < candidateVideos)
            ids.insert(unpacked(hit.id).videoId);
    for (const std::int64_t id : ids)
        if (const Place* place = placeOf(id))
            chosen.push_back(place);
    return chosen;
}

void SearchSession::Impl::addMoments(
    SearchAnswer& answer, std::span<const Place* const> chosen, const SearchOptions& options) const
{
    std::vector<std::vector<Moment>> perVideo(chosen.size());
    at::parallel_for(
        0, static_cast<std::int64_t>(chosen.size()), 16, [&](std::int64_t begin, std::int64_t end) {
            for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
                const Place& place = *chosen[i];
                perVideo[i] = momentsOf(place.videoId,
                    { scores.data() + place.offset, static_cast<std::size_t>(place.seconds) },
                    options.rule);
                for (Moment& moment : perVideo[i]) {
                    moment.stopSeconds = std::max(
                        moment.startSeconds, std::min(moment.stopSeconds, place.durationSeconds));
                    moment.weak = moment.score < model->weakBelow();
                }
            }
        });
    for (const auto& moments : perVideo)
        answer.moments.insert(answer.moments.end(), moments.begin(), moments.end());
    orderMoments(answer.moments, options.top);
    answer.nothingMatches = std::all_of(answer.moments.begin(), answer.moments.end(),
        [](const Moment& moment) { return moment.weak; });

    double sum = 0.0;
    float highest = -std::numeric_limits<float>::infinity();
    std::int64_t count = 0;
    for (const Place* place : chosen)
        for (std::int64_t t = 0; t < place->seconds; ++t, ++count) {
            const float score = scores[static_cast<std::size_t>(place->offset + t)];
            sum += static_cast<double>(score);
            highest = std::max(highest, score);
        }
    if (count > 0) {
        answer.stripLow = static_cast<float>(sum / static_cast<double>(count));
        answer.stripHigh = std::max(highest, answer.stripLow + 1e-6F);
    }
}

SearchSession::SearchSession(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
SearchSession::SearchSession(SearchSession&&) noexcept = default;
SearchSession& SearchSession::operator=(SearchSession&&) noexcept = default;
SearchSession::~SearchSession() = default;

Result<SearchSession> SearchSession::open(
    const store::Project& project, const std::string& checkpointName, JobContext context)
{
    CLIP_TRY_ASSIGN(const CheckpointInfo info, findCheckpoint(project, checkpointName));
    CLIP_TRY_ASSIGN(auto model, loadEmbeddingModel(info));
    return open(project, std::move(model), context);
}

Result<SearchSession> SearchSession::open(
    const store::Project& project, std::unique_ptr<EmbeddingModel> model, JobContext context)
{
    auto impl = std::make_unique<Impl>();
    impl->model = std::move(model);
    CLIP_TRY(impl->load(project, context));
    return SearchSession(std::move(impl));
}

Result<SearchAnswer> SearchSession::search(
    const std::string& text, const SearchOptions& options, std::stop_token stop)
{
    SearchAnswer answer;
    answer.query = text;
    answer.checkpoint = m_impl->model->info().name;
    auto start = Clock::now();
    const std::string texts[] = { text };
    CLIP_TRY_ASSIGN(auto embedded, m_impl->model->embedTexts(texts));
    answer.embedMilliseconds = millisecondsSince(start);
    answer.notes = std::move(embedded.notes);
    if (m_impl->report.videosWithoutFeatures > 0)
        answer.notes.push_back(std::to_string(m_impl->report.videosWithoutFeatures)
            + " videos of the project have no features yet and were not searched.");
    if (stop.stop_requested())
        return fail(ErrorKind::Cancelled, "The search was stopped.");

    start = Clock::now();
    const auto vector = embedded.vectors.contiguous();
    const std::span<const float> query(
        vector.const_data_ptr<float>(), static_cast<std::size_t>(vector.numel()));
    CLIP_TRY_ASSIGN(const auto chosen, m_impl->candidates(query));
    if (m_impl->windows)
        std::fill(m_impl->scores.begin(), m_impl->scores.end(), std::nanf(""));
    m_impl->scorePlaces(chosen, query);
    m_impl->searched = true;
    m_impl->addMoments(answer, chosen, options);
    answer.scoreMilliseconds = millisecondsSince(start);
    return answer;
}

std::vector<float> SearchSession::scoresOfVideo(std::int64_t videoId) const
{
    const Place* place = m_impl->searched ? m_impl->placeOf(videoId) : nullptr;
    if (place == nullptr)
        return {};
    const auto first = m_impl->scores.begin() + place->offset;
    // Above the threshold, a video that the index did not name has no scores.
    if (std::isnan(*first))
        return {};
    return { first, first + place->seconds };
}

Status SearchSession::refresh(const store::Project& project, JobContext context)
{
    return m_impl->load(project, context);
}

const CheckpointInfo& SearchSession::checkpoint() const
{
    return m_impl->model->info();
}
const StatesReport& SearchSession::states() const
{
    return m_impl->report;
}
const EmbeddingModel& SearchSession::model() const
{
    return *m_impl->model;
}
std::optional<SecondStates> SearchSession::statesOf(std::int64_t videoId) const
{
    const Place* place = m_impl->placeOf(videoId);
    return place == nullptr ? std::nullopt
                            : std::optional(SecondStates{ place->states, place->seconds });
}
std::int64_t SearchSession::revision() const
{
    return m_impl->revision;
}

} // namespace clipscope::tasks
