#pragma once

#include "base/result.h"
#include "benchmarks/evaluation.h"
#include "widgets/results/clip_tiles.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace clipscope::studio {

/// A stored evaluation without its items.
struct EvaluationSummary
{
    std::filesystem::path file;
    std::int64_t writtenAt = 0; ///< time of the file, in ticks of its clock
    std::uint64_t bytes = 0; ///< of the file
    benchmarks::Benchmark benchmark = benchmarks::Benchmark::YouCook2;
    std::string checkpoint, checkpointTitle; ///< names
    std::string annotations; ///< path it read
    std::vector<benchmarks::Figure> figures;
    std::int64_t items = 0, itemsInBenchmark = 0, missingVideos = 0;
    std::int64_t madeAt = 0; ///< Unix time, seconds
    bool isOld = false; ///< the file of the checkpoint was written after it
    std::optional<Error> error; ///< it cannot be read: nothing but the names above is known

    /// Null when it has none.
    const benchmarks::Figure* mainFigure() const
    {
        return figures.empty() ? nullptr : &figures.front();
    }
    /// The same state of the same file.
    bool sameAs(const EvaluationSummary& other) const
    {
        return file == other.file && writtenAt == other.writtenAt && bytes == other.bytes
            && isOld == other.isOld;
    }
};

/// All stored evaluations of a project by file name. What is known of a file that has not changed
/// is taken from `known`; one that cannot be read is listed with its error.
/// Errors:  Io, those of Project::open(); Cancelled.
/// Threads: any thread at once.
/// Cost:    one look at each file, and the whole of those that are new.
Result<std::vector<EvaluationSummary>> readSummaries(const std::filesystem::path& project,
    const std::vector<EvaluationSummary>& known, const std::stop_token& stop);

/// What is shown of one item.
struct ItemTiles
{
    widgets::ClipTile truth;
    std::vector<widgets::ClipTile> answers; ///< best first
};

/// With pictures and frame tables of the catalogue; a video that is not in it has no picture and
/// says so.
/// Errors:  those of Project::open(); Cancelled.
/// Threads: any thread at once.
Result<ItemTiles> readItemTiles(const std::filesystem::path& project,
    const benchmarks::ItemResult& item, const std::stop_token& stop);

} // namespace clipscope::studio
