#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"
#include "labels/compare.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace clipscope::jobs {

/// What `clipscope-cli labels compare` takes.
struct LabelsCompareSettings
{
    std::filesystem::path project;
    std::string video; ///< as findVideo() takes it
    std::vector<std::string> tiers; ///< two names; the first is the truth where one is needed
};

struct LabelsCompareReport
{
    std::int64_t videoId = 0;
    std::filesystem::path path;
    std::string tierA, tierB;
    labels::Comparison comparison;
};
/// {"video", "path", "tier_a", "tier_b", "frames", "frame_accuracy", "kappa", "f1_10", "f1_25",
/// "f1_50", "edit_score", "agreement": {"pairs", "same_label", "only_a", "only_b", "share",
/// "kappa"}, "seconds_a", "seconds_b", "seconds_that_differ", "labels": [{"label", "seconds_a",
/// "seconds_b", "seconds_both", "segments_a", "segments_b", "precision", "recall", "f1",
/// "overlap"}], "disagreements": [{"start", "stop", "a", "b"}]}; "a" and "b" are null outside.
Json toJson(const LabelsCompareReport& report);

/// Compares two tiers of one video on the video's own frames (docs/metrics.md).
/// Errors: BadInput (not two tiers), NotFound (project, video, tier: names those there are), as
///         store::LabelStore.
Result<LabelsCompareReport> runLabelsCompare(
    const LabelsCompareSettings& settings, JobContext context);

} // namespace clipscope::jobs
