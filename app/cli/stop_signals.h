#pragma once

#include <stop_token>
#include <thread>

namespace clipscope::cli {

/// Turns SIGINT and SIGTERM into a stop request; the second one ends the process at once.
/// One at a time in a process.
/// Threads: one of its own; the destructor joins.
class StopSignals final
{
public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    std::stop_token token() const { return m_source.get_token(); }
    void requestStop() { m_source.request_stop(); }

private:
    std::stop_source m_source;
    std::jthread m_waiter;
};

} // namespace clipscope::cli
