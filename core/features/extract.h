#pragma once

#include "base/job_context.h"
#include "base/result.h"
#include "features/encoder.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace clipscope::store {
class FeatureWriter;
}

namespace clipscope::features {

/// A video whose features are wanted.
struct ExtractItem
{
    std::int64_t videoId = 0;
    std::string contentHash;
    std::filesystem::path path;
    double durationSeconds = 0.0; ///< for the total of the progress display only
};

/// A video that gave no features, and why. Never a zero vector in its place.
struct SkippedVideo
{
    std::int64_t videoId = 0;
    Error error;
};

struct ExtractOptions
{
    int decodeThreads = 1; ///< videos decoded at the same time, 1 to 64
    int batchSeconds = 0; ///< seconds per network call; 0: as the encoder prefers
    int queueBatches = 4; ///< batches' worth of seconds that may wait between decoding and network
    /// How a video is opened for the encoder's plan, by default media::FrameSampler::open(), which
    /// indexes the file first; a catalogue that knows the index saves that. Called from the decode
    /// threads, several at once.
    std::function<Result<media::FrameSampler>(const ExtractItem&, std::stop_token)> open;
};

struct ExtractReport
{
    std::int64_t videosDone = 0; ///< extracted now
    std::int64_t videosKnown = 0; ///< were there already
    std::int64_t secondsDone = 0; ///< of video, extracted now
    double elapsedSeconds = 0.0;
    double networkBusySeconds = 0.0; ///< the network's share of elapsedSeconds
    double decodeBusySeconds = 0.0; ///< summed over decode threads
    std::vector<SkippedVideo> skipped;
};

/// Extracts the features of all items that `writer` does not contain yet.
///
/// Decoding and scaling run in `decodeThreads` threads and overlap the network, which runs in the
/// calling thread; seconds wait in a bounded queue. Seconds of several short videos share a batch.
/// A video is appended whole, when its last second is through the network, so a kill at any moment
/// leaves finished videos only, and the next call goes on behind them.
/// Progress: unit "seconds" of video.
/// Errors: Cancelled (finished videos stay); Io when a shard cannot be written (disk full);
/// OutOfMemory. A video that cannot be decoded is listed in the report, the rest goes on.
/// Threads: one thread at a time for an encoder and a writer.
Result<ExtractReport> extract(std::span<const ExtractItem> items, const Encoder& encoder,
    store::FeatureWriter& writer, const ExtractOptions& options, JobContext context);

} // namespace clipscope::features
