#include "jobs/labels_files.h"

#include "base/files.h"
#include "base/guarded.h"
#include "jobs/labelled_video.h"
#include "jobs/skipped.h"
#include "labels/editing.h"
#include "labels/label_set_folder.h"
#include "media/video_index.h"
#include "store/label_store.h"

#include <algorithm>

namespace clipscope::jobs {

namespace {

constexpr int attemptsToStore = 5;
constexpr std::size_t guessingBytes = 1 << 16;

/// The video with all that files about it need.
struct Subject
{
    store::VideoRecord video;
    std::shared_ptr<const media::VideoIndex> table;
    double durationSeconds = 0.0;
};

Result<Subject> subjectOf(const LabelsFileSettings& settings)
{
    CLIP_TRY_ASSIGN(
        const auto project, store::Project::open(settings.project, store::Access::ReadOnly));
    Subject subject;
    CLIP_TRY_ASSIGN(subject.video, findVideo(project, settings.video));
    CLIP_TRY_ASSIGN(subject.table, frameTableOf(project, subject.video.id));
    subject.durationSeconds
        = subject.table ? subject.table->durationSeconds() : subject.video.durationSeconds;
    return subject;
}

Result<labels::Format> formatOf(const LabelsFileSettings& settings, std::string_view beginning)
{
    if (settings.format.empty()) {
        if (const auto guessed = labels::guessFormat(settings.file, beginning))
            return *guessed;
    } else if (const auto named = labels::formatOf(settings.format)) {
        return *named;
    }
    std::string names;
    for (const labels::Format format : labels::allFormats)
        names.append(names.empty() ? "" : ", ").append(nameOf(format));
    return fail(ErrorKind::BadInput,
        settings.format.empty() ? "The file does not show which format it has."
                                : "There is no format \"" + settings.format + "\".",
        { settings.file, {} }, "Say --format with one of " + names + ".");
}

std::string namesOf(const labels::Annotation& annotation)
{
    std::string names;
    for (const labels::Tier& tier : annotation.tiers)
        names.append(names.empty() ? "" : ", ").append(tier.name);
    return names;
}

/// Leaves the one tier that --tier names.
Status chooseTier(const LabelsFileSettings& settings, labels::Annotation& annotation)
{
    if (settings.tiers.empty())
        return {};
    const std::string& wanted = settings.tiers.front();
    if (const labels::Tier* tier = annotation.tier(wanted)) {
        annotation = { { *tier } };
        return {};
    }
    if (annotation.tiers.size() != 1)
        return fail(ErrorKind::NotFound, "The file has no tier \"" + wanted + "\".",
            { settings.file, {} },
            annotation.tiers.empty() ? "It has none at all."
                                     : "It has " + namesOf(annotation) + ".");
    annotation.tiers.front().name = wanted;
    return {};
}

/// Files made beside another player may label a little past our end of the video.
void keepInside(labels::Annotation& annotation, double durationSeconds,
    const std::filesystem::path& file, LabelsFileReport& report)
{
    std::size_t cut = 0;
    for (labels::Tier& tier : annotation.tiers) {
        std::erase_if(tier.segments, [&](const labels::Segment& segment) {
            if (segment.startSeconds <= durationSeconds)
                return false;
            report.skipped.push_back({ ErrorKind::BadInput,
                "A segment of tier " + tier.name + " at " + std::to_string(segment.startSeconds)
                    + " s was left out: it begins behind the end of the video.",
                { file, {} }, {}, {} });
            return true;
        });
        for (labels::Segment& segment : tier.segments) {
            cut += segment.stopSeconds > durationSeconds;
            segment.stopSeconds = std::min(segment.stopSeconds, durationSeconds);
        }
    }
    if (cut > 0)
        report.notes.push_back(std::to_string(cut) + " segments were cut at the end of the video.");
}

/// One edit for all tiers. Tiers have different names, so the parts do not touch each other.
Result<labels::Edit> editFor(const store::LabelDocument& document,
    const labels::Annotation& annotation, double durationSeconds)
{
    labels::Edit whole{ "Import labels", {}, {} };
    std::int64_t nextId = document.nextId;
    for (const labels::Tier& tier : annotation.tiers) {
        const labels::Editing editing(document.annotation, nextId, durationSeconds);
        CLIP_TRY_ASSIGN(labels::Edit edit, editing.replaceTier(tier, false));
        for (const labels::TierChange& change : edit.tiers)
            if (change.after)
                nextId = std::max(nextId, change.after->id + 1);
        for (const labels::SegmentChange& change : edit.segments)
            if (change.after)
                nextId = std::max(nextId, change.after->id + 1);
        std::ranges::move(edit.tiers, std::back_inserter(whole.tiers));
        std::ranges::move(edit.segments, std::back_inserter(whole.segments));
    }
    return whole;
}

Status store(const LabelsFileSettings& settings, const Subject& subject,
    const labels::VideoLabels& labels, std::string_view format)
{
    CLIP_TRY_ASSIGN(
        auto labelStore, store::LabelStore::open(settings.project, store::Access::ReadWrite));
    for (int attempt = 1;; ++attempt) {
        CLIP_TRY_ASSIGN(const auto document, labelStore.read(subject.video.contentHash));
        CLIP_TRY_ASSIGN(
            const labels::Edit edit, editFor(document, labels.annotation, subject.durationSeconds));
        if (edit.isEmpty())
            break;
        const auto done = labelStore.apply(subject.video.contentHash, document.revision, edit);
        if (done)
            break;
        // Somebody else labelled in between.
        if (done.error().kind != ErrorKind::Conflict || attempt == attemptsToStore)
            return fail(done.error());
    }
    if (labels.kept.empty())
        return {};
    return labelStore.setKept(subject.video.contentHash, format, labels.kept);
}

Status storeLabelSets(const LabelsFileSettings& settings, const labels::LabelFile& file,
    const labels::Annotation& annotation, const std::vector<labels::LabelSet>& known,
    LabelsFileReport& report)
{
    for (const labels::LabelSet& set : file.labelSets) {
        const auto sameName = [&](const auto& other) { return other.name == set.name; };
        const bool named = std::ranges::any_of(
            annotation.tiers, [&](const labels::Tier& tier) { return tier.labelSet == set.name; });
        if (!named || std::ranges::any_of(known, sameName))
            continue;
        if (const Status stored
            = labels::storeLabelSet(labels::labelSetsFolder(settings.project), set);
            stored)
            report.labelSets.push_back(set.name);
        else
            report.notes.push_back("The vocabulary " + set.name
                + " did not become a label set: " + stored.error().message);
    }
    return {};
}

void count(const labels::Annotation& annotation, LabelsFileReport& report)
{
    for (const labels::Tier& tier : annotation.tiers)
        report.tiers.push_back({ tier.name, static_cast<std::int64_t>(tier.segments.size()) });
}

Result<LabelsFileReport> import(const LabelsFileSettings& settings)
{
    if (settings.tiers.size() > 1)
        return fail(ErrorKind::BadInput,
            "An import takes one tier or all, not " + std::to_string(settings.tiers.size()) + ".");
    CLIP_TRY_ASSIGN(const Subject subject, subjectOf(settings));
    CLIP_TRY_ASSIGN(const std::string content, readFile(settings.file, 1ull << 29));
    CLIP_TRY_ASSIGN(const labels::Format format,
        formatOf(settings, std::string_view(content).substr(0, guessingBytes)));
    CLIP_TRY_ASSIGN(
        const auto known, labels::labelSetsIn(labels::labelSetsFolder(settings.project)));
    labels::ReadOptions options;
    options.clock = clockOf(subject.table);
    options.video = utf8(subject.video.path);
    options.mapping = settings.mapping;
    options.background = settings.background;
    for (const labels::LabelSet& set : known)
        for (const labels::Label& label : set.labels)
            options.knownLabels.push_back(label.name);
    CLIP_TRY_ASSIGN(
        labels::LabelFile file, labels::parseLabels(content, settings.file, format, options));
    labels::VideoLabels& labels = file.videos.front();
    LabelsFileReport report{ subject.video.id, subject.video.path, std::string(nameOf(format)), {},
        {}, {}, std::move(file.problems), std::move(file.notes) };
    CLIP_TRY(chooseTier(settings, labels.annotation));
    std::erase_if(labels.annotation.tiers, [&](labels::Tier& tier) {
        if (!tier.name.empty())
            return false;
        report.notes.push_back("A tier without a name was left out.");
        return true;
    });
    keepInside(labels.annotation, subject.durationSeconds, settings.file, report);
    CLIP_TRY(store(settings, subject, labels, nameOf(format)));
    CLIP_TRY(storeLabelSets(settings, file, labels.annotation, known, report));
    count(labels.annotation, report);
    return report;
}

Result<labels::Annotation> chosenTiers(
    const labels::Annotation& annotation, const std::vector<std::string>& wanted)
{
    if (wanted.empty())
        return annotation;
    labels::Annotation chosen;
    for (const std::string& name : wanted) {
        const labels::Tier* tier = annotation.tier(name);
        if (!tier)
            return fail(ErrorKind::NotFound, "The video has no tier \"" + name + "\".", {},
                annotation.tiers.empty() ? "It has no tiers yet."
                                         : "It has " + namesOf(annotation) + ".");
        if (!chosen.tier(name))
            chosen.tiers.push_back(*tier);
    }
    return chosen;
}

Result<LabelsFileReport> write(const LabelsFileSettings& settings)
{
    CLIP_TRY_ASSIGN(const labels::Format format, formatOf(settings, {}));
    CLIP_TRY_ASSIGN(const Subject subject, subjectOf(settings));
    CLIP_TRY_ASSIGN(
        const auto labelStore, store::LabelStore::open(settings.project, store::Access::ReadOnly));
    CLIP_TRY_ASSIGN(const auto document, labelStore.read(subject.video.contentHash));
    CLIP_TRY_ASSIGN(
        const labels::Annotation annotation, chosenTiers(document.annotation, settings.tiers));
    labels::ExportInfo info;
    info.version = settings.programVersion;
    info.videoPath = subject.video.path;
    info.originSeconds = subject.table ? subject.table->originSeconds() : 0.0;
    info.clock = clockOf(subject.table);
    info.mapping = settings.mapping;
    info.background = settings.background;
    CLIP_TRY_ASSIGN(info.kept, labelStore.kept(subject.video.contentHash, labels::nameOf(format)));
    CLIP_TRY_ASSIGN(
        const auto known, labels::labelSetsIn(labels::labelSetsFolder(settings.project)));
    for (const labels::LabelSet& set : known)
        if (std::ranges::any_of(annotation.tiers,
                [&](const labels::Tier& tier) { return tier.labelSet == set.name; }))
            info.labelSets.push_back(set);
    CLIP_TRY_ASSIGN(auto written, labels::writeLabels(settings.file, format, annotation, info));
    LabelsFileReport report{ subject.video.id, subject.video.path, std::string(nameOf(format)), {},
        {}, std::move(written.files), {}, std::move(written.notes) };
    count(annotation, report);
    return report;
}

} // namespace

Json toJson(const LabelsFileReport& report)
{
    Json tiers = Json::array(), files = Json::array(), skipped = Json::array();
    for (const LabelsTierCount& tier : report.tiers)
        tiers.push_back({ { "name", tier.name }, { "segments", tier.segments } });
    for (const auto& file : report.files)
        files.push_back(utf8(file));
    for (const Error& error : report.skipped) {
        skipped.push_back(skippedEntry(error.place.file, error.kind, error.message));
        skipped.back()["where"] = error.place.where;
    }
    return { { "video", report.videoId }, { "path", utf8(report.path) },
        { "format", report.format }, { "tiers", tiers }, { "label_sets", report.labelSets },
        { "files", files }, { "skipped", skipped }, { "notes", report.notes } };
}

Result<LabelsFileReport> runLabelsImport(const LabelsFileSettings& settings, JobContext context)
{
    context.progress.report({ "import", 0, 1, "files", 0.0, utf8(settings.file.filename()) });
    return guarded([&] { return import(settings); });
}

Result<LabelsFileReport> runLabelsExport(const LabelsFileSettings& settings, JobContext context)
{
    context.progress.report({ "export", 0, 1, "files", 0.0, utf8(settings.file.filename()) });
    return guarded([&] { return write(settings); });
}

} // namespace clipscope::jobs
