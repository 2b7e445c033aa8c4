#include "store/run_reporter.h"

#include "store/process.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

namespace clipscope::store {

struct RunReporter::Impl
{
    RunFolder folder;
    std::function<void(Control)> onControl;
    std::unique_ptr<Logger> log;
    std::mutex mutex;
    std::condition_variable_any wake;
    RunState state; // guarded by mutex
    std::jthread heart;

    void beat(const std::stop_token& stop)
    {
        std::unique_lock guard(mutex);
        while (!stop.stop_requested()) {
            // Requests are looked for more often than state is written: a click should be felt.
            for (int quarter = 0; quarter < 4 && !stop.stop_requested(); ++quarter) {
                wake.wait_for(guard, stop, std::chrono::milliseconds(250), [] { return false; });
                guard.unlock();
                if (const Control control = folder.takeControl(); control != Control::None)
                    onControl(control);
                guard.lock();
            }
            if (stop.stop_requested())
                return;
            const RunState snapshot = state;
            guard.unlock();
            (void)folder.writeState(snapshot);
            guard.lock();
        }
    }
};

RunReporter::RunReporter(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

RunReporter::~RunReporter()
{
    (void)finish(RunPhase::Failed);
}

Result<std::unique_ptr<RunReporter>> RunReporter::start(const RunFolder& folder, std::string verb,
    std::function<void(Control)> onControl, std::string device)
{
    auto log = folder.openLog();
    if (!log)
        return fail(std::move(log).error());
    RunState state;
    state.verb = std::move(verb);
    state.phase = RunPhase::Running;
    state.pid = ownPid();
    state.device = std::move(device);
    state.startedAt
        = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
              .count();
    CLIP_TRY(folder.writeState(state));
    std::unique_ptr<Impl> impl(
        new Impl{ folder, std::move(onControl), std::move(*log), {}, {}, std::move(state), {} });
    impl->heart = std::jthread([raw = impl.get()](std::stop_token stop) { raw->beat(stop); });
    return std::unique_ptr<RunReporter>(new RunReporter(std::move(impl)));
}

void RunReporter::report(const Progress& progress)
{
    const std::lock_guard guard(m_impl->mutex);
    m_impl->state.progress = progress;
}

void RunReporter::write(LogLevel level, std::string_view line)
{
    m_impl->log->write(level, line);
}

Status RunReporter::finish(RunPhase phase, std::optional<Error> error)
{
    if (!m_impl->heart.joinable())
        return {};
    m_impl->heart.request_stop();
    m_impl->heart.join();
    m_impl->state.phase = phase;
    m_impl->state.error = std::move(error);
    return m_impl->folder.writeState(m_impl->state);
}

} // namespace clipscope::store
