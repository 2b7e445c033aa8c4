#include "jobs/label_sets.h"

#include "base/files.h"
#include "base/guarded.h"
#include "labels/label_set_file.h"
#include "labels/label_set_folder.h"
#include "store/project.h"

#include <algorithm>

namespace clipscope::jobs {

namespace {

LabelSetSummary summaryOf(const labels::LabelSet& set)
{
    LabelSetSummary summary{ set.name, labels::hashOf(set),
        static_cast<std::int64_t>(set.labels.size()), 0 };
    for (const labels::Label& label : set.labels)
        summary.wordings += static_cast<std::int64_t>(label.spokenWordings().size());
    return summary;
}

/// Only a project has label sets: a mistyped folder is not made into one.
Result<std::filesystem::path> folderOf(const LabelSetsSettings& settings)
{
    CLIP_TRY(store::Project::open(settings.project, store::Access::ReadOnly));
    return labels::labelSetsFolder(settings.project);
}

Result<labels::SetFormat> formatOf(const LabelSetsSettings& settings, std::string_view content)
{
    if (settings.format.empty())
        return labels::guessSetFormat(settings.file, content);
    if (const auto named = labels::setFormatOf(settings.format))
        return *named;
    return fail(ErrorKind::BadInput,
        "There is no format \"" + settings.format + "\" of label sets.", {},
        "Say --format with one of json, text, csv, coin-taxonomy, coin, crosstask.");
}

Result<LabelSetsReport> import(const LabelSetsSettings& settings)
{
    CLIP_TRY_ASSIGN(const auto folder, folderOf(settings));
    CLIP_TRY_ASSIGN(const std::string content, readFile(settings.file, 1u << 26));
    CLIP_TRY_ASSIGN(const labels::SetFormat format, formatOf(settings, content));
    CLIP_TRY_ASSIGN(auto file,
        labels::parseLabelSet(content, settings.file, format, { settings.task, settings.name }));
    CLIP_TRY_ASSIGN(const auto known, labels::labelSetsIn(folder));
    LabelSetsReport report{ { summaryOf(file.set) }, false, std::move(file.notes) };
    report.replaced = std::ranges::any_of(
        known, [&](const labels::LabelSet& set) { return set.name == file.set.name; });
    CLIP_TRY(labels::storeLabelSet(folder, file.set));
    return report;
}

} // namespace

Json toJson(const LabelSetsReport& report)
{
    Json sets = Json::array();
    for (const LabelSetSummary& set : report.sets)
        sets.push_back({ { "name", set.name }, { "hash", set.hash }, { "labels", set.labels },
            { "wordings", set.wordings } });
    return { { "sets", sets }, { "replaced", report.replaced }, { "notes", report.notes } };
}

Result<LabelSetsReport> runLabelSetsList(const LabelSetsSettings& settings, JobContext)
{
    return guarded([&]() -> Result<LabelSetsReport> {
        CLIP_TRY_ASSIGN(const auto folder, folderOf(settings));
        CLIP_TRY_ASSIGN(const auto sets, labels::labelSetsIn(folder));
        LabelSetsReport report;
        for (const labels::LabelSet& set : sets)
            report.sets.push_back(summaryOf(set));
        return report;
    });
}

Result<LabelSetsReport> runLabelSetsImport(const LabelSetsSettings& settings, JobContext)
{
    return guarded([&] { return import(settings); });
}

Result<LabelSetsReport> runLabelSetsExport(const LabelSetsSettings& settings, JobContext)
{
    return guarded([&]() -> Result<LabelSetsReport> {
        CLIP_TRY_ASSIGN(const auto folder, folderOf(settings));
        CLIP_TRY_ASSIGN(const labels::LabelSet set, labels::labelSetNamed(folder, settings.name));
        CLIP_TRY(labels::writeLabelSet(settings.file, set));
        return LabelSetsReport{ { summaryOf(set) }, false, {} };
    });
}

} // namespace clipscope::jobs
