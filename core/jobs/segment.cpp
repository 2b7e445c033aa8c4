#include "jobs/segment.h"

#include "base/files.h"
#include "base/guarded.h"
#include "jobs/labelled_video.h"
#include "labels/editing.h"
#include "labels/label_file.h"
#include "labels/label_set_file.h"
#include "labels/label_set_folder.h"
#include "media/video_index.h"
#include "store/label_store.h"
#include "tasks/labelling.h"
#include "tasks/search_session.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace clipscope::jobs {

namespace {

/// Another program may label the video at the same moment.
constexpr int attemptsToStore = 5;

Result<labels::LabelSet> labelSetOf(const SegmentSettings& settings, SegmentReport& report)
{
    if (settings.labelsFile.empty())
        return fail(ErrorKind::BadInput, "No labels are named.", {},
            "Give a file of labels, one a line, with --labels.");
    std::error_code code;
    if (!std::filesystem::exists(settings.labelsFile, code)) {
        CLIP_TRY_ASSIGN(auto known, labels::labelSetsIn(labels::labelSetsFolder(settings.project)));
        const auto found
            = std::ranges::find(known, utf8(settings.labelsFile), &labels::LabelSet::name);
        if (found != known.end())
            return std::move(*found);
    }
    CLIP_TRY_ASSIGN(const std::string content, readFile(settings.labelsFile));
    labels::SetOptions options;
    options.task = settings.task;
    CLIP_TRY_ASSIGN(auto read,
        labels::parseLabelSet(content, settings.labelsFile,
            labels::guessSetFormat(settings.labelsFile, content), options));
    report.notes = std::move(read.notes);
    return std::move(read.set);
}

/// The window labels again with the set that the tier names.
Status storeLabelSet(const SegmentSettings& settings, SegmentReport& report)
{
    const auto folder = labels::labelSetsFolder(settings.project);
    CLIP_TRY_ASSIGN(const auto known, labels::labelSetsIn(folder));
    const auto found = std::ranges::find(known, report.labelSet.name, &labels::LabelSet::name);
    if (found == known.end()) {
        CLIP_TRY(labels::storeLabelSet(folder, report.labelSet));
        report.labelSetStored = true;
    } else if (*found != report.labelSet) {
        report.notes.push_back("The project has another label set \"" + report.labelSet.name
            + "\", which stays as it is.");
    }
    return {};
}

/// Refuses to replace what a person drew.
Status checkTier(const labels::Annotation& annotation, const std::string& name)
{
    const labels::Tier* tier = annotation.tier(name);
    if (tier != nullptr && tier->source == labels::Source::Hand && !tier->segments.empty())
        return fail(ErrorKind::Conflict,
            "The tier \"" + name + "\" was drawn by hand and is not replaced.", {},
            "Name another one with --tier.");
    return {};
}

bool canStore(const SegmentSettings& settings)
{
    return !settings.tier.empty() && isWritable(settings.project);
}

Status store(const SegmentSettings& settings, const store::VideoRecord& video,
    const labels::Tier& tier, SegmentReport& report)
{
    CLIP_TRY_ASSIGN(
        auto labelStore, store::LabelStore::open(settings.project, store::Access::ReadWrite));
    for (int attempt = 1;; ++attempt) {
        CLIP_TRY_ASSIGN(const auto document, labelStore.read(video.contentHash));
        CLIP_TRY(checkTier(document.annotation, settings.tier));
        const labels::Editing editing(document.annotation, document.nextId, video.durationSeconds);
        CLIP_TRY_ASSIGN(labels::Edit edit, editing.replaceTier(tier, true));
        edit.what = "Label with the model";
        const auto done = edit.isEmpty()
            ? Result<std::int64_t>(document.revision)
            : labelStore.apply(video.contentHash, document.revision, edit);
        if (done) {
            report.tier = settings.tier;
            return {};
        }
        if (done.error().kind != ErrorKind::Conflict || attempt == attemptsToStore)
            return fail(done.error());
    }
}

Status write(const SegmentSettings& settings, const store::Project& project,
    const store::VideoRecord& video, const labels::Tier& tier, SegmentReport& report)
{
    CLIP_TRY_ASSIGN(const auto table, frameTableOf(project, video.id));
    labels::ExportInfo info;
    info.version = settings.programVersion;
    info.videoPath = video.path;
    info.originSeconds = table ? table->originSeconds() : 0.0;
    info.clock = clockOf(table);
    info.labelSets = { report.labelSet };
    labels::Annotation annotation;
    annotation.tiers = { tier };
    const std::array<std::pair<const std::filesystem::path*, labels::Format>, 3> files{ {
        { &settings.eaf, labels::Format::Eaf },
        { &settings.vtt, labels::Format::Vtt },
        { &settings.csv, labels::Format::Csv },
    } };
    for (const auto& [path, format] : files) {
        if (path->empty())
            continue;
        CLIP_TRY_ASSIGN(const auto written, labels::writeLabels(*path, format, annotation, info));
        report.files.insert(report.files.end(), written.files.begin(), written.files.end());
        report.notes.insert(report.notes.end(), written.notes.begin(), written.notes.end());
    }
    return {};
}

labels::Tier tierOf(const SegmentSettings& settings, const SegmentReport& report)
{
    labels::Tier tier;
    tier.name = settings.tier.empty() ? "model" : settings.tier;
    tier.source = labels::Source::Model;
    tier.labelSet = report.labelSet.name;
    tier.segments = report.segments;
    return tier;
}

Status label(const SegmentSettings& settings, const store::VideoRecord& video,
    const tasks::SearchSession& session, JobContext context, SegmentReport& report)
{
    CLIP_TRY_ASSIGN(const auto options, optionsOf(settings));
    context.progress.report({ "label", 0, 1, "videos", 0.0, utf8(video.path.filename()) });
    tasks::Labeller labeller(session);
    CLIP_TRY(labeller.setLabelSet(report.labelSet, context.stop));
    CLIP_TRY_ASSIGN(auto labelled, labeller.label(video.id, options, context.stop));
    if (settings.ordered && labelled.seconds < labelled.labels)
        labelled.notes.push_back("The video has fewer seconds than the task has steps, so none of "
                                 "them was placed.");
    report.seconds = static_cast<std::int64_t>(labelled.seconds);
    report.threshold = labelled.threshold;
    report.thresholds = std::move(labelled.thresholds);
    report.segments
        = labels::segmentsOf(labelled.labelling.spans, report.labelSet, video.durationSeconds);
    report.labelling = std::move(labelled.labelling);
    report.notes.insert(report.notes.end(), labelled.notes.begin(), labelled.notes.end());
    context.progress.report({ "label", 1, 1, "videos", 0.0, "" });
    return {};
}

} // namespace

