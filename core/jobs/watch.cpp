#include "jobs/watch.h"

#include "store/watch_list.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <set>
#include <unordered_map>

namespace clipscope::jobs {

namespace {

constexpr std::size_t mostVideos = 200;
constexpr std::int64_t stretchSeconds = 5;

/// The best score of each stretch of a film, by query. Shapes: scores [seconds, queries] ->
/// [stretches, queries].
at::Tensor stretches(const at::Tensor& scores)
{
    std::vector<at::Tensor> best;
    for (std::int64_t begin = 0; begin < scores.size(0); begin += stretchSeconds)
        best.push_back(
            scores.narrow(0, begin, std::min(stretchSeconds, scores.size(0) - begin)).amax(0));
    return at::stack(best);
}

} // namespace

Result<Watch> Watch::open(const std::filesystem::path& project, const data::TrainingSet& set,
    const data::Split& split, const text::WordPiece& words)
{
    CLIP_TRY_ASSIGN(const auto list, store::readWatchList(project));
    Watch watch(set);
    watch.m_cls = words.clsId();
    watch.m_sep = words.sepId();
    if (list.queries.empty())
        return watch;
    std::unordered_map<std::int64_t, std::int64_t> positions;
    for (std::int64_t at = 0; at < set.count(); ++at)
        positions.emplace(set.video(at).videoId, at);
    std::set<std::int64_t> videos;
    for (const store::WatchedQuery& query : list.queries) {
        const auto found = positions.find(query.videoId);
        if (found == positions.end())
            continue;
        watch.m_queries.push_back({ query.id, found->second, query.startSeconds, query.stopSeconds,
            words.ids(query.query) });
        videos.insert(found->second);
    }
    for (const std::int64_t video : split.validation.empty() ? split.training : split.validation)
        if (videos.size() < mostVideos)
            videos.insert(video);
    watch.m_videos.assign(videos.begin(), videos.end());
    return watch;
}

at::Tensor Watch::queryVectors(model::VideoClip& network, const tensor::Compute& compute) const
{
    std::vector<at::Tensor> vectors;
    for (const Query& query : m_queries) {
        std::vector<std::int64_t> ids{ m_cls };
        const auto count = std::min(
            query.tokens.size(), static_cast<std::size_t>(network.config().text.maxTokens));
        ids.insert(ids.end(), query.tokens.begin(),
            query.tokens.begin() + static_cast<std::ptrdiff_t>(count));
        ids.push_back(m_sep);
        const at::Tensor row = at::tensor(ids, at::kLong).unsqueeze(0).to(compute.device);
        vectors.push_back(
            network.text().encode(row, at::ones_like(row).to(at::kBool)).to(at::kFloat));
    }
    return at::cat(vectors);
}

Status Watch::measure(
    model::VideoClip& network, const tensor::Compute& compute, store::MetricsRow& row) const
{
    if (isEmpty())
        return {};
    const tensor::InferenceScope inference;
    const tensor::AutocastScope autocast(compute);
    network.setTraining(false);
    const at::Tensor queries = queryVectors(network, compute);
    const auto columns = static_cast<std::size_t>(queries.size(0));
    std::vector<float> own(columns, -INFINITY);
    std::vector<std::vector<float>> rivals(columns);
    for (const std::int64_t video : m_videos) {
        const std::int64_t seconds = m_set->video(video).seconds;
        const std::int64_t window = network.config().video.maxSeconds;
        std::vector<data::ClipPair> windows;
        for (std::int64_t begin = 0; begin < seconds; begin += window)
            windows.push_back({ video, 0, 1, begin, std::min(begin + window, seconds) });
        CLIP_TRY_ASSIGN(const data::Batch batch, m_set->batch(windows, 1));
        const at::Tensor states
            = network.video()
                  .secondStates(
                      batch.features.to(compute.device), batch.videoMask.to(compute.device))
                  .to(at::kFloat)
                  .flatten(0, 1)
                  .index_select(
                      0, batch.videoMask.flatten().nonzero().squeeze(1).to(compute.device));
        const at::Tensor scores = at::mm(states, queries.t()).cpu().contiguous();
        const at::Tensor best = stretches(scores).contiguous();
        for (std::size_t at = 0; at < columns; ++at) {
            const Query& query = m_queries[at];
            const auto column = static_cast<std::int64_t>(at);
            for (std::int64_t stretch = 0; stretch < best.size(0); ++stretch) {
                const double begin = static_cast<double>(stretch * stretchSeconds);
                const bool touches = video == query.video && begin < query.stopSeconds
                    && begin + static_cast<double>(stretchSeconds) > query.startSeconds;
                const float score = best[stretch][column].item<float>();
                if (touches)
                    own[at] = std::max(own[at], score);
                else
                    rivals[at].push_back(score);
            }
        }
    }
    for (std::size_t at = 0; at < columns; ++at) {
        const auto better = std::count_if(
            rivals[at].begin(), rivals[at].end(), [&](float score) { return !(score <= own[at]); });
        row.values.emplace_back(
            "watch." + std::to_string(m_queries[at].id), static_cast<double>(better) + 1.0);
    }
    return {};
}

} // namespace clipscope::jobs
