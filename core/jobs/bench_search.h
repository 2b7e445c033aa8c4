#pragma once

#include "base/job_context.h"
#include "base/settings.h"
#include "jobs/bench_model.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace clipscope::jobs {

/// Settings of `clipscope-cli bench` that concern extraction and search.
struct BenchSearchSettings
{
    std::int64_t seconds = 360'000; ///< generated for the query, 100 hours
    std::int64_t width = 768; ///< numbers per generated second
    std::int64_t rounds = 5;
    std::string films; ///< folder whose videos are extracted; empty: nothing is
};
void describe(SettingsVisitor& visitor, BenchSearchSettings& settings);

/// A query over generated states, side by side: Clipscope's product over binary16 rows with moments
/// found and ordered, the product alone, LibTorch's bfloat16 product, and FAISS's exact index in
/// float32. All in turn in every round; the fastest round counts.
/// With `films`: decoding and scaling alone, FFmpeg's command line doing the same (where it is
/// installed), the network alone, and extraction, which overlaps the two; its ratio is to the
/// slower of the two, the bound. Errors: NotFound (no films there), OutOfMemory, Cancelled. Cost:
/// seconds x width x 8 bytes of memory, 2.2 GB by default.
Result<std::vector<Measurement>> runBenchSearch(
    const BenchSearchSettings& settings, JobContext context);

} // namespace clipscope::jobs
