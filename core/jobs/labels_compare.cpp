#include "jobs/labels_compare.h"

#include "base/files.h"
#include "base/guarded.h"
#include "jobs/labelled_video.h"
#include "media/video_index.h"
#include "store/label_store.h"

namespace clipscope::jobs {

namespace {

Result<const labels::Tier*> tierNamed(
    const labels::Annotation& annotation, const std::string& name, const std::string& video)
{
    if (const labels::Tier* tier = annotation.tier(name))
        return tier;
    std::string names;
    for (const labels::Tier& tier : annotation.tiers)
        names.append(names.empty() ? "" : ", ").append(tier.name);
    return fail(ErrorKind::NotFound, video + " has no tier \"" + name + "\".", {},
        names.empty() ? "It has no tiers yet." : "It has " + names + ".");
}

Json wordOrNull(const std::string& label)
{
    return label.empty() ? Json() : Json(label);
}

} // namespace

Json toJson(const LabelsCompareReport& report)
{
    const labels::Comparison& figures = report.comparison;
    const labels::SegmentAgreement& agreement = figures.agreement;
    Json ofLabels = Json::array(), disagreements = Json::array();
    for (const labels::LabelFigures& label : figures.labels)
        ofLabels.push_back({ { "label", label.label }, { "seconds_a", label.secondsOfA },
            { "seconds_b", label.secondsOfB }, { "seconds_both", label.secondsOfBoth },
            { "segments_a", label.segmentsOfA }, { "segments_b", label.segmentsOfB },
            { "precision", label.precision() }, { "recall", label.recall() }, { "f1", label.f1() },
            { "overlap", label.overlap() } });
    for (const labels::Disagreement& one : figures.disagreements)
        disagreements.push_back({ { "start", one.startSeconds }, { "stop", one.stopSeconds },
            { "a", wordOrNull(one.labelA) }, { "b", wordOrNull(one.labelB) } });
    return { { "video", report.videoId }, { "path", utf8(report.path) }, { "tier_a", report.tierA },
        { "tier_b", report.tierB }, { "frames", figures.frames },
        { "frame_accuracy", figures.frameAccuracy }, { "kappa", figures.kappa },
        { "f1_10", figures.segments10.f1() }, { "f1_25", figures.segments25.f1() },
        { "f1_50", figures.segments50.f1() }, { "edit_score", figures.editScore },
        { "agreement",
            { { "pairs", agreement.pairs }, { "same_label", agreement.sameLabel },
                { "only_a", agreement.onlyA }, { "only_b", agreement.onlyB },
                { "share", agreement.share() }, { "kappa", agreement.kappa } } },
        { "seconds_a", figures.secondsOfA }, { "seconds_b", figures.secondsOfB },
        { "seconds_that_differ", figures.secondsThatDiffer }, { "labels", ofLabels },
        { "disagreements", disagreements } };
}

Result<LabelsCompareReport> runLabelsCompare(
    const LabelsCompareSettings& settings, JobContext context)
{
    return guarded([&]() -> Result<LabelsCompareReport> {
        if (settings.tiers.size() != 2)
            return fail(ErrorKind::BadInput,
                "Two tiers are compared, not " + std::to_string(settings.tiers.size()) + ".", {},
                "Name both with --tier A --tier B.");
        context.progress.report({ "compare", 0, 1, "videos", 0.0, settings.video });
        CLIP_TRY_ASSIGN(
            const auto project, store::Project::open(settings.project, store::Access::ReadOnly));
        CLIP_TRY_ASSIGN(const auto video, findVideo(project, settings.video));
        CLIP_TRY_ASSIGN(const auto labelStore,
            store::LabelStore::open(settings.project, store::Access::ReadOnly));
        CLIP_TRY_ASSIGN(const auto document, labelStore.read(video.contentHash));
        const std::string name = utf8(video.path.filename());
        CLIP_TRY_ASSIGN(
            const auto* a, tierNamed(document.annotation, settings.tiers.front(), name));
        CLIP_TRY_ASSIGN(const auto* b, tierNamed(document.annotation, settings.tiers.back(), name));
        CLIP_TRY_ASSIGN(const auto table, frameTableOf(project, video.id));
        LabelsCompareReport report{ video.id, video.path, a->name, b->name, {} };
        report.comparison = labels::compare(labels::timeOf(*a), labels::timeOf(*b),
            { frameTimesOf(table.get(), video.durationSeconds) });
        return report;
    });
}

} // namespace clipscope::jobs
