#include "train/epoch_plan.h"

#include "base/json.h"
#include "base/require.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <unordered_map>

namespace clipscope::train {

namespace {

constexpr const char* placeKey = "clipscope.epoch";

at::Tensor tensorOf(const std::vector<std::int64_t>& numbers)
{
    return at::tensor(numbers, at::kLong);
}

} // namespace

void EpochPlan::begin(std::int64_t epoch, const std::vector<Cluster>& clusters)
{
    m_epoch = epoch;
    m_next = 0;
    m_clusters.clear();
    for (const Cluster& cluster : clusters)
        m_clusters.push_back(cluster.videos);
}

EpochPlan::Step EpochPlan::take(std::int64_t clusters)
{
    Step step = peek(clusters);
    m_next += static_cast<std::size_t>(step.clusters);
    return step;
}

EpochPlan::Step EpochPlan::peek(std::int64_t clusters) const
{
    CLIP_REQUIRE(!isExhausted() && clusters > 0, std::to_string(clusters));
    Step step;
    step.firstCluster = static_cast<std::int64_t>(m_next);
    step.clusters
        = std::min(clusters, static_cast<std::int64_t>(m_clusters.size()) - step.firstCluster);
    for (std::int64_t at = 0; at < step.clusters; ++at) {
        const auto& videos = m_clusters[m_next + static_cast<std::size_t>(at)];
        step.videos.insert(step.videos.end(), videos.begin(), videos.end());
    }
    return step;
}

void EpochPlan::giveBack(const Step& step, bool begun)
{
    m_next = static_cast<std::size_t>(step.firstCluster);
    if (!begun)
        return;
    --m_epoch;
    m_clusters.clear();
}

void EpochPlan::exportTo(tensor::TensorFile& file, const data::VideoList& set) const
{
    std::vector<std::int64_t> ids, starts{ 0 };
    for (const auto& cluster : m_clusters) {
        for (const std::int64_t video : cluster)
            ids.push_back(set.video(video).videoId);
        starts.push_back(static_cast<std::int64_t>(ids.size()));
    }
    file.tensors["epoch.videos"] = tensorOf(ids);
    file.tensors["epoch.starts"] = tensorOf(starts);
    file.metadata[placeKey] = dump(Json{ { "epoch", m_epoch }, { "next-cluster", m_next } });
}

Result<std::int64_t> EpochPlan::importFrom(
    const tensor::TensorFile& file, const std::filesystem::path& path, const data::VideoList& set)
{
    const auto bad = [&](const char* where) {
        return fail(
            ErrorKind::BadInput, "The file does not say how far the epoch was.", { path, where });
    };
    const auto place = file.metadata.find(placeKey);
    if (place == file.metadata.end())
        return bad(placeKey);
    CLIP_TRY_ASSIGN(const Json json, parseJson(place->second, path));
    for (const char* key : { "epoch", "next-cluster" })
        if (!json.is_object() || !json.contains(key) || !json[key].is_number_unsigned())
            return bad(placeKey);
    for (const char* name : { "epoch.videos", "epoch.starts" })
        if (const auto found = file.tensors.find(name); found == file.tensors.end()
            || found->second.scalar_type() != at::kLong || found->second.dim() != 1)
            return bad(name);
    const at::Tensor ids = file.tensors.at("epoch.videos").contiguous();
    const at::Tensor starts = file.tensors.at("epoch.starts").contiguous();
    const auto* id = ids.const_data_ptr<std::int64_t>();
    const auto* start = starts.const_data_ptr<std::int64_t>();
    const std::int64_t count = starts.numel() - 1;
    if (count < 0 || start[0] != 0 || start[count] != ids.numel()
        || !std::is_sorted(start, start + count + 1))
        return bad("epoch.starts");

    std::unordered_map<std::int64_t, std::int64_t> positions;
    for (std::int64_t at = 0; at < set.count(); ++at)
        positions.emplace(set.video(at).videoId, at);
    m_epoch = json["epoch"].get<std::int64_t>();
    m_next = std::min(json["next-cluster"].get<std::size_t>(), static_cast<std::size_t>(count));
    m_clusters.assign(static_cast<std::size_t>(count), {});
    std::int64_t missing = 0;
    for (std::int64_t cluster = 0; cluster < count; ++cluster)
        for (std::int64_t at = start[cluster]; at < start[cluster + 1]; ++at) {
            const auto found = positions.find(id[at]);
            if (found != positions.end())
                m_clusters[static_cast<std::size_t>(cluster)].push_back(found->second);
            else if (cluster >= static_cast<std::int64_t>(m_next))
                ++missing;
        }
    return missing;
}

} // namespace clipscope::train
