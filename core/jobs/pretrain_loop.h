#pragma once

#include "jobs/pretrain.h"
#include "jobs/pretrain_setup.h"
#include "train/trainer.h"

#include <atomic>
#include <chrono>

namespace clipscope::jobs {

/// The steps of one run in this process: trains, measures, writes metrics and checkpoints, tells
/// how it goes and leaves when asked.
/// Errors:  as runPretrain().
/// Threads: one thread; `asked` is set from another.
class PretrainLoop final
{
public:
    /// Everything must outlive the loop.
    PretrainLoop(const PretrainSettings& settings, const store::RunFolder& run,
        const PretrainSetup& setup, train::Trainer& trainer, JobContext context,
        const std::atomic<store::Control>& asked);

    /// Trains to the last step or until it is asked to leave; the last checkpoint is that of the
    /// last step either way.
    Result<PretrainReport> run();

private:
    void begin();
    Status measure(store::MetricsRow& row);
    Status saveLast();
    Status saveBest();
    void tell(const train::StepReport& step, double pairsPerSecond);
    /// The phase to leave with, if somebody asked for it.
    std::optional<store::RunPhase> leaving() const;
    double elapsedSeconds() const;

    const PretrainSettings& m_settings;
    const store::RunFolder& m_run;
    const PretrainSetup& m_setup;
    train::Trainer& m_trainer;
    JobContext m_context;
    const std::atomic<store::Control>& m_asked;
    PretrainReport m_report;
    std::chrono::steady_clock::time_point m_startedAt;
    std::int64_t m_firstStep = 0, m_savedStep = -1;
};

} // namespace clipscope::jobs