void describe(SettingsVisitor& visitor, SegmentSettings& settings)
{
    visitor.field("segment.checkpoint", settings.checkpoint, SettingLevel::Basic,
        "Checkpoint to label with; empty takes the project's default.");
    visitor.field("segment.threshold", settings.threshold, SettingLevel::Basic,
        "Score above which a second gets its best label: a number, or auto for the largest "
        "similarity of two labels.");
    visitor.field("segment.smoothing", settings.smoothingSeconds, { 1, 3600 }, "seconds",
        SettingLevel::Basic, "Window over which scores are averaged first.");
    visitor.field("segment.minimum", settings.minimumSeconds, { 1, 3600 }, "seconds",
        SettingLevel::Basic, "Least length of a segment, and of a gap between two.");
    visitor.field("segment.change-cost", settings.changeCost, { 0, 1e6 }, "", SettingLevel::Basic,
        "Score that a change of label must gain, summed over its seconds.");
    visitor.field("segment.ordered", settings.ordered, SettingLevel::Basic,
        "Takes the labels as steps, each once and in order.");
    visitor.field("segment.every-second", settings.everySecond, SettingLevel::Basic,
        "Leaves no second without a label.");
    visitor.field("segment.tier", settings.tier, SettingLevel::Basic,
        "Tier of the video that the segments are stored as; empty stores nothing.");
    visitor.field("segment.task", settings.task, SettingLevel::Basic,
        "The one task to take from a file of several (COIN, CrossTask), by name or number.");
}

