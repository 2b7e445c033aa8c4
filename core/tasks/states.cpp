#include "tasks/states.h"

#include "base/half.h"
#include "base/hash.h"
#include "retrieval/vector_index.h"
#include "store/feature_shards.h"
#include "store/project.h"

#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

namespace clipscope::tasks {

namespace {

constexpr std::int64_t indexWindowSeconds = 16, indexStrideSeconds = 8;
/// Ten seconds, ten times a second.
constexpr int attemptsToOpen = 100;

/// A video of the catalogue with features, and whether its states are there.
struct Wanted
{
    store::FeatureView features;
    bool known = false;
};

Result<std::vector<Wanted>> wantedVideos(const store::Project& project,
    const store::FeatureReader& features, const std::filesystem::path& statesFolder,
    const std::string& fingerprint, const store::Share& share, StatesReport& report)
{
    const auto states = store::FeatureReader::open(statesFolder, fingerprint);
    CLIP_TRY_ASSIGN(const auto videos, project.catalogue().videos());
    std::vector<Wanted> wanted;
    for (const auto& video : videos) {
        if (!share.has(video.id))
            continue;
        const auto view = features.find(video.id);
        if (!view || view->contentHash != video.contentHash) {
            ++report.videosWithoutFeatures;
            continue;
        }
        const auto state = states ? states->find(video.id) : std::nullopt;
        const bool known
            = state && state->contentHash == video.contentHash && state->seconds == view->seconds;
        report.seconds += view->seconds;
        ++(known ? report.videosKnown : report.videosComputed);
        wanted.push_back({ *view, known });
    }
    return wanted;
}

Status computeStates(const std::vector<Wanted>& wanted, const EmbeddingModel& model,
    store::FeatureWriter& writer, std::int64_t total, JobContext context)
{
    std::int64_t done = 0;
    for (const Wanted& video : wanted) {
        if (video.known)
            continue;
        if (context.stop.stop_requested())
            return fail(
                ErrorKind::Cancelled, "Computing states was stopped; finished videos are kept.");
        context.progress.report({ "states", done++, total, "videos", 0.0, "" });
        const auto states
            = model.secondStates(tensorOf(video.features)).to(torch::kHalf).contiguous();
        if (!states.isfinite().all().item<bool>())
            return fail(ErrorKind::Internal,
                "The checkpoint gives values that are not finite for video "
                    + std::to_string(video.features.videoId),
                { model.info().path, {} });
        CLIP_TRY(writer.append(video.features.videoId, video.features.contentHash,
            { static_cast<const std::uint16_t*>(states.const_data_ptr()),
                static_cast<std::size_t>(states.numel()) },
            video.features.seconds));
    }
    context.progress.report({ "states", total, total, "videos", 0.0, "" });
    return {};
}

/// The window and the command line may want the same states at once: the second waits for the
/// first, whose work it then finds done.
Result<store::FeatureWriter> openWriter(const std::filesystem::path& folder,
    const store::FeatureManifest& manifest, const store::Share& share, std::stop_token stop)
{
    for (int attempt = 0;; ++attempt) {
        auto writer = store::FeatureWriter::open(folder, manifest, store::OnMismatch::Rebuild,
            store::FeatureWriter::defaultShardBytes, share);
        if (writer || writer.error().kind != ErrorKind::Conflict || attempt == attemptsToOpen
            || stop.stop_requested())
            return writer;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

/// Mean states of all windows, with ids by packed().
Result<retrieval::VectorIndex> buildWindowIndex(
    const store::FeatureReader& states, JobContext context)
{
    const auto D = states.manifest().dim;
    CLIP_TRY_ASSIGN(auto index, retrieval::VectorIndex::create(static_cast<int>(D)));
    for (const std::int64_t id : states.videoIds()) {
        if (context.stop.stop_requested())
            return fail(ErrorKind::Cancelled, "Building the index was stopped.");
        const auto view = states.find(id);
        const auto all = tensorOf(*view).to(torch::kFloat32);
        std::vector<std::int64_t> ids;
        std::vector<at::Tensor> rows;
        for (std::int64_t start = 0; start == 0 || start + indexStrideSeconds < view->seconds;
             start += indexStrideSeconds) {
            ids.push_back(packed({ id, start / indexStrideSeconds }));
            rows.push_back(
                all.slice(0, start, std::min(start + indexWindowSeconds, view->seconds)).mean(0));
        }
        const auto matrix = torch::stack(rows).contiguous();
        CLIP_TRY(index.add(
            ids, { matrix.const_data_ptr<float>(), static_cast<std::size_t>(matrix.numel()) }));
    }
    return index;
}

/// Changes whenever a video comes, goes or is computed anew.
std::string contentFingerprint(const store::FeatureReader& states)
{
    Hasher hasher;
    hasher.add(states.manifest().fingerprint);
    for (const std::int64_t id : states.videoIds())
        hasher.add(std::to_string(id) + ":" + std::string(states.find(id)->contentHash) + ";");
    return hasher.hex();
}

} // namespace

at::Tensor tensorOf(const store::FeatureView& view)
{
    return torch::from_blob(const_cast<std::uint16_t*>(view.halves.data()),
        { view.seconds, view.dim }, torch::TensorOptions().dtype(torch::kHalf));
}

std::string statesFingerprint(const EmbeddingModel& model, const std::string& featuresFingerprint)
{
    return hashOf(model.fingerprint() + "|" + featuresFingerprint);
}

Result<store::FeatureReader> featuresOf(const store::Project& project, const EmbeddingModel& model)
{
    const CheckpointInfo& info = model.info();
    auto features = store::FeatureReader::open(project.featuresFolder(info.encoder));
    if (!features && features.error().kind != ErrorKind::NotFound)
        return fail(features.error());
    if (!features || features->videoCount() == 0)
        return fail(ErrorKind::NotFound,
            "The project has no features of the encoder " + info.encoder + ", which " + info.title
                + " reads.",
            { project.folder(), {} },
            "Run `clipscope-cli extract PROJECT --encoder " + info.encoder + "` first.");
    if (features->manifest().dim != model.featureDim())
        return fail(ErrorKind::Conflict,
            "The features have " + std::to_string(features->manifest().dim)
                + " numbers per second, " + info.title + " reads "
                + std::to_string(model.featureDim()) + ".",
            { project.featuresFolder(info.encoder), {} });
    return features;
}

Result<StatesReport> ensureStates(const store::Project& project, const EmbeddingModel& model,
    WindowIndex windowIndex, JobContext context, const store::Share& share)
{
    const CheckpointInfo& info = model.info();
    CLIP_TRY_ASSIGN(const auto features, featuresOf(project, model));
    const auto folder = project.statesFolder(info.name);
    const std::string fingerprint = statesFingerprint(model, features.manifest().fingerprint);
    StatesReport report;
    CLIP_TRY(wantedVideos(project, features, folder, fingerprint, share, report));
    if (report.videosComputed > 0) {
        const store::FeatureManifest manifest{ info.name, fingerprint, model.dim(),
            { { "title", info.title }, { "encoder", info.encoder } } };
        CLIP_TRY_ASSIGN(auto writer, openWriter(folder, manifest, share, context.stop));
        report = {};
        CLIP_TRY_ASSIGN(
            const auto left, wantedVideos(project, features, folder, fingerprint, share, report));
        CLIP_TRY(computeStates(left, model, writer, report.videosComputed, context));
    }
    if (!share.isAll())
        return report;
    if (windowIndex == WindowIndex::Always || report.seconds > windowIndexPaysFrom) {
        CLIP_TRY_ASSIGN(const auto states, store::FeatureReader::open(folder, fingerprint));
        const auto indexFolder = project.indexFolder(info.name);
        auto index = retrieval::VectorIndex::load(indexFolder, contentFingerprint(states));
        if (!index) {
            context.progress.report({ "index", 0, 0, "windows", 0.0, "" });
            index = buildWindowIndex(states, context);
            if (!index)
                return fail(std::move(index.error()));
            CLIP_TRY(index->save(indexFolder, contentFingerprint(states)));
        }
        report.indexedWindows = index->size();
    }
    return report;
}

Result<retrieval::VectorIndex> loadWindowIndex(
    const store::Project& project, const EmbeddingModel& model, const store::FeatureReader& states)
{
    return retrieval::VectorIndex::load(
        project.indexFolder(model.info().name), contentFingerprint(states));
}

} // namespace clipscope::tasks
