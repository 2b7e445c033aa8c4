#include "base/job_context.h"

namespace clipscope {

ProgressSink& silentProgress()
{
    struct Silent final : ProgressSink
    {
        void report(const Progress&) override { }
    };
    static Silent sink;
    return sink;
}

Logger& silentLogger()
{
    struct Silent final : Logger
    {
        void write(LogLevel, std::string_view) override { }
    };
    static Silent logger;
    return logger;
}

} // namespace clipscope
