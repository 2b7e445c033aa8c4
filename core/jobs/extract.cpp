#include "jobs/extract.h"

#include "base/files.h"
#include "base/guarded.h"
#include "features/extract.h"
#include "jobs/feature_files.h"
#include "jobs/skipped.h"
#include "media/video_index.h"
#include "store/feature_shards.h"
#include "store/project.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>

namespace clipscope::jobs {

namespace {

/// ProblemRecord::origin of what this job finds.
const char* const problemOrigin = "extract";

/// The catalogue for the decode threads, which ask it one at a time.
class IndexSource final
{
public:
    IndexSource(const store::Project& project, media::DecodeWish decode)
        : m_project(project)
        , m_decode(decode)
    {
    }

    Result<media::FrameSampler> open(
        const features::ExtractItem& item, media::SamplePlan plan, std::stop_token stop)
    {
        const auto bytes = [&] {
            const std::lock_guard lock(m_mutex);
            return m_project.catalogue().frameIndex(item.videoId);
        }();
        std::error_code error;
        if (!std::filesystem::exists(item.path, error))
            return fail(ErrorKind::NotFound, "The video is not where it was imported from.",
                { item.path, {} }, "Import it again from its new place.");
        auto index = bytes ? media::VideoIndex::parse(*bytes)
                           : Result<media::VideoIndex>(fail(bytes.error()));
        if (!index) {
            CLIP_TRY_ASSIGN(index, media::buildIndex(item.path, stop));
        }
        return media::FrameSampler::open(item.path,
            std::make_shared<const media::VideoIndex>(std::move(*index)), plan, 0, m_decode);
    }

private:
    const store::Project& m_project;
    const media::DecodeWish m_decode;
    std::mutex m_mutex;
};

Result<std::vector<features::ExtractItem>> itemsOf(
    const store::Project& project, const store::Share& share)
{
    CLIP_TRY_ASSIGN(const auto videos, project.catalogue().videos());
    std::vector<features::ExtractItem> items;
    for (const auto& video : videos)
        if (share.has(video.id))
            items.push_back({ video.id, video.contentHash, video.path, video.durationSeconds });
    return items;
}

void sayWhatDecodes(media::DecodeWish wish, Logger& log)
{
    if (wish == media::DecodeWish::Software)
        return;
    const media::HardwareDecoder& card = media::hardwareDecoder();
    log.info(card.name.empty()
            ? "no graphics card to decode on (" + card.whyNot + "), the processor does it"
            : "decoding on the graphics card (" + card.name + ") what it knows");
}

/// Replaces the problems that extraction recorded for `items` by those of this time.
Status recordProblems(const ExtractSettings& settings, std::span<const features::ExtractItem> items,
    std::span<const features::SkippedVideo> skipped, std::stop_token stop)
{
    CLIP_TRY_ASSIGN(
        const auto reading, store::Project::open(settings.project, store::Access::ReadOnly));
    CLIP_TRY_ASSIGN(const auto old, reading.catalogue().problems());
    std::map<std::filesystem::path, std::vector<store::ProblemRecord>> changes;
    for (const auto& problem : old)
        if (problem.origin == problemOrigin)
            changes[problem.path] = {};
    for (const auto& item : items)
        for (const auto& video : skipped)
            if (video.videoId == item.videoId)
                changes[item.path] = { { item.path, video.error.kind, video.error.message,
                    problemOrigin, item.videoId } };
    if (changes.empty())
        return {};
    // An import may hold the catalogue for a while; the list of problems can wait for it.
    for (int attempt = 0;; ++attempt) {
        auto writing = store::Project::open(settings.project, store::Access::ReadWrite);
        if (!writing) {
            if (writing.error().kind != ErrorKind::Conflict || attempt == 100
                || stop.stop_requested())
                return fail(std::move(writing.error()));
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            continue;
        }
        for (const auto& [path, problems] : changes)
            CLIP_TRY(writing->catalogue().setProblems(path, problemOrigin, problems));
        return {};
    }
}

} // namespace

void describe(SettingsVisitor& visitor, ExtractSettings& settings)
{
    visitor.field("extract.encoder", settings.encoder, SettingLevel::Basic,
        "Network that turns seconds of video into features: efficientnet-lite0 (starter), s3d, or "
        "random-spatiotemporal, which needs no weights.");
    visitor.field("extract.device", settings.device, tensor::deviceWishNames(), SettingLevel::Basic,
        "Where the network runs.");
    visitor.field("extract.precision", settings.precision, tensor::precisionWishNames(),
        SettingLevel::Expert, "Number type the network computes in.");
    visitor.field("extract.decode", settings.decode, media::decodeWishNames(), SettingLevel::Expert,
        "What decodes: auto takes a graphics card where there is one that knows the codec; beside "
        "many cores it was slower.");
    visitor.field("extract.decode-threads", settings.decodeThreads, { 1, 64 }, "threads",
        SettingLevel::Expert, "Videos decoded at the same time.");
    visitor.field("extract.batch-seconds", settings.batchSeconds, { 0, 4096 }, "seconds",
        SettingLevel::Expert, "Seconds of video per network call; 0 takes what suits the device.");
    visitor.field("extract.shard", settings.shard, SettingLevel::Expert,
        "Share of the videos to extract, I/N with I from 0 to N-1, for several processes or "
        "machines at once; empty takes all.");
}

Json toJson(const ExtractVideosReport& report)
{
    return { { "encoder", report.encoder }, { "extracted", report.extracted },
        { "known", report.known }, { "seconds", report.seconds },
        { "elapsed_seconds", report.elapsedSeconds }, { "skipped", skippedList(report.skipped) } };
}

Result<ExtractVideosReport> runExtract(const ExtractSettings& settings, JobContext context)
{
    return guarded([&]() -> Result<ExtractVideosReport> {
        CLIP_TRY_ASSIGN(const auto share, store::parseShare(settings.shard));
        CLIP_TRY_ASSIGN(
            const auto project, store::Project::open(settings.project, store::Access::ReadOnly));
        CLIP_TRY_ASSIGN(
            const auto compute, tensor::resolveCompute(settings.device, settings.precision));
        CLIP_TRY_ASSIGN(
            const auto encoder, features::loadEncoder(settings.encoder, modelsFolder(), compute));
        if (const auto present
            = store::FeatureReader::open(project.featuresFolder(encoder->name()));
            present && wereTakenIn(present->manifest().details))
            return fail(ErrorKind::Conflict,
                "The project has features of this encoder that were taken in from files.",
                { project.featuresFolder(encoder->name()), {} },
                "Remove this folder to extract them anew.");
        context.log.info("encoder " + encoder->name() + " on " + encoder->placement());
        const store::FeatureManifest manifest{ encoder->name(), encoder->fingerprint(),
            encoder->dim(), { { "frames_per_second", encoder->plan().framesPerSecond } } };
        CLIP_TRY_ASSIGN(auto writer,
            store::FeatureWriter::open(project.featuresFolder(encoder->name()), manifest,
                store::OnMismatch::Rebuild, store::FeatureWriter::defaultShardBytes, share));

        sayWhatDecodes(settings.decode, context.log);
        IndexSource indexes(project, settings.decode);
        features::ExtractOptions options;
        options.decodeThreads = static_cast<int>(settings.decodeThreads);
        options.batchSeconds = static_cast<int>(settings.batchSeconds);
        options.open = [&](const features::ExtractItem& item, std::stop_token stop) {
            return indexes.open(item, encoder->plan(), stop);
        };
        CLIP_TRY_ASSIGN(const auto items, itemsOf(project, share));
        CLIP_TRY_ASSIGN(auto done, features::extract(items, *encoder, writer, options, context));

        ExtractVideosReport report{ encoder->name(), done.videosDone, done.videosKnown,
            done.secondsDone, done.elapsedSeconds, {} };
        if (const auto recorded = recordProblems(settings, items, done.skipped, context.stop);
            !recorded)
            context.log.warning(recorded.error().toString());
        for (auto& video : done.skipped) {
            const auto item = std::find_if(items.begin(), items.end(),
                [&](const auto& candidate) { return candidate.videoId == video.videoId; });
            video.error.place.file = item->path;
            report.skipped.push_back(std::move(video.error));
        }
        return report;
    });
}

} // namespace clipscope::jobs
