#pragma once

#include "base/result.h"
#include "store/event_file.h"
#include "store/run_folder.h"
#include "train/trainer.h"

#include <string_view>

namespace clipscope::jobs {

/// A run's metrics as TensorBoard shows them, beside metrics.jsonl in its folder: train/*,
/// validation/* and machine/*, the settings as text, losses and margins of the pairs as histograms.
/// Errors:  Io. Threads: one thread at a time.
class RunEvents final
{
public:
    /// `firstStep`: the first that will be written.
    static Result<RunEvents> open(const store::RunFolder& run, std::int64_t firstStep);

    Status write(const store::MetricsRow& row);
    Status writePairs(const train::StepReport& step);
    Status flush() { return m_file.flush(); }

private:
    explicit RunEvents(store::EventFile file)
        : m_file(std::move(file))
    {
    }
    store::EventFile m_file;
};

} // namespace clipscope::jobs
