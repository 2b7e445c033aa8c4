#pragma once

#include "jobs/pretrain.h"
#include "jobs/pretrain_setup.h"
#include "jobs/run_events.h"
#include "store/process.h"
#include "store/step_records.h"
#include "train/trainer.h"

#include <atomic>
#include <chrono>

namespace clipscope::jobs {

/// The steps of one run in this process: trains, measures, writes metrics, records and checkpoints,
/// tells how it goes and leaves when asked.
/// Errors:  as runPretrain().
/// Threads: one thread; `asked` is set from another.
class PretrainLoop final
{
public:
    /// Everything must outlive the loop. `run` is null on all ranks but the first: they train and
    /// write nothing.
    PretrainLoop(const PretrainSettings& settings, const store::RunFolder* run,
        const PretrainSetup& setup, train::Trainer& trainer, const tensor::Ranks& ranks,
        JobContext context, const std::atomic<store::Control>& asked);

    /// Trains to the last step or until it is asked to leave; the last checkpoint is that of the
    /// last step either way. After a failed step it is that of the step before, and the step that
    /// failed is on record.
    Result<PretrainReport> run();

private:
    void begin();
    Status trainStep();
    Status afterFailure(Error error);
    Status write(const store::MetricsRow& row);
    Status record(const train::StepReport& step);
    Status measure(store::MetricsRow& row);
    Status saveLast();
    Status saveBest();
    Status saveBatch();
    store::MetricsRow rowOf(const train::StepReport& step, double seconds);
    void tell(const train::StepReport& step, double pairsPerSecond);
    void tellRetrieval(const train::StepReport& step);
    /// The phase to leave with, if somebody asked for it on any rank.
    Result<std::optional<store::RunPhase>> leaving() const;
    double elapsedSeconds() const;

    const PretrainSettings& m_settings;
    const store::RunFolder* m_run;
    const PretrainSetup& m_setup;
    train::Trainer& m_trainer;
    const tensor::Ranks& m_ranks;
    JobContext m_context;
    const std::atomic<store::Control>& m_asked;
    std::optional<store::StepRecordWriter> m_records;
    std::optional<RunEvents> m_events;
    PretrainReport m_report;
    std::vector<data::ClipPair> m_lastPairs;
    std::chrono::steady_clock::time_point m_startedAt;
    store::ProcessUsage m_usage; // at the row before
    double m_epochSeconds = 0.0, m_retrievalSeconds = 0.0; // of the epoch under way
    std::int64_t m_firstStep = 0, m_savedStep = -1;
};

} // namespace clipscope::jobs