Result<labels::SegmenterOptions> optionsOf(const SegmentSettings& settings)
{
    labels::SegmenterOptions options;
    options.smoothingSeconds = settings.smoothingSeconds;
    options.minimumSeconds = settings.minimumSeconds;
    options.changeCost = settings.changeCost;
    options.mode = settings.ordered ? labels::SegmentMode::Ordered : labels::SegmentMode::Free;
    options.outside = settings.everySecond ? labels::Outside::Never : labels::Outside::Allowed;
    if (settings.threshold == "auto")
        return options;
    double number = 0.0;
    const char* const end = settings.threshold.data() + settings.threshold.size();
    const auto [stop, error] = std::from_chars(settings.threshold.data(), end, number);
    if (error != std::errc() || stop != end || !std::isfinite(number))
        return fail(ErrorKind::BadInput,
            "The threshold cannot be '" + settings.threshold + "': it takes auto or a number.");
    options.threshold = number;
    return options;
}

Json toJson(const SegmentReport& report)
{
    Json labels = Json::array(), segments = Json::array(), points = Json::array(),
         files = Json::array();
    for (std::size_t i = 0; i < report.thresholds.size(); ++i)
        labels.push_back(
            { { "name", report.labelSet.labels[i].name }, { "threshold", report.thresholds[i] } });
    for (std::size_t i = 0; i < report.segments.size(); ++i) {
        const labels::Segment& segment = report.segments[i];
        segments.push_back({ { "start", segment.startSeconds }, { "stop", segment.stopSeconds },
            { "label", segment.label }, { "score", segment.score.value_or(0.0) },
            { "margin", report.labelling.spans[i].margin } });
    }
    for (const labels::ChangePoint& point : report.labelling.changePoints)
        points.push_back({ { "second", point.second }, { "strength", point.strength } });
    for (const auto& file : report.files)
        files.push_back(utf8(file));
    return { { "video", report.videoId }, { "path", utf8(report.path) },
        { "checkpoint", report.checkpoint }, { "label_set", report.labelSet.name },
        { "seconds", report.seconds }, { "threshold", report.threshold }, { "labels", labels },
        { "segments", segments }, { "margins", report.labelling.margins },
        { "change_points", points }, { "tier", report.tier.empty() ? Json() : Json(report.tier) },
        { "label_set_stored", report.labelSetStored }, { "files", files },
        { "notes", report.notes } };
}

Result<SegmentReport> runSegment(const SegmentSettings& settings, JobContext context)
{
    return guarded([&]() -> Result<SegmentReport> {
        SegmentReport report;
        CLIP_TRY(optionsOf(settings));
        CLIP_TRY_ASSIGN(report.labelSet, labelSetOf(settings, report));
        CLIP_TRY_ASSIGN(
            const auto project, store::Project::open(settings.project, store::Access::ReadOnly));
        CLIP_TRY_ASSIGN(const auto video, findVideo(project, settings.video));
        report.videoId = video.id;
        report.path = video.path;
        {
            CLIP_TRY_ASSIGN(const auto known,
                store::LabelStore::open(settings.project, store::Access::ReadOnly));
            CLIP_TRY_ASSIGN(const auto document, known.read(video.contentHash));
            CLIP_TRY(checkTier(document.annotation, settings.tier));
        }
        CLIP_TRY_ASSIGN(
            const auto session, tasks::SearchSession::open(project, settings.checkpoint, context));
        report.checkpoint = session.checkpoint().name;
        report.checkpointTitle = session.checkpoint().title;
        CLIP_TRY(label(settings, video, session, context, report));
        labels::Tier tier = tierOf(settings, report);
        tier.checkpoint = session.model().fingerprint();
        if (canStore(settings)) {
            CLIP_TRY(store(settings, video, tier, report));
            CLIP_TRY(storeLabelSet(settings, report));
        } else if (!settings.tier.empty()) {
            report.notes.push_back(
                "The project cannot be written, so the segments were not stored in it.");
        }
        CLIP_TRY(write(settings, project, video, tier, report));
        return report;
    });
}

} // namespace clipscope::jobs
