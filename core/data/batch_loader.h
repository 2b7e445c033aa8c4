#pragma once

#include "data/training_set.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace clipscope::data {

/// Makes batches on threads of its own while the caller computes. They are those that
/// TrainingSet::batch() makes.
///
/// Threads: one thread at a time; the destructor waits for the batches at hand.
class BatchLoader final
{
public:
    /// Batches that may be asked for and not taken yet.
    static constexpr std::int64_t most = 4;

    /// The set must outlive the loader. `maxTokens` as in TrainingSet::batch(). More threads than
    /// one pay where the CPU has nothing else to do; each makes a batch of its own.
    BatchLoader(const TrainingSet& set, std::int64_t maxTokens, int threads = 1);
    BatchLoader(BatchLoader&&) noexcept;
    BatchLoader& operator=(BatchLoader&&) noexcept;
    ~BatchLoader();

    /// Asks for the batch of these pairs and returns at once. Requires: pending() < most, a
    /// non-empty list of pairs of the set.
    void prepare(std::vector<ClipPair> pairs);
    /// Batches asked for and not taken yet.
    std::int64_t pending() const;
    /// The oldest of these; waits until it is made. Requires: pending() > 0.
    /// Errors: as TrainingSet::batch(), OutOfMemory.
    Result<Batch> take();
    /// Time spent waiting in take(), all calls together.
    double waitedSeconds() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::data
