#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"
#include "base/settings.h"

#include <cstdint>
#include <string>
#include <vector>

namespace clipscope::jobs {

/// One line of the benchmark table.
struct Measurement
{
    std::string name; ///< "encoder, bfloat16"
    double value = 0.0;
    std::string unit; ///< "frames/s"
    double ratio = 0.0; ///< of the line named by `against`; 0 when there is none
    std::string against;
};
/// {"name", "value", "unit"[, "ratio", "against"]}.
Json toJson(const Measurement& measurement);

/// Settings of `clipscope-cli bench` that concern networks.
struct BenchModelSettings
{
    std::int64_t rounds = 5;
    std::int64_t batchFrames = 16;
    std::int64_t matrixSize = 2048;
};
void describe(SettingsVisitor& visitor, BenchModelSettings& settings);

/// Frames per second of the starter's image encoder in float32 and in bfloat16 on the CPU, and the
/// matrix product of each type beside them as the machine's peak. All are measured in turn in every
/// round, and the fastest round counts: other work on the machine slows all lines alike. Weights
/// are made up; speed does not depend on them.
/// Errors: Cancelled.
Result<std::vector<Measurement>> runBenchModel(
    const BenchModelSettings& settings, JobContext context);

} // namespace clipscope::jobs
