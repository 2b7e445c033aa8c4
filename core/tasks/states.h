#pragma once

#include "base/job_context.h"
#include "base/result.h"
#include "retrieval/vector_index.h"
#include "store/share.h"
#include "tasks/embedding_model.h"

#include <cstdint>
#include <string>

namespace clipscope::store {
class FeatureReader;
class Project;
struct FeatureView;
} // namespace clipscope::store

namespace clipscope::tasks {

struct StatesReport
{
    std::int64_t videosComputed = 0;
    std::int64_t videosKnown = 0;
    std::int64_t videosWithoutFeatures = 0; ///< in the catalogue, but extract has not run for them
    std::int64_t seconds = 0; ///< in all, computed and known
    std::int64_t indexedWindows = 0; ///< rows of the window index, 0 when it was not wanted
};

/// The window index holds the mean state of each 16 seconds, every 8 seconds, and names likely
/// videos in very large projects. Below `windowIndexPaysFrom` seconds search scores every second
/// and does not read it.
enum class WindowIndex { WhenItPays, Always };
constexpr std::int64_t windowIndexPaysFrom = 2'000'000;

/// The mapped vectors of a video as a tensor, without a copy: read-only, and good as long as the
/// reader lives. Shapes: binary16 [seconds, dim].
at::Tensor tensorOf(const store::FeatureView& view);

/// Fingerprint of the states folder: of the checkpoint and of the features behind it.
std::string statesFingerprint(const EmbeddingModel& model, const std::string& featuresFingerprint);

/// The project's features that the model reads.
/// Errors: NotFound if there are none (says what to run); Conflict when they are of another width;
///         as store::FeatureReader::open().
Result<store::FeatureReader> featuresOf(const store::Project& project, const EmbeddingModel& model);

/// Brings states/CHECKPOINT and, where wanted, indexes/CHECKPOINT up to date with
/// features/ENCODER.
///
/// States made from other features or another version of the checkpoint are dropped and computed
/// anew. A share of the videos goes into a part of its own, so that several processes can work at
/// once; the window index, which needs all, is then left to a call for all.
/// Progress: phase "states", unit "videos".
/// Errors: as featuresOf(); Conflict when another process is writing the states; Cancelled
/// (finished videos stay); Io.
/// Threads: one thread at a time.
Result<StatesReport> ensureStates(const store::Project& project, const EmbeddingModel& model,
    WindowIndex windowIndex, JobContext context, const store::Share& share = {});

/// The window index that ensureStates() left.
/// Errors: as retrieval::VectorIndex::load().
Result<retrieval::VectorIndex> loadWindowIndex(
    const store::Project& project, const EmbeddingModel& model, const store::FeatureReader& states);

/// Row of the window index: which window of which video.
struct WindowId
{
    std::int64_t videoId = 0;
    std::int64_t window = 0; ///< covers seconds [8 w, 8 w + 16)
};
constexpr std::int64_t packed(WindowId id)
{
    return id.videoId * (1 << 20) + id.window;
}
constexpr WindowId unpacked(std::int64_t id)
{
    return { id >> 20, id & ((1 << 20) - 1) };
}

} // namespace clipscope::tasks
