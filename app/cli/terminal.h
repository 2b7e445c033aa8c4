#pragma once

#include "base/job_context.h"

#include <memory>
#include <string>

namespace clipscope::cli {

/// Progress on standard error: a bar that is redrawn on a terminal, a plain line every few seconds
/// elsewhere. Warnings are written as lines of their own.
/// Threads: report() and write() from any thread; a thread of its own draws; the destructor joins.
class TerminalDisplay final : public ProgressSink, public Logger
{
public:
    TerminalDisplay();
    ~TerminalDisplay() override;
    void report(const Progress& progress) override;
    void write(LogLevel level, std::string_view line) override;
    /// Removes the bar; nothing is drawn afterwards.
    void close();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// "extract 120/4000 seconds, 12.3/s, 5:15 left, film.mp4": the text of a progress line.
std::string progressText(const Progress& progress);

} // namespace clipscope::cli
