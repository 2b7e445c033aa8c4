#include "store/process.h"

#include "base/files.h"

#include <sstream>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

namespace clipscope::store {

std::uint64_t processStart(std::int64_t pid)
{
    const auto stat = readFile("/proc/" + std::to_string(pid) + "/stat");
    if (!stat)
        return 0;
    // "PID (NAME) STATE ...": NAME may hold anything, so counting starts behind the last ')'.
    const std::size_t nameEnd = stat->rfind(')');
    if (nameEnd == std::string::npos)
        return 0;
    std::istringstream fields(stat->substr(nameEnd + 1));
    std::string state, skipped;
    fields >> state;
    if (state == "Z" || state == "X") // dead, only not yet waited for
        return 0;
    for (int field = 4; field < 22; ++field)
        fields >> skipped;
    std::uint64_t start = 0;
    fields >> start;
    return start;
}

std::int64_t ownPid()
{
    return ::getpid();
}

ProcessUsage ownUsage()
{
    ProcessUsage usage;
    rusage times{};
    if (::getrusage(RUSAGE_SELF, &times) == 0)
        usage.cpuSeconds = static_cast<double>(times.ru_utime.tv_sec + times.ru_stime.tv_sec)
            + 1e-6 * static_cast<double>(times.ru_utime.tv_usec + times.ru_stime.tv_usec);
    if (const auto pages = readFile("/proc/self/statm")) {
        std::istringstream fields(*pages);
        std::int64_t size = 0, resident = 0;
        fields >> size >> resident;
        usage.residentBytes = resident * ::sysconf(_SC_PAGESIZE);
    }
    return usage;
}

} // namespace clipscope::store
