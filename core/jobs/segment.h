#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"
#include "base/settings.h"
#include "labels/annotation.h"
#include "labels/label_set.h"
#include "labels/segmenter.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace clipscope::jobs {

/// Settings of `clipscope-cli segment`; docs/metrics.md has the formulas.
struct SegmentSettings
{
    std::filesystem::path project;
    std::string video; ///< as findVideo() takes it
    /// As labels::readLabelSet() takes it, or the name of a label set of the project.
    std::filesystem::path labelsFile;
    std::filesystem::path eaf, vtt, csv; ///< files to write; empty: not
    std::string programVersion; ///< for those files
    std::string task; ///< of a file of several tasks
    std::string checkpoint; ///< empty: the project's default
    std::string threshold = "auto"; ///< or a number
    std::int64_t smoothingSeconds = 1;
    std::int64_t minimumSeconds = 1;
    double changeCost = 0.0;
    bool ordered = false;
    bool everySecond = false;
    std::string tier = "model"; ///< empty: not stored
};
void describe(SettingsVisitor& visitor, SegmentSettings& settings);

struct SegmentReport
{
    std::int64_t videoId = 0;
    std::filesystem::path path;
    std::string checkpoint, checkpointTitle;
    labels::LabelSet labelSet;
    std::int64_t seconds = 0;
    double threshold = 0.0;
    std::vector<double> thresholds; ///< of the labels
    labels::Labelling labelling;
    std::vector<labels::Segment> segments;
    std::string tier; ///< where they are stored; empty: nowhere
    bool labelSetStored = false; ///< it was new to the project, which has it now
    std::vector<std::filesystem::path> files; ///< written
    std::vector<std::string> notes;
};
/// {"video", "path", "checkpoint", "label_set", "seconds", "threshold", "labels": [{"name",
/// "threshold"}], "segments": [{"start", "stop", "label", "score", "margin"}], "margins": one for
/// each second (null: no other choice), "change_points": [{"second", "strength"}], "tier",
/// "label_set_stored", "files", "notes"}.
Json toJson(const SegmentReport& report);

/// Labels one video, stores the segments as a tier of it and writes them to files. Missing states
/// are computed first. What people said of segments that are there again is kept. With the tier
/// the project gets the label set, unless it has one of that name. In a project that cannot be
/// written nothing is stored, which a note says.
/// Errors: BadInput (settings, the label set), NotFound (project, video, states), Conflict when a
///         person drew the tier of that name; as tasks::SearchSession::open(), store::LabelStore,
///         labels::writeLabels(). Files are written last: a failure there leaves the tier stored.
Result<SegmentReport> runSegment(const SegmentSettings& settings, JobContext context);

/// Options as the settings say. Errors: BadInput when the threshold is no number.
Result<labels::SegmenterOptions> optionsOf(const SegmentSettings& settings);

} // namespace clipscope::jobs
