#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

namespace clipscope {

/// Everything a progress display shows, in one value.
struct Progress
{
    std::string phase; ///< "decode", "train", ...: one word for machines
    std::int64_t done = 0;
    std::int64_t total = 0; ///< 0 when it is not known
    std::string unit; ///< "videos", "steps", ...
    double ratePerSecond = 0.0; ///< in units, 0 when not known
    std::string message; ///< the item at hand, for people

    bool operator==(const Progress&) const = default;
};

/// Receives progress, the latest value wins.
/// Threads: report() may be called from any thread at once and never blocks on a display.
class ProgressSink
{
public:
    virtual ~ProgressSink() = default;
    virtual void report(const Progress& progress) = 0;
};

enum class LogLevel { Info, Warning, Error };

/// Receives log lines of a job.
/// Threads: any thread at once.
class Logger
{
public:
    virtual ~Logger() = default;
    virtual void write(LogLevel level, std::string_view line) = 0;
    void info(std::string_view line) { write(LogLevel::Info, line); }
    void warning(std::string_view line) { write(LogLevel::Warning, line); }
};

/// Sinks that drop everything; live for the whole program.
ProgressSink& silentProgress();
Logger& silentLogger();

/// What every long job gets. It polls `stop` at least every 100 ms and then returns Cancelled
/// with what is done kept.
struct JobContext
{
    std::stop_token stop;
    ProgressSink& progress = silentProgress();
    Logger& log = silentLogger();
};

} // namespace clipscope
