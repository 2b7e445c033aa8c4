#include "jobs/index.h"

#include "base/guarded.h"
#include "store/project.h"

namespace clipscope::jobs {

void describe(SettingsVisitor& visitor, IndexSettings& settings)
{
    visitor.field("index.checkpoint", settings.checkpoint, SettingLevel::Basic,
        "Checkpoint whose states are computed; empty takes the project's default.");
    visitor.field("index.device", settings.device, tensor::deviceWishNames(), SettingLevel::Basic,
        "Where the network runs.");
    visitor.field("index.shard", settings.shard, SettingLevel::Expert,
        "Share of the videos to compute, I/N with I from 0 to N-1, for several processes or "
        "machines at once; the search index is made by a call without it.");
}

Json toJson(const IndexReport& report)
{
    return { { "checkpoint", report.checkpoint }, { "videos", report.states.videosComputed },
        { "known", report.states.videosKnown },
        { "without_features", report.states.videosWithoutFeatures },
        { "seconds", report.states.seconds }, { "windows", report.states.indexedWindows } };
}

Result<IndexReport> runIndex(const IndexSettings& settings, JobContext context)
{
    return guarded([&]() -> Result<IndexReport> {
        CLIP_TRY_ASSIGN(const auto share, store::parseShare(settings.shard));
        CLIP_TRY_ASSIGN(
            const auto project, store::Project::open(settings.project, store::Access::ReadOnly));
        CLIP_TRY_ASSIGN(const auto info, tasks::findCheckpoint(project, settings.checkpoint));
        CLIP_TRY_ASSIGN(const auto compute,
            tensor::resolveCompute(settings.device, tensor::PrecisionWish::Float32));
        CLIP_TRY_ASSIGN(const auto model, tasks::loadEmbeddingModel(info, compute.device));
        CLIP_TRY_ASSIGN(const auto states,
            tasks::ensureStates(project, *model, tasks::WindowIndex::Always, context, share));
        return IndexReport{ info.name, states };
    });
}

} // namespace clipscope::jobs
