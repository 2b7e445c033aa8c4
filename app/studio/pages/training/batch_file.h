#pragma once

#include "base/result.h"

#include <QString>

#include <cstdint>
#include <filesystem>
#include <vector>

namespace clipscope::studio {

/// A pair of the batch that a run kept last.
struct BatchPair
{
    std::int64_t videoId = 0;
    QString name; ///< of the video when it was trained on; empty in runs of before
    QString text;
    double textStart = 0.0, textStop = 0.0; ///< seconds
    double videoStart = 0.0, videoStop = 0.0; ///< seconds
    double loss = 0.0;
    double margin = 0.0; ///< own score minus the hardest negative's

    bool operator==(const BatchPair&) const = default;
};

/// What batch.json holds (docs/formats/run-folder.md).
struct Batch
{
    std::int64_t step = 0;
    std::vector<BatchPair> pairs;
    std::vector<float> scores; ///< pairs x pairs: text of the row, video of the column

    bool operator==(const Batch&) const = default;
};

/// Errors:  NotFound, Io, BadInput (not such a file, or sizes that do not fit).
/// Threads: any thread at once.
Result<Batch> readBatch(const std::filesystem::path& file);

} // namespace clipscope::studio
