#pragma once

#include "base/job_context.h"
#include "store/run_folder.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace clipscope::store {

/// Keeps a run folder alive while a job works: a thread writes state.json once a second with the
/// latest progress and looks for control requests.
///
/// Pass it as the `progress` and `log` of a JobContext.
/// Errors:  a state or log line that cannot be written is dropped; the job goes on.
/// Threads: report() and write() from any thread, never blocking on the disk for progress.
///          `onControl` is called on the reporter's thread. The destructor joins; without finish()
///          it writes "failed".
class RunReporter final : public ProgressSink, public Logger
{
public:
    /// Writes the first state ("running") before it returns. `device` as in RunState. Errors: Io.
    static Result<std::unique_ptr<RunReporter>> start(const RunFolder& folder, std::string verb,
        std::function<void(Control)> onControl, std::string device = {});
    ~RunReporter() override;

    void report(const Progress& progress) override;
    void write(LogLevel level, std::string_view line) override;

    /// Stops the thread and writes the last state. Later calls do nothing.
    Status finish(RunPhase phase, std::optional<Error> error = {});

private:
    struct Impl;
    explicit RunReporter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::store
